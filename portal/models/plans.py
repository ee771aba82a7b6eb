"""Plans that cannot go wrong: PostgreSQL makes them from the statistics of before, which a bulk write has
just made wrong.

A loop over what it takes for empty costs the square of the stock. That may be a table that it never looked
at, one of which it knows the rows of others, or one that was nearly emptied, was vacuumed, and fills again.
Autovacuum looks every minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.models.base import Base, WordingColumn

MANY = 500
"""Rows from which the square is worth a question, which takes as long as a look-up."""
FEW = 100
"""Rows below which a loop over a table looks as cheap as a look-up in it."""


def without_nested_loops(session: Session) -> AbstractContextManager[None]:
    """For statements that compare two whole sets, one of them just written."""
    return _switched_off(session, "enable_nestloop")


def in_order_of_an_index(session: Session) -> AbstractContextManager[None]:
    """For statements that want the first few rows of a large set: of what it takes for empty PostgreSQL
    believes that to read all and sort them costs as little."""
    return _switched_off(session, "enable_sort")


@contextmanager
def _switched_off(session: Session, setting: str) -> Iterator[None]:
    session.execute(text(f"SET LOCAL {setting} = off"))
    yield
    session.execute(text(f"SET LOCAL {setting} = on"))


def refresh_statistics(session: Session, written: int, *tables: type[Base]) -> None:
    """After so many rows were written into each of these tables: have those looked at that PostgreSQL takes
    for nearly empty. What this transaction has written counts."""
    if written >= MANY:
        names = {"names": [table.__tablename__ for table in tables], "few": FEW}
        _analyze(session, session.scalars(_TAKEN_FOR_EMPTY, names).all())


def refresh_filled_tables(session: Session) -> None:
    """The same for all tables, whoever wrote: many writers with few rows each fill one, too."""
    _analyze(session, session.scalars(_FILLED, {"many": MANY, "few": FEW}).all())


def _analyze(session: Session, names: Sequence[str]) -> None:
    """Not of whole documents: no condition is made of them, and to sample them takes as long as to write
    them. A table that somebody analyses just now is left to them: nobody else may before they commit."""
    tables = Base.metadata.tables
    columns = {
        name: [one.name for one in tables[name].columns if not isinstance(one.type, _DOCUMENTS)]
        for name in names
        if name in tables
    }
    if columns:
        listed = ", ".join(f"{name} ({', '.join(own)})" for name, own in columns.items())
        session.execute(text(f"ANALYZE (SKIP_LOCKED) {listed}"))


_DOCUMENTS = (JSONB, WordingColumn)
# Of a table that was never analysed (-1), or was empty when it was, PostgreSQL reckons with what fits into
# its pages, which is about true.
_TAKEN_FOR_EMPTY = text("""
    SELECT relname FROM pg_class
    WHERE oid = ANY(CAST(:names AS regclass[])) AND relpages > 0 AND reltuples BETWEEN 0 AND :few
""")
_FILLED = text("""
    SELECT c.relname FROM pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid
    WHERE s.schemaname = current_schema() AND s.n_live_tup >= :many
        AND c.relpages > 0 AND c.reltuples BETWEEN 0 AND :few
""")
