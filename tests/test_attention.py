"""The number beside Handlungsbedarf."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from portal import attention
from portal.models import Activation, Dealer
from portal.models.exports import ActivationState
from tests.builders import Build

PROBLEM: list[dict[str, Any]] = [{"code": "price", "text": "Preis fehlt."}]


@pytest.fixture
def alices(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def activation(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def counted(app: Flask, dealer: Dealer) -> tuple[int, int]:
    with app.app_context():
        now = attention.current(dealer.id)
        return now.vehicles, now.stopped


def test_nothing_is_open(app: Flask, build: Build, alices: Dealer, activation: Activation) -> None:
    build.release(build.vehicle(alices), activation)
    assert counted(app, alices) == (0, 0)


def test_each_vehicle_counts_once(app: Flask, build: Build, alices: Dealer, activation: Activation) -> None:
    vehicle = build.vehicle(alices)
    vehicle.problems = PROBLEM
    build.release(vehicle, activation, problems=PROBLEM)
    build.listing(vehicle, activation, refused_hash="x")
    assert counted(app, alices) == (1, 0)


def test_blocked_and_refused_vehicles_count(
    app: Flask, build: Build, alices: Dealer, activation: Activation
) -> None:
    build.release(build.vehicle(alices), activation, problems=PROBLEM)
    refused = build.vehicle(alices)
    build.release(refused, activation)
    build.listing(refused, activation, refused_hash="x")
    assert counted(app, alices) == (2, 0)


def test_what_shall_not_be_online_is_no_problem(
    app: Flask, build: Build, alices: Dealer, activation: Activation
) -> None:
    build.release(build.vehicle(alices, online=False), activation, problems=PROBLEM)
    build.release(build.vehicle(alices), activation, released=False, problems=PROBLEM)
    gone = build.vehicle(alices)
    gone.withdrawn_at = datetime.now(UTC)
    build.release(gone, activation, problems=PROBLEM)
    assert counted(app, alices) == (0, 0)


def test_problems_at_an_app_that_is_not_live_do_not_count(app: Flask, build: Build, alices: Dealer) -> None:
    draft = build.activation(alices, state=ActivationState.DRAFT)
    build.release(build.vehicle(alices), draft, problems=PROBLEM)
    assert counted(app, alices) == (0, 0)


def test_stopped_apps_count(app: Flask, build: Build, alices: Dealer) -> None:
    build.activation(alices, state=ActivationState.STOPPED)
    assert counted(app, alices) == (0, 1)


def test_another_dealers_problems_do_not_count(app: Flask, build: Build, alices: Dealer) -> None:
    other = build.dealer()
    build.release(build.vehicle(other), build.activation(other), problems=PROBLEM)
    assert counted(app, alices) == (0, 0)
