"""What RQ and the scheduler call. Nothing rests on RQ: a lost or doubled job loses and doubles nothing."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.exc import SQLAlchemyError

from portal import outbox
from portal.exports import retention
from portal.exports.core.lease import is_leased
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.exports.core.tasks import run_tasks
from portal.exports.dispatch import loop, polling
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

log = logging.getLogger(__name__)

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


TASKS = (
    recheck.recheck_task,
    recheck.probe_task,
    recheck.recheck_delivery,
    files.whole_stock_task,
    reconciliation_task,
    full_transfer_task.begin_task,
    loop.dispatch_task,
    polling.polling_task,
    full_transfer_task.end_task,
    drift_task.drift_check_task,
)
"""In this order: what may go on at all, then what asks for transfers, what sends, what checks."""


def run_activation(runtime: Runtime, activation_id: UUID) -> None:
    """Do what is due for this activation. Returns at once if another worker is at it."""
    if not run_tasks(runtime, activation_id, TASKS):
        return
    # A change that came between the last look and giving the lease back was rung in vain.
    with runtime.sessions() as session:
        if sendable_context(session, activation_id) and queue.due(session, activation_id, held=False):
            runtime.ring([activation_id])


def tick(runtime: Runtime) -> int:
    """Ring for every activation where something is due and nobody is at it; returns how many."""
    due = union(*(task.due() for task in TASKS)).subquery()
    waiting = select(Activation.id).where(Activation.id.in_(select(due.c[0])), ~is_leased(Activation.id))
    with runtime.sessions() as session:
        activation_ids = list(session.scalars(waiting))
    if activation_ids:
        runtime.ring(activation_ids)
    return len(activation_ids)


def housekeeping(runtime: Runtime) -> None:
    """Every few minutes: vehicles whose stock days are reached, and what is old is forgotten."""
    release_by_stock_days(runtime)
    with runtime.sessions.begin() as session:
        queue.discard_unfinished_of_deactivated(session)
        run_history.cancel_runs_of_deactivated(session)
    with runtime.sessions.begin() as session:
        stopping.suspend_unreachable(session, runtime.settings.give_up_days)
    retention.forget_old(runtime.sessions, runtime.settings.history_days)
    forget_old_files(runtime)


def release_by_stock_days(runtime: Runtime) -> None:
    """Each dealer in a transaction of their own: what goes wrong with one keeps no other waiting."""
    live = select(Activation.dealer_id).where(Activation.state == ActivationState.ACTIVE).distinct()
    with runtime.sessions() as session:
        dealer_ids = list(session.scalars(live))
    for dealer_id in dealer_ids:
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
