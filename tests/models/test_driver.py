"""What goes to the driver beneath SQLAlchemy raises what SQLAlchemy raises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.models.driver import copy_rows, meanwhile
from portal.outages import is_database_away
from tests.waiting import until


def test_what_the_database_refuses_is_raised_and_the_session_goes_on(session: Session) -> None:
    attempt = session.connection().begin_nested()
    refused = text("SELECT 1 / :none")
    with pytest.raises(DBAPIError, match="division by zero"), meanwhile(session, refused, {"none": 0}):
        pass
    attempt.rollback()
    assert session.scalar(text("SELECT 1")) == 1


def test_a_statement_larger_than_the_socket_takes_is_carried_out_meanwhile(session: Session) -> None:
    noted = text("SELECT pg_advisory_xact_lock(length(:long))")
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :length")
    large = {"long": "x" * 4_000_000}
    with session.get_bind().connect() as other, meanwhile(session, noted, large):
        until(lambda: other.scalar(held, {"length": 4_000_000}) == 1)


def test_a_connection_that_ends_while_rows_are_copied_is_a_database_that_is_away(session: Session) -> None:
    session.execute(text("CREATE TEMPORARY TABLE taken (number int)"))
    pid = session.scalar(text("SELECT pg_backend_pid()"))

    def rows() -> Iterator[tuple[int]]:
        with session.get_bind().connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        for number in range(100_000):
            yield (number,)

    with pytest.raises(DBAPIError) as raised:
        copy_rows(session, "COPY taken FROM STDIN", rows())
    assert is_database_away(raised.value)
    session.rollback()
