"""What is forgotten of whole-stock runs: as old as the history, and never the last good file."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import OPEN_RUN_STATES, FeedFetch, Run

BATCH = 50
"""Runs deleted in one transaction: each takes its file and its vehicles along."""


def forget_old(session: Session, days: int) -> int:
    """Delete a batch of ended runs and fetches that are old enough; returns how many runs."""
    age = func.now() - timedelta(days=days)
    published = select(Activation.published_run_id).where(Activation.published_run_id.is_not(None))
    old = (
        select(Run.id)
        .where(
            Run.kind == RunKind.FILE,
            Run.created_at < age,
            Run.state.not_in(OPEN_RUN_STATES),
            Run.id.not_in(published),
        )
        .order_by(Run.id)
        .limit(BATCH)
    )
    session.execute(delete(FeedFetch).where(FeedFetch.fetched_at < age))
    return len(session.scalars(delete(Run).where(Run.id.in_(old)).returning(Run.id)).all())


def cancel_unfinished_of_deactivated(session: Session) -> None:
    """What was asked for while the app was being deactivated."""
    ended = select(Activation.id).where(Activation.state == ActivationState.DEACTIVATED)
    session.execute(
        update(Run)
        .where(Run.kind == RunKind.FILE, Run.state.in_(OPEN_RUN_STATES), Run.activation_id.in_(ended))
        .values(
            state=RunState.CANCELLED,
            message="Die App wurde deaktiviert.",
            not_before=None,
            finished_at=func.now(),
        )
    )
