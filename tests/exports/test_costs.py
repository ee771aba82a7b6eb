"""What a platform may have charged for: told while the transfers are there, kept for thirteen months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.exports.costs import CostKind, cost_lines, month_costs, months_back, write_costs
from portal.exports.jobs import housekeeping
from portal.models import Activation, CostEvent, Dealer, Transfer, Vehicle
from tests.builders import Build
from tests.exports.conftest import Stage

NOVEMBER = date(2026, 11, 1)
NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture
def dealer(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def activation(build: Build, dealer: Dealer) -> Activation:
    return build.activation(dealer)


def sent(build: Build, activation: Activation, vehicle: Vehicle, action: str, **more: Any) -> None:
    plausible = {"state": "ok", "finished_at": NOW}
    build.transfer(vehicle, activation, action=action, **(plausible | more))


def counted(build: Build, activation: Activation, month: date = NOVEMBER) -> dict[str, int]:
    found = month_costs(build.session, activation.id, month).counts
    return {str(kind): count for kind, count in found.items() if count}


def test_only_what_the_platform_took_counts_and_a_second_creation_is_told_apart(
    build: Build, activation: Activation, dealer: Dealer
) -> None:
    one, other = build.vehicle(dealer), build.vehicle(dealer)
    hours = [NOW + timedelta(hours=hour) for hour in range(4)]
    sent(build, activation, one, "create", finished_at=hours[0])
    sent(build, activation, one, "update", finished_at=hours[1])
    sent(build, activation, one, "delete", finished_at=hours[2])
    sent(build, activation, one, "create", finished_at=hours[3], state="warning")
    sent(build, activation, other, "create", state="rejected")
    expected = {"created": 1, "again": 1, "deleted": 1}
    assert counted(build, activation) == expected
    assert write_costs(build.session) == 3
    assert write_costs(build.session) == 0
    assert counted(build, activation) == expected
    lines = list(cost_lines(build.session, activation.id, NOVEMBER))
    assert [line.kind for line in lines] == [CostKind.AGAIN, CostKind.DELETED, CostKind.CREATED]
    assert {line.offer_number for line in lines} == {one.offer_number}


def test_what_is_written_outlives_transfers_and_vehicles(
    build: Build, activation: Activation, dealer: Dealer
) -> None:
    vehicle = build.vehicle(dealer)
    number = vehicle.offer_number
    sent(build, activation, vehicle, "create")
    write_costs(build.session)
    build.session.query(Transfer).delete()
    build.session.query(Vehicle).filter_by(id=vehicle.id).delete()
    (line,) = cost_lines(build.session, activation.id, NOVEMBER)
    assert (line.offer_number, line.vehicle_id, line.title) == (number, None, "")
    assert counted(build, activation) == {"created": 1}


def test_a_paid_extra_counts_once_for_each_vehicle_and_month(
    build: Build, activation: Activation, dealer: Dealer
) -> None:
    vehicle, other = build.vehicle(dealer), build.vehicle(dealer)
    for day in (1, 2, 3):
        sent(build, activation, vehicle, "update", bookings=["top"], finished_at=NOW - timedelta(days=day))
    sent(build, activation, other, "update", bookings=["top", "color"])
    sent(build, activation, other, "delete", bookings=["top"])
    december = NOW + timedelta(days=20)
    sent(build, activation, vehicle, "update", bookings=["top"], finished_at=december)
    for _again in range(2):
        found = month_costs(build.session, activation.id, NOVEMBER).booked
        assert found == {"top": 2, "color": 1}
        assert month_costs(build.session, activation.id, date(2026, 12, 1)).booked == {"top": 1}
        write_costs(build.session)
    sent(build, activation, vehicle, "update", bookings=["top"], finished_at=NOW + timedelta(hours=1))
    assert write_costs(build.session) == 0


def test_a_month_is_a_german_one(build: Build, activation: Activation, dealer: Dealer) -> None:
    vehicle = build.vehicle(dealer)
    sent(build, activation, vehicle, "create", finished_at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert counted(build, activation) == {"created": 1}
    assert counted(build, activation, date(2026, 10, 1)) == {}


def test_others_apps_and_files_do_not_count(build: Build, activation: Activation, dealer: Dealer) -> None:
    second = build.activation(dealer, customer_number="4711009")
    file_app = build.activation(dealer, app="mobile-de-csv", customer_number="csv")
    vehicle = build.vehicle(dealer)
    sent(build, second, vehicle, "create")
    sent(build, file_app, vehicle, "create")
    assert counted(build, activation) == {}
    assert counted(build, file_app) == {}
    assert counted(build, second) == {"created": 1}


def test_housekeeping_writes_before_it_forgets(stage: Stage, build: Build) -> None:
    vehicle = stage.vehicle()
    old = datetime.now(UTC) - timedelta(days=6)
    transfer = build.transfer(
        vehicle, stage.activation, action="create", state="ok", finished_at=old, created_at=old
    )
    key = transfer.id
    build.session.commit()
    housekeeping(stage.runtime)
    build.session.expire_all()
    assert build.session.get(Transfer, key) is None
    assert [event.transfer_id for event in build.session.query(CostEvent)] == [key]


def test_thirteen_months_lead_back_over_the_year() -> None:
    found = months_back(date(2026, 3, 31), 13)
    assert (found[0], found[2], found[3], found[12]) == (
        date(2026, 3, 1),
        date(2026, 1, 1),
        date(2025, 12, 1),
        date(2025, 3, 1),
    )
