"""Effects on a whole activation: stopped with a cause, paused, resumed, closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from portal.models.exports import Activation, ActivationState, Listing, ListingState, Transfer, TransferState
from portal.platforms.base import Stop

STOP_WHILE_CLOSING = timedelta(minutes=10)


def stop(session: Session, activation_id: UUID, why: Stop) -> None:
    """Stop once, with the cause; what waits goes on waiting.

    A closing activation is paused instead: it stays closing, and its deletions are tried again.
    """
    stopped = session.execute(
        update(Activation)
        .where(Activation.id == activation_id, Activation.state == ActivationState.ACTIVE)
        .values(
            state=ActivationState.STOPPED,
            stop_cause=str(why.cause),
            stop_detail=why.detail[:500],
            stopped_at=func.now(),
        )
        .returning(Activation.id)
    )
    if stopped.first() is None:
        pause(session, activation_id, datetime.now(UTC) + STOP_WHILE_CLOSING, why.detail)


def pause(session: Session, activation_id: UUID, until: datetime, reason: str) -> None:
    """Leave the platform alone until then; the tick rings again."""
    session.execute(
        update(Activation)
        .where(Activation.id == activation_id)
        .values(paused_until=until, pause_reason=reason[:500])
    )


def note_success(session: Session, activation_id: UUID) -> None:
    session.execute(
        update(Activation)
        .where(Activation.id == activation_id)
        .values(last_success_at=func.now(), paused_until=None, pause_reason="")
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
