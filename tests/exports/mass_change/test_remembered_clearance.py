"""What the guard has judged holds from slice to slice, and not a moment longer than nothing new has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from portal.exports.core.runtime import Runtime
from portal.exports.dispatch import loop, window
from portal.exports.mass_change import clearance
from portal.exports.mass_change.clearance import (
    Clearance,
    Judgements,
    remember_clearance,
    still_clear,
    visible_before,
)
from portal.exports.planning import queue
from portal.exports.planning.cases import ExportContext, sendable_context
from portal.models import Activation, Transfer, Vehicle
from portal.models.exports import ActivationState, TransferState
from portal.outbox import note_changes
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.exports.mass_change.test_lock import Shop
from tests.marketplace import Marketplace

WAITS = Transfer.state == TransferState.WAITING


def age(session: Session, by: timedelta = timedelta(hours=1)) -> None:
    """What waits was noted that long ago."""
    session.execute(update(Transfer).where(WAITS).values(changed_at=func.now() - by))


@pytest.fixture
def waiting(stage: Stage) -> list[Vehicle]:
    vehicles = [stage.vehicle() for _ in range(3)]
    with stage.runtime.sessions.begin() as session:
        age(session)
    return vehicles


def context_of(session: Session, stage: Stage) -> ExportContext:
    context = sendable_context(session, stage.activation.id)
    assert context is not None
    return context


def look(stage: Stage) -> Judgements:
    kept: Judgements = {}
    with stage.runtime.sessions() as session:
        before = visible_before(session)
        remember_clearance(kept, context_of(session, stage), Clearance(free=True), before)
    return kept


def holds(stage: Stage, kept: Judgements) -> bool:
    with stage.runtime.sessions() as session:
        return still_clear(session, kept, context_of(session, stage)) is not None


def test_it_holds_while_nothing_new_has_come(stage: Stage, waiting: list[Vehicle]) -> None:
    assert holds(stage, look(stage))


def test_a_change_ends_it(stage: Stage, waiting: list[Vehicle]) -> None:
    kept = look(stage)
    stage.note(waiting[0])
    assert not holds(stage, kept)


def test_a_change_that_was_noted_long_before_and_committed_later_ends_it(
    stage: Stage, waiting: list[Vehicle]
) -> None:
    """A long import: what it has noted in its first minute nobody could see in its tenth."""
    with stage.runtime.sessions.begin() as session:
        note_changes(session, [waiting[0].id])
        age(session, timedelta(0))  # when the transaction began
        kept = look(stage)
    assert not holds(stage, kept)


def test_other_settings_end_it(stage: Stage, waiting: list[Vehicle]) -> None:
    kept = look(stage)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).settings = {"kinds": ["used"]}
    assert not holds(stage, kept)


def test_it_ends_with_its_time(stage: Stage, waiting: list[Vehicle], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearance, "KEPT_FOR", -1.0)
    assert not holds(stage, look(stage))


@pytest.fixture
def shop(build: Build, runtime: Runtime, marketplace: Marketplace) -> Shop:
    return Shop(build, runtime)


def test_slices_of_a_large_stock_are_judged_once_and_deletions_in_between_lock(
    shop: Shop, marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many updates are on their way slice by slice when an import takes half of the vehicles away."""
    stock = shop.open_with(60)
    monkeypatch.setattr(window, "SLICE", 0.0)
    monkeypatch.setattr(queue, "LOOKED_AT", 10)
    asked: list[bool] = []
    estimate = loop.clear_by_estimate
    monkeypatch.setattr(
        loop, "clear_by_estimate", lambda *given, **more: asked.append(True) or estimate(*given, **more)
    )
    for vehicle in stock:
        shop.change(vehicle, mileage=77_777)
    with shop.runtime.sessions.begin() as session:
        age(session)
    for _ in range(3):
        shop.drain()
    assert len(asked) == 1
    assert shop.waiting()
    shop.lose(stock[:30])
    shop.drain()
    assert shop.state == ActivationState.LOCKED
    assert len(marketplace.online()) == 60
