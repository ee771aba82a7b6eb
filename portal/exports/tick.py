"""What happens by the clock: ring for what waits, release by stock days, forget old rows."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, delete, func, select, union
from sqlalchemy.orm import Session

from portal.exports import giving_up, halting
from portal.exports.drain import UNFINISHED
from portal.exports.files import tidying
from portal.exports.runtime import Runtime
from portal.exports.work import DUTIES
from portal.models.exports import Activation, ActivationState, Transfer, Trigger
from portal.vehicles.release import apply_presets

log = logging.getLogger(__name__)

RETENTION_BATCH = 5_000


def tick(runtime: Runtime) -> int:
    """Ring for every activation where something is due and nobody is at it; returns how many."""
    with runtime.sessions() as session:
        due = list(session.scalars(_due()))
    if due:
        runtime.ring(due)
    return len(due)


def _due() -> Select[UUID]:
    """Where a duty is due, and no worker holds the lease."""
    due = union(*(duty.due() for duty in DUTIES)).subquery()
    free = func.coalesce(Activation.lease_until, func.now()) <= func.now()
    return select(Activation.id).where(Activation.id.in_(select(due.c[0])), free)


def housekeeping(runtime: Runtime) -> None:
    """Every few minutes: vehicles whose stock days are reached, transfers older than the history."""
    with runtime.sessions.begin() as session:
        for dealer_id in _dealers_with_live_apps(session):
            apply_presets(session, dealer_id, trigger=Trigger.SCHEDULE)
        halting.discard_unfinished_of_deactivated(session)
        tidying.cancel_unfinished_of_deactivated(session)
    with runtime.sessions.begin() as session:
        giving_up.watch(session, runtime.settings.give_up_days)
    forget_old_transfers(runtime)
    forget_old_files(runtime)


def forget_old_files(runtime: Runtime) -> None:
    while True:
        with runtime.sessions.begin() as session:
            if tidying.forget_old(session, runtime.settings.history_days) < tidying.BATCH:
                return


def _dealers_with_live_apps(session: Session) -> list[UUID]:
    statement = select(Activation.dealer_id).where(Activation.state == ActivationState.ACTIVE).distinct()
    return list(session.scalars(statement))


def forget_old_transfers(runtime: Runtime) -> int:
    """Delete final rows older than the history, in batches; `listing` keeps the last state."""
    forgotten = 0
    while True:
        with runtime.sessions.begin() as session:
            batch = _delete_batch(session, timedelta(days=runtime.settings.history_days))
        forgotten += batch
        if batch < RETENTION_BATCH:
            return forgotten


def _delete_batch(session: Session, age: timedelta) -> int:
    """Ids are in order of time: only the oldest final rows are looked at, old or not."""
    oldest = (
        select(Transfer.id, Transfer.created_at)
        .where(Transfer.state.not_in(UNFINISHED))
        .order_by(Transfer.id)
        .limit(RETENTION_BATCH)
        .subquery()
    )
    old = select(oldest.c.id).where(oldest.c.created_at < func.now() - age)
    return len(session.execute(delete(Transfer).where(Transfer.id.in_(old)).returning(Transfer.id)).all())
