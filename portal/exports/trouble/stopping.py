"""An activation that stops: at once for a cause that its platform names, or after days without an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, cast, func, select
from sqlalchemy.orm import Session

from portal import audit
from portal.activation_log import log_at
from portal.exports.core import retries
from portal.exports.core.lease import lock_activation
from portal.exports.trouble import breaker_state
from portal.exports.trouble.breaker import PlatformTrouble
from portal.messages import as_json, say
from portal.models.exports import AT_WORK, Activation, ActivationState
from portal.models.notifications import Problem
from portal.notifications.problems import STOPPED_INSTEAD, ProblemKind, close_problem, open_problem
from portal.platforms.contract import Stop, StopCause

STOP_WHILE_CLOSING = 600.0
"""Seconds."""


def stop(session: Session, activation_id: UUID, why: Stop) -> None:
    """Stop once, with the cause, and notify once; what waits goes on waiting.

    From a lock or a reconciliation it goes back there when the cause is gone. A closing activation
    is left alone for a while instead: it stays closing, and its deletions are tried again.
    """
    activation = lock_activation(session, activation_id)
    if activation.state == ActivationState.CLOSING:
        breaker_state.note_failure(session, activation_id, PlatformTrouble(why.detail, STOP_WHILE_CLOSING))
    if activation.state in AT_WORK:
        _stop(session, activation, why)


def stop_for_good(session: Session, activation: Activation, why: Stop) -> None:
    """Stop for a cause that no look at the platform can find gone, also where it stands already for another
    one. Only people start it again."""
    if activation.state in AT_WORK:
        _stop(session, activation, why)
    elif activation.state == ActivationState.STOPPED:
        activation.stop_cause, activation.stop_detail = str(why.cause), why.detail
        open_problem(
            session,
            activation,
            ProblemKind.STOPPED,
            detail={"cause": str(why.cause), "text": as_json(why.detail)},
        )
    activation.recheck_at = None


def stop_by_hand(session: Session, activation: Activation, until: datetime | None) -> bool:
    """Somebody wants nothing to be sent, until a moment or until somebody lets it go on. Asked again, only
    the moment changes. False where nothing can be stopped.

    When the moment has come the recheck asks the platform: it goes on, or has a cause of its own by then.
    The caller holds the activation's row.
    """
    if activation.state in AT_WORK:
        _halt(session, activation, Stop(StopCause.BY_HAND, say("von Hand pausiert")))
    elif not stopped_by_hand(activation):
        return False
    activation.recheck_at = until
    return True


def stopped_by_hand(activation: Activation) -> bool:
    return activation.state == ActivationState.STOPPED and activation.stop_cause == StopCause.BY_HAND


def _stop(session: Session, activation: Activation, why: Stop) -> None:
    _halt(session, activation, why)
    activation.recheck_at = func.now() + retries.first_recheck(activation.id)
    detail = {"cause": str(why.cause), "text": as_json(why.detail)}
    open_problem(session, activation, ProblemKind.STOPPED, detail=detail)
    log_at(session, audit.PORTAL, "activation.stopped", activation, detail=detail)


def _halt(session: Session, activation: Activation, why: Stop) -> None:
    activation.stopped_from, activation.state = activation.state, ActivationState.STOPPED
    activation.stop_cause, activation.stop_detail = str(why.cause), why.detail
    activation.stopped_at = func.now()
    session.flush()
    breaker_state.reset_breaker(session, activation.id)
    # What was failing is stopped from here on: the smaller problem ends, and says by which it was followed.
    close_problem(session, activation.id, ProblemKind.FAILING, STOPPED_INSTEAD)


# Automatic suspension: a platform that takes nothing for long is announced once, with the day on which its
# activation will be stopped, and then stopped. Never on a first failure, never silently, never earlier.


UNANNOUNCED = timedelta(hours=1)
"""Trouble that is over by then is not announced."""
NOTICE_PERIOD = timedelta(days=1)
"""The stop is announced at least so long before."""
MAY_FAIL = (*AT_WORK, ActivationState.CLOSING)
_OPEN_FAILING = (Problem.kind == ProblemKind.FAILING, Problem.closed_at.is_(None))


def suspend_unreachable(session: Session, days: int) -> None:
    """`days`: after so many without a proper answer an activation is stopped."""
    announce_suspension(session, timedelta(days=days))
    suspend_overdue(session)


def announce_suspension(session: Session, patience: timedelta) -> None:
    """Open a problem where it has been failing for a while and nobody knows yet."""
    known = select(Problem.id).where(Problem.activation_id == Activation.id, *_OPEN_FAILING)
    failing = (
        select(Activation, Activation.failing_since, func.now())
        .where(
            Activation.state.in_(MAY_FAIL),
            Activation.failing_since <= func.now() - UNANNOUNCED,
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
            "reason": as_json(activation.pause_reason),
            "stops_at": max(since + patience, now + NOTICE_PERIOD).isoformat(),
        }
        if activation.state == ActivationState.CLOSING:
            del detail["stops_at"]
        open_problem(session, activation, ProblemKind.FAILING, detail=detail)


def suspend_overdue(session: Session) -> None:
    """Stop what is failing still on the day that was named. It looks by itself whether it can go on."""
    named = cast(Problem.detail["stops_at"].astext, DateTime(timezone=True))
    overdue = (
        select(Activation)
        .join(Problem, Problem.activation_id == Activation.id)
        .where(
            *_OPEN_FAILING,
            Activation.state.in_(AT_WORK),
            Activation.failing_since.is_not(None),
            named <= func.now(),
        )
        .order_by(Activation.id)
    )
    for activation in session.scalars(overdue.with_for_update(of=Activation, key_share=True)).all():
        stop(session, activation.id, Stop(StopCause.UNREACHABLE, activation.pause_reason))
