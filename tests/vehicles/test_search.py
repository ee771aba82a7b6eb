"""The filter of the vehicle list: its URL, what it finds, and that SQL and Python decide alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.models import Dealer, Listing, Publication, Transfer, Vehicle
from portal.models.exports import ActivationState
from portal.models.realm import Realm
from portal.vehicle_facts.data import Kind, Prices
from portal.vehicles import search
from portal.vehicles.publication import live_activations, status_inputs
from portal.vehicles.readiness import odd_hints
from portal.vehicles.search import (
    LAST_PAGE,
    LONGEST_SEARCH,
    StatusFilter,
    VehicleFilter,
    VehicleOrder,
    find_vehicles,
    matching_ids,
)
from portal.vehicles.status import PublicationStatus, publication_status
from portal.vehicles.status_line import is_outdated
from portal.vehicles.status_sql import STATUSES_OF_TROUBLE
from tests.builders import Build, golf

PROBLEM = {"code": "envkv", "text": "Die CO₂-Klasse fehlt.", "field": "energy.co2_class"}


def numbers(session: Session, dealer: Dealer, **wanted: Any) -> list[str]:
    session.expire_all()
    return [
        vehicle.offer_number
        for vehicle in find_vehicles(session, dealer, Realm(dealer.id), VehicleFilter(**wanted)).vehicles
    ]


filters = st.builds(
    VehicleFilter,
    text=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20).map(
        str.strip
    ),
    location=st.none() | st.uuids(),
    kind=st.none() | st.sampled_from(Kind),
    online=st.none() | st.booleans(),
    state=st.none() | st.sampled_from(StatusFilter),
    activation=st.none() | st.uuids(),
    problem=st.sampled_from(["", "envkv"]),
    field=st.sampled_from(["", "energy.co2"]),
    odd=st.booleans(),
    sort=st.sampled_from(VehicleOrder),
    page=st.integers(1, LAST_PAGE),
)


@given(filters)
def test_a_filter_survives_its_url(wanted: VehicleFilter) -> None:
    assert VehicleFilter.from_args(wanted.as_args()) == wanted


@given(st.dictionaries(st.sampled_from([*VehicleFilter.__dataclass_fields__, "q"]), st.text()))
def test_no_url_breaks_the_filter(args: dict[str, str]) -> None:
    wanted = VehicleFilter.from_args(args)
    assert 1 <= wanted.page <= LAST_PAGE
    assert len(wanted.text) <= LONGEST_SEARCH


def test_defaults_make_an_empty_url() -> None:
    assert VehicleFilter().as_args() == {}
    assert not VehicleFilter(sort=VehicleOrder.NUMBER, page=3).narrows
    assert VehicleFilter(text="golf").narrows


@pytest.mark.parametrize(
    "text",
    [
        *("A1", "a1", "WVWZZZ1KZAW000009", "wzzz1kzaw000009", "VW Golf", "golf vw", "comfort golf"),
        *("WVW-ZZZ-1KZ-AW-000009", "wvw zzz 1kz aw 000009", "FIN: WVWZZZ1KZAW000009"),
    ],
)
def test_search_by_number_vin_and_words(session: Session, build: Build, dealer: Dealer, text: str) -> None:
    build.vehicle(dealer, offer_number="A1", vin="WVWZZZ1KZAW000009")
    build.vehicle(dealer, offer_number="B2", make="Opel", model="Corsa", model_description="Edition", vin="X")
    assert numbers(session, dealer, text=text) == ["A1"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "golf opel", "' OR 1=1 --"])
def test_wildcards_are_letters(session: Session, build: Build, dealer: Dealer, text: str) -> None:
    build.vehicle(dealer, offer_number="A1")
    assert numbers(session, dealer, text=text) == []


def test_location_kind_and_release_narrow(session: Session, build: Build, dealer: Dealer) -> None:
    kiel = build.location(dealer, "KI")
    build.vehicle(dealer, offer_number="A1")
    build.vehicle(dealer, offer_number="A2", online=False, kind=Kind.NEW)
    moved = build.vehicle(dealer, offer_number="A3")
    moved.location_id = kiel.id
    session.commit()
    assert numbers(session, dealer, location=kiel.id) == ["A3"]
    assert numbers(session, dealer, kind=Kind.NEW) == ["A2"]
    assert numbers(session, dealer, online=False) == ["A2"]
    assert numbers(session, dealer, online=True, sort=VehicleOrder.NUMBER) == ["A1", "A3"]


def test_only_this_dealers_stock(session: Session, build: Build, dealer: Dealer) -> None:
    build.vehicle(dealer, offer_number="A1")
    build.vehicle(build.dealer("Autohaus Charlie"), offer_number="C1")
    left = build.vehicle(dealer, offer_number="A2")
    left.withdrawn_at = func.now()
    session.commit()
    assert numbers(session, dealer) == ["A1"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (VehicleOrder.NEWEST, ["new", "mid", "old", "none"]),
        (VehicleOrder.OLDEST, ["none", "old", "mid", "new"]),
        (VehicleOrder.CHEAPEST, ["none", "new", "old", "mid"]),
        (VehicleOrder.DEAREST, ["mid", "old", "new", "none"]),
        (VehicleOrder.NUMBER, ["mid", "new", "none", "old"]),
    ],
)
def test_sorting(
    session: Session, build: Build, dealer: Dealer, sort: VehicleOrder, expected: list[str]
) -> None:
    build.vehicle(dealer, offer_number="old", stock_date="2026-01-01", prices=Prices(selling=2000))
    build.vehicle(dealer, offer_number="mid", stock_date="2026-05-01", prices=Prices(selling=3000))
    build.vehicle(dealer, offer_number="new", stock_date="2026-11-01", prices=Prices(selling=1000))
    build.vehicle(dealer, offer_number="none", prices=Prices())
    assert numbers(session, dealer, sort=sort) == expected


def test_pages_hold_fifty_and_together_everything(session: Session, build: Build, dealer: Dealer) -> None:
    add_many(session, build, dealer, 103)
    pages = [
        find_vehicles(session, dealer, Realm(dealer.id), VehicleFilter(page=page, sort=VehicleOrder.NUMBER))
        for page in (1, 2, 3, 4)
    ]
    assert [len(page.vehicles) for page in pages] == [50, 50, 3, 0]
    assert [page.more for page in pages] == [True, True, False, False]
    assert {page.count for page in pages} == {103}
    assert len({vehicle.id for page in pages for vehicle in page.vehicles}) == 103


def test_the_count_is_capped(
    session: Session, build: Build, dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_many(session, build, dealer, 12)
    monkeypatch.setattr(search, "LARGEST_COUNT", 10)
    assert find_vehicles(session, dealer, Realm(dealer.id), VehicleFilter()).count == 11


def add_many(session: Session, build: Build, dealer: Dealer, count: int) -> None:
    first = build.vehicle(dealer, offer_number="N000")
    for number in range(1, count):
        data = first.data | {"offer_number": f"N{number:03}"}
        session.add(Vehicle(dealer_id=dealer.id, location_id=first.location_id, data=data, online=True))
    session.commit()


def test_a_problem_is_found_in_red_and_orange(session: Session, build: Build, dealer: Dealer) -> None:
    app = build.activation(dealer)
    red = build.vehicle(dealer, offer_number="red")
    red.problems = [PROBLEM]
    build.release(build.vehicle(dealer, offer_number="orange"), app, problems=[PROBLEM])
    build.release(build.vehicle(dealer, offer_number="other"), app, problems=[PROBLEM | {"code": "price"}])
    build.release(build.vehicle(dealer, offer_number="fine"), app)
    assert numbers(session, dealer, problem="envkv", sort=VehicleOrder.NUMBER) == ["orange", "red"]
    assert numbers(session, dealer, problem="envkv", field="energy.co2_class", sort=VehicleOrder.NUMBER) == [
        "orange",
        "red",
    ]
    assert numbers(session, dealer, problem="envkv", field="make") == []
    assert len(numbers(session, dealer, field="energy.co2_class")) == 3


def test_a_problem_at_a_dead_activation_does_not_count(
    session: Session, build: Build, dealer: Dealer
) -> None:
    app = build.activation(dealer, state=ActivationState.DEACTIVATED)
    build.release(build.vehicle(dealer), app, problems=[PROBLEM])
    assert numbers(session, dealer, problem="envkv") == []


LISTINGS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"state": "absent"},
    {"state": "online"},
    {"state": "absent", "last_result": "rejected"},
    {"state": "online", "last_result": "failed"},
    {"state": "online", "last_result": "warning"},
    {"state": "online", "last_result": "rejected", "awaiting_since": datetime(2026, 3, 1, tzinfo=UTC)},
    {"state": "online", "vanished_at": datetime(2026, 3, 1, tzinfo=UTC)},
    {"state": "online", "last_result": "failed", "vanished_at": datetime(2026, 3, 1, tzinfo=UTC)},
    {"state": "missing", "last_result": "rejected", "refused_hash": "x"},
)
RELEASES: tuple[dict[str, Any] | None, ...] = (None, {"released": False}, {}, {"problems": [PROBLEM]})
TRANSFERS: tuple[tuple[str, ...], ...] = (
    *((), ("waiting",), ("sending",), ("ok",), ("failed",)),
    *(("rejected", "discarded"), ("failed", "waiting"), ("sending", "waiting")),
)
CARS: tuple[dict[str, Any], ...] = ({}, {"sold": True}, {"trade_in": True})


def cases() -> Iterable[tuple[Any, ...]]:
    return product(CARS, (True, False), RELEASES, LISTINGS, TRANSFERS)


@pytest.mark.parametrize("state", [ActivationState.ACTIVE, ActivationState.CLOSING])
@pytest.mark.parametrize("trade_ins", [True, False])
def test_sql_finds_what_python_decides(
    session: Session, build: Build, dealer: Dealer, state: ActivationState, trade_ins: bool
) -> None:
    """Every combination of rows, asked both ways."""
    dealer.export_trade_ins = trade_ins
    app = build.activation(dealer, state=state)
    fill(session, dealer, app.id)
    vehicles = list(session.scalars(select(Vehicle).where(Vehicle.dealer_id == dealer.id)))
    found = status_inputs(session, dealer, vehicles, live_activations(session, Realm(dealer.id)))
    expected: dict[str, set[Any]] = {name: set() for name in (*PublicationStatus, StatusFilter.OUTDATED)}
    for vehicle in vehicles:
        for status_input in found[vehicle.id]:
            expected[publication_status(status_input)].add(vehicle.id)
            if is_outdated(status_input):
                expected[StatusFilter.OUTDATED].add(vehicle.id)
    for name in expected:
        wanted = VehicleFilter(state=StatusFilter(name), activation=app.id)
        assert set(session.scalars(matching_ids(dealer, Realm(dealer.id), wanted))) == expected[name], name
    trouble = set(
        session.scalars(matching_ids(dealer, Realm(dealer.id), VehicleFilter(state=StatusFilter.PROBLEM)))
    )
    red = {vehicle.id for vehicle in vehicles if vehicle.problems}
    assert trouble == set.union(red, *(expected[name] for name in STATUSES_OF_TROUBLE))


def fill(session: Session, dealer: Dealer, activation_id: Any) -> None:
    cars = []
    for facts, online, *_rows in cases():
        car = Vehicle(id=uuid4(), dealer_id=dealer.id, location_id=dealer.locations[0].id, online=online)
        car.set_facts(golf(**facts))
        cars.append(car)
    session.add_all(cars)
    session.flush()
    at = [{"vehicle_id": car.id, "activation_id": activation_id} for car in cars]
    for key, (_facts, _online, release, listing, _transfers) in zip(at, cases(), strict=True):
        if release is not None:
            session.add(Publication(**key, **({"released": True} | release)))
        if listing is not None:
            session.add(Listing(**key, **listing))
    for turn in (0, 1):  # one after the other: the key of a later transfer is greater
        for key, (*_rest, transfers) in zip(at, cases(), strict=True):
            if len(transfers) > turn:
                session.add(Transfer(**key, location_id=dealer.locations[0].id, state=transfers[turn]))
        session.flush()
    session.commit()


def test_an_activation_of_another_dealer_finds_nothing(
    session: Session, build: Build, dealer: Dealer
) -> None:
    build.vehicle(dealer)
    stranger = build.activation(build.dealer("Autohaus Charlie"))
    assert numbers(session, dealer, state=StatusFilter.NOT_RELEASED, activation=stranger.id) == []


def test_odd_vehicles_are_found_where_they_are_released(
    build: Build, session: Session, alices: Dealer
) -> None:
    app = build.activation(alices)
    odd, odd_too = (golf(kind=Kind.NEW, mileage=mileage) for mileage in (12_500, 9_000))
    released, held_back = build.vehicle(alices, odd), build.vehicle(alices, odd_too)
    build.vehicle(alices)
    for vehicle in (released, held_back):
        build.release(vehicle, app, released=vehicle is released, hints=odd_hints(vehicle.facts()))
    assert numbers(session, alices, odd=True) == [released.offer_number]
    assert numbers(session, alices, odd=True, problem="new-with-mileage", field="kind") == [
        released.offer_number
    ]
    assert numbers(session, alices, odd=True, activation=uuid4()) == []
    app.state = ActivationState.DEACTIVATED
    session.commit()
    assert numbers(session, alices, odd=True) == []


def test_odd_vehicles_are_found_by_their_index(build: Build, session: Session, alices: Dealer) -> None:
    """Among a hundred thousand: the planner may use it, whatever was typed."""
    wanted = matching_ids(alices, Realm(alices.id), VehicleFilter(odd=True))
    session.execute(text("SET LOCAL enable_seqscan = off"))
    written = str(wanted.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    explained = session.scalars(text("EXPLAIN " + written.replace(":", "\\:"))).all()
    assert "ix_publication_odd" in "\n".join(explained)
