"""The report that lies beside a file after its import (docs/sandbox.md)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from portal.sandbox.files.rows import UploadedRow

ENDING = ".report.csv"
HEADER = ("file", "sha256", "line", "number", "result", "code", "column", "text")
Line = tuple[str | int, ...]


def received(name: str, sha256: str, rows: Sequence[UploadedRow], summary: str) -> bytes:
    lines: list[Line] = [(name, sha256, 0, "", "received", "", "", summary)]
    for row in rows:
        if not row.findings:
            lines.append((name, sha256, row.line, row.number, "accepted", "", "", ""))
        for found in row.findings:
            result = "rejected" if found.rejects else "hint"
            lines.append((name, sha256, row.line, row.number, result, found.code, found.letters, found.text))
    return _written(lines)


def refused(name: str, sha256: str, code: str, text: str) -> bytes:
    return _written([(name, sha256, 0, "", "refused", code, "", text)])


def _written(lines: Sequence[Line]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(lines)
    return text.getvalue().encode()
