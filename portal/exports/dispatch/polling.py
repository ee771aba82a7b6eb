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
from portal.messages import say
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

    @property
    def is_pending(self) -> bool:
        return self.state == TransferState.PENDING


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
            PollAnswer(session, lease.activation_id, one, now).apply(answers.get(one.listing_id))


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


@dataclass(frozen=True)
class PollAnswer:
    """What is said of one transfer, into which it goes and into its listing."""

    session: Session
    activation_id: UUID
    one: PolledTransfer
    now: datetime

    def apply(self, answer: Answer | None) -> None:
        if answer is None:
            self._end(TransferState.DISCARDED if self.one.is_pending else self.one.state)
            return
        match answer.outcome:
            case Accepted() as accepted:
                self._accepted(accepted, answer)
            case Rejected(feedback):
                self._refused(feedback, answer)
            case Pending(after=after):
                self._later(answer, timedelta(seconds=after))
            case Gone():
                self._gone(answer)
            case Stop() as stop:
                self._later(answer, AFTER_TROUBLE)
                stopping.stop(self.session, self.activation_id, stop)
            case Retry() | Protected():
                self._later(answer, AFTER_TROUBLE)

    def _accepted(self, accepted: Accepted, answer: Answer) -> None:
        """Shown to buyers now; a paid extra that was wished and does not run is said."""
        feedback = accepted.warnings + accepted.blocked
        before = [] if self.one.is_pending else list(self.one.feedback)
        state = TransferState.WARNING if feedback or before else TransferState.OK
        said = [*before, *serialize_feedback(feedback)]
        listing: dict[str, Any] = {
            "awaiting_since": None,
            "confirmed_at": self.now,
            "online_since": func.coalesce(Listing.online_since, self.now),
            "url": accepted.url,
            "last_result": state,
            "last_feedback": said,
            "last_transfer_id": self.one.id,
        }
        if accepted.booked is not None:
            listing["bookings"] = list(accepted.booked)
        self._write_listing(listing)
        self._end(state, said, answer)

    def _refused(self, feedback: Sequence[Feedback], answer: Answer) -> None:
        said = serialize_feedback(feedback)
        listing = {
            "refused_hash": self.one.payload_hash,
            "last_result": TransferState.REJECTED,
            "last_feedback": said,
            "last_transfer_id": self.one.id,
        }
        self._write_listing(listing)
        self._end(TransferState.REJECTED, said, answer)

    def _later(self, answer: Answer, after: timedelta) -> None:
        """Asked again, until the deadline: then what is pending has failed, and the dealer is told."""
        if self.now < self.one.poll_until:
            self.session.execute(
                update(Transfer).where(Transfer.id == self.one.id).values(poll_at=self.now + after)
            )
            return
        if not self.one.is_pending:
            self._end(self.one.state)
            return
        hours = round(POLLED_FOR.total_seconds() / 3600)
        text = say(
            "Keine Antwort der Plattform nach {hours} Std.: Das Inserat ist gespeichert, aber nicht zu "
            "sehen.",
            hours=hours,
        )
        said = serialize_feedback([Feedback("no-answer", text, who=Actor.PLATFORM)])
        listing = {
            "last_result": TransferState.FAILED,
            "last_feedback": said,
            "last_transfer_id": self.one.id,
        }
        self._write_listing(listing)
        self._end(TransferState.FAILED, said, answer)

    def _gone(self, answer: Answer) -> None:
        """The listing is not there any more: only the whole list can say so for sure, when it is sent
        again."""
        note_forced(self.session, self.activation_id, Trigger.SCHEDULE, [self.one.vehicle_id])
        self._write_listing({"state": ListingState.MISSING, "awaiting_since": None})
        self._end(TransferState.DISCARDED if self.one.is_pending else self.one.state, None, answer)

    def _write_listing(self, values: Mapping[str, Any]) -> None:
        """Only where nothing was sent since: a newer answer knows better."""
        self.session.execute(
            update(Listing)
            .where(
                Listing.activation_id == self.activation_id,
                Listing.vehicle_id == self.one.vehicle_id,
                Listing.listing_id == self.one.listing_id,
            )
            .values(**values)
        )

    def _end(self, state: str, feedback: Sequence[Json] | None = None, answer: Answer | None = None) -> None:
        values: dict[str, Any] = {
            "state": state,
            "poll_at": None,
            "poll_until": None,
            "finished_at": func.coalesce(Transfer.finished_at, func.now()),
        }
        if feedback is not None:
            values["feedback"] = list(feedback)
        if answer is not None:
            values["attempts"] = Transfer.attempts.op("||")(
                func.jsonb_build_array(literal(serialize_attempt(answer, self.now), Transfer.attempts.type))
            )
        self.session.execute(update(Transfer).where(Transfer.id == self.one.id).values(**values))
