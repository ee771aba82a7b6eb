"""A file kept until somebody has said what its columns mean: in pieces, so that it never lies in memory."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portal.formats.foreign_layouts.table import Table, open_table
from portal.formats.stock_archive import opened_table
from portal.models.accounts import Location
from portal.models.layouts import StockUpload, StockUploadPart
from portal.vehicles.stock_layouts import layout_of, survey_foreign

PIECE = 1024 * 1024


def keep_unknown(
    session: Session, stream: BinaryIO, location: Location, file_name: str, partial: bool, most_bytes: int
) -> StockUpload | None:
    """A file of which nobody has said yet what its columns mean, kept until somebody does; None where it is
    read without. Raises UnreadableFile."""
    surveyed = survey_foreign(stream, most_bytes)
    if surveyed is None or layout_of(session, location.dealer_id, surveyed):
        return None
    return keep(session, stream, location, file_name, partial, surveyed.as_json())


def keep(
    session: Session,
    stream: BinaryIO,
    location: Location,
    file_name: str,
    partial: bool,
    survey: dict[str, Any],
) -> StockUpload:
    """The one that waited at the location before is forgotten."""
    session.execute(delete(StockUpload).where(StockUpload.location_id == location.id))
    upload = StockUpload(
        dealer_id=location.dealer_id,
        location_id=location.id,
        file_name=file_name[:200],
        partial=partial,
        survey=survey,
    )
    session.add(upload)
    session.flush()
    stream.seek(0)
    position = 0
    while piece := stream.read(PIECE):
        part = {"upload_id": upload.id, "position": position, "content": zlib.compress(piece, 1)}
        session.connection().execute(insert(StockUploadPart), part)
        position += 1
    return upload


@contextmanager
def opened(session: Session, upload: StockUpload) -> Iterator[BinaryIO]:
    """Its content, on disk."""
    with tempfile.TemporaryFile() as copy:
        for position in session.scalars(
            select(StockUploadPart.position)
            .where(StockUploadPart.upload_id == upload.id)
            .order_by(StockUploadPart.position)
        ).all():
            content = session.scalar(
                select(StockUploadPart.content).where(
                    StockUploadPart.upload_id == upload.id, StockUploadPart.position == position
                )
            )
            copy.write(zlib.decompress(content or b""))
        copy.seek(0)
        yield copy


@contextmanager
def read_again(session: Session, upload: StockUpload, most_bytes: int) -> Iterator[Table]:
    """Its table, also that of a zip. Raises UnreadableFile."""
    with (
        opened(session, upload) as stream,
        opened_table(stream, most_bytes) as (content, _archive),
        open_table(content, most_bytes) as table,
    ):
        yield table
