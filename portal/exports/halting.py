"""Effects on a whole activation: stopped with a cause, closed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.exports import failing, rechecks
from portal.exports.breaker import Trouble
from portal.models.exports import Activation, ActivationState, Listing, ListingState, Transfer, TransferState
from portal.notices.problems import STOPPED_INSTEAD, ProblemKind, close_problem, open_problem
from portal.platforms import account_name
from portal.platforms.contract import Stop

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
        failing.note_failure(session, activation_id, Trouble(why.detail, STOP_WHILE_CLOSING))
    if activation.state in STOPPABLE:
        _stop(session, activation, why)


def _stop(session: Session, activation: Activation, why: Stop) -> None:
    activation.stopped_from, activation.state = activation.state, ActivationState.STOPPED
    activation.stop_cause, activation.stop_detail = str(why.cause), why.detail[:500]
    activation.stopped_at = func.now()
    activation.recheck_at = func.now() + rechecks.first(activation.id)
    session.flush()
    failing.forget(session, activation.id)
    detail = {"cause": str(why.cause), "text": why.detail}
    close_problem(session, activation.id, ProblemKind.FAILING, STOPPED_INSTEAD)
    open_problem(session, activation, ProblemKind.STOPPED, detail=detail)
    audit.note(
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
