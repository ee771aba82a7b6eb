"""Downloads for people: CSV that a spreadsheet opens as it is and that runs no formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from flask import Response

from portal.calendar import BERLIN

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
AFTER_A_SEPARATOR = re.compile(r"""([,\t\r\n][\s"]*)(?=[=+@-].)""")
"""Where a spreadsheet that separates by commas or tabs begins a cell within ours: to it the quotes around a
cell hold only for the first of a line."""
BYTE_ORDER_MARK = "\ufeff"
BATCH = 500
"""Rows that are sent together."""


def csv_download(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with `;`, streamed row by row. UTF-8 with a mark: spreadsheets recognise it."""
    response = Response(_lines(header, rows), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Cache-Control"] = "no-store"
    return response


def download_moment(value: datetime | None) -> str:
    """To the second, by the clock in Berlin."""
    return f"{value.astimezone(BERLIN):%d.%m.%Y %H:%M:%S}" if value else ""


def disarmed(cell: object) -> str:
    """The cell as text; what a spreadsheet would take for a formula gets an apostrophe in front, also in the
    middle of the cell where its separator is another than ours.

    Numbers stay numbers: a negative one is no formula.
    """
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    text = AFTER_A_SEPARATOR.sub(r"\1'", cell)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow([disarmed(cell) for cell in header])
    for count, row in enumerate(rows, start=1):
        writer.writerow([disarmed(cell) for cell in row])
        if count % BATCH == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
