"""What was just saved is put back: facts, the release of one vehicle, the release of some from the list."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import User, Vehicle
from portal.models.audit import AuditEvent
from portal.models.exports import ListingState
from portal.vehicle_facts.equipment import BY_CODE
from portal.vehicles.publication import Choice, choices_of
from tests.blueprints.vehicles.conftest import Yard, save, version, waiting
from tests.builders import Build, fresh
from tests.words import undo_of

Login = Callable[[User], FlaskClient]
TOO_LATE = "Das lässt sich nicht mehr rückgängig machen."


@pytest.fixture
def carla(build: Build, yard: Yard, login: Login) -> FlaskClient:
    """A colleague with Alice's rights."""
    return login(build.user("carla", yard.dealer))


def selling(session: Session, vehicle: Vehicle) -> Decimal | None:
    return fresh(session, Vehicle, vehicle.id).facts().prices.selling


def said(client: FlaskClient, answer: Any) -> str:
    text: str = client.get(answer.location).text
    return text


def events(session: Session, what: str) -> int:
    return len(session.scalars(select(AuditEvent).where(AuditEvent.what == what)).all())


# The facts of a vehicle.


def test_a_price_goes_back_once_and_waits_in_one_row(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    before = selling(session, yard.vehicle)
    undo = undo_of(said(alice, save(alice, yard.url, **{"prices.selling": "9.990"})))
    assert selling(session, yard.vehicle) == 9_990
    for _twice in range(2):
        answer = alice.post(f"{yard.url}/restore", data=undo)
        assert "Die Änderungen sind zurückgenommen." in said(alice, answer)
    assert selling(session, yard.vehicle) == before
    assert len(waiting(session)) == 1
    assert events(session, "vehicle.changed") == 2


def test_what_somebody_changed_since_is_not_put_back(
    session: Session, yard: Yard, alice: FlaskClient, carla: FlaskClient
) -> None:
    undo = undo_of(said(alice, save(alice, yard.url, **{"prices.selling": "9.990"})))
    save(carla, yard.url, **{"prices.selling": "9.490"})
    assert TOO_LATE in said(alice, alice.post(f"{yard.url}/restore", data=undo))
    assert selling(session, yard.vehicle) == 9_490


def test_what_others_changed_beside_it_stays(
    session: Session, yard: Yard, alice: FlaskClient, carla: FlaskClient
) -> None:
    before = selling(session, yard.vehicle)
    undo = undo_of(said(alice, save(alice, yard.url, **{"prices.selling": "9.990"})))
    save(carla, yard.url, mileage="70.000")
    alice.post(f"{yard.url}/restore", data=undo)
    facts = fresh(session, Vehicle, yard.vehicle.id).facts()
    assert (facts.prices.selling, facts.mileage) == (before, 70_000)


def test_only_who_did_it_takes_it_back_and_nothing_made_up_counts(
    session: Session, yard: Yard, alice: FlaskClient, carla: FlaskClient, charlie: FlaskClient
) -> None:
    undo = undo_of(said(alice, save(alice, yard.url, **{"prices.selling": "9.990"})))
    carla.post(f"{yard.url}/restore", data=undo)
    assert charlie.post(f"{yard.url}/restore", data=undo).status_code == 404
    alice.post(f"{yard.url}/restore", data={"undo": undo["undo"][:-2] + "xx"})
    assert TOO_LATE in said(alice, alice.post(f"{yard.url}/restore"))
    assert selling(session, yard.vehicle) == 9_990


def test_a_number_and_long_texts_are_saved_without_an_offer(yard: Yard, alice: FlaskClient) -> None:
    said(alice, save(alice, yard.url, description="Sehr gepflegt. " * 90))
    for typed in ({"offer_number": "NEU-1"}, {"description": ""}):
        page = said(alice, save(alice, yard.url, **typed))
        assert "Die Änderungen sind gespeichert." in page
        assert 'name="undo"' not in page


def test_criteria_that_are_stored_in_another_order_are_no_change(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    codes = sorted(BY_CODE, reverse=True)
    yard.vehicle.data = {**yard.vehicle.data, "equipment": {"features": codes}}
    session.commit()
    typed = {"prices.selling": "9.990", "equipment.features": codes}
    undo_of(said(alice, save(alice, yard.url, **typed)))
    (logged,) = session.scalars(select(AuditEvent).where(AuditEvent.what == "vehicle.changed"))
    assert list(logged.detail) == ["prices.selling"]


# The publication of one vehicle.


def publish(client: FlaskClient, yard: Yard, **typed: Any) -> Any:
    url = yard.url + "/publication"
    return client.post(url, data={"version": version(client, url)} | typed)


def test_a_release_that_was_taken_back_comes_again(session: Session, yard: Yard, alice: FlaskClient) -> None:
    undo = undo_of(said(alice, publish(alice, yard, online="yes")))
    assert choices_of(session, yard.vehicle)[yard.activation.id] == Choice(False)
    for _twice in range(2):
        answer = alice.post(f"{yard.url}/publication/restore", data=undo)
        assert "Die Veröffentlichung ist wieder wie vorher." in said(alice, answer)
    session.expire_all()
    assert choices_of(session, yard.vehicle)[yard.activation.id] == Choice(True)
    assert len(waiting(session)) == 1
    assert events(session, "vehicle.published") == 2


def test_price_and_switch_of_a_publication_come_back_together(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    key = yard.activation.id
    publish(alice, yard, **{"online": "yes", f"released-{key}": "yes", f"price-{key}": "9.999,50"})
    undo = undo_of(said(alice, publish(alice, yard, **{f"released-{key}": "yes"})))
    alice.post(f"{yard.url}/publication/restore", data=undo)
    session.expire_all()
    assert choices_of(session, yard.vehicle)[key] == Choice(True, Decimal("9999.50"))
    assert fresh(session, Vehicle, yard.vehicle.id).online


def test_a_publication_that_somebody_changed_since_stays(
    session: Session, yard: Yard, alice: FlaskClient, carla: FlaskClient
) -> None:
    undo = undo_of(said(alice, publish(alice, yard, online="yes")))
    publish(carla, yard)
    answer = alice.post(f"{yard.url}/publication/restore", data=undo)
    assert TOO_LATE in said(alice, answer)
    assert not fresh(session, Vehicle, yard.vehicle.id).online


def test_a_release_comes_back_only_where_the_plan_has_room(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    undo = undo_of(said(alice, publish(alice, yard, online="yes")))
    yard.dealer.max_exported_vehicles = 1
    build.release(build.vehicle(yard.dealer), yard.activation)
    session.commit()
    alice.post(f"{yard.url}/publication/restore", data=undo)
    session.expire_all()
    assert choices_of(session, yard.vehicle)[yard.activation.id] == Choice(False)


# Some vehicles of the list.


def switch(client: FlaskClient, verb: str, *vehicles: Vehicle) -> Any:
    return client.post(f"/vehicles/{verb}", data={"vehicle": [str(one.id) for one in vehicles]})


def test_only_vehicles_that_were_switched_are_switched_back(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    off = build.vehicle(yard.dealer, online=False)
    undo = undo_of(said(alice, switch(alice, "take-back", yard.vehicle, off)))
    assert not fresh(session, Vehicle, yard.vehicle.id).online
    answer = alice.post("/vehicles/release/restore", data=undo)
    assert "1 Fahrzeug freigegeben." in said(alice, answer)
    assert [fresh(session, Vehicle, one.id).online for one in (yard.vehicle, off)] == [True, False]
    assert TOO_LATE in said(alice, alice.post("/vehicles/release/restore", data=undo))
    assert len(waiting(session)) == 1


def test_taking_a_release_back_asks_where_listings_have_come_of_it(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    undo = undo_of(said(alice, switch(alice, "release", build.vehicle(yard.dealer, online=False))))
    car = session.scalars(select(Vehicle).where(Vehicle.id != yard.vehicle.id)).one()
    build.release(car, yard.activation)
    build.listing(car, yard.activation, state=ListingState.ONLINE)
    answer = alice.post("/vehicles/release/restore", data=undo)
    assert "1 Inserat wird auf der Plattform gelöscht." in answer.text
    assert fresh(session, Vehicle, car.id).online


@pytest.mark.parametrize("number", [20, 21])
def test_many_at_once_are_switched_without_an_offer(
    build: Build, yard: Yard, alice: FlaskClient, number: int
) -> None:
    cars = [build.vehicle(yard.dealer, online=False) for _ in range(number)]
    page = said(alice, switch(alice, "release", *cars))
    assert f"{number} Fahrzeuge freigegeben." in page
    assert ('name="undo"' in page) == (number <= 20)


def test_a_stranger_switches_nothing_back(
    session: Session, yard: Yard, alice: FlaskClient, charlie: FlaskClient
) -> None:
    undo = undo_of(said(alice, switch(alice, "take-back", yard.vehicle)))
    charlie.post("/vehicles/release/restore", data=undo)
    assert not fresh(session, Vehicle, yard.vehicle.id).online
