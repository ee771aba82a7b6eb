"""When a reconciliation begins, is read again, and is called off. In the caller's transaction."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from portal.models.exports import Activation, ActivationState, RunKind, RunState, Trigger
from portal.models.runs import OPEN_RUN_STATES, Run
from portal.notices.problems import ProblemKind, close_problem
from portal.outbox.doorbell import ring_after_commit


def begin(session: Session, activation: Activation) -> Run:
    """Nothing is sent from now on until the stocks are matched."""
    activation.state = ActivationState.RECONCILING
    run = Run(activation_id=activation.id, kind=RunKind.RECONCILIATION, trigger=Trigger.BY_HAND)
    session.add(run)
    session.flush()
    return run


def read_again(session: Session, activation: Activation) -> None:
    """The settings have changed, or the dealer has tidied up at the platform: its list is read anew.

    What was paired by hand or decided stays.
    """
    again = (
        update(Run)
        .where(_of(activation.id), Run.state == RunState.HELD)
        .values(state=RunState.WAITING, not_before=None, message="")
        .returning(Run.id)
    )
    if session.scalar(again):
        ring_after_commit(session, [activation.id])


def call_off(session: Session, activation_id: UUID) -> None:
    """The app was deactivated: what was decided is void, nothing was sent."""
    session.execute(
        update(Run)
        .where(_of(activation_id), Run.state.in_(OPEN_RUN_STATES))
        .values(state=RunState.CANCELLED, finished_at=func.now(), not_before=None)
    )
    close_problem(session, activation_id, ProblemKind.RECONCILIATION, "ended")


def open_run(activation_id: UUID) -> Select[Run]:
    return select(Run).where(_of(activation_id), Run.state.in_(OPEN_RUN_STATES))


def newest_run(activation_id: UUID) -> Select[Run]:
    """The one that is open, or the last that was."""
    return select(Run).where(_of(activation_id)).order_by(Run.id.desc()).limit(1)


def _of(activation_id: UUID) -> ColumnElement[bool]:
    return (Run.activation_id == activation_id) & (Run.kind == RunKind.RECONCILIATION)
