"""An activation that stops: at once for a cause that its platform names, or after days without an answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import DateTime, cast, exists, func, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.exports.core import retries
from portal.exports.trouble import breaker_state
from portal.exports.trouble.breaker import PlatformTrouble
from portal.models.exports import Activation, ActivationState, Listing, ListingState, Transfer, TransferState
from portal.models.notifications import Problem
from portal.notifications.problems import STOPPED_INSTEAD, ProblemKind, close_problem, open_problem
from portal.platforms import account_name
from portal.platforms.contract import Stop, StopCause

STOPPABLE = (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.RECONCILING)
STOP_WHILE_CLOSING = 600.0
"""Seconds."""


def stop(session: Session, activation_id: UUID, why: Stop) -> None:
    """Stop once, with the cause, and tell once; what waits goes on waiting.

    From a lock or a reconciliation it goes back there when the cause is gone. A closing activation
    is left alone for a while instead: it stays closing, and its deletions are tried again.
    """
    activation = session.get_one(
        Activation,
        activation_id,
        with_for_update={"of": Activation, "key_share": True},
        populate_existing=True,
    )
    if activation.state == ActivationState.CLOSING:
        breaker_state.note_failure(session, activation_id, PlatformTrouble(why.detail, STOP_WHILE_CLOSING))
    if activation.state in STOPPABLE:
        _stop(session, activation, why)


def stop_for_good(session: Session, activation: Activation, why: Stop) -> None:
    """Stop for a cause that no look at the platform can find gone, also where it stands already for another
    one. Only people start it again."""
    if activation.state in STOPPABLE:
        _stop(session, activation, why)
    elif activation.state == ActivationState.STOPPED:
        activation.stop_cause, activation.stop_detail = str(why.cause), why.detail[:500]
        open_problem(
            session, activation, ProblemKind.STOPPED, detail={"cause": str(why.cause), "text": why.detail}
        )
    activation.recheck_at = None


def _stop(session: Session, activation: Activation, why: Stop) -> None:
    activation.stopped_from, activation.state = activation.state, ActivationState.STOPPED
    activation.stop_cause, activation.stop_detail = str(why.cause), why.detail[:500]
    activation.stopped_at = func.now()
    activation.recheck_at = func.now() + retries.first_recheck(activation.id)
    session.flush()
    breaker_state.reset_breaker(session, activation.id)
    detail = {"cause": str(why.cause), "text": why.detail}
    close_problem(session, activation.id, ProblemKind.FAILING, STOPPED_INSTEAD)
    open_problem(session, activation, ProblemKind.STOPPED, detail=detail)
    audit.log(
        session,
        audit.PORTAL,
        "activation.stopped",
        dealer_id=activation.dealer_id,
        object_id=activation.id,
        activation_id=activation.id,
        label=account_name(activation.app, activation.customer_number),
        detail=detail,
    )


def end_first_transfer(session: Session, activation_id: UUID) -> None:
    """Nothing of the first transfer waits any more: from now on the brake counts new listings too."""
    unfinished = exists().where(
        Transfer.activation_id == activation_id,
        Transfer.state.in_((TransferState.WAITING, TransferState.SENDING)),
    )
    session.execute(
        update(Activation)
        .where(
            Activation.id == activation_id,
            Activation.state == ActivationState.ACTIVE,
            Activation.counted_from.is_(None),
            ~select(1).where(unfinished).exists(),
            exists().where(Listing.activation_id == activation_id),
        )
        .values(counted_from=func.now(), approved_deletions=0, approved_creations=0, approved_empty=False)
    )


def close_if_empty(session: Session, activation_id: UUID) -> None:
    """A closing activation whose last listing is gone is deactivated."""
    listed = exists().where(Listing.activation_id == activation_id, Listing.state != ListingState.ABSENT)
    waiting = exists().where(
        Transfer.activation_id == activation_id,
        Transfer.state.in_((TransferState.WAITING, TransferState.SENDING)),
    )
    session.execute(
        update(Activation)
        .where(
            Activation.id == activation_id,
            Activation.state == ActivationState.CLOSING,
            ~select(1).where(listed).exists(),
            ~select(1).where(waiting).exists(),
        )
        .values(state=ActivationState.DEACTIVATED)
    )


def discard_unfinished_of_deactivated(session: Session) -> None:
    """What was on its way when an activation was deactivated, and came back undelivered."""
    ended = select(Activation.id).where(
        Activation.state == ActivationState.DEACTIVATED,
        func.coalesce(Activation.lease_until, func.now()) <= func.now(),
    )
    session.execute(
        update(Transfer)
        .where(
            Transfer.state.in_((TransferState.WAITING, TransferState.SENDING)),
            Transfer.activation_id.in_(ended),
        )
        .values(state=TransferState.DISCARDED, finished_at=func.now(), lease_token=None)
    )


# A platform that takes nothing for long: told once, with the day on which it will be stopped; then stopped.
#
# Never on a first failure and never silently: it stops on the day that people were told, or later.


UNANNOUNCED = timedelta(hours=1)
"""Trouble that is over by then is nobody's business."""
NOTICE_PERIOD = timedelta(days=1)
"""At least so long before the stop people are told."""
MAY_FAIL = (*STOPPABLE, ActivationState.CLOSING)
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
            "reason": activation.pause_reason,
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
            Activation.state.in_(STOPPABLE),
            Activation.failing_since.is_not(None),
            named <= func.now(),
        )
        .order_by(Activation.id)
    )
    for activation in session.scalars(overdue.with_for_update(of=Activation, key_share=True)).all():
        stop(session, activation.id, Stop(StopCause.UNREACHABLE, activation.pause_reason))
