"""States that nothing would leave by itself, and faults of one that must not become everybody's."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import false, select, update
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease, LeaseLost, read_clock
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import LastWrite, Task, run_tasks
from portal.exports.drift import control
from portal.exports.drift.compare import DriftFinding, DriftVerdict, drift_of
from portal.exports.drift.listings import write_findings
from portal.exports.lifecycle import activation as life
from portal.exports.problems import find_causes
from portal.models import Activation, Run
from portal.models.exports import ActivationLease, ActivationState, RunState, Trigger
from portal.models.realm import Realm
from portal.web.attention import _vehicles
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.words import german

ALWAYS = select(Activation.id)
NEVER = ALWAYS.where(false())


def test_a_duty_that_trips_over_a_bug_keeps_no_other_from_its_turn(stage: Stage) -> None:
    done: list[str] = []

    def trip(runtime: Runtime, lease: Lease) -> None:
        raise RuntimeError("bug")

    def work(runtime: Runtime, lease: Lease) -> None:
        done.append("work")

    tasks = (Task("trips", lambda: ALWAYS, trip), Task("works", lambda: ALWAYS, work))
    with pytest.raises(RuntimeError, match="bug"):
        run_tasks(stage.runtime, stage.activation.id, tasks)
    assert done == ["work"]


def test_what_a_task_leaves_is_written_with_the_look_for_what_else_is_due(stage: Stage) -> None:
    def leave(runtime: Runtime, lease: Lease) -> LastWrite:
        return lambda session: session.execute(update(Activation).values(pause_reason="left"))

    tasks = (Task("leaves", lambda: ALWAYS, leave), Task("is not due", lambda: NEVER, leave))
    assert run_tasks(stage.runtime, stage.activation.id, tasks)
    stage.session.expire_all()
    assert stage.session.get_one(Activation, stage.activation.id).pause_reason == "left"
    assert stage.session.scalar(select(ActivationLease.token)) is None


def test_what_cannot_be_written_at_the_end_keeps_no_other_from_its_turn(stage: Stage) -> None:
    done: list[str] = []

    def trip(session: Session) -> None:
        raise RuntimeError("bug")

    def leave(runtime: Runtime, lease: Lease) -> LastWrite:
        return trip

    def work(runtime: Runtime, lease: Lease) -> None:
        done.append("work")

    tasks = (Task("trips", lambda: ALWAYS, leave), Task("works", lambda: ALWAYS, work))
    with pytest.raises(RuntimeError, match="bug"):
        run_tasks(stage.runtime, stage.activation.id, tasks)
    assert done == ["work"]
    assert stage.session.scalar(select(ActivationLease.token)) is None


def test_who_finds_the_lease_lost_at_the_last_write_does_nothing_more(stage: Stage) -> None:
    done: list[str] = []

    def leave(runtime: Runtime, lease: Lease) -> LastWrite:
        with runtime.sessions.begin() as session:
            session.execute(update(ActivationLease).values(token=uuid4()))
        return lease.guard

    def work(runtime: Runtime, lease: Lease) -> None:
        done.append("work")

    tasks = (Task("leaves", lambda: ALWAYS, leave), Task("works", lambda: ALWAYS, work))
    assert run_tasks(stage.runtime, stage.activation.id, tasks) is False
    assert done == []


def test_who_has_lost_the_lease_does_nothing_more(stage: Stage) -> None:
    done: list[str] = []

    def lose(runtime: Runtime, lease: Lease) -> None:
        raise LeaseLost(lease.activation_id)

    def work(runtime: Runtime, lease: Lease) -> None:
        done.append("work")

    tasks = (Task("loses", lambda: ALWAYS, lose), Task("works", lambda: ALWAYS, work))
    assert run_tasks(stage.runtime, stage.activation.id, tasks) is False
    assert done == []


def test_a_check_that_was_asked_for_ends_with_its_app(stage: Stage) -> None:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        control.request_check(session, activation, None, Trigger.BY_HAND)
        life.deactivate(session, activation)
    stage.session.expire_all()
    run = stage.session.scalars(select(Run)).one()
    assert (run.state, bool(run.finished_at)) == (RunState.CANCELLED, True)
    assert "deaktiviert" in german(run.message)


def test_a_deletion_that_is_refused_while_an_app_ends_is_somebodys_business(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    marketplace.fault("error", "delete", status=422)
    with stage.runtime.sessions.begin() as session:
        life.close(session, session.get_one(Activation, stage.activation.id))
    stage.drain()
    stage.session.expire_all()
    assert stage.session.scalars(select(Activation.state)).one() == ActivationState.CLOSING
    realm = Realm(stage.dealer.id)
    assert [cause.vehicles for cause in find_causes(stage.session, realm)] == [1]
    assert stage.session.scalars(_vehicles(realm)).all() == [vehicle.id]


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b"])
def test_what_no_database_can_hold_is_no_end_of_a_check(stage: Stage, odd: str) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    drift = tuple(drift_of({"model": "a", odd: "1"}, {"model": odd, odd: "2"}, {}))
    with stage.runtime.sessions.begin() as session:
        began = read_clock(session).now()
        finding = DriftFinding(vehicle.id, DriftVerdict.DRIFTED, drift)
        write_findings(session, stage.activation.id, began, [finding])
    stage.session.expire_all()
    assert stage.build.only_listing().drift[0]["new"] == "ab"
