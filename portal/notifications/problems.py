"""Problems that people are told of: opened and closed by the engine, in its own transaction.

One is open for an activation and a kind at a time, so one problem is one mail.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.models.exports import Activation
from portal.models.notifications import Problem
from portal.notifications import bell


class ProblemKind(StrEnum):
    """FAILING: the platform has not taken anything for a while. FILE_HELD: a file was not published."""

    LOCK = "lock"
    STOPPED = "stopped"
    FAILING = "failing"
    RECONCILIATION = "reconciliation"
    FILE_HELD = "file_held"


STOPPED_INSTEAD = "stopped"
"""How a failure is closed that became a stop: that one is told, nothing is solved."""


def open_problem(
    session: Session,
    activation: Activation,
    kind: ProblemKind,
    *,
    subject_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note a problem; one of its kind that is open already takes over the new detail."""
    values = {"subject_id": subject_id, "detail": detail or {}}
    statement = insert(Problem).values(
        dealer_id=activation.dealer_id, activation_id=activation.id, kind=kind, **values
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["activation_id", "kind"], index_where=text("closed_at IS NULL"), set_=values
        )
    )
    bell.ring_after_commit(session)


def close_problem(session: Session, activation_id: UUID, kind: ProblemKind, how: str) -> None:
    """It is over, and those who were told of it are told so; nothing happens where none is open."""
    session.execute(
        update(Problem)
        .where(Problem.activation_id == activation_id, Problem.kind == kind, Problem.closed_at.is_(None))
        .values(closed_at=func.now(), closed_how=how)
    )
    bell.ring_after_commit(session)
