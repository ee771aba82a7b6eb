"""The rows of a stock file on their way into the database: while it takes in some, the next ones are read.

One statement carries a chunk of rows, puts in stock what of it is plainly new and remembers the rest for the
end of the file (`stock_import_sql.py`). It is sent without waiting for it: reading goes on meanwhile, in the
same thread, and both share the time that an import takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from itertools import islice
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy.orm import Session

from portal.formats.mobile_de_csv import CellRemark, RefusedRow, StockRow
from portal.formats.mobile_de_csv.rows import shown_cell
from portal.messages import as_json
from portal.models.driver import copy_rows, meanwhile
from portal.vehicles import stock_import_sql as sql
from portal.vehicles.readiness import as_problems, may_lack_something

CHUNK_ROWS, CHUNK_BYTES = 1_000, 2 * 1024 * 1024
"""So much is read ahead at most; whichever comes first."""


ReadRow = bytes
"""One that was read to facts, as the JSON that `sql.TAKE_CHUNK` takes."""


class UnreadRow(NamedTuple):
    """One that is refused, or was recalled by its mark. `column` and `value` are of the cell that was the
    reason, which is JSON."""

    line: int
    offer_number: str
    column: str | None = None
    value: str | None = None
    reason: str | None = None
    mark: bytes | None = None


StagedRow = ReadRow | UnreadRow


def stage(session: Session, rows: Iterable[StockRow], dealing: Mapping[str, Any]) -> None:
    """`dealing` are the parameters of `sql.TAKE_CHUNK`: what becomes of the vehicles that are new."""
    ahead = map(_staged, rows)
    chunk = next_chunk(ahead)
    while chunk:
        read = [row for row in chunk if isinstance(row, ReadRow)]
        if unread := [row for row in chunk if isinstance(row, UnreadRow)]:
            copy_rows(session, sql.COPY_UNREAD, unread)
        taken = (b"[" + b",".join(read) + b"]").decode()
        with meanwhile(session, sql.TAKE_CHUNK, {**dealing, "rows": taken}) if read else nullcontext():
            chunk = next_chunk(ahead)


def next_chunk(rows: Iterator[StagedRow]) -> list[StagedRow]:
    """As many as may lie in memory; none after the last one."""
    chunk: list[StagedRow] = []
    size = 0
    for row in islice(rows, CHUNK_ROWS):
        chunk.append(row)
        if isinstance(row, ReadRow):
            size += len(row)
            if size >= CHUNK_BYTES:
                break
    return chunk


def _staged(row: StockRow) -> StagedRow:
    if row.recalled:
        return UnreadRow(row.line, row.offer_number, mark=row.mark)
    if row.refusal is not None:
        refusal = row.refusal
        reason = to_json(as_json(refusal.reason)).decode()
        cell = _label(refusal), shown_cell(refusal.value), reason
        return UnreadRow(row.line, shown_cell(row.offer_number)[:80], *cell)
    remarks = [(_label(one), shown_cell(one.value), as_json(one.reason)) for one in row.remarks]
    # What is doubtful is remarked: a row without remarks can only lack something.
    vehicle = row.vehicle if row.remarks or may_lack_something(row.facts) else None
    return to_json(
        {
            "line": row.line,
            "offer_number": row.offer_number,
            "facts": row.facts,
            "problems": as_problems(vehicle) if vehicle else [],
            "remarks": remarks or None,
            "mark": row.mark.hex() or None,
        }
    )


def _label(found: RefusedRow | CellRemark) -> str:
    return found.column.label if found.column else ""
