"""The online flag, and what the presets of an activation release by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Self
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import calendar
from portal.calendar import today
from portal.models import Activation, Location, Publication, Transfer, Vehicle
from portal.models.exports import ActivationState
from portal.vehicle_facts.data import Kind
from portal.vehicles.release import apply_presets, preset_vehicle_ids, set_online
from tests.builders import Build, fresh


def released(session: Session, activation: Activation) -> set[object]:
    statement = select(Publication.vehicle_id).where(
        Publication.activation_id == activation.id, Publication.released
    )
    return set(session.scalars(statement))


def waiting(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Transfer)) or 0


def test_kinds_are_released_as_the_setting_says(build: Build, session: Session) -> None:
    dealer = build.dealer()
    used = build.vehicle(dealer)
    build.vehicle(dealer, kind=Kind.NEW)
    activation = build.activation(dealer, settings={"kinds": {"used": 0}})
    assert apply_presets(session, dealer.id) == 1
    assert released(session, activation) == {used.id}
    assert waiting(session) == 1


@pytest.mark.parametrize(("days", "out"), [(13, False), (14, True), (15, True)])
def test_stock_days_are_waited_for(days: int, out: bool, build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.vehicle(dealer, stock_date=today() - timedelta(days=days))
    build.activation(dealer, settings={"kinds": {"used": 14}})
    assert apply_presets(session, dealer.id) == int(out)


def test_without_a_stock_date_the_day_of_entry_counts(build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    build.activation(dealer, settings={"kinds": {"used": 14}})
    assert apply_presets(session, dealer.id) == 0
    session.execute(update(Vehicle).values(created_at=func.now() - timedelta(days=20)))
    assert apply_presets(session, dealer.id, vehicle_ids=[vehicle.id]) == 1


@pytest.mark.parametrize(("wait", "out"), [(5, True), (6, False)])
def test_the_day_of_entry_is_the_day_in_germany(wait: int, out: bool, build: Build, session: Session) -> None:
    """Half past midnight in Berlin is still the day before in UTC."""
    dealer = build.dealer()
    build.vehicle(dealer)
    build.activation(dealer, settings={"kinds": {"used": wait}})
    entered = datetime.combine(today() - timedelta(days=5), time(0, 30), ZoneInfo("Europe/Berlin"))
    session.execute(update(Vehicle).values(created_at=entered))
    assert apply_presets(session, dealer.id) == int(out)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_today_begins_at_midnight_in_germany(
    now: datetime, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(now.timestamp(), tz)

    monkeypatch.setattr(calendar, "datetime", Clock)
    assert today() == day


@pytest.mark.parametrize("decision", [True, False])
def test_a_decision_of_a_dealer_stays(decision: bool, build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    activation = build.activation(dealer, settings={"kinds": {"used": 0}})
    build.release(vehicle, activation, released=decision)
    assert apply_presets(session, dealer.id) == 0
    assert released(session, activation) == ({vehicle.id} if decision else set())


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (ActivationState.ACTIVE, 1),
        (ActivationState.STOPPED, 1),
        (ActivationState.DRAFT, 0),
        (ActivationState.CLOSING, 0),
        (ActivationState.DEACTIVATED, 0),
    ],
)
def test_only_live_activations_release(state: str, count: int, build: Build, session: Session) -> None:
    dealer = build.dealer()
    build.vehicle(dealer)
    build.activation(dealer, state=state, settings={"kinds": {"used": 0}})
    assert apply_presets(session, dealer.id) == count


def test_vehicles_elsewhere_and_withdrawn_ones_are_left_alone(build: Build, session: Session) -> None:
    dealer = build.dealer()
    there = Location(dealer_id=dealer.id, code="Z", name="Zwickau")
    session.add(there)
    build.vehicle(build.dealer("Autohaus Charlie"))
    moved, gone = build.vehicle(dealer), build.vehicle(dealer)
    moved.location_id, gone.withdrawn_at = there.id, func.now()
    session.commit()
    build.activation(dealer, settings={"kinds": {"used": 0}})
    assert apply_presets(session, dealer.id) == 0


def test_one_activation_among_several(build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    one = build.activation(dealer, settings={"kinds": {"used": 0}})
    other = build.activation(dealer, customer_number="4711002", settings={"kinds": {"used": 0}})
    apply_presets(session, dealer.id, activation=one)
    assert released(session, one) == {vehicle.id}
    assert released(session, other) == set()


def test_what_an_unsaved_activation_would_release(build: Build, session: Session) -> None:
    dealer = build.dealer()
    vehicle = build.vehicle(dealer)
    place = dealer.locations[0].id
    planned = Activation(dealer_id=dealer.id, location_id=place, settings={"kinds": {"used": 0}})
    assert preset_vehicle_ids(session, planned) == {vehicle.id}
    planned.settings = {}
    assert preset_vehicle_ids(session, planned) == set()


def test_setting_online_notes_only_what_changes(build: Build, session: Session) -> None:
    dealer = build.dealer()
    on, off = build.vehicle(dealer, online=True), build.vehicle(dealer, online=False)
    activation = build.activation(dealer)
    for each in (on, off):
        build.release(each, activation)
    assert set_online(session, dealer.id, [on.id, off.id], True) == 1
    session.commit()
    assert fresh(session, Vehicle, off.id).online
    assert session.scalars(select(Transfer.vehicle_id)).all() == [off.id]


def test_another_dealers_vehicle_is_not_set(build: Build, session: Session) -> None:
    stranger = build.dealer("Autohaus Charlie")
    vehicle = build.vehicle(stranger, online=False)
    assert set_online(session, build.dealer().id, [vehicle.id], True) == 0
