"""What RQ and the scheduler call. Nothing rests on RQ: a lost or doubled job loses and doubles nothing."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import Select, func, select, union
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import outbox
from portal.exports import retention
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.exports.core.tasks import run_tasks
from portal.exports.dispatch import loop
from portal.exports.drift import task as drift_task
from portal.exports.full_transfer import task as full_transfer_task
from portal.exports.lifecycle import recheck
from portal.exports.planning import queue
from portal.exports.planning.cases import sendable_context
from portal.exports.reconciliation.task import reconciliation_task
from portal.exports.stock_files import run_history
from portal.exports.stock_files import task as files
from portal.exports.trouble import stopping
from portal.models.exports import Activation, ActivationState, Trigger
from portal.notifications import bell, run
from portal.vehicles.release import apply_presets

JOBS = frozenset({outbox.JOB, bell.JOB})
"""All that a worker calls. Whoever can write into Redis can put any name into a queue."""
NOTICES_BUDGET = 10.0
"""Seconds."""


def drain_activation(activation_id: str) -> None:
    """The job behind a ring of the doorbell."""
    runtime = runtime_from_environment()
    outbox.activation_rings(runtime.redis).answer(activation_id)
    run_activation(runtime, UUID(activation_id))


def run_tick() -> int:
    runtime = runtime_from_environment()
    outbox.activation_rings(runtime.redis).forget_lost()
    return tick(runtime)


def run_notices() -> None:
    """The job behind a ring for notices and mails."""
    runtime = runtime_from_environment()
    bell.notice_rings(runtime.redis).answer(bell.EVERYTHING)
    run.run_once(runtime.sessions, runtime.settings)


def look_for_notices() -> None:
    """What the scheduler does at each tick: short, so that the next tick is not late."""
    runtime = runtime_from_environment()
    bell.notice_rings(runtime.redis).forget_lost()
    run.run_once(runtime.sessions, runtime.settings, budget=NOTICES_BUDGET)


def run_housekeeping() -> None:
    housekeeping(runtime_from_environment())


# What the doorbell calls: all tasks of an activation, under its lease.


TASKS = (
    recheck.recheck_task,
    recheck.probe_task,
    recheck.recheck_delivery,
    files.whole_stock_task,
    reconciliation_task,
    full_transfer_task.begin_task,
    loop.dispatch_task,
    full_transfer_task.end_task,
    drift_task.drift_check_task,
)
"""In this order."""


def run_activation(runtime: Runtime, activation_id: UUID) -> None:
    """Do what is due for this activation. Returns at once if another worker is at it."""
    if run_tasks(runtime, activation_id, TASKS):
        _ring_for_latecomers(runtime, activation_id)


def _ring_for_latecomers(runtime: Runtime, activation_id: UUID) -> None:
    """A change that came between our last look and giving the lease back was rung in vain."""
    with runtime.sessions() as session:
        if sendable_context(session, activation_id) and queue.due(session, activation_id, held=False):
            runtime.ring([activation_id])


# What happens by the clock: ring for what waits, release by stock days, forget old rows.


log = logging.getLogger(__name__)


def tick(runtime: Runtime) -> int:
    """Ring for every activation where something is due and nobody is at it; returns how many."""
    with runtime.sessions() as session:
        due = list(session.scalars(_due()))
    if due:
        runtime.ring(due)
    return len(due)


def _due() -> Select[UUID]:
    """Where a task is due, and no worker holds the lease."""
    due = union(*(task.due() for task in TASKS)).subquery()
    free = func.coalesce(Activation.lease_until, func.now()) <= func.now()
    return select(Activation.id).where(Activation.id.in_(select(due.c[0])), free)


def housekeeping(runtime: Runtime) -> None:
    """Every few minutes: vehicles whose stock days are reached, and what is old is forgotten."""
    with runtime.sessions() as session:
        dealers = _dealers_with_live_apps(session)
    for dealer_id in dealers:
        _release(runtime, dealer_id)
    with runtime.sessions.begin() as session:
        stopping.discard_unfinished_of_deactivated(session)
        run_history.cancel_runs_of_deactivated(session)
    with runtime.sessions.begin() as session:
        stopping.suspend_unreachable(session, runtime.settings.give_up_days)
    retention.forget_old(runtime.sessions, runtime.settings.history_days)
    forget_old_files(runtime)


def _release(runtime: Runtime, dealer_id: UUID) -> None:
    """Each dealer by himself: what goes wrong with one keeps no other waiting, nor their rows locked."""
    try:
        with runtime.sessions.begin() as session:
            apply_presets(session, dealer_id, trigger=Trigger.SCHEDULE)
    except SQLAlchemyError:
        log.exception("presets of dealer %s", dealer_id)


def forget_old_files(runtime: Runtime) -> None:
    while True:
        with runtime.sessions.begin() as session:
            if run_history.forget_old_runs(session, runtime.settings.history_days) < run_history.RUNS_AT_ONCE:
                return


def _dealers_with_live_apps(session: Session) -> list[UUID]:
    statement = select(Activation.dealer_id).where(Activation.state == ActivationState.ACTIVE).distinct()
    return list(session.scalars(statement))
