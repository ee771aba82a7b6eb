"""What somebody waits for who previews and activates an app for a large stock, and how long workers take."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import delete, select

from bench.report import Row, at_most
from bench.surroundings import SELLER, Surroundings, make_dealer, surroundings
from portal.exports import previews
from portal.exports.core.runtime import Runtime, make_runtime
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle.releasing import release_by_chunks
from portal.exports.previews import PlannedStock, PreviewQuestion
from portal.models import Activation, CustomerNumber, Location
from portal.models.customer_numbers import NumberState
from portal.platforms import get_app
from portal.platforms.contract import Account
from tests.exports.leases import hold

VEHICLES = int(os.environ.get("BENCH_WAITING", "20000"))
SETTINGS = {"kinds": {"used": 0}}


def run() -> list[Row]:
    with surroundings(lean=True) as around:
        runtime = make_runtime(around.settings, ring=lambda *_: None)
        location = _location(around, runtime)
        asked, planned = _preview(runtime, location)
        activated, released = _activate(runtime, location)
        runtime.engine.dispose()
    return [
        at_most(f"preview of {VEHICLES:,} vehicles: asking for it", f"{asked:.2f} s", "1 s", asked, 1),
        Row("the same, in a worker", f"{planned:.1f} s", "slices of 2 s", planned / 2, "–", True),
        at_most(
            f"activating for {VEHICLES:,} vehicles: the request", f"{activated:.2f} s", "1 s", activated, 1
        ),
        Row("the same, in a worker", f"{released:.1f} s", "1 s", released, "–", True),
    ]


def _location(around: Surroundings, runtime: Runtime) -> Location:
    """A dealer with a stock and a number, and no app yet."""
    make_dealer(around.settings, VEHICLES, released=False)
    with runtime.sessions.begin() as session:
        session.execute(delete(Activation))
        location = session.scalars(select(Location)).one()
        number = CustomerNumber(platform="mobile-de", number=SELLER["customer_number"], grounds="operator")
        number.dealer_id, number.state = location.dealer_id, NumberState.BOUND
        session.add(number)
        session.flush()
        session.expunge(location)
    return location


def _preview(runtime: Runtime, location: Location) -> tuple[float, float]:
    account = Account.from_json(SELLER)
    number = account.customer_number
    question = PreviewQuestion(location.dealer_id, "mobile-de", number, location.id, SETTINGS)
    question = previews.with_account(question, account)

    def ask() -> UUID:
        with runtime.sessions.begin() as session:
            stock = PlannedStock(runtime, session, question)
            return previews.ask(session, question, len(stock.vehicle_ids)).id

    asked, preview_id = _timed(ask)

    def plan() -> None:
        while previews.serve(runtime, preview_id):
            pass

    return asked, _timed(plan)[0]


def _activate(runtime: Runtime, location: Location) -> tuple[float, float]:
    account = Account.from_json(SELLER)
    wish = life.ActivationRequest(
        location.dealer_id, get_app("mobile-de"), account.customer_number, location.id, SETTINGS
    )

    def activate() -> UUID:
        with runtime.sessions.begin() as session:
            return life.activate(session, wish, account).id

    activated, activation_id = _timed(activate)
    with hold(runtime.sessions, activation_id) as lease:
        if lease is None:
            raise RuntimeError("nobody else is here")
        released, _ = _timed(lambda: release_by_chunks(runtime, lease))
    return activated, released


T = TypeVar("T")


def _timed(what: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    found = what()
    return time.perf_counter() - started, found
