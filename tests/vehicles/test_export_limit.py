"""A plan with room for some vehicles: presets, imports and hand-overs release as many as fit, and say so."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.lifecycle import activation as life
from portal.models import Activation, Dealer, Location, Publication, Vehicle
from portal.models.exports import ActivationState
from portal.platforms import get_app
from portal.platforms.contract import Account
from portal.vehicles import export_limit
from portal.vehicles.ingest import GivenVehicle, put_vehicles
from portal.vehicles.release import apply_presets, find_without_room
from portal.vehicles.stock import save_vehicle
from portal.vehicles.stock_import import import_stock
from tests.builders import Build, fresh, golf
from tests.formats.stock_file import file, line
from tests.vehicles.importing import run
from tests.words import german

KINDS = {"kinds": {"used": 0}}
Way = Callable[[Session, Dealer, Location], None]


@pytest.fixture
def alices(build: Build) -> Dealer:
    """Room for two vehicles."""
    dealer = build.dealer()
    dealer.max_exported_vehicles = 2
    build.session.commit()
    return dealer


def out(session: Session, dealer: Dealer) -> set[object]:
    session.flush()
    return set(session.scalars(export_limit.exported(dealer.id)))


def test_presets_release_the_oldest_that_fit(build: Build, session: Session, alices: Dealer) -> None:
    cars = [build.vehicle(alices) for _ in range(3)]
    app = build.activation(alices, settings=KINDS)
    assert apply_presets(session, alices.id) == 2
    assert out(session, alices) == {cars[0].id, cars[1].id}
    assert find_without_room(session, alices.id) == {cars[2].id}
    decided = session.scalars(select(Publication.vehicle_id).where(Publication.activation_id == app.id))
    assert cars[2].id not in set(decided)


def test_what_leaves_makes_room_at_the_next_occasion(build: Build, session: Session, alices: Dealer) -> None:
    cars = [build.vehicle(alices) for _ in range(3)]
    build.activation(alices, settings=KINDS)
    apply_presets(session, alices.id)
    cars[0].online = False
    assert apply_presets(session, alices.id) == 1
    assert out(session, alices) == {cars[1].id, cars[2].id}


def test_a_vehicle_at_two_apps_needs_one_place(build: Build, session: Session, alices: Dealer) -> None:
    for _ in range(2):
        build.vehicle(alices)
    for number in ("4711001", "4711002"):
        build.activation(alices, settings=KINDS, customer_number=number)
    assert apply_presets(session, alices.id) == 4
    assert find_without_room(session, alices.id) == set()


def test_a_vehicle_that_is_offline_needs_no_place(build: Build, session: Session, alices: Dealer) -> None:
    for _ in range(3):
        build.vehicle(alices, online=False)
    build.activation(alices, settings=KINDS)
    assert apply_presets(session, alices.id) == 3
    assert export_limit.free_slots(session, alices.id) == 2


@pytest.mark.parametrize("gone", ["withdrawn", "moved", "closing"])
def test_what_is_no_longer_exported_does_not_count(
    gone: str, build: Build, session: Session, alices: Dealer
) -> None:
    car, app = build.vehicle(alices), build.activation(alices)
    build.release(car, app)
    assert export_limit.free_slots(session, alices.id) == 1
    if gone == "withdrawn":
        car.withdrawn_at = car.created_at
    elif gone == "moved":
        car.location_id = build.location(alices, "HB").id
    else:
        app.state = ActivationState.CLOSING
    session.flush()
    assert export_limit.free_slots(session, alices.id) == 2


def test_an_import_does_not_fail_and_says_what_was_left_out(
    build: Build, session: Session, alices: Dealer
) -> None:
    build.activation(alices, settings=KINDS)
    report = run(session, alices, *(line(B=f"A{number}") for number in range(5)))
    assert report.taken == 5
    assert "3 Fahrzeuge wurden nicht freigegeben" in german(report.note)
    assert len(out(session, alices)) == 2


def test_what_an_import_brings_back_stays_offline_where_it_does_not_fit(
    build: Build, session: Session, alices: Dealer
) -> None:
    build.activation(alices, settings=KINDS)
    run(session, alices, line(B="A0"), line(B="A1"))
    run(session, alices, line(B="B0"), line(B="B1"))
    assert len(out(session, alices)) == 2
    report = run(session, alices, line(B="A0"), partial=True)
    assert report.taken == 1
    assert "1 Fahrzeug wurde nicht freigegeben" in german(report.note)
    assert len(out(session, alices)) == 2


def test_a_hand_over_says_which_vehicle_was_left_out(build: Build, session: Session, alices: Dealer) -> None:
    build.activation(alices, settings=KINDS)
    place = alices.locations[0]
    results = put_vehicles(session, alices, [GivenVehicle(place, golf()) for _ in range(3)])
    assert [result.without_room for result in results] == [False, False, True]
    off = put_vehicles(session, alices, [GivenVehicle(place, results[0].vehicle.facts(), online=False)])
    assert not off[0].without_room
    apply_presets(session, alices.id)
    [back] = put_vehicles(session, alices, [GivenVehicle(place, results[0].vehicle.facts(), online=True)])
    assert back.without_room
    assert not fresh(session, Vehicle, back.vehicle.id).online


def hand_over(session: Session, dealer: Dealer, location: Location) -> None:
    put_vehicles(session, dealer, [GivenVehicle(location, golf()), GivenVehicle(location, golf())])


def import_file(session: Session, dealer: Dealer, location: Location) -> None:
    import_stock(session, file(line(B="B1"), line(B="B2")), dealer, location, "1.csv", partial=True)


def release_all(session: Session, dealer: Dealer, _location: Location) -> None:
    apply_presets(session, dealer.id)


@pytest.mark.parametrize("second", [hand_over, import_file, release_all])
@pytest.mark.parametrize("first", [hand_over, import_file])
def test_two_ways_at_once_share_the_room_of_one_plan(
    build: Build,
    session: Session,
    sessions: sessionmaker[Session],
    alices: Dealer,
    first: Way,
    second: Way,
) -> None:
    """At two locations, so nothing but the plan makes one wait for the other."""
    places = [alices.locations[0], build.location(alices, "B")]
    for number, place in enumerate(places):
        build.activation(alices, location_id=place.id, settings=KINDS, customer_number=f"471100{number}")
    waiting = build.vehicle(alices)
    waiting.location_id = places[1].id
    session.commit()

    def go(way: Way, place: Location) -> Session:
        own = sessions()
        way(own, own.get_one(Dealer, alices.id), own.get_one(Location, place.id))
        return own

    begun = go(first, places[0])
    thread = threading.Thread(target=lambda: go(second, places[1]).commit())
    thread.start()
    thread.join(0.5)
    begun.commit()
    thread.join()
    assert len(out(session, alices)) == 2


def test_a_lower_limit_ends_nothing(build: Build, session: Session, alices: Dealer) -> None:
    app = build.activation(alices)
    for _ in range(2):
        build.release(build.vehicle(alices), app)
    there, car = build.location(alices, "HB"), build.vehicle(alices)
    build.release(car, app)
    alices.max_exported_vehicles = 1
    build.activation(alices, settings=KINDS, location_id=there.id, customer_number="4711002")
    facts = car.facts().model_copy(update={"mileage": 70_000})
    assert save_vehicle(session, car, facts)
    put_vehicles(
        session, alices, [GivenVehicle(alices.locations[0], facts.model_copy(update={"mileage": 71_000}))]
    )
    assert len(out(session, alices)) == 3
    assert export_limit.free_slots(session, alices.id) == 0


def test_an_app_activated_again_keeps_only_the_releases_that_fit(
    build: Build, session: Session, alices: Dealer
) -> None:
    app = build.activation(alices, state=ActivationState.DEACTIVATED, app="mobile-de")
    for _ in range(3):
        build.release(build.vehicle(alices), app)
    wish = life.ActivationRequest(
        alices.id, get_app(app.app), app.customer_number, alices.locations[0].id, {}
    )
    life.activate(session, wish, Account(app.customer_number, ""))
    assert fresh(session, Activation, app.id).state != ActivationState.DEACTIVATED
    assert len(out(session, alices)) == 2


def test_without_a_limit_nothing_is_counted(build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.vehicle(dealer)
    build.activation(dealer, settings=KINDS)
    assert apply_presets(session, dealer.id) == 1
    assert export_limit.free_slots(session, dealer.id) is None
    assert find_without_room(session, dealer.id) == set()
