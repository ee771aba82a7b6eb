"""What the brake counts: the window, approvals in it, and what is on its way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.dispatch import context as dispatch_context
from portal.exports.dispatch import loop
from portal.exports.mass_change.clearance import IN_DOUBT_STATES, EstimatedBounds, estimate_bounds, measure
from portal.exports.mass_change.rules import Deviation
from portal.exports.planning.cases import load_cases, sendable_context
from portal.exports.planning.plan import PlanStep, plan
from portal.models import Activation, Dealer, Vehicle, VehicleImport
from portal.models.exports import ActivationState, ListingState
from portal.platforms.contract import Prepared
from portal.vehicle_facts.data import Prices
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.exports.full_transfer.test_forecast import PLACES, place
from tests.exports.mass_change.test_lock import Shop
from tests.marketplace import Marketplace


def ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


class Book:
    """An activation that has been working for a month, and what was sent there."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self.dealer: Dealer = build.dealer()
        self.activation: Activation = build.activation(self.dealer, activated_at=ago(24 * 30))

    def sent(self, action: str, hours: float, state: str = "ok") -> None:
        vehicle = self.build.vehicle(self.dealer)
        self.build.transfer(vehicle, self.activation, action=action, state=state, finished_at=ago(hours))

    def put(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self.activation, name, value)
        self.build.session.commit()

    def measured(self, *deletions: Vehicle) -> Deviation:
        return measure(self.build.session, self.activation.id, [one.id for one in deletions], ())


@pytest.fixture
def book(build: Build) -> Book:
    return Book(build)


def test_a_day_counts_and_no_minute_more(book: Book) -> None:
    book.sent("delete", 23.9)
    book.sent("delete", 24.1)
    book.sent("create", 23.9)
    found = book.measured()
    assert (found.deletions_done, found.creations_done) == (1, 1)


def test_since_an_approval_only_what_came_after_it_counts(book: Book) -> None:
    book.put(counted_from=ago(2))
    book.sent("delete", 1)
    book.sent("delete", 3)
    assert book.measured().deletions_done == 1


def test_an_approval_of_long_ago_makes_the_window_no_longer_than_a_day(book: Book) -> None:
    book.put(counted_from=ago(50))
    book.sent("delete", 30)
    assert book.measured().deletions_done == 0


@pytest.mark.parametrize(("hours", "ceilings"), [(23.9, (40, 50, True)), (24.1, (0, 0, False))])
def test_an_approval_lasts_a_day(book: Book, hours: float, ceilings: tuple[int, int, bool]) -> None:
    approved = {"approved_deletions": 40, "approved_creations": 50, "approved_empty": True}
    book.put(counted_from=ago(hours), **approved)
    found = book.measured()
    assert (found.approved_deletions, found.approved_creations, found.approved_empty) == ceilings


def test_what_was_taken_with_a_warning_is_done_and_what_was_not_taken_is_not(book: Book) -> None:
    for state in ("ok", "warning", "rejected", "failed", "discarded"):
        book.sent("delete", 1, state)
    assert book.measured().deletions_done == 2


def test_what_went_and_came_back_counts_once_among_those_online(book: Book) -> None:
    """Four online, one of them deleted twice and created again, and one that went: five were online."""
    online = [book.build.vehicle(book.dealer) for _ in range(4)]
    for vehicle in online:
        book.build.listing(vehicle, book.activation)
    for _ in range(2):
        book.build.transfer(online[0], book.activation, action="delete", state="ok", finished_at=ago(1))
    book.sent("delete", 1)
    found = book.measured()
    assert (found.online, found.deletions_done, found.before) == (4, 3, 5)


def test_an_update_never_counts(book: Book) -> None:
    book.sent("update", 1)
    found = book.measured()
    assert (found.deletions_done, found.creations_done) == (0, 0)


@pytest.mark.parametrize(
    ("activated", "counted", "listed", "first"),
    [(23, None, True, True), (25, None, True, False), (25, None, False, True), (23, 1, True, False)],
)
def test_the_first_transfer_ends_with_the_day_or_is_over(
    book: Book, activated: float, counted: float | None, listed: bool, first: bool
) -> None:
    book.put(activated_at=ago(activated), counted_from=None if counted is None else ago(counted))
    if listed:
        book.build.listing(book.build.vehicle(book.dealer), book.activation)
    assert book.measured().first is first


def test_what_waits_for_another_attempt_counts_once_beside_what_is_planned(book: Book) -> None:
    vehicles = [book.build.vehicle(book.dealer) for _ in range(3)]
    for vehicle, action in zip(vehicles, ("delete", "delete", "create"), strict=True):
        book.build.transfer(vehicle, book.activation, action=action, not_before=ago(-1))
    found = book.measured(vehicles[0])
    assert (found.deletions, found.creations) == (2, 1)


