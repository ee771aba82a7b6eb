"""What PostgreSQL may believe of the tables, and what may not cost more on a larger stock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.exports.large_stock import Effort
from tests.waiting import until

NEVER, BEFORE, EMPTIED = ("never analysed", "analysed before it came", "nearly emptied before it came")

SLACK = 1.5
"""An index is a page deeper, a sort or a hash goes to disk: nobody's square."""
DEEPER = 20
"""Pages of all its look-ups by which a statement may cost more where all indexes are a page deeper."""
ANOTHER_PLAN = {"pages": 3, "rows": 1}
"""For each vehicle what another plan than at a small stock may cost, each time and for each of its look-ups:
through an index a row is its newest version and those that a transaction of before has left."""


@pytest.fixture
def nobody_analyses(database_url: str) -> Iterator[None]:
    """Autovacuum would, whenever its minute comes. Tables are read through indexes, as they are where many
    dealers have theirs in them: else a small stock is read in another way than a large one."""
    with switched_off(database_url, "autovacuum", "enable_seqscan"):
        yield


@contextmanager
def switched_off(database_url: str, *names: str) -> Iterator[Engine]:
    """In the whole server. A worker of autovacuum that has begun goes on through all tables: it is ended."""
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in names:
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        until(lambda: not connection.execute(END_AUTOVACUUM).all())
        yield engine
        for name in names:
            connection.execute(text(f"ALTER SYSTEM RESET {name}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


END_AUTOVACUUM = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
)


def steep(fewer: int, small: Effort, more: int, large: Effort) -> Iterator[str]:
    """What cost more than the stock is larger."""
    allowed = more / fewer * SLACK
    for kind, few, many in (("pages", small.pages, large.pages), ("rows", small.rows, large.rows)):
        for one, found in many.items():
            as_often = small.times[one] if small.times[one] == large.times[one] else 1
            lookups = max(1, large.lookups[one])
            if found > few[one] * allowed + as_often * more * lookups * ANOTHER_PLAN[kind]:
                so_much = f"{few[one]} → {found} {kind} at {fewer} → {more} vehicles"
                yield f"{so_much}:\n{one.strip()}\n{large.dearest[one][1]}"


def grown(small: Effort, large: Effort, *kinds: str) -> Iterator[str]:
    """What cost more at all."""
    for kind in kinds:
        few, many = getattr(small, kind), getattr(large, kind)
        for one, found in many.items():
            if found > few[one] * SLACK + DEEPER:
                yield f"{few[one]} → {found} {kind}:\n{one.strip()}\n{large.dearest[one][1]}"
