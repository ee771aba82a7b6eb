"""Which statements PostgreSQL plans once, and for how long it goes by such a plan."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from config import Settings
from portal.models import Vehicle, prepared
from portal.models.base import ENGINE_OPTIONS
from portal.models.prepared import IN_BINARY, Question, array_of, place, places, question

STOCK = question(text("SELECT id FROM stock WHERE id = <id:uuid>"))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Of one connection, with a small table that PostgreSQL knows."""
    engine = create_engine(settings.database_url, pool_size=1, **ENGINE_OPTIONS)
    prepared.plan_once(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMP TABLE stock (id uuid PRIMARY KEY)"))
        connection.execute(text("INSERT INTO stock VALUES (gen_random_uuid())"))
        connection.execute(text("ANALYZE stock"))
    yield engine
    engine.dispose()


def ask_often(engine: Engine, asked: Question) -> None:
    """Until PostgreSQL goes by one plan for all values. Committed: whatever is undone is forgotten."""
    for _ in range(7):
        with Session(engine) as session, session.begin():
            asked.ask(session, id=uuid4())


def kept(engine: Engine) -> list[tuple[str, int]]:
    with engine.begin() as connection:
        found = connection.execute(text("SELECT name, generic_plans FROM pg_prepared_statements"))
        return [(name, plans) for name, plans in found]


def plan_of(engine: Engine, name: str) -> str:
    with engine.begin() as connection:
        return "".join(connection.execute(text(f"EXPLAIN EXECUTE {name}('{uuid4()}')")).scalars())


def test_what_is_planned_once_is_planned_once_and_nothing_else_is(engine: Engine) -> None:
    ask_often(engine, STOCK)
    ask_often(engine, question(text("SELECT 1 FROM stock WHERE id = <id:uuid>"), planned_once=False))
    [(_, plans)] = kept(engine)
    assert plans > 0


def test_a_plan_for_a_small_table_is_not_kept_for_a_large_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_often(engine, STOCK)
    [(name, _)] = kept(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO stock SELECT gen_random_uuid() FROM generate_series(1, 20000)"))
    assert "Seq Scan" in plan_of(engine, name)
    monkeypatch.setattr(prepared, "KEPT_FOR", 0.0)
    assert "Index" in plan_of(engine, name)


def test_what_comes_in_binary_says_the_same_as_in_text(engine: Engine) -> None:
    asked = text("SELECT id, CAST('\\x005cff' AS bytea), 'ÄÖ', CAST(NULL AS text) FROM stock")
    with engine.begin() as connection:
        in_text = connection.execute(asked).one()
        assert connection.execute(asked.execution_options(**IN_BINARY)).one() == in_text
    assert in_text[1] == b"\0\\\xff"


def test_after_an_error_it_is_planned_anew(engine: Engine) -> None:
    ask_often(engine, STOCK)
    with Session(engine) as session:
        STOCK.ask(session, id=uuid4())
        session.rollback()
    ask_often(engine, STOCK)
    [(_, plans)] = kept(engine)
    assert plans > 0


def test_all_but_the_places_is_written_in() -> None:
    asked = question(
        select(Vehicle.id).where(
            Vehicle.dealer_id == place("dealer"), Vehicle.make == "50 % VW", Vehicle.online
        )
    )
    assert "%(dealer)s::uuid" in asked.sql
    assert "'50 %% VW'" in asked.sql
    assert "::uuid[]" in question(select(Vehicle.id).where(Vehicle.id == places("ids").any_())).sql


def test_a_list_arrives_as_it_is(engine: Engine) -> None:
    given = ["", "plain", 'a "quoted" one', "back\\slash", "{curly, comma}", None]
    asked = question(text("SELECT <values:text[]>"), planned_once=False)
    with Session(engine) as session:
        assert asked.ask(session, values=array_of(given)).scalar_one() == given
        assert asked.ask(session, values=array_of(())).scalar_one() == []
