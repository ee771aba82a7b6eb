"""Where an update did not get there, what is online and what is wanted are told apart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import delete, update

from portal.blueprints.vehicles.older_state import values_apart
from portal.models import Listing, Vehicle
from portal.models.exports import ReferenceList
from portal.platforms import read_environment
from portal.vehicle_facts.data import Prices
from tests.builders import Build
from tests.conftest import Work
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.words import german


@pytest.fixture
def stage(build: Build, at_work: Work, marketplace: Marketplace) -> Stage:
    return Stage(build, at_work(platforms=read_environment({}, marketplace.url)))


DEARER = Prices(selling=Decimal(19_990))


def apart(stage: Stage, vehicle: Vehicle) -> dict[str, tuple[str, str]]:
    found = values_apart(stage.runtime, stage.activation.id, vehicle.id)
    return {german(value["label"]): (value["old"], value["new"]) for value in found}


def refused_change(stage: Stage, marketplace: Marketplace) -> Vehicle:
    vehicle = stage.vehicle()
    stage.drain_all()
    error = {"key": "duplicate-ad", "message": "Duplicate ad."}
    marketplace.fault("reject", "update", error=error)
    stage.change(vehicle, prices=DEARER, mileage=99_000)
    stage.drain_all()
    return vehicle


def test_a_refused_change_shows_both_values(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = refused_change(stage, marketplace)
    assert [transfer.state for transfer in stage.transfers(vehicle)] == ["ok", "rejected"]
    found = apart(stage, vehicle)
    assert found["Kilometerstand"][1] == "99000"
    price = next(values for label, values in found.items() if "reis" in label)
    assert price[1].startswith("19990")
    assert len(found) == 2


def test_a_value_that_is_missing_now_is_still_online(stage: Stage) -> None:
    vehicle = stage.vehicle(mileage=42_000)
    stage.drain_all()
    stage.change(vehicle, mileage=None)
    stage.drain_all()
    assert apart(stage, vehicle)["Kilometerstand"] == ("42000", "")


def test_of_a_listing_that_was_adopted_nobody_knows_what_is_online(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = refused_change(stage, marketplace)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Listing).values(sent_payload={}))
    assert apart(stage, vehicle) == {}


def test_nothing_is_asked_of_the_platform(stage: Stage, marketplace: Marketplace) -> None:
    vehicle = refused_change(stage, marketplace)
    with stage.runtime.sessions.begin() as session:
        session.execute(delete(ReferenceList))
    before = len(marketplace.requests())
    assert apart(stage, vehicle) == {}
    assert len(marketplace.requests()) == before
