"""When a login or a key was used last: noted while it is used, but no write for every request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from portal.extensions import db

NOTED_EVERY = timedelta(minutes=1)


def note_now(column: InstrumentedAttribute[Any], row_id: UUID, noted: datetime | None) -> None:
    """At most once a minute, outside the request's transaction: it stands also where that is rolled back."""
    now = datetime.now(UTC)
    if noted is not None and noted > now - NOTED_EVERY:
        return
    table = column.class_
    with db.engine.begin() as connection:
        connection.execute(update(table).where(table.id == row_id).values({column: now}))
