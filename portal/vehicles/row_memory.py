"""Which rows of a stock file need not be read: those that were read to what their vehicles still say.

A vehicle keeps the mark of its row (`Vehicle.row_mark`) until something else changes its data: a trigger of
the table takes it away, whoever it is. What a mark stands for is the same for all of a layout: the code that
read the rows, and which facts the file as a whole carries, for what no row states any more is emptied by an
import. Where either differs, all rows are read.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import LargeBinary, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.code_digest import code_digest
from portal.formats.foreign_layouts.reader import LayoutReader
from portal.formats.mobile_de_csv import StockReader
from portal.formats.mobile_de_csv.marks import RowMarks
from portal.models.vehicles import ImportMemory, Vehicle

READING = (
    *("formats", "vehicle_facts", "vehicles/row_memory"),
    *("vehicles/stock_import", "vehicles/stock_import_sql", "vehicles/stock_layouts"),
    "vehicles/stock_staging",
)
"""The code that says what a row means."""
MOST_LAYOUTS = 20
"""That a location remembers: each header of its files is one. With one more the others are forgotten."""


@dataclass(frozen=True)
class RowMemory:
    """What a location knows of the rows of one layout."""

    location_id: UUID
    marks: RowMarks
    kept: ImportMemory | None
    """What the marks of this layout stand for so far; None where there are none."""
    others: int
    """Layouts that the location remembers besides."""

    @property
    def is_full(self) -> bool:
        return self.others >= MOST_LAYOUTS

    def covers(self, stated: AbstractSet[str]) -> bool:
        """Whether marks stand for the same in a file that carries these facts: what it does not carry stays
        as it is, and was as its rows say before."""
        return self.kept is not None and self.kept.code == _code() and stated <= {*self.kept.stated}

    def changes_with(self, stated: AbstractSet[str]) -> bool:
        """Whether marks that nobody has confirmed are to be believed no more."""
        return self.is_full or (self.kept is not None and not self.covers(stated))


def recall(
    session: Session, location_id: UUID, reader: StockReader | LayoutReader, *, believing: bool
) -> RowMemory:
    """Let the reader make marks, and know the rows of before; without `believing` it reads them all."""
    marks = reader.marks()
    of_location = select(ImportMemory).where(ImportMemory.location_id == location_id)
    remembered = session.scalars(of_location.execution_options(populate_existing=True)).all()
    kept = next((one for one in remembered if one.layout_key == marks.layout_key), None)
    if believing and kept is not None and kept.code == _code():
        joined = func.string_agg(Vehicle.row_mark, literal(b"", LargeBinary))
        here = Vehicle.location_id == location_id, Vehicle.withdrawn_at.is_(None)
        length = func.length(Vehicle.row_mark) == marks.length
        marks.remember(session.scalar(select(joined).where(*here, length)) or b"")
    reader.recall(marks)
    return RowMemory(location_id, marks, kept, len(remembered) - (kept is not None))


def remember(session: Session, memory: RowMemory, stated: AbstractSet[str]) -> None:
    """What the marks of this layout stand for from now on."""
    key = {"location_id": memory.location_id, "layout_key": memory.marks.layout_key}
    says = {"code": _code(), "stated": sorted(stated)}
    if memory.is_full:
        others = ImportMemory.location_id == memory.location_id, ImportMemory.layout_key != key["layout_key"]
        session.execute(delete(ImportMemory).where(*others))
    statement = insert(ImportMemory).values(**key, **says)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=says))


def _code() -> str:
    """With the year: years of two digits are read by it."""
    return f"{code_digest(*READING)} {datetime.now(UTC):%Y}"
