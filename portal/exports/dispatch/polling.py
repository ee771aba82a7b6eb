"""Answers that come later: what the platform has stored is asked about again, by a plan in the table.

A transfer that is PENDING ends here; of one that has ended, what was wished beside the data (paid extras)
is compared with what applies. Nothing is sent but questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.planning.outcome import POLLED_FOR, serialize_attempt, serialize_feedback
from portal.exports.trouble import platform_state, stopping
from portal.models.exports import (
    Activation,
    ActivationState,
    Listing,
    ListingState,
    Transfer,
    TransferState,
    Trigger,
)
from portal.outbox import note_forced
from portal.platforms.contract import (
    Accepted,
    Account,
    Actor,
    Answer,
    Feedback,
    Gone,
    Json,
    Pending,
    Protected,
    Rejected,
    Retry,
    Stop,
)
from portal.translations.message import say

POLLED_AT_ONCE = 200
AFTER_TROUBLE = timedelta(minutes=5)
ASKING = (ActivationState.ACTIVE, ActivationState.LOCKED)
"""Questions change nothing, so a lock does not hold them."""


@dataclass(frozen=True)
class PolledTransfer:
    id: UUID
    vehicle_id: UUID
    state: str
    payload_hash: str | None
    feedback: Sequence[Json]
    listing_id: str
    sent_payload: Json
    poll_until: datetime
    superseded: bool
    """A newer transfer of the vehicle has gone out since."""


def polling_due() -> Select[UUID]:
    due = select(Transfer.id).where(Transfer.activation_id == Activation.id, Transfer.poll_at <= func.now())
    paused = func.coalesce(Activation.paused_until, func.now()) > func.now()
    return select(Activation.id).where(
        Activation.state.in_(ASKING), ~paused, platform_state.is_well(), due.exists()
    )


def poll_platform(runtime: Runtime, lease: Lease) -> None:
    """The task itself: ask about everything that is due, with no transaction open meanwhile."""
    with runtime.sessions() as session:
        if session.scalar(polling_due().where(Activation.id == lease.activation_id)) is None:
            return
        activation = session.get_one(Activation, lease.activation_id)
        app, account = activation.app, Account.from_json(activation.account)
        due = _due(session, lease.activation_id)
    asked = {one.listing_id: one.sent_payload for one in due if not one.superseded}
    answers: Mapping[str, Answer] = {}
    if asked:
        client = runtime.platform(app).open(account, runtime.stores(app))
        try:
            answers = client.poll(asked)
        finally:
            client.close()
    with runtime.sessions.begin() as session:
        lease.guard(session)
        now = session.execute(select(func.now())).scalar_one()
        for one in due:
            _apply(session, lease.activation_id, one, answers.get(one.listing_id), now)


polling_task = Task("polling", polling_due, poll_platform)


def _due(session: Session, activation_id: UUID) -> list[PolledTransfer]:
    newer = Transfer.__table__.alias("newer")
    superseded = (
        select(literal(1))
        .where(
            newer.c.activation_id == Transfer.activation_id,
            newer.c.vehicle_id == Transfer.vehicle_id,
            newer.c.sent_at > Transfer.sent_at,
        )
        .exists()
    )
    rows = session.execute(
        select(
            Transfer.id,
            Transfer.vehicle_id,
            Transfer.state,
            Transfer.payload_hash,
            Transfer.feedback,
            func.coalesce(Transfer.listing_id, ""),
            Listing.sent_payload,
            func.coalesce(Transfer.poll_until, func.now()),
            superseded,
        )
        .join(
            Listing,
            (Listing.activation_id == Transfer.activation_id) & (Listing.vehicle_id == Transfer.vehicle_id),
        )
        .where(Transfer.activation_id == activation_id, Transfer.poll_at <= func.now())
        .order_by(Transfer.poll_at)
        .limit(POLLED_AT_ONCE)
    )
    return [PolledTransfer(*row) for row in rows]


def _apply(
    session: Session, activation_id: UUID, one: PolledTransfer, answer: Answer | None, now: datetime
) -> None:
    if answer is None:
        _end(session, one, TransferState.DISCARDED if _is_pending(one) else one.state)
        return
    match answer.outcome:
        case Accepted() as accepted:
            _accepted(session, activation_id, one, accepted, answer, now)
        case Rejected(feedback):
            _refused(session, activation_id, one, feedback, answer, now)
        case Pending(after=after):
            _later(session, activation_id, one, answer, now, timedelta(seconds=after))
        case Gone():
            _gone(session, activation_id, one, answer, now)
        case Stop() as stop:
            _later(session, activation_id, one, answer, now, AFTER_TROUBLE)
            stopping.stop(session, activation_id, stop)
        case Retry() | Protected():
            _later(session, activation_id, one, answer, now, AFTER_TROUBLE)


def _is_pending(one: PolledTransfer) -> bool:
    return one.state == TransferState.PENDING


def _accepted(
    session: Session,
    activation_id: UUID,
    one: PolledTransfer,
    accepted: Accepted,
    answer: Answer,
    now: datetime,
) -> None:
    """Shown to buyers now; a paid extra that was wished and does not run is said."""
    feedback = accepted.warnings + accepted.blocked
    before = [] if _is_pending(one) else list(one.feedback)
    state = TransferState.WARNING if feedback or before else TransferState.OK
    said = [*before, *serialize_feedback(feedback)]
    listing: dict[str, Any] = {
        "awaiting_since": None,
        "confirmed_at": now,
        "online_since": func.coalesce(Listing.online_since, now),
        "url": accepted.url,
        "last_result": state,
        "last_feedback": said,
        "last_transfer_id": one.id,
    }
    if accepted.booked is not None:
        listing["bookings"] = list(accepted.booked)
    _write_listing(session, activation_id, one, listing)
    _end(session, one, state, said, answer, now)


def _refused(
    session: Session,
    activation_id: UUID,
    one: PolledTransfer,
    feedback: Sequence[Feedback],
    answer: Answer,
    now: datetime,
) -> None:
    said = serialize_feedback(feedback)
    listing = {
        "refused_hash": one.payload_hash,
        "last_result": TransferState.REJECTED,
        "last_feedback": said,
        "last_transfer_id": one.id,
    }
    _write_listing(session, activation_id, one, listing)
    _end(session, one, TransferState.REJECTED, said, answer, now)


def _later(
    session: Session,
    activation_id: UUID,
    one: PolledTransfer,
    answer: Answer,
    now: datetime,
    after: timedelta,
) -> None:
    """Asked again, until the deadline: then what is pending has failed, and the dealer is told."""
    if now < one.poll_until:
        session.execute(update(Transfer).where(Transfer.id == one.id).values(poll_at=now + after))
        return
    if not _is_pending(one):
        _end(session, one, one.state)
        return
    hours = round(POLLED_FOR.total_seconds() / 3600)
    text = say(
        "Keine Antwort der Plattform nach {hours} Std.: Das Inserat ist gespeichert, aber nicht zu sehen.",
        hours=hours,
    )
    said = serialize_feedback([Feedback("no-answer", text, who=Actor.PLATFORM)])
    listing = {"last_result": TransferState.FAILED, "last_feedback": said, "last_transfer_id": one.id}
    _write_listing(session, activation_id, one, listing)
    _end(session, one, TransferState.FAILED, said, answer, now)


def _gone(session: Session, activation_id: UUID, one: PolledTransfer, answer: Answer, now: datetime) -> None:
    """The listing is not there any more: only the whole list can say so for sure, when it is sent again."""
    note_forced(session, activation_id, Trigger.SCHEDULE, [one.vehicle_id])
    _write_listing(session, activation_id, one, {"state": ListingState.MISSING, "awaiting_since": None})
    _end(session, one, TransferState.DISCARDED if _is_pending(one) else one.state, None, answer, now)


def _write_listing(
    session: Session, activation_id: UUID, one: PolledTransfer, values: Mapping[str, Any]
) -> None:
    """Only where nothing was sent since: a newer answer knows better."""
    session.execute(
        update(Listing)
        .where(
            Listing.activation_id == activation_id,
            Listing.vehicle_id == one.vehicle_id,
            Listing.listing_id == one.listing_id,
        )
        .values(**values)
    )


def _end(
    session: Session,
    one: PolledTransfer,
    state: str,
    feedback: Sequence[Json] | None = None,
    answer: Answer | None = None,
    now: datetime | None = None,
) -> None:
    values: dict[str, Any] = {
        "state": state,
        "poll_at": None,
        "poll_until": None,
        "finished_at": func.coalesce(Transfer.finished_at, func.now()),
    }
    if feedback is not None:
        values["feedback"] = list(feedback)
    if answer is not None and now is not None:
        values["attempts"] = Transfer.attempts.op("||")(
            func.jsonb_build_array(literal(serialize_attempt(answer, now), Transfer.attempts.type))
        )
    session.execute(update(Transfer).where(Transfer.id == one.id).values(**values))
