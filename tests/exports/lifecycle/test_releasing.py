"""The stock of an app that was just activated: a large one is released by workers, before all else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import TASKS, due_now, run_activation
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle import releasing
from portal.exports.planning import queue
from portal.models import Activation, Dealer, Publication, Run, Transfer
from portal.models.exports import ActivationState, RunKind, RunState
from tests.bell import Bell
from tests.builders import Build
from tests.exports.leases import take
from tests.exports.lifecycle.test_activation import activate, wish


@pytest.fixture(autouse=True)
def _three_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "RELEASED_AT_ONCE", 3)
    monkeypatch.setattr(releasing, "VEHICLES_PER_CHUNK", 2)


@dataclass
class Showroom:
    """A dealer with five vehicles, and an app that was activated for them."""

    session: Session
    runtime: Runtime
    activation_id: UUID

    def counts(self) -> tuple[int, int]:
        """How many are released, and how many wait."""
        self.session.rollback()
        found = (
            self.session.scalar(select(func.count()).where(table.activation_id == self.activation_id))
            for table in (Publication, Transfer)
        )
        released, waiting = (number or 0 for number in found)
        return released, waiting

    def run(self) -> Run:
        self.session.rollback()
        return self.session.scalars(select(Run).where(Run.kind == RunKind.RELEASE)).one()

    def lease(self) -> Lease:
        lease = take(self.runtime.sessions, self.activation_id)
        assert lease is not None
        return lease


@pytest.fixture
def showroom(build: Build, session: Session, runtime: Runtime, alices: Dealer) -> Showroom:
    for _ in range(5):
        build.vehicle(alices)
    return Showroom(session, runtime, activate(runtime.sessions, wish(alices)))


def test_a_large_stock_waits_for_a_worker_and_is_released_whole(showroom: Showroom) -> None:
    assert showroom.counts() == (0, 0)
    assert showroom.activation_id in dict(due_now(showroom.runtime))
    releasing.release_by_chunks(showroom.runtime, showroom.lease())
    assert showroom.counts() == (5, 5)
    run = showroom.run()
    assert (run.state, run.accepted, run.total) == (RunState.DONE, 5, 5)


def test_a_worker_that_is_killed_leaves_the_rest_to_the_next(
    showroom: Showroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, released = showroom.lease(), releasing.release_due

    def killed(*given: Any) -> list[UUID]:
        if showroom.counts()[0] == 2:
            raise SystemExit
        return released(*given)

    monkeypatch.setattr(releasing, "release_due", killed)
    with pytest.raises(SystemExit):
        releasing.release_by_chunks(showroom.runtime, lease)
    assert showroom.counts() == (2, 2)
    assert (showroom.run().state, showroom.run().accepted) == (RunState.RUNNING, 2)
    monkeypatch.setattr(releasing, "release_due", released)
    releasing.release_by_chunks(showroom.runtime, lease)
    assert showroom.counts() == (5, 5)


def test_it_goes_in_slices_and_nothing_is_matched_or_sent_in_between(
    showroom: Showroom, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "SLICE", -1.0)  # a chunk each
    seen = []
    for _ in range(3):
        bell.rung.clear()
        run_activation(showroom.runtime, showroom.activation_id)
        row = showroom.session.get_one(Activation, showroom.activation_id, populate_existing=True)
        seen.append((showroom.counts(), showroom.run().accepted, row.state))
        assert showroom.activation_id in bell.rung
    reconciling = ActivationState.RECONCILING
    assert seen == [((n, n), n, reconciling) for n in (2, 4, 5)]
    assert showroom.run().state == RunState.RUNNING
    run_activation(showroom.runtime, showroom.activation_id)
    assert showroom.run().state == RunState.DONE


def test_nothing_is_matched_or_sent_before(showroom: Showroom) -> None:
    names = [task.name for task in TASKS]
    for later in ("reconciliation", "sending"):
        assert names.index("release of a stock") < names.index(later)
    run_activation(showroom.runtime, showroom.activation_id)
    assert showroom.counts()[0] == 5


def test_the_first_transfer_does_not_end_while_vehicles_are_to_come(build: Build, showroom: Showroom) -> None:
    row = showroom.session.get_one(Activation, showroom.activation_id)
    row.state = "active"
    build.listing(build.vehicle(row.dealer), row)
    showroom.session.commit()
    with showroom.runtime.sessions.begin() as session:
        queue.end_first_transfer(session, row.id)
        assert session.get_one(Activation, row.id).counted_from is None
        run = session.scalars(releasing.open_release(row.id)).one()
        run.state, run.finished_at = RunState.DONE, func.now()
        session.flush()
        queue.end_first_transfer(session, row.id)
        session.expire_all()
        assert session.get_one(Activation, row.id).counted_from is not None


def test_a_second_click_finds_the_first_ones_run(showroom: Showroom, alices: Dealer) -> None:
    assert activate(showroom.runtime.sessions, wish(alices)) == showroom.activation_id
    assert showroom.run().state == RunState.WAITING


def test_who_deactivates_meanwhile_ends_it(showroom: Showroom) -> None:
    with showroom.runtime.sessions.begin() as session:
        life.deactivate(session, session.get_one(Activation, showroom.activation_id))
    releasing.release_by_chunks(showroom.runtime, showroom.lease())
    assert showroom.counts() == (0, 0)
    assert showroom.run().state == RunState.CANCELLED


def test_a_plan_with_a_limit_is_looked_at_while_somebody_waits(
    build: Build, session: Session, runtime: Runtime, alices: Dealer
) -> None:
    for _ in range(5):
        build.vehicle(alices)
    alices.max_exported_vehicles = 4
    session.commit()
    made = Showroom(session, runtime, activate(runtime.sessions, wish(alices)))
    assert made.counts() == (4, 4)
