"""By which layout the file of a dealer is read: mobile.de's, or one that somebody put together here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.formats.foreign_layouts import layout as layouts
from portal.formats.foreign_layouts.layout import Layout
from portal.formats.foreign_layouts.reader import LayoutReader
from portal.formats.foreign_layouts.survey import Survey, survey
from portal.formats.foreign_layouts.synonyms import is_known_heading, meaning_of
from portal.formats.foreign_layouts.table import PROBE, Row, find_heading, open_table
from portal.formats.foreign_layouts.workbook import is_workbook
from portal.formats.mobile_de_csv import StockReader, UnreadableFile
from portal.formats.mobile_de_csv.columns import NEEDED, OFFER_NUMBER, PRICE
from portal.formats.mobile_de_csv.reader import FEWEST_HEADINGS
from portal.formats.stock_archive import opened_table
from portal.messages import say
from portal.models.layouts import StockLayout

LONGEST_LINE = 256 * 1024
"""Bytes that are looked at for the first line."""


@contextmanager
def open_rows(
    session: Session, dealer_id: UUID, stream: BinaryIO, most_bytes: int
) -> Iterator[tuple[StockReader | LayoutReader, StockLayout | None]]:
    """The reader of a file, and the layout that it was known by. Raises UnreadableFile."""
    known = None if is_mobile_de(stream) else find_layout(session, dealer_id, _head(stream, most_bytes))
    if known is not None:
        with open_table(stream, most_bytes) as table:
            yield LayoutReader(table, layouts.from_json(known.definition)), known
        return
    if is_workbook(stream):
        raise UnreadableFile(
            say(
                "Der Aufbau dieser Excel-Datei ist noch nicht bekannt. Laden Sie sie einmal auf der Seite "
                "„Bestand importieren“ hoch und ordnen Sie dort ihre Spalten zu. Es wurde nichts übernommen."
            )
        )
    stream.seek(0)
    yield StockReader(stream, most_bytes), None


def find_layout(session: Session, dealer_id: UUID, head: list[Row]) -> StockLayout | None:
    """The one that was made for this header. Without a header it is the number of columns that counts."""
    signatures = set()
    for has_header in (None, True):
        try:
            signatures.add(layouts.signature(find_heading(head, has_header)))
        except UnreadableFile:
            return None
    found = session.scalars(
        select(StockLayout).where(StockLayout.dealer_id == dealer_id, StockLayout.signature.in_(signatures))
    ).all()
    return max(found, key=lambda one: layouts.from_json(one.definition).header, default=None)


def survey_foreign(stream: BinaryIO, most_bytes: int, has_header: bool | None = None) -> Survey | None:
    """What stands in a file, or in the table of a zip, that is no mobile.de CSV. None for one that is, and
    for what is no table."""
    try:
        with opened_table(stream, most_bytes) as (content, _archive):
            if is_mobile_de(content):
                return None
            with open_table(content, most_bytes) as table:
                return survey(table, has_header)
    except UnreadableFile:
        if is_workbook(stream):
            raise
        return None


def layout_of(session: Session, dealer_id: UUID, surveyed: Survey) -> StockLayout | None:
    """What the dealer said of files with this header."""
    mine = StockLayout.dealer_id == dealer_id, StockLayout.signature == layouts.signature(surveyed.heading)
    return session.scalars(select(StockLayout).where(*mine)).one_or_none()


def is_mobile_de(stream: BinaryIO) -> bool:
    """By its width: hardly any other text has so many columns. One that has, and names them, names them in
    another order. The stream is rewound."""
    stream.seek(0)
    first = stream.read(LONGEST_LINE).lstrip().splitlines()[:1]
    stream.seek(0)
    if not first or first[0].count(b";") < NEEDED - 1:
        return False
    cells = [cell.strip('" ') for cell in first[0].decode("utf-8", "replace").split(";")]
    names = sum(map(is_known_heading, cells))
    return names < FEWEST_HEADINGS or all(
        meaning_of(cells[column.index]) == column.paths[0] for column in (OFFER_NUMBER, PRICE)
    )


def save_layout(
    session: Session, dealer_id: UUID, name: str, layout: Layout, surveyed: Survey
) -> tuple[StockLayout, bool]:
    """Keep it, in place of the one that the same header had; whether it is a new one."""
    signature = layouts.signature(surveyed.heading)
    mine = StockLayout.dealer_id == dealer_id, StockLayout.signature == signature
    found = session.scalars(select(StockLayout).where(*mine).with_for_update()).one_or_none()
    kept = found or StockLayout(dealer_id=dealer_id, signature=signature)
    kept.name, kept.definition, kept.survey = name, layout.as_json(), surveyed.as_json()
    kept.updated_at = func.now()
    session.add(kept)
    session.flush()
    return kept, found is None


def _head(stream: BinaryIO, most_bytes: int) -> list[Row]:
    """The first rows; none of what is no table. The stream is rewound."""
    try:
        with open_table(stream, most_bytes) as table:
            return list(islice(table.rows(), PROBE))
    except UnreadableFile:
        return []
    finally:
        stream.seek(0)
