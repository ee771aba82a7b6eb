"""What a file would bring, before it counts: its first vehicles as understood. Nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from portal.formats.foreign_layouts.reader import LayoutReader
from portal.formats.mobile_de_csv import (
    MOST_BYTES,
    CellRemark,
    RefusedRow,
    StockReader,
    StockRow,
    UnreadableFile,
    seekable,
)
from portal.formats.stock_archive import StockArchive, opened_table
from portal.messages import Wording
from portal.models.layouts import StockLayout
from portal.vehicles.incoming_pictures import called_by

VEHICLES = 10
TAKEN, REMARKED, REFUSED = "taken", "remarked", "refused"


@dataclass(frozen=True)
class UnderstoodRow:
    """A row of the file: its facts, what was not read of them, or why it would be refused."""

    line: int
    offer_number: str
    facts: dict[str, Any]
    remarks: tuple[CellRemark, ...] = ()
    refusal: RefusedRow | None = None
    pictures: int = 0

    @classmethod
    def of(cls, row: StockRow) -> UnderstoodRow:
        if row.refusal:
            return cls(row.line, row.offer_number, {}, refusal=row.refusal)
        return cls(row.line, row.offer_number, row.facts, row.remarks)


@dataclass
class ImportPreview:
    """`counts` are of the whole file, by TAKEN, REMARKED (taken as well) and REFUSED; `error` is why it
    cannot be read at all."""

    rows: list[UnderstoodRow] = field(default_factory=list)
    charset: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    error: Wording = ""
    layout: str = ""
    """The name of the dealer's layout that the file was known by; empty for mobile.de's."""


Opened = tuple[StockReader | LayoutReader, StockLayout | None]
OpenRows = Callable[[BinaryIO, int], AbstractContextManager[Opened]]


@contextmanager
def mobile_de_rows(stream: BinaryIO, most_bytes: int) -> Iterator[Opened]:
    yield StockReader(stream, most_bytes), None


def preview_stock(
    stream: BinaryIO, most_bytes: int = MOST_BYTES, open_rows: OpenRows = mobile_de_rows
) -> ImportPreview:
    """Read the whole file as an import would. Whether numbers are in stock, or stand twice, is not asked."""
    found = ImportPreview()
    try:
        with (
            seekable(stream) as readable,
            opened_table(readable, most_bytes) as (table, archive),
            open_rows(table, most_bytes) as (reader, layout),
        ):
            found.layout = layout.name if layout else ""
            for row in reader:
                found.counts[REFUSED if row.refusal else REMARKED if row.remarks else TAKEN] += 1
                if len(found.rows) < VEHICLES:
                    found.rows.append(UnderstoodRow.of(row))
            if archive is not None:
                found.rows = _with_pictures(found.rows, archive, reader.picture_names)
            found.charset = reader.charset
    except UnreadableFile as error:
        return ImportPreview(error=error.reason)
    return found


def _with_pictures(
    rows: list[UnderstoodRow], archive: StockArchive, names: Mapping[str, str]
) -> list[UnderstoodRow]:
    taken = [row for row in rows if not row.refusal]
    found = archive.pictures_of(
        {row.offer_number: called_by(row.offer_number, row.facts.get("vin"), names) for row in taken}
    )
    return [replace(row, pictures=len(found.of.get(row.offer_number, ()))) for row in rows]
