"""When a whole-stock run begins: by the schedule, by hand, never two at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.exports.files.leaving import is_leaving, leaving
from portal.exports.files.schedule import next_run
from portal.models.exports import Activation, ActivationState, RunKind, RunState, Trigger
from portal.models.runs import OPEN_RUN, OPEN_RUN_STATES, RUN_UNDER_WAY, Run
from portal.outbox.doorbell import ring_after_commit
from portal.platforms import get_app

SCHEDULE = "schedule"
"""The setting with the local times of the regular runs."""


def times_of(activation: Activation) -> Sequence[str]:
    """The activation's own times, else those of the app; empty means only by hand."""
    side = get_app(activation.app).file
    usual = side.schedule if side else ()
    times: Sequence[str] = activation.settings.get(SCHEDULE, usual)
    return times


def request(session: Session, activation_id: UUID, trigger: Trigger, user_id: UUID | None = None) -> UUID:
    """A run that begins as soon as a worker looks; one that is open already does so at once.

    Returns its id. A file that is held is compared with the stock again.
    """
    values = {"activation_id": activation_id, "kind": RunKind.FILE, "trigger": trigger, "user_id": user_id}
    statement = insert(Run).values(not_before=func.now(), **values)
    asked = statement.on_conflict_do_update(
        index_elements=["activation_id", "kind"],
        index_where=text(OPEN_RUN),
        set_={"not_before": func.now()},
    )
    ring_after_commit(session, [activation_id])
    return session.scalars(asked.returning(Run.id)).one()


def find_open(session: Session, activation_id: UUID) -> Run | None:
    statement = select(Run).where(
        Run.activation_id == activation_id, Run.kind == RunKind.FILE, Run.state.in_(OPEN_RUN_STATES)
    )
    return session.scalars(statement).one_or_none()


def follow_schedule(session: Session, activation: Activation, now: datetime | None = None) -> None:
    """Ask for a run when its time has come. However many were missed meanwhile, one makes up for them.
    A vehicle that has to leave at once does not wait for that.

    The caller holds the activation's row.
    """
    now = now or datetime.now(UTC)
    if is_leaving(session, activation):
        request(session, activation.id, Trigger.CHANGE)
    if activation.next_run_at is None or activation.next_run_at > now:
        return
    request(session, activation.id, Trigger.SCHEDULE)
    activation.next_run_at = next_run(now, times_of(activation))


def start(session: Session, activation: Activation, trigger: Trigger, user_id: UUID | None = None) -> None:
    """The app is live from now on: a first run at once, then by the schedule."""
    session.flush()
    resume_schedule(activation)
    request(session, activation.id, trigger, user_id)


def resume_schedule(activation: Activation) -> None:
    activation.next_run_at = next_run(datetime.now(UTC), times_of(activation))


def pause_schedule(activation: Activation) -> None:
    """No more regular runs; by hand it goes on."""
    activation.next_run_at = None


def paused(activation: Activation) -> bool:
    """Whether somebody paused the schedule (an app that runs only by hand has none)."""
    return activation.next_run_at is None and bool(times_of(activation))


def cancel(session: Session, activation_id: UUID, message: str) -> None:
    """What has not been published never will be."""
    session.execute(
        update(Run)
        .where(Run.activation_id == activation_id, Run.kind == RunKind.FILE, Run.state.in_(OPEN_RUN_STATES))
        .values(state=RunState.CANCELLED, message=message, finished_at=func.now(), not_before=None)
    )


def due() -> Select[UUID]:
    """Activations of file apps for which something is to be done now."""
    moving = Run.state.in_(RUN_UNDER_WAY) & (func.coalesce(Run.not_before, func.now()) <= func.now())
    decided = (Run.state == RunState.HELD) & (Activation.state == ActivationState.ACTIVE)
    waited_for = Run.not_before <= func.now()
    work: Any = select(Run.id).where(
        Run.activation_id == Activation.id, Run.kind == RunKind.FILE, moving | decided | waited_for
    )
    return select(Activation.id).where(
        Activation.kind == RunKind.FILE,
        Activation.state.in_((ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)),
        func.coalesce(Activation.paused_until, func.now()) <= func.now(),
        (Activation.next_run_at <= func.now()) | work.exists() | leaving(),
    )
