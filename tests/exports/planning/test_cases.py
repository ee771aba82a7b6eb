"""Vehicles that change their location: deleted at one app, created at the other, both under the brake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.exports.history.timeline import TimelinePart, load_timeline
from portal.exports.jobs import run_activation
from portal.models import Activation, Location, Vehicle
from portal.models.exports import ActivationState
from portal.models.realm import Realm
from portal.vehicles.stock import save_vehicle
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

SELLER_THERE = "1000472"


@pytest.fixture
def bremen(stage: Stage) -> Location:
    return stage.build.location(stage.dealer, "HB")


@pytest.fixture
def there(stage: Stage, bremen: Location) -> Activation:
    """Releases used vehicles as soon as they stand there."""
    return stage.build.activation(
        stage.dealer,
        location_id=bremen.id,
        customer_number="4711002",
        account={"customer_number": "4711002", "seller_key": SELLER_THERE, "company_name": "Alice"},
        settings={"kinds": {"used": 0}},
    )


def move(stage: Stage, vehicles: list[Vehicle], place: Location) -> None:
    with stage.runtime.sessions.begin() as session:
        for vehicle in vehicles:
            row, target = session.get_one(Vehicle, vehicle.id), session.get_one(Location, place.id)
            assert save_vehicle(session, row, row.facts(), location=target)


def test_one_vehicle_is_deleted_here_and_created_there(
    stage: Stage, marketplace: Marketplace, bremen: Location, there: Activation
) -> None:
    car, _stays = stage.vehicle(), stage.vehicle()
    stage.drain()
    assert len(marketplace.online()) == 2
    move(stage, [car], bremen)
    stage.drain()
    run_activation(stage.runtime, there.id)
    assert (len(marketplace.online()), len(marketplace.online("4711002"))) == (1, 1)
    page = load_timeline(stage.session, Realm(stage.dealer.id), car, TimelinePart.TRANSFERS)
    done: list[Any] = [entry.what for entry in page.entries]
    assert [row.action for row in done if row.customer_number == "4711002"] == ["create"]
    assert [row.action for row in done if row.activation_id == stage.activation.id] == ["delete", "create"]
    only_there = Realm(stage.dealer.id, (bremen.id,))
    [one] = load_timeline(stage.session, only_there, car, TimelinePart.TRANSFERS).entries
    assert one.what.customer_number == "4711002"  # type: ignore[union-attr]


def test_many_at_once_lock_both_sides(
    stage: Stage, marketplace: Marketplace, bremen: Location, there: Activation
) -> None:
    vehicles = [stage.vehicle() for _ in range(14)]
    there.counted_from = datetime.now(UTC) - timedelta(hours=1)  # its first transfer is over
    stage.session.commit()
    stage.drain()
    assert len(marketplace.online()) == 14
    move(stage, vehicles[:12], bremen)
    stage.drain()
    run_activation(stage.runtime, there.id)
    assert (len(marketplace.online()), len(marketplace.online("4711002"))) == (14, 0)
    for activation in (stage.activation, there):
        assert fresh(stage.session, Activation, activation.id).state == ActivationState.LOCKED
