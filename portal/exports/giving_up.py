"""A platform that takes nothing for long: told once, with the day on which it will be stopped; then stopped.

Never on a first failure and never silently: it stops on the day that people were told, or later.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import DateTime, cast, func, select
from sqlalchemy.orm import Session

from portal.exports import halting
from portal.models.exports import Activation, ActivationState
from portal.models.messages import Problem
from portal.notices.problems import ProblemKind, open_problem
from portal.platforms.contract import Stop, StopCause

PATIENCE = timedelta(hours=1)
"""Trouble that is over by then is nobody's business."""
NOTICE = timedelta(days=1)
"""At least so long before the stop people are told."""
MAY_FAIL = (*halting.STOPPABLE, ActivationState.CLOSING)
_OPEN = (Problem.kind == ProblemKind.FAILING, Problem.closed_at.is_(None))


def watch(session: Session, days: int) -> None:
    """`days`: after so many without a proper answer an activation is stopped."""
    tell(session, timedelta(days=days))
    give_up(session)


def tell(session: Session, patience: timedelta) -> None:
    """Open a problem where it has been failing for a while and nobody knows yet."""
    known = select(Problem.id).where(Problem.activation_id == Activation.id, *_OPEN)
    failing = (
        select(Activation, Activation.failing_since, func.now())
        .where(
            Activation.state.in_(MAY_FAIL),
            Activation.failing_since <= func.now() - PATIENCE,
            ~known.exists(),
        )
        .order_by(Activation.id)  # for all: two housekeepers never wait for each other in a circle
    )
    found = session.execute(failing.with_for_update(of=Activation, key_share=True)).all()
    for activation, since, now in found:
        if since is None:
            continue
        detail = {
            "since": since.isoformat(),
            "reason": activation.pause_reason,
            "stops_at": max(since + patience, now + NOTICE).isoformat(),
        }
        if activation.state == ActivationState.CLOSING:
            del detail["stops_at"]
        open_problem(session, activation, ProblemKind.FAILING, detail=detail)


def give_up(session: Session) -> None:
    """Stop what is failing still on the day that was named. It looks by itself whether it can go on."""
    named = cast(Problem.detail["stops_at"].astext, DateTime(timezone=True))
    overdue = (
        select(Activation)
        .join(Problem, Problem.activation_id == Activation.id)
        .where(
            *_OPEN,
            Activation.state.in_(halting.STOPPABLE),
            Activation.failing_since.is_not(None),
            named <= func.now(),
        )
        .order_by(Activation.id)
    )
    for activation in session.scalars(overdue.with_for_update(of=Activation, key_share=True)).all():
        halting.stop(session, activation.id, Stop(StopCause.UNREACHABLE, activation.pause_reason))
