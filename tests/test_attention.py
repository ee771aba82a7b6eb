"""The number beside Handlungsbedarf."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import attention
from portal.exports.problems import find_causes
from portal.models import Activation, Dealer
from portal.models.exports import ActivationState, TransferState
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


def test_a_refusal_counts_until_something_newer_is_on_its_way(
    app: Flask, build: Build, alices: Dealer, activation: Activation
) -> None:
    vehicle = build.vehicle(alices)
    build.listing(vehicle, activation, refused_hash="x")
    build.transfer(vehicle, activation, state=TransferState.REJECTED)
    assert counted(app, alices) == (1, 0)
    build.transfer(vehicle, activation, state=TransferState.WAITING)
    assert counted(app, alices) == (0, 0)


def test_a_refusal_that_was_overtaken_does_not_count(
    app: Flask, build: Build, alices: Dealer, activation: Activation
) -> None:
    vehicle = build.vehicle(alices)
    build.listing(vehicle, activation, refused_hash="x")
    build.transfer(vehicle, activation, state=TransferState.REJECTED)
    build.transfer(vehicle, activation, state=TransferState.DISCARDED)
    assert counted(app, alices) == (0, 0)


def test_a_refused_deletion_counts(app: Flask, build: Build, alices: Dealer, activation: Activation) -> None:
    vehicle = build.vehicle(alices, online=False)
    build.listing(vehicle, activation)
    build.transfer(vehicle, activation, state=TransferState.REJECTED, action="delete")
    assert counted(app, alices) == (1, 0)


def test_a_failed_transfer_counts_while_it_is_the_last(
    app: Flask, build: Build, alices: Dealer, activation: Activation
) -> None:
    vehicle = build.vehicle(alices)
    build.transfer(vehicle, activation, state=TransferState.FAILED)
    assert counted(app, alices) == (1, 0)
    build.transfer(vehicle, activation, state=TransferState.OK)
    assert counted(app, alices) == (0, 0)


def test_it_is_the_number_of_vehicles_on_the_page(
    app: Flask, build: Build, session: Session, alices: Dealer, activation: Activation
) -> None:
    """The page groups by cause; here each vehicle has one cause of its own."""
    nowhere = build.vehicle(alices)
    nowhere.problems = PROBLEM
    build.release(build.vehicle(alices), activation, problems=[{"code": "vin", "text": "FIN fehlt."}])
    for state, code in ((TransferState.REJECTED, "a"), (TransferState.FAILED, "b")):
        vehicle = build.vehicle(alices)
        refused = {"refused_hash": "x"} if state == TransferState.REJECTED else {}
        build.listing(vehicle, activation, **refused)
        build.transfer(vehicle, activation, state=state, feedback=[{"code": code, "text": "Nein."}])
    causes = find_causes(session, alices.id)
    assert sum(cause.vehicles for cause in causes) == 4
    assert counted(app, alices) == (4, 0)


@pytest.mark.parametrize(
    ("vehicles", "stopped", "text", "badge"),
    [(0, 0, "0", ""), (0, 1, "0", "1"), (499, 1, "499", "500"), (500, 2, "500+", "500+")],
)
def test_at_five_hundred_it_stops_counting(vehicles: int, stopped: int, text: str, badge: str) -> None:
    counted = attention.Attention(vehicles, stopped)
    assert (counted.text, counted.badge) == (text, badge)


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
