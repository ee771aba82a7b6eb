"""The report that lies beside an imported file (docs/sandbox.md, "Report")."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from portal.formats.charset import one_line
from portal.platforms.base import Feedback
from portal.platforms.files import Report, Verdict

HEADER = ["file", "sha256", "line", "number", "result", "code", "column", "text"]
MOST_BYTES = 50 * 1024 * 1024
LONGEST_TEXT = 500
RESULTS = {"accepted": "accepted", "hint": "hinted", "rejected": "rejected"}
RANK = {"accepted": 0, "hinted": 1, "rejected": 2}


def read_report(content: bytes) -> Report:
    """Raises ValueError for what is no report."""
    if len(content) > MOST_BYTES:
        raise ValueError("the report is too large")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    if rows.fieldnames is None or list(rows.fieldnames) != HEADER:
        raise ValueError("this is no report")
    try:
        return _report(list(rows))
    except (KeyError, TypeError, csv.Error) as error:
        raise ValueError("the report is cut off") from error


def _report(rows: list[dict[str, str]]) -> Report:
    if not rows or rows[0]["line"] != "0":
        raise ValueError("the report says nothing of the file")
    head, *findings = rows
    name, sha256 = head["file"], head["sha256"]
    if head["result"] == "refused":
        return Report(name, (), sha256, refusal=(_feedback(head),))
    return Report(name, _verdicts(findings), sha256)


def _verdicts(rows: list[dict[str, str]]) -> tuple[Verdict, ...]:
    """One for each number: its worst result, and everything that was found."""
    results: dict[str, str] = {}
    found: dict[str, list[Feedback]] = {}
    for row in rows:
        number, result = row["number"], RESULTS[row["result"]]
        results[number] = max(results.get(number, "accepted"), result, key=RANK.__getitem__)
        notes = found.setdefault(number, [])
        if result != "accepted":
            notes.append(_feedback(row))
    return tuple(
        Verdict(number, result, tuple(found[number])) for number, result in results.items() if number
    )


def _feedback(row: Mapping[str, str]) -> Feedback:
    said = one_line(row["text"])[:LONGEST_TEXT]
    code = one_line(row["code"])[:80] or "rejected"
    says = said or code
    text = f"mobile.de meldet „{says}“."
    place = f"Spalte {row['column']}: " if row["column"] else ""
    return Feedback(code, place + text, platform_text=said)
