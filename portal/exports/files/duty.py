"""The duties of file apps: runs by the schedule and by hand, and their confirmations."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports import halting
from portal.exports.duties import Duty
from portal.exports.files import confirming, requesting, store
from portal.exports.files.making import side_of
from portal.exports.files.reach import reach_of
from portal.exports.files.running import carry_out
from portal.exports.files.target import chosen_transport, find_target
from portal.exports.lease import Lease
from portal.exports.runtime import Runtime
from portal.models.exports import Activation, ActivationState, AppKind, RunState
from portal.models.runs import Run
from portal.platforms.contract.files import Transport

LIVE = (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)
PUBLISHED = (RunState.DONE, RunState.PARTIAL)


def perform(runtime: Runtime, lease: Lease) -> None:
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if activation.kind != AppKind.FILE or activation.state not in LIVE:
            return
        requesting.follow_schedule(session, activation)
    carry_out(runtime, lease)
    look_for_confirmation(runtime, lease)
    with runtime.sessions.begin() as session:
        halting.close_if_empty(session, lease.activation_id)


def look_for_confirmation(runtime: Runtime, lease: Lease) -> None:
    """Once, where it is time to look."""
    with runtime.sessions() as session:
        activation = session.get_one(Activation, lease.activation_id)
        run_id = _unconfirmed(session, activation)
        if run_id is None:
            return
        transport, side = chosen_transport(activation), side_of(activation)
        target = find_target(session, runtime, activation, transport, store.find(session, run_id))
    answer = None
    if transport != Transport.PULL:
        answer = confirming.look(target, side, reach_of(runtime.settings))
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        run = session.get_one(Run, run_id, with_for_update=True)
        if run.not_before is not None and activation.published_run_id == run.id:
            confirming.take(session, activation, run, answer, side.hours_to_confirm)


def _unconfirmed(session: Session, activation: Activation) -> UUID | None:
    statement = select(Run.id).where(
        Run.id == activation.published_run_id,
        Run.state.in_(PUBLISHED),
        Run.confirmed_at.is_(None),
        Run.not_before <= datetime.now(UTC),
    )
    return session.scalar(statement)


whole_stock = Duty("whole stock", requesting.due, perform)
