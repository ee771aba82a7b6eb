"""Before anything is planned: what the brake can say at a glance, and what has to be planned first."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports import desk, drain
from portal.exports.cases import load_cases
from portal.exports.context import sendable_context
from portal.exports.glance import UNSURE, Glance, glance
from portal.exports.planning import Step, plan
from portal.models import Activation, Dealer, Vehicle
from portal.models.exports import ActivationState
from portal.platforms.contract import Prepared
from portal.vehicles.data import Prices
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.exports.full_transfer.test_forecast import PLACES, place
from tests.exports.test_locks import Shop
from tests.marketplace import Marketplace


@pytest.fixture
def shop(build: Build, runtime, marketplace: Marketplace) -> Shop:  # type: ignore[no-untyped-def]
    return Shop(build, runtime)


def _placed(stage: Stage, name: str) -> None:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Dealer, stage.dealer.id).export_trade_ins = False
    place(stage, name)
    stage.note(*stage.session.scalars(select(Vehicle)))


def _both(stage: Stage, session: Session) -> tuple[Glance, list[tuple[Step, str]]]:
    """What a glance says, and the steps and listings of the whole plan."""
    context = sendable_context(session, stage.activation.id)
    assert context is not None
    runtime, activation = stage.runtime, context.activation
    platform, stores = runtime.platform(activation.app), runtime.stores(activation.app)
    mapper = platform.mapper(activation.settings, context.account, context.rules, stores)
    ids = session.scalars(select(Vehicle.id)).all()
    planned = plan(load_cases(session, activation, context.rules, ids), mapper)
    steps = [(item.step, item.known.state) for item in planned]
    return glance(session, activation, context.rules), steps


@pytest.mark.parametrize("state", [ActivationState.ACTIVE, ActivationState.CLOSING])
@pytest.mark.parametrize("name", PLACES)
def test_a_glance_sees_every_deletion_and_no_creation_too_few(stage: Stage, name: str, state: str) -> None:
    _placed(stage, name)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = state
    with stage.runtime.sessions() as session:
        seen, [(step, known)] = _both(stage, session)
    assert seen.in_doubt == (known in UNSURE)
    if seen.in_doubt:
        return
    assert step != Step.RESOLVE
    assert len(seen.deletions) == (step == Step.DELETE)
    assert len(seen.creations) == 1 if step == Step.CREATE else len(seen.creations) <= (step == Step.BLOCKED)


def test_what_preflight_blocks_does_not_lock(shop: Shop, marketplace: Marketplace) -> None:
    """More than the usual number may be new, but only one of them can be created."""
    shop.open_with(12)
    for _ in range(11):
        shop.vehicle(prices=Prices())
    shop.vehicle()
    shop.drain()
    assert shop.state == ActivationState.ACTIVE
    assert len(marketplace.online()) == 13
    assert shop.waiting() == []


def test_a_stock_that_only_blocked_vehicles_would_fill_again_is_emptied(shop: Shop) -> None:
    stock = shop.open_with(3)
    for _ in range(3):
        shop.vehicle(prices=Prices())
    shop.lose(stock)
    shop.drain()
    assert shop.state == ActivationState.LOCKED


def test_where_the_brake_can_say_so_at_a_glance_nothing_is_planned_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    look = desk.Desk.look

    def counted(self, session, ids):  # type: ignore[no-untyped-def]
        rows, planned = look(self, session, ids)
        looks.append(len(planned))
        return rows, planned

    monkeypatch.setattr(desk.Desk, "look", counted)
    shop.open_with(7)
    assert sum(looks) == 7


@pytest.fixture
def alive() -> Iterator[list[int]]:
    """How many payloads were held whenever the brake was asked."""
    counts: list[int] = []
    original = drain.Run._ask_the_brake

    def ask(self, survey):  # type: ignore[no-untyped-def]
        counts.append(sum(isinstance(one, Prepared) for one in gc.get_objects()))
        return original(self, survey)

    drain.Run._ask_the_brake = ask  # type: ignore[method-assign]
    yield counts
    drain.Run._ask_the_brake = original  # type: ignore[method-assign]


def test_no_payload_is_kept_while_the_set_is_planned(
    shop: Shop, alive: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = shop.open_with(30)
    monkeypatch.setattr(desk, "CHUNK", 2)
    for vehicle in stock[:20]:
        shop.change(vehicle, mileage=4_711)
    shop.lose(stock[20:])
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert alive
    assert max(alive) <= 2
