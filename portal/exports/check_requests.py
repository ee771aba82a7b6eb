"""What people ask for around a stock check: that it begins, and what becomes of what it found."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.models.exports import Activation, ActivationState, RunKind, RunState, Trigger
from portal.models.runs import OPEN_RUN, RUN_UNDER_WAY, Run
from portal.outbox.doorbell import ring_after_commit
from portal.platforms import APPS

CHECKED = (ActivationState.ACTIVE, ActivationState.LOCKED)
"""Reading is allowed while a lock holds what waits: it helps to judge the lock."""


def checkable(activation: Activation) -> bool:
    """Whether its stock can be checked now."""
    return activation.state in CHECKED and APPS[activation.app].kind == "api"


def ask(session: Session, activation: Activation, user_id: UUID | None, trigger: Trigger) -> UUID:
    """Have the stock checked now; returns the run, also one that is under way already."""
    values = {"activation_id": activation.id, "kind": RunKind.CHECK, "trigger": trigger, "user_id": user_id}
    asked = (
        insert(Run)
        .values(values)
        .on_conflict_do_update(
            index_elements=["activation_id", "kind"],
            index_where=text(OPEN_RUN),
            set_={"not_before": None},
        )
    )
    ring_after_commit(session, [activation.id])
    return session.execute(asked.returning(Run.id)).scalar_one()


def call_off(session: Session, activation_id: UUID) -> None:
    """The app ends: nobody will check its stock."""
    session.execute(
        update(Run)
        .where(Run.activation_id == activation_id, Run.kind == RunKind.CHECK, Run.state.in_(RUN_UNDER_WAY))
        .values(
            state=RunState.CANCELLED,
            finished_at=func.now(),
            not_before=None,
            message="Abgebrochen, weil die App deaktiviert wurde.",
        )
    )
