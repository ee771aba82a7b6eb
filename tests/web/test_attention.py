"""The number beside Handlungsbedarf."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.exports.problems import CauseKey, find_causes, find_refusals
from portal.models import Activation, Dealer, Transfer
from portal.models.exports import ActivationState, ListingState, TransferState
from portal.models.realm import Realm
from portal.vehicles.status import NOT_TAKEN
from portal.web import attention
from tests.builders import Build

PROBLEM: list[dict[str, Any]] = [{"code": "price", "text": "Preis fehlt."}]


@pytest.fixture
def activation(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def counted(app: Flask, dealer: Dealer) -> tuple[int, int]:
    with app.app_context():
        now = attention.current(Realm(dealer.id))
        return now.vehicles, now.halted


def test_nothing_is_open(app: Flask, build: Build, alices: Dealer, activation: Activation) -> None:
    build.release(build.vehicle(alices), activation)
    assert counted(app, alices) == (0, 0)


def test_each_vehicle_counts_once(app: Flask, build: Build, alices: Dealer, activation: Activation) -> None:
    vehicle = build.vehicle(alices)
    vehicle.problems = PROBLEM
    build.release(vehicle, activation, problems=PROBLEM)
    build.not_taken(vehicle, activation)
    assert counted(app, alices) == (1, 0)


def test_blocked_and_refused_vehicles_count(
    app: Flask, build: Build, alices: Dealer, activation: Activation
) -> None:
    build.release(build.vehicle(alices), activation, problems=PROBLEM)
    refused = build.vehicle(alices)
    build.release(refused, activation)
    build.not_taken(refused, activation)
    assert counted(app, alices) == (2, 0)


@pytest.mark.parametrize("result", NOT_TAKEN)
@pytest.mark.parametrize("state", [TransferState.WAITING, TransferState.SENDING])
def test_it_counts_until_something_newer_is_on_its_way(
    app: Flask, build: Build, alices: Dealer, activation: Activation, result: str, state: str
) -> None:
    vehicle = build.vehicle(alices)
    build.release(vehicle, activation)
    build.not_taken(vehicle, activation, result=result)
    assert counted(app, alices) == (1, 0)
    build.transfer(vehicle, activation, state=state)
    assert counted(app, alices) == (0, 0)


def test_it_counts_when_the_history_has_forgotten_it(
    app: Flask, build: Build, alices: Dealer, activation: Activation, session: Session
) -> None:
    vehicle = build.vehicle(alices)
    build.release(vehicle, activation)
    build.not_taken(vehicle, activation, result="failed")
    session.execute(delete(Transfer))
    session.commit()
    assert counted(app, alices) == (1, 0)


@pytest.mark.parametrize(("state", "number"), [(ListingState.ONLINE, 1), (ListingState.ABSENT, 0)])
def test_what_shall_be_nowhere_counts_while_it_is_somewhere(
    app: Flask, build: Build, alices: Dealer, activation: Activation, state: str, number: int
) -> None:
    offline, unreleased = build.vehicle(alices, online=False), build.vehicle(alices)
    build.release(offline, activation)
    build.release(unreleased, activation, released=False)
    for vehicle in (offline, unreleased):
        build.not_taken(vehicle, activation, state=state)
    assert counted(app, alices) == (2 * number, 0)


def test_it_is_the_number_of_vehicles_on_the_page(
    app: Flask, build: Build, session: Session, alices: Dealer, activation: Activation
) -> None:
    """The page groups by cause; here each vehicle has one cause of its own."""
    for number, facts in enumerate(every_kind_of_trouble()):
        vehicle = build.vehicle(alices, online=facts["online"])
        build.release(vehicle, activation, released=facts["released"])
        feedback = [{"code": f"c{number}", "text": "Nein."}][: facts["said"]]
        build.not_taken(vehicle, activation, *feedback, result=facts["result"], state=facts["state"])
        if facts["waits"]:
            build.transfer(vehicle, activation)
    nowhere = build.vehicle(alices)
    nowhere.problems = PROBLEM
    build.release(build.vehicle(alices), activation, problems=[{"code": "vin", "text": "FIN fehlt."}])
    shown = sum(cause.vehicles for cause in find_causes(session, Realm(alices.id)))
    assert counted(app, alices) == (shown, 0)
    assert len(find_refusals(session, Realm(alices.id), CauseKey())) == shown - 2 == 36


def every_kind_of_trouble() -> Iterator[dict[str, Any]]:
    values: dict[str, tuple[Any, ...]] = {
        "online": (True, False),
        "released": (True, False),
        "said": (1, 0),
        "result": NOT_TAKEN,
        "state": (ListingState.ABSENT, ListingState.ONLINE, ListingState.CREATING),
        "waits": (True, False),
    }
    for combination in product(*values.values()):
        yield dict(zip(values, combination, strict=True))


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
