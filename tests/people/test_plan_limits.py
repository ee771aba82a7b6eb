"""Limits of a plan: refused with the reason, never silently."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models import Dealer
from portal.models.exports import ActivationState
from portal.people import plan_limits
from tests.builders import Build


@pytest.fixture
def alices(build: Build) -> Dealer:
    return build.dealer()


def test_without_limits_everything_goes(build: Build, session: Session, alices: Dealer) -> None:
    build.alice(alices)
    build.activation(alices)
    assert plan_limits.against_another_user(session, alices) == ""
    assert plan_limits.against_another_app(session, alices) == ""
    assert plan_limits.against_exporting(session, alices, 1) == ""


def test_locked_out_users_do_not_count(build: Build, session: Session, alices: Dealer) -> None:
    alices.max_users = 2
    build.alice(alices)
    build.user("former", alices, active=False)
    assert plan_limits.against_another_user(session, alices) == ""
    build.bob(alices)
    assert "2 Nutzer" in plan_limits.against_another_user(session, alices)


def test_only_live_apps_count(build: Build, session: Session, alices: Dealer) -> None:
    alices.max_active_apps = 1
    build.activation(alices, state=ActivationState.DEACTIVATED)
    assert plan_limits.against_another_app(session, alices) == ""
    build.activation(alices, state=ActivationState.LOCKED, customer_number="4711009")
    assert "1 aktive Apps" in plan_limits.against_another_app(session, alices)


def test_a_vehicle_exported_twice_counts_once(build: Build, session: Session, alices: Dealer) -> None:
    alices.max_exported_vehicles = 1
    vehicle = build.vehicle(alices)
    for number in ("4711001", "4711009"):
        build.release(vehicle, build.activation(alices, customer_number=number))
    assert plan_limits.against_exporting(session, alices, 0) == ""
    assert "1 exportierte" in plan_limits.against_exporting(session, alices, 1)
    alices.max_exported_vehicles = 2
    assert plan_limits.against_exporting(session, alices, 1) == ""
