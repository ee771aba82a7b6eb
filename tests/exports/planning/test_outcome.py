"""What each answer means for the transfer, the listing and the activation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.exports.planning.cases import KnownListing
from portal.exports.planning.outcome import InFlight, Transition, apply_outcome
from portal.exports.planning.plan import Planned, PlanStep
from portal.models.exports import ListingState, TransferState
from portal.platforms.contract import (
    Accepted,
    Answer,
    Exchange,
    Feedback,
    Gone,
    Outcome,
    Prepared,
    Rejected,
    Retry,
    Stop,
    StopCause,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACCEPTED = Accepted("12345678", "https://example.org/12345678")
REFUSED = Rejected((Feedback("invalid-model", "Modell unbekannt", "model"),))
LAST = {"last_result", "last_feedback", "last_transfer_id"}
ABSENT = KnownListing()
ONLINE = KnownListing(state=ListingState.ONLINE, listing_id="12345678", sent_hash="old")


def answer(step: PlanStep, outcome: Outcome, known: KnownListing = ABSENT, attempts: int = 1) -> Transition:
    prepared = None if step is PlanStep.DELETE else Prepared({"a": 1})
    planned = Planned(uuid4(), step, known, prepared, None if step is PlanStep.DELETE else "hash")
    return apply_outcome(InFlight(uuid4(), planned, uuid4(), attempts), Answer(outcome), NOW)


def creating(pending: str | None) -> KnownListing:
    return KnownListing(state=ListingState.CREATING, creation_id=uuid4(), pending_hash=pending)


def test_an_accepted_create_is_online_with_what_was_sent() -> None:
    transition = answer(PlanStep.CREATE, ACCEPTED)
    assert transition.state == TransferState.OK
    assert transition.listing["state"] == ListingState.ONLINE
    assert transition.listing["sent_hash"] == "hash"
    assert not transition.again


def test_warnings_make_it_accepted_with_a_hint() -> None:
    warned = Accepted("1", "u", warnings=(Feedback("missing-field", "Hubraum fehlt"),))
    assert answer(PlanStep.UPDATE, warned, ONLINE).state == TransferState.WARNING


def test_a_repeated_create_with_the_same_payload_needs_no_update() -> None:
    existed = Accepted("1", "u", existed=True)
    assert not answer(PlanStep.CREATE, existed, creating("hash")).again


@pytest.mark.parametrize("pending", ["another payload", None])
def test_a_repeated_create_is_followed_by_todays_data_when_the_platform_may_hold_older(
    pending: str | None,
) -> None:
    transition = answer(PlanStep.CREATE, Accepted("1", "u", existed=True), creating(pending))
    assert transition.again
    assert transition.listing["sent_hash"] is None
    assert transition.listing["listing_id"] == "1"


def test_a_refused_payload_is_remembered_and_the_listing_stays_as_it_is() -> None:
    transition = answer(PlanStep.UPDATE, REFUSED, ONLINE)
    assert transition.state == TransferState.REJECTED
    assert transition.listing.keys() - LAST == {"refused_hash"}
    assert transition.listing["refused_hash"] == "hash"
    assert transition.feedback[0].field == "model"


def test_a_refused_create_leaves_an_earlier_create_of_unknown_outcome_unknown() -> None:
    assert answer(PlanStep.CREATE, REFUSED).listing["state"] == ListingState.ABSENT
    assert answer(PlanStep.CREATE, REFUSED, creating("x")).listing["state"] == ListingState.CREATING


@pytest.mark.parametrize("outcome", [Gone(), ACCEPTED])
def test_a_deletion_ends_the_generation_of_the_listing(outcome: Outcome) -> None:
    transition = answer(PlanStep.DELETE, outcome, ONLINE)
    assert transition.state == TransferState.OK
    assert transition.listing["state"] == ListingState.ABSENT
    assert transition.listing["creation_id"] is None
    assert transition.listing_id == "12345678"


def test_a_404_to_an_update_asks_the_platforms_list_and_recreates_nothing_yet() -> None:
    transition = answer(PlanStep.UPDATE, Gone(), ONLINE)
    assert transition.state == TransferState.WAITING
    assert transition.listing == {"state": ListingState.MISSING}
    assert transition.not_before is None
    assert answer(PlanStep.UPDATE, Gone(), ONLINE, attempts=2).not_before is not None


def test_an_undelivered_transfer_waits_by_plan_and_fails_in_the_end() -> None:
    assert answer(PlanStep.UPDATE, Retry("500"), ONLINE).not_before == NOW + timedelta(seconds=5)
    assert answer(PlanStep.UPDATE, Retry("429", after=90), ONLINE).not_before == NOW + timedelta(seconds=90)
    failed = answer(PlanStep.UPDATE, Retry("500"), ONLINE, attempts=7)
    assert failed.state == TransferState.FAILED
    assert failed.feedback[0].platform_text == ""
    assert failed.feedback[0].text == "500"


def test_a_platform_that_is_down_as_a_whole_uses_no_transfer_up() -> None:
    transition = answer(PlanStep.UPDATE, Retry("503", platform_wide=True), ONLINE, attempts=50)
    assert transition.state == TransferState.WAITING


def test_a_stopped_activation_burns_no_attempt_and_leaves_the_listing_as_it_was() -> None:
    transition = answer(PlanStep.CREATE, Stop(StopCause.CREDENTIALS, "Zugang abgelehnt"))
    assert transition.state == TransferState.WAITING
    assert not transition.counts_as_attempt
    assert transition.listing["state"] == ListingState.ABSENT


WARNED = Accepted("1", "u", warnings=(Feedback("missing-field", "Hubraum fehlt"),))


@pytest.mark.parametrize(
    ("step", "outcome", "attempts", "result", "codes"),
    [
        (PlanStep.CREATE, ACCEPTED, 1, "ok", []),
        (PlanStep.UPDATE, WARNED, 1, "warning", ["missing-field"]),
        (PlanStep.CREATE, REFUSED, 1, "rejected", ["invalid-model"]),
        (PlanStep.UPDATE, REFUSED, 1, "rejected", ["invalid-model"]),
        (PlanStep.DELETE, REFUSED, 1, "rejected", ["invalid-model"]),
        (PlanStep.UPDATE, Retry("500"), 7, "failed", ["undelivered"]),
        (PlanStep.DELETE, Retry("500"), 7, "failed", ["undelivered"]),
        (PlanStep.DELETE, ACCEPTED, 1, "ok", []),
        (PlanStep.DELETE, Gone(), 1, "ok", []),
    ],
)
def test_a_final_result_lies_on_the_listing(
    step: PlanStep, outcome: Outcome, attempts: int, result: str, codes: list[str]
) -> None:
    transition = answer(step, outcome, ABSENT if step is PlanStep.CREATE else ONLINE, attempts)
    assert transition.listing["last_result"] == transition.state == result
    assert [feedback["code"] for feedback in transition.listing["last_feedback"]] == codes
    assert transition.listing["last_transfer_id"] == transition.sent.transfer_id


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (PlanStep.CREATE, Retry("500")),
        (PlanStep.UPDATE, Retry("503", platform_wide=True)),
        (PlanStep.UPDATE, Gone()),
        (PlanStep.CREATE, Stop(StopCause.CREDENTIALS, "Zugang abgelehnt")),
    ],
)
def test_what_waits_again_leaves_the_last_result_as_it_was(step: PlanStep, outcome: Outcome) -> None:
    transition = answer(step, outcome, ABSENT if step is PlanStep.CREATE else ONLINE)
    assert transition.state == TransferState.WAITING
    assert not transition.listing.keys() & LAST


def test_every_exchange_is_kept_with_its_attempt() -> None:
    planned = Planned(uuid4(), PlanStep.DELETE, ONLINE)
    exchange = Exchange("DELETE", "/ads/1", 503, 41, "")
    transition = apply_outcome(InFlight(uuid4(), planned), Answer(Retry("503"), (exchange,)), NOW)
    assert transition.attempt["exchanges"] == [
        {"method": "DELETE", "path": "/ads/1", "status": 503, "milliseconds": 41, "error": ""}
    ]
    assert transition.attempt["outcome"] == "retry"
