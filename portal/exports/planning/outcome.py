"""What an answer of the platform means for the transfer, the listing and the activation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from portal.exports.core import retries
from portal.exports.planning.plan import Planned, PlanStep
from portal.exports.trouble import breaker
from portal.messages import as_json, say
from portal.models.exports import ListingState, TransferState
from portal.platforms.contract import (
    Accepted,
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

EXISTED = Feedback(
    "existed", say("Das Inserat bestand auf der Plattform bereits und wurde übernommen."), who=Actor.PLATFORM
)

POLLED_FOR = timedelta(hours=24)
DRIFT_OVER: Mapping[str, Any] = {"drift": [], "vanished_at": None, "missed_at": None}
"""What a stock check found is over, and what a list lacked."""
GONE: Mapping[str, Any] = {
    "state": ListingState.ABSENT,
    "listing_id": None,
    "url": None,
    "creation_id": None,
    "pending_hash": None,
    "sent_hash": None,
    "bookings": [],
    "kept_bookings": [],
    "online_since": None,
    **DRIFT_OVER,
}
"""This generation has ended: the next create gets a new creation_id."""


@dataclass(frozen=True)
class InFlight:
    """A claimed transfer on its way, and what each answer to it means."""

    transfer_id: UUID
    planned: Planned
    creation_id: UUID | None = None
    attempts: int = 1
    """This one included."""

    def leaves_doubt(self, answer: Answer) -> bool:
        """Whether the listing may show something else now than what the platform took last: an update or a
        deletion without a clear answer, or a part of it that was done before the rest was refused. Then also
        what it was before has to be sent. Of a creation the listing's state says so."""
        if self.planned.step == PlanStep.CREATE:
            return False
        if isinstance(answer.outcome, Rejected | Stop):
            done = (one for one in answer.exchanges if one.status is not None and one.status < 300)
            return any(one.method != "GET" for one in done)
        return isinstance(answer.outcome, Retry)

    def accepted(self, accepted: Accepted, now: datetime) -> Transition:
        planned = self.planned
        if planned.step == PlanStep.DELETE:
            return self.deleted()
        known = planned.known
        as_pending = known.state == ListingState.CREATING and known.pending_hash == planned.payload_hash
        stale = accepted.existed and not as_pending
        feedback = accepted.warnings + accepted.blocked
        later = None if accepted.look_again is None else now + timedelta(seconds=accepted.look_again)
        booked = tuple(sorted(planned.bookings)) if accepted.booked is None else accepted.booked
        listing: dict[str, Any] = {
            **self._taken(accepted.listing_id, accepted.url, now, stale=stale),
            "bookings": list(booked),
            "confirmed_at": now,
            "awaiting_since": None,
        }
        if planned.step == PlanStep.CREATE:
            listing["online_since"] = now
        return Transition(
            self,
            TransferState.WARNING if feedback else TransferState.OK,
            (*feedback, EXISTED) if accepted.existed else feedback,
            listing=listing,
            bookings=booked,
            listing_id=accepted.listing_id,
            url=accepted.url,
            again=stale,
            poll_at=later,
            poll_until=None if later is None else now + POLLED_FOR,
        )

    def pending(self, pending: Pending, now: datetime) -> Transition:
        """Stored there and not shown: the transfer stays open until a look at it says more."""
        return Transition(
            self,
            TransferState.PENDING,
            (Feedback("pending", pending.text, who=Actor.PLATFORM),),
            listing={**self._taken(pending.listing_id, pending.url, now), "awaiting_since": now},
            listing_id=pending.listing_id,
            url=pending.url,
            poll_at=now + timedelta(seconds=pending.after),
            poll_until=now + POLLED_FOR,
        )

    def _taken(self, listing_id: str, url: str, now: datetime, *, stale: bool = False) -> dict[str, Any]:
        """The platform holds what was sent; `stale`: an older state of it."""
        return {
            "state": ListingState.ONLINE,
            "listing_id": listing_id,
            "url": url,
            "pending_hash": None,
            "refused_hash": None,
            "sent_hash": None if stale else self.planned.payload_hash,
            "sent_payload": {} if stale or self.planned.prepared is None else self.planned.prepared.payload,
            "sent_at": now,
            "protected_at": None,
            **DRIFT_OVER,
        }

    def protected(self, feedback: Feedback, now: datetime) -> Transition:
        """The dealer locked it there: nothing more is sent for it until the lock is seen to be gone."""
        return Transition(
            self,
            TransferState.REJECTED,
            (feedback,),
            listing={"protected_at": now},
            listing_id=self.planned.known.listing_id,
        )

    def deleted(self) -> Transition:
        """A confirmed deletion."""
        gone: dict[str, Any] = {
            **GONE,
            "refused_hash": None,
            "sent_payload": {},
            "awaiting_since": None,
            "protected_at": None,
        }
        return Transition(self, TransferState.OK, listing=gone, listing_id=self.planned.known.listing_id)

    def rejected(self, feedback: tuple[Feedback, ...]) -> Transition:
        listing = self.as_before()
        if self.planned.step != PlanStep.DELETE:
            listing["refused_hash"] = self.planned.payload_hash
        return Transition(
            self,
            TransferState.REJECTED,
            feedback,
            listing=listing,
            listing_id=self.planned.known.listing_id,
        )

    def as_before(self) -> dict[str, Any]:
        """The platform answered that it did nothing: a create leaves the listing as it was before."""
        if self.planned.step != PlanStep.CREATE:
            return {}
        return {"state": self.planned.known.state, "pending_hash": self.planned.known.pending_hash}

    def gone(self, now: datetime) -> Transition:
        """404: success for a delete. For an update only the platform's list can say that it is gone.

        The list is read at once the first time; a platform that lists what it denies is asked less often.
        """
        if self.planned.step == PlanStep.DELETE:
            return self.deleted()
        feedback = Feedback(
            "gone", say("Die Plattform kennt dieses Inserat nicht mehr. Ihre Liste wird gelesen.")
        )
        return Transition(
            self,
            TransferState.WAITING,
            (feedback,),
            listing={"state": ListingState.MISSING},
            listing_id=self.planned.known.listing_id,
            not_before=None if self.attempts == 1 else now + timedelta(seconds=retries.pause(self.attempts)),
        )

    def undelivered(self, retry: Retry, now: datetime, *, platform_outage: bool) -> Transition:
        """A create of unknown outcome leaves the listing CREATING: it repeats with the same creation_id."""
        feedback = (Feedback("undelivered", retry.reason, who=Actor.PLATFORM),)
        wait = retries.pause(1, retry.after) if platform_outage else retries.delay(self.attempts, retry.after)
        known = self.planned.known.listing_id
        if wait is None:
            return Transition(self, TransferState.FAILED, feedback, listing_id=known)
        later = now + timedelta(seconds=wait)
        return Transition(
            self,
            TransferState.WAITING,
            feedback,
            listing_id=known,
            not_before=later,
            counts_as_attempt=not platform_outage,
        )


