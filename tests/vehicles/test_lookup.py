"""A few vehicles while somebody types: what is found, whose, and what it costs in a large stock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.models import Dealer, Vehicle
from portal.models.realm import Realm
from portal.vehicles import lookup
from portal.vehicles.lookup import look_up
from tests.builders import Build, golf
from tests.conftest import count_queries
from tests.exports.large_stock import effort_of

MOST = 5


def numbers(session: Session, dealer: Dealer, text: str, *locations: object) -> list[str]:
    realm = Realm(dealer.id, tuple(locations))  # type: ignore[arg-type]
    return [vehicle.offer_number for vehicle in look_up(session, realm, text, MOST)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SO10", ["SO1001", "SO1002"]),
        ("so1002", ["SO1002"]),
        ("WVW-ZZZ-1KZ-AW", ["SO1001"]),
        ("wvwzzz1k", ["SO1001"]),
        ("000077", ["SO1001"]),
        ("golf gti", ["SO1002"]),
        ("1002", ["SO1002"]),
        ("%", []),
        ("so1%", []),
        ("s", []),
        ("nowhere", []),
    ],
)
def test_by_number_vin_and_words(
    build: Build, session: Session, alices: Dealer, text: str, found: list[str]
) -> None:
    build.vehicle(alices, offer_number="SO1001", vin="WVWZZZ1KZAW000077", model="Passat")
    build.vehicle(alices, offer_number="SO1002", vin="", model_description="GTI Performance")
    assert numbers(session, alices, text) == found


def test_a_number_that_begins_so_stands_before_words_that_contain_it(
    build: Build, session: Session, alices: Dealer
) -> None:
    build.vehicle(alices, offer_number="X1", model_description="wie 4711", stock_date="2026-11-01")
    build.vehicle(alices, offer_number="4711", stock_date="2020-01-01")
    assert numbers(session, alices, "4711") == ["4711", "X1"]


def test_nothing_of_others_of_other_locations_and_of_what_was_sold(
    build: Build, session: Session, alices: Dealer
) -> None:
    strangers = build.dealer("Autohaus Charlie", code="CH")
    build.vehicle(strangers, offer_number="SO1")
    there = build.location(alices, "SO")
    elsewhere = build.vehicle(alices, offer_number="SO2")
    elsewhere.location_id = there.id
    build.vehicle(alices, offer_number="SO3").withdrawn_at = datetime.now(UTC)
    build.vehicle(alices, offer_number="SO4")
    session.commit()
    assert numbers(session, alices, "SO") == ["SO2", "SO4"]
    assert numbers(session, alices, "golf", alices.locations[0].id) == ["SO4"]
    assert numbers(session, alices, "SO", there.id) == ["SO2"]


@pytest.fixture
def believe(session: Session) -> Iterator[Callable[[int, int], None]]:
    """`believe(rows, pages)`: what PostgreSQL has last seen of the vehicles, until the test ends."""
    session.execute(text("ALTER TABLE vehicle SET (autovacuum_enabled = off)"))
    session.commit()

    def see(rows: int, pages: int) -> None:
        seen = f"UPDATE pg_class SET reltuples = {rows}, relpages = {pages} WHERE oid = 'vehicle'::regclass"
        session.execute(text(seen))
        session.execute(text("DELETE FROM pg_statistic WHERE starelid = 'vehicle'::regclass"))
        session.commit()

    yield see
    session.rollback()
    session.execute(text("ALTER TABLE vehicle RESET (autovacuum_enabled)"))
    session.commit()


@pytest.mark.parametrize(("rows", "pages"), [(-1, 0), (0, 0), (1, 200), (10, 5_000), (5_000, 1_000)])
def test_a_large_stock_costs_no_more_than_the_part_that_is_looked_at(
    build: Build,
    session: Session,
    alices: Dealer,
    monkeypatch: pytest.MonkeyPatch,
    believe: Callable[[int, int], None],
    rows: int,
    pages: int,
) -> None:
    """Whatever PostgreSQL has seen of the table: never, when it was empty, or nearly emptied, or as it is."""
    monkeypatch.setattr(lookup, "LOOKED_AT", 300)
    believe(rows, pages)
    facts = [golf(offer_number=f"N{number:06}").model_dump(mode="json") for number in range(5_000)]
    here = {"dealer_id": alices.id, "location_id": alices.locations[0].id, "online": True}
    session.execute(insert(Vehicle), [{**here, "data": one} for one in facts])
    session.commit()
    for typed in ("N004711", "nothing like it", "n0", "golf"):
        with effort_of(session.get_bind()) as effort, count_queries() as statements:  # type: ignore[arg-type]
            look_up(session, Realm(alices.id), typed, MOST)
        assert len(statements) <= 5
        assert sum(effort.rows.values()) < 4_000, (typed, effort.dearest)
