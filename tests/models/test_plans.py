"""What PostgreSQL takes for empty is looked at as soon as much was written into it, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.exports import jobs
from portal.exports.core.runtime import Runtime
from portal.models import Dealer
from portal.models.plans import MANY, refresh_filled_tables, refresh_statistics
from tests.conftest import Work
from tests.exports.flatness import switched_off

ROWS = 3_000
FILL = text("INSERT INTO dealer (key, name) SELECT 'd' || n, 'Dealer' FROM generate_series(1, :rows) AS n")


@pytest.fixture
def server(database_url: str) -> Iterator[Engine]:
    """Without autovacuum, which would look whenever its minute comes."""
    with switched_off(database_url, "autovacuum") as engine:
        yield engine


@pytest.fixture
def nearly_emptied(session: Session, server: Engine) -> Session:
    """A table of many pages in which PostgreSQL has seen one row, the last: no page was given back."""
    session.get_bind().dispose()  # what its connections have emptied counts now, not at some later moment
    fill(session)
    session.execute(text("DELETE FROM dealer WHERE ctid < (SELECT max(ctid) FROM dealer)"))
    session.execute(text("UPDATE dealer SET key = 'last'"))
    commit_counted(session)
    with server.connect() as connection:
        connection.execute(text("VACUUM (ANALYZE) dealer"))
    assert believed(session) == 1
    return session


def fill(session: Session, rows: int = ROWS) -> None:
    session.execute(FILL, {"rows": rows})
    commit_counted(session)


def commit_counted(session: Session) -> None:
    """What was written counts from now on; else that may take a second."""
    session.commit()
    session.execute(text("SELECT pg_stat_force_next_flush()"))
    session.commit()


def believed(session: Session) -> float:
    return float(session.scalar(text("SELECT reltuples FROM pg_class WHERE oid = 'dealer'::regclass")) or 0)


def test_what_a_transaction_writes_into_a_nearly_emptied_table_it_knows_at_once(
    nearly_emptied: Session,
) -> None:
    nearly_emptied.execute(FILL, {"rows": ROWS})
    refresh_statistics(nearly_emptied, ROWS, Dealer)
    assert believed(nearly_emptied) == ROWS + 1


def test_for_few_rows_nobody_looks(nearly_emptied: Session) -> None:
    nearly_emptied.execute(FILL, {"rows": MANY - 1})
    refresh_statistics(nearly_emptied, MANY - 1, Dealer)
    assert believed(nearly_emptied) == 1


def test_a_table_that_is_known_is_not_looked_at(nearly_emptied: Session, server: Engine) -> None:
    fill(nearly_emptied)
    with server.connect() as connection:
        connection.execute(text("ANALYZE dealer"))
    nearly_emptied.execute(text("DELETE FROM dealer WHERE key LIKE '%9'"))
    refresh_statistics(nearly_emptied, ROWS, Dealer)
    assert believed(nearly_emptied) == ROWS + 1


def test_nobody_waits_for_another_one_who_looks(nearly_emptied: Session, server: Engine) -> None:
    fill(nearly_emptied)
    with (
        server.connect() as connection,
        connection.execution_options(isolation_level="READ COMMITTED").begin(),
    ):
        connection.execute(text("LOCK TABLE dealer IN SHARE UPDATE EXCLUSIVE MODE"))
        refresh_statistics(nearly_emptied, ROWS, Dealer)
    assert believed(nearly_emptied) == 1


def test_the_scheduler_looks_at_what_many_have_filled_with_few_rows_each(
    nearly_emptied: Session, at_work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime: Runtime = at_work()
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: runtime)
    fill(nearly_emptied)
    jobs.run_tick()
    assert believed(nearly_emptied) == ROWS + 1


def test_it_leaves_what_is_known(nearly_emptied: Session) -> None:
    fill(nearly_emptied, 9)
    refresh_filled_tables(nearly_emptied)
    assert believed(nearly_emptied) == 1