@dataclass(frozen=True)
class Transition:
    """`listing` holds the columns of the listing that change; `again` asks for an update to follow."""

    sent: InFlight
    state: str
    feedback: tuple[Feedback, ...] = ()
    listing: Mapping[str, Any] = field(default_factory=dict)
    bookings: tuple[str, ...] = ()
    listing_id: str | None = None
    url: str | None = None
    not_before: datetime | None = None
    counts_as_attempt: bool = True
    """Whether this attempt counts against the plan."""
    again: bool = False
    poll_at: datetime | None = None
    poll_until: datetime | None = None
    """When the platform is asked what became of it, and how long."""
    attempt: Json = field(default_factory=dict)

    def recorded(self, answer: Answer, now: datetime) -> Transition:
        """With the attempt for the history. A final result lies on the listing as well: it is kept longer."""
        listing = dict(self.listing)
        if self.sent.leaves_doubt(answer):
            listing["sent_hash"] = None
        if self.state not in (TransferState.WAITING, TransferState.PENDING):
            listing |= {
                "last_result": self.state,
                "last_feedback": serialize_feedback(self.feedback),
                "last_transfer_id": self.sent.transfer_id,
            }
        attempt = {
            "at": now.isoformat(),
            "outcome": type(answer.outcome).__name__.lower(),
            "sign": breaker.sign_of(answer),
            "detail": as_json(self.feedback[0].text) if self.feedback else "",
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "exchanges": [exchange.as_json() for exchange in answer.exchanges],
        }
        return replace(self, listing=listing, attempt=attempt)


def apply_outcome(
    sent: InFlight, answer: Answer, now: datetime, *, platform_outage: bool = False
) -> Transition:
    """`platform_outage`: while the platform as a whole is in trouble no attempt of a vehicle is used up."""
    match answer.outcome:
        case Accepted() as accepted:
            transition = sent.accepted(accepted, now)
        case Pending() as pending:
            transition = sent.pending(pending, now)
        case Protected(feedback):
            transition = sent.protected(feedback, now)
        case Rejected(feedbacks):
            transition = sent.rejected(feedbacks)
        case Gone():
            transition = sent.gone(now)
        case Retry() as retry:
            transition = sent.undelivered(retry, now, platform_outage=platform_outage or retry.platform_wide)
        case Stop(cause, detail):
            transition = Transition(
                sent,
                TransferState.WAITING,
                (Feedback(str(cause), detail, who=Actor.OPERATOR),),
                listing=sent.as_before(),
                counts_as_attempt=False,
            )
    return transition.recorded(answer, now)


def serialize_attempt(answer: Answer, now: datetime) -> Json:
    """A look at what became of it, as an attempt of the history."""
    outcome = answer.outcome
    return {
        "at": now.isoformat(),
        "outcome": type(outcome).__name__.lower(),
        "sign": breaker.sign_of(answer),
        "detail": as_json(outcome.text) if isinstance(outcome, Pending) else "",
        "not_before": None,
        "exchanges": [exchange.as_json() for exchange in answer.exchanges],
    }


def serialize_feedback(feedback: Iterable[Feedback]) -> list[Json]:
    return [item.as_json() for item in feedback]
