"""What every table shares: the metadata, UUIDv7 keys, time stamps with zone, and the connection."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import pydantic_core
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    MetaData,
    TypeDecorator,
    Uuid,
    any_,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, mapped_column

from portal.messages import Message, Wording, from_json

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

PublicId = Annotated[UUID, mapped_column(primary_key=True, server_default=text("uuidv7()"))]
"""Time-ordered, unguessable and made by the database."""
Created = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=text("now()"))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]


def made_at(key: UUID) -> datetime:
    """When the database made this key; its first 48 bits are milliseconds (RFC 9562, version 7)."""
    return datetime.fromtimestamp((key.int >> 80) / 1000, UTC)


def database_time(session: Session) -> datetime:
    """By the clock that all machines share, right now also within a transaction: a moment that is kept, and
    compared with what another machine or a statement dates, is told by it and not by the machine's own."""
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    return now


class WordingColumn(TypeDecorator[Wording]):
    """A message of ours as `{"text": …, "values": …}`, somebody else's words as a JSON string; so whatever
    they say, they never become a message."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Wording | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return value.as_json() if isinstance(value, Message) else value or ""

    def process_result_value(self, value: Any, dialect: Dialect) -> Wording:  # noqa: ARG002
        return from_json(value)


Words = Annotated[Wording, mapped_column(WordingColumn, server_default=text("'\"\"'"))]
"""What people are told; nothing is the empty string."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own convention
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        datetime: DateTime(timezone=True),
    }


# How every process connects to PostgreSQL.


CONNECT_ARGS: dict[str, Any] = {"prepare_threshold": None}
"""No server-side prepared statements: after a few runs PostgreSQL plans them without looking at
the parameters, and then neither a partial index nor ON CONFLICT with one is recognised. Workers have those of
a ring prepared all the same, with what is always the same written in (`models/prepared.py`)."""


def _read_json(stored: bytes) -> Any:
    """In a fifth of the time that the standard library takes, which reads what is nested deeper, too."""
    try:
        return pydantic_core.from_json(stored)
    except ValueError:
        return json.loads(stored)


ENGINE_OPTIONS: dict[str, Any] = {
    "pool_pre_ping": True,
    "connect_args": CONNECT_ARGS,
    "hide_parameters": True,  # they are dealers' data, and logs go to many places
    "json_deserializer": _read_json,
}


# Commits that nobody waits for.


def commit_soon(session: Session) -> None:
    """Whoever commits this transaction does not wait for the disk: it is there by the next commit that does,
    of whatever connection. For what is made anew where PostgreSQL crashes before that."""
    session.execute(text("SET LOCAL synchronous_commit = off"))


# Many keys as one parameter: a list of a thousand in a statement takes longer to write than to answer.


def any_of(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], keys: Collection[UUID]
) -> ColumnElement[bool]:
    return column == any_(literal(list(keys), ARRAY(Uuid)))
