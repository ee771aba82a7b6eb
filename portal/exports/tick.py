"""What happens by the clock: ring for what waits, release by stock days, forget old rows."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import Select, func, select, union
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.exports import giving_up, halting, retention
from portal.exports.runtime import Runtime
from portal.exports.stock_files import run_history
from portal.exports.work import TASKS
from portal.models.exports import Activation, ActivationState, Trigger
from portal.vehicles.release import apply_presets

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
        halting.discard_unfinished_of_deactivated(session)
        run_history.cancel_runs_of_deactivated(session)
    with runtime.sessions.begin() as session:
        giving_up.watch(session, runtime.settings.give_up_days)
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
