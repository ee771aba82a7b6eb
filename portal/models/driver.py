"""The driver beneath SQLAlchemy: rows by COPY, and statements that are sent without waiting for them."""

from __future__ import annotations

import select
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import TextClause
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


def copy_rows(session: Session, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """`statement` is COPY … FROM STDIN."""
    with _driver(session) as driver, driver.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def meanwhile(session: Session, statement: TextClause, parameters: Mapping[str, Any]) -> Iterator[None]:
    """The database carries it out while the block runs, which must not ask it anything. What it raises is
    raised at the end of the block, unless that raises itself."""
    with _driver(session) as driver, driver.pipeline():
        session.connection().execute(statement, parameters)
        # What the socket did not take at once would be sent with the question for the result.
        room = select.poll()
        room.register(driver, select.POLLOUT)
        while driver.pgconn.flush():
            room.poll()
        yield


@contextmanager
def _driver(session: Session) -> Iterator[psycopg.Connection[Any]]:
    """What it raises is raised as SQLAlchemy raises it: whoever asks whether the database is away knows no
    other errors, and a connection that is lost can be rolled back no more."""
    connection = session.connection()
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        yield driver
    except psycopg.Error as error:
        # Where the server ended it in the middle of a pipeline, that cannot be left any more.
        if lost := driver.closed or driver.info.pipeline_status != psycopg.pq.PipelineStatus.OFF:
            connection.invalidate(error)
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost
        ) from error