def test_a_listing_that_is_being_looked_for_still_counts_as_online(book: Book) -> None:
    for state in ListingState:
        book.build.listing(book.build.vehicle(book.dealer), book.activation, state=state)
    assert book.measured().online == 2, "online and missing"


@pytest.mark.parametrize(
    ("partial", "error", "hours", "truncated"),
    [(False, "", 1, True), (True, "", 1, False), (False, "unlesbar", 1, False), (False, "", 3, False)],
)
def test_a_cut_import_counts_until_somebody_approved_it(
    book: Book, partial: bool, error: str, hours: float, truncated: bool
) -> None:
    book.put(counted_from=ago(2))
    book.build._add(
        VehicleImport(
            dealer_id=book.dealer.id,
            location_id=book.activation.location_id,
            file_name="bestand.csv",
            partial=partial,
            error=error,
            cut_short=True,
            finished_at=ago(hours),
        )
    )
    assert book.measured(book.build.vehicle(book.dealer)).truncated is truncated


# Before anything is planned: what the brake can say at a glance, and what has to be planned first.


@pytest.fixture
def shop(build: Build, runtime, marketplace: Marketplace) -> Shop:  # type: ignore[no-untyped-def]
    return Shop(build, runtime)


def _placed(stage: Stage, name: str) -> None:
    with stage.runtime.sessions.begin() as session:
        session.get_one(Dealer, stage.dealer.id).export_trade_ins = False
    place(stage, name)
    stage.note(*stage.session.scalars(select(Vehicle)))


def _both(stage: Stage, session: Session) -> tuple[EstimatedBounds, list[tuple[PlanStep, str]]]:
    """What a glance says, and the steps and listings of the whole plan."""
    context = sendable_context(session, stage.activation.id)
    assert context is not None
    runtime, activation = stage.runtime, context.activation
    platform, stores = runtime.platform(activation.app), runtime.stores(activation.app)
    mapper = platform.mapper(activation.settings, context.account, context.rules, stores)
    ids = session.scalars(select(Vehicle.id)).all()
    planned = plan(load_cases(session, activation, context.rules, ids), mapper)
    steps = [(item.step, item.known.state) for item in planned]
    return estimate_bounds(session, activation, context.rules), steps


@pytest.mark.parametrize("state", [ActivationState.ACTIVE, ActivationState.CLOSING])
@pytest.mark.parametrize("name", PLACES)
def test_a_glance_sees_every_deletion_and_no_creation_too_few(stage: Stage, name: str, state: str) -> None:
    _placed(stage, name)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = state
    with stage.runtime.sessions() as session:
        seen, [(step, known)] = _both(stage, session)
    assert seen.in_doubt == (known in IN_DOUBT_STATES)
    if seen.in_doubt:
        return
    assert step != PlanStep.RESOLVE
    assert len(seen.deletions) == (step == PlanStep.DELETE)
    assert (
        len(seen.creations) == 1
        if step == PlanStep.CREATE
        else len(seen.creations) <= (step == PlanStep.BLOCKED)
    )


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
    look = dispatch_context.DispatchContext.look

    def counted(self, session, ids):  # type: ignore[no-untyped-def]
        rows, planned = look(self, session, ids)
        looks.append(len(planned))
        return rows, planned

    monkeypatch.setattr(dispatch_context.DispatchContext, "look", counted)
    shop.open_with(7)
    assert sum(looks) == 7


@pytest.fixture
def alive() -> Iterator[list[int]]:
    """How many payloads were held whenever the guard judged."""
    counts: list[int] = []
    original = loop.DispatchRun._judged

    def ask(self, survey):  # type: ignore[no-untyped-def]
        counts.append(sum(isinstance(one, Prepared) for one in gc.get_objects()))
        return original(self, survey)

    gc.collect()  # what earlier tests left is looked for rarely
    loop.DispatchRun._judged = ask  # type: ignore[method-assign]
    yield counts
    loop.DispatchRun._judged = original  # type: ignore[method-assign]


def test_no_payload_is_kept_while_the_set_is_planned(
    shop: Shop, alive: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = shop.open_with(30)
    monkeypatch.setattr(dispatch_context, "ROWS_AT_ONCE", 2)
    for vehicle in stock[:20]:
        shop.change(vehicle, mileage=4_711)
    shop.lose(stock[20:])
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert alive
    assert max(alive) <= 2
