"""What each answer means for the transfer, the listing and the activation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.exports.planning.cases import KnownListing
from portal.exports.planning.outcome import InFlight, Transition, apply_outcome, serialize_attempt
from portal.exports.planning.plan import Planned, PlanStep
from portal.models.exports import ListingState, TransferState
from portal.platforms.contract import (
    Accepted,
    Actor,
    Answer,
    Exchange,
    Feedback,
    Gone,
    Outcome,
    Pending,
    Prepared,
    Protected,
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


def answer(
    step: PlanStep,
    outcome: Outcome,
    known: KnownListing = ABSENT,
    attempts: int = 1,
    exchanges: tuple[Exchange, ...] = (),
) -> Transition:
    prepared = None if step is PlanStep.DELETE else Prepared({"a": 1})
    planned = Planned(uuid4(), step, known, prepared, None if step is PlanStep.DELETE else "hash")
    return apply_outcome(InFlight(uuid4(), planned, uuid4(), attempts), Answer(outcome, exchanges), NOW)


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


@pytest.mark.parametrize(
    "outcome", [ACCEPTED, REFUSED, Gone(), Retry("500"), Stop(StopCause.CREDENTIALS, "x")]
)
@pytest.mark.parametrize("step", [PlanStep.CREATE, PlanStep.UPDATE, PlanStep.DELETE])
def test_a_transition_is_that_of_what_was_sent(step: PlanStep, outcome: Outcome) -> None:
    sent = InFlight(uuid4(), Planned(uuid4(), step, ONLINE, Prepared({}), "hash"))
    transition = apply_outcome(sent, Answer(outcome), NOW)
    assert transition.sent is sent
    assert transition.counts_as_attempt is not isinstance(outcome, Stop)
    assert transition.again is False


def test_every_exchange_is_kept_with_its_attempt() -> None:
    planned = Planned(uuid4(), PlanStep.DELETE, ONLINE)
    exchange = Exchange("DELETE", "/ads/1", 503, 41, "")
    transition = apply_outcome(InFlight(uuid4(), planned), Answer(Retry("503"), (exchange,)), NOW)
    assert transition.attempt["exchanges"] == [
        {"method": "DELETE", "path": "/ads/1", "status": 503, "milliseconds": 41, "error": ""}
    ]
    assert transition.attempt["outcome"] == "retry"


NOTHING_KNOWN = {
    "pending_hash": None,
    "refused_hash": None,
    "drift": [],
    "vanished_at": None,
    "missed_at": None,
    "awaiting_since": None,
    "protected_at": None,
}
"""What an end of doubt leaves behind: of an accepted listing and of a deleted one."""


def columns(transition: Transition) -> dict[str, object]:
    """What changes on the listing, its last result apart."""
    return {name: value for name, value in transition.listing.items() if name not in LAST}


def test_everything_that_an_accepted_create_writes() -> None:
    transition = answer(PlanStep.CREATE, ACCEPTED)
    online = {"state": ListingState.ONLINE, "listing_id": ACCEPTED.listing_id, "url": ACCEPTED.url}
    sent = {"sent_hash": "hash", "sent_payload": {"a": 1}, "bookings": [], "sent_at": NOW}
    since = {"confirmed_at": NOW, "online_since": NOW}
    assert columns(transition) == NOTHING_KNOWN | online | sent | since
    assert (transition.listing_id, transition.url) == (ACCEPTED.listing_id, ACCEPTED.url)
    assert transition.not_before is None
    assert transition.counts_as_attempt


def test_what_the_platform_stores_without_showing_it_is_asked_about_later() -> None:
    transition = answer(PlanStep.CREATE, Pending("12345678", "https://example.org/12345678", "Wartet", 60))
    assert transition.state == TransferState.PENDING
    assert transition.feedback == (Feedback("pending", "Wartet", who=Actor.PLATFORM),)
    assert (transition.listing_id, transition.url) == ("12345678", "https://example.org/12345678")
    online = {"state": ListingState.ONLINE, "listing_id": "12345678", "url": "https://example.org/12345678"}
    sent = {"sent_hash": "hash", "sent_payload": {"a": 1}, "sent_at": NOW, "awaiting_since": NOW}
    assert columns(transition) == NOTHING_KNOWN | online | sent
    assert not LAST & transition.listing.keys(), "it is no result yet"
    assert transition.poll_at == NOW + timedelta(seconds=60)
    assert transition.poll_until == NOW + timedelta(hours=24)


@pytest.mark.parametrize("step", [PlanStep.UPDATE, PlanStep.DELETE])
def test_a_listing_that_its_dealer_has_locked_there_stays_as_it_is(step: PlanStep) -> None:
    locked = Protected(Feedback("protected", "Dort gesperrt"))
    transition = answer(step, locked, ONLINE)
    assert transition.state == TransferState.REJECTED
    assert columns(transition) == {"protected_at": NOW}
    assert transition.listing_id == "12345678"


def test_an_accepted_wish_is_looked_at_again() -> None:
    transition = answer(PlanStep.UPDATE, Accepted("1", "u", look_again=120), ONLINE)
    assert (transition.state, transition.poll_at) == (TransferState.OK, NOW + timedelta(seconds=120))


def test_an_update_leaves_the_day_since_when_it_is_online() -> None:
    assert "online_since" not in answer(PlanStep.UPDATE, ACCEPTED, ONLINE).listing


def test_what_the_platform_may_hold_of_older_data_is_not_taken_for_sent() -> None:
    transition = answer(PlanStep.CREATE, Accepted("1", "u", existed=True), creating("another payload"))
    assert columns(transition)["sent_payload"] == {}
    assert [one.code for one in transition.feedback] == ["existed"]
    assert transition.state == TransferState.OK
    taken = answer(PlanStep.CREATE, Accepted("1", "u", existed=True), creating("hash"))
    assert (columns(taken)["sent_hash"], columns(taken)["sent_payload"]) == ("hash", {"a": 1})
    # Only a listing that is being created has a payload on its way.
    online = KnownListing(state=ListingState.ONLINE, pending_hash="hash")
    assert answer(PlanStep.CREATE, Accepted("1", "u", existed=True), online).again


def test_hints_and_what_was_left_out_are_told_in_this_order() -> None:
    hint, left_out = Feedback("hint", "Hubraum fehlt"), Feedback("left-out", "Top-Inserat nicht gebucht")
    transition = answer(
        PlanStep.CREATE, Accepted("1", "u", warnings=(hint,), blocked=(left_out,), existed=True)
    )
    assert [one.code for one in transition.feedback] == ["hint", "left-out", "existed"]
    assert transition.state == TransferState.WARNING


@pytest.mark.parametrize(("booked", "expected"), [(None, ("a", "b")), (("x",), ("x",)), ((), ())])
def test_bookings_are_those_that_the_platform_names_else_those_that_were_asked_for(
    booked: tuple[str, ...] | None, expected: tuple[str, ...]
) -> None:
    planned = Planned(uuid4(), PlanStep.CREATE, ABSENT, Prepared({}), "hash", frozenset({"b", "a"}))
    transition = apply_outcome(InFlight(uuid4(), planned), Answer(Accepted("1", "u", booked=booked)), NOW)
    assert transition.bookings == expected
    assert transition.listing["bookings"] == list(expected)


@pytest.mark.parametrize("outcome", [Gone(), ACCEPTED])
def test_everything_that_a_deletion_writes(outcome: Outcome) -> None:
    transition = answer(PlanStep.DELETE, outcome, ONLINE)
    nowhere = {"state": ListingState.ABSENT, "listing_id": None, "url": None, "creation_id": None}
    unsent = {"sent_hash": None, "sent_payload": {}, "bookings": [], "kept_bookings": []}
    assert columns(transition) == NOTHING_KNOWN | nowhere | unsent | {"online_since": None}


@pytest.mark.parametrize("outcome", [REFUSED, Stop(StopCause.CREDENTIALS, "Zugang abgelehnt")])
@pytest.mark.parametrize("step", [PlanStep.UPDATE, PlanStep.DELETE])
def test_only_a_refused_create_or_update_is_remembered(step: PlanStep, outcome: Outcome) -> None:
    remembered = step is PlanStep.UPDATE and outcome is REFUSED
    assert columns(answer(step, outcome, ONLINE)) == ({"refused_hash": "hash"} if remembered else {})


@pytest.mark.parametrize("outcome", [REFUSED, Stop(StopCause.CREDENTIALS, "Zugang abgelehnt")])
def test_a_create_that_did_nothing_leaves_the_listing_as_it_was_before(outcome: Outcome) -> None:
    refused = {"refused_hash": "hash"} if outcome is REFUSED else {}
    before = {"state": ListingState.CREATING, "pending_hash": "x"}
    assert columns(answer(PlanStep.CREATE, outcome, creating("x"))) == before | refused


def test_what_waits_names_its_listing_and_its_moment() -> None:
    gone = answer(PlanStep.UPDATE, Gone(), ONLINE)
    assert (gone.listing_id, [one.code for one in gone.feedback]) == ("12345678", ["gone"])
    assert gone.counts_as_attempt
    assert gone.attempt["not_before"] is None
    assert answer(PlanStep.UPDATE, Gone(), ONLINE, attempts=2).not_before == NOW + timedelta(seconds=30)
    retried = answer(PlanStep.UPDATE, Retry("500"), ONLINE)
    assert (retried.listing_id, columns(retried)) == ("12345678", {"sent_hash": None})
    assert retried.counts_as_attempt
    assert retried.attempt["not_before"] == (NOW + timedelta(seconds=5)).isoformat()
    told = [(one.code, one.text, one.who) for one in retried.feedback]
    assert told == [("undelivered", "500", Actor.PLATFORM)]
    failed = answer(PlanStep.UPDATE, Retry("500"), ONLINE, attempts=7)
    assert (failed.listing_id, failed.not_before) == ("12345678", None)
    assert answer(PlanStep.UPDATE, REFUSED, ONLINE).listing_id == "12345678"


@pytest.mark.parametrize("whole", [True, False])
def test_trouble_of_the_whole_platform_uses_no_attempt_up(whole: bool) -> None:
    """Said by the answer itself, or known from the answers before it."""
    planned = Planned(uuid4(), PlanStep.UPDATE, ONLINE, Prepared({}), "hash")
    sent = InFlight(uuid4(), planned, attempts=50)
    retry = Answer(Retry("503", after=7, platform_wide=whole))
    transition = apply_outcome(sent, retry, NOW, platform_outage=not whole)
    assert not transition.counts_as_attempt
    assert transition.not_before == NOW + timedelta(seconds=7)
    assert apply_outcome(sent, Answer(Retry("503")), NOW).state == TransferState.FAILED
    soon = apply_outcome(sent, Answer(Retry("503", platform_wide=True)), NOW)
    assert soon.not_before == NOW + timedelta(seconds=5)


def test_a_stop_is_told_with_its_cause() -> None:
    transition = answer(PlanStep.UPDATE, Stop(StopCause.CREDENTIALS, "Zugang abgelehnt"), ONLINE)
    told = [(one.code, one.text, one.who) for one in transition.feedback]
    assert told == [(str(StopCause.CREDENTIALS), "Zugang abgelehnt", Actor.OPERATOR)]


def test_an_attempt_is_kept_with_its_moment_and_its_sign() -> None:
    attempt = answer(PlanStep.UPDATE, Retry("503", platform_wide=True), ONLINE).attempt
    assert (attempt["at"], attempt["sign"], attempt["detail"]) == (NOW.isoformat(), "down", "503")
    assert answer(PlanStep.CREATE, ACCEPTED).attempt["detail"] == ""


@pytest.mark.parametrize("step", [PlanStep.UPDATE, PlanStep.DELETE])
@pytest.mark.parametrize("attempts", [1, 99])
def test_after_a_request_without_an_answer_nobody_knows_what_the_platform_holds(
    step: PlanStep, attempts: int
) -> None:
    """Else a vehicle that is wanted as it was before would be taken for what is shown there."""
    transition = answer(step, Retry("Zeitüberschreitung"), ONLINE, attempts)
    assert transition.listing["sent_hash"] is None


@pytest.mark.parametrize("outcome", [REFUSED, Stop(StopCause.NOT_LINKED, "nein")])
def test_a_refusal_after_a_part_was_done_leaves_the_same_doubt(outcome: Outcome) -> None:
    refused = Exchange("POST", "/listings/1/activate", 409, 3)
    looked, done = Exchange("GET", "/listings/1", 200, 3), Exchange("PUT", "/listings/1", 204, 3)
    partly = answer(PlanStep.UPDATE, outcome, ONLINE, exchanges=(looked, done, refused))
    assert partly.listing["sent_hash"] is None
    nothing = answer(PlanStep.UPDATE, outcome, ONLINE, exchanges=(looked, refused))
    assert "sent_hash" not in nothing.listing


@pytest.mark.parametrize(
    "outcome", [Retry("Zeitüberschreitung"), REFUSED, Stop(StopCause.NOT_LINKED, "nein")]
)
def test_of_a_creation_its_state_says_what_is_in_doubt(outcome: Outcome) -> None:
    done = Exchange("POST", "/listings", 201, 3)
    assert "sent_hash" not in answer(PlanStep.CREATE, outcome, exchanges=(done,)).listing


@pytest.mark.parametrize(
    ("outcome", "kind", "sign", "detail"),
    [
        (ACCEPTED, "accepted", "well", ""),
        (Pending("1", "u", "Wartet"), "pending", "", "Wartet"),
    ],
)
def test_a_look_is_an_attempt_of_the_history(outcome: Outcome, kind: str, sign: str, detail: str) -> None:
    asked = Exchange("GET", "/ads/1", 200, 12)
    assert serialize_attempt(Answer(outcome, (asked,)), NOW) == {
        "at": "2026-11-24T12:00:00+00:00",
        "outcome": kind,
        "sign": sign,
        "detail": detail,
        "not_before": None,
        "exchanges": [asked.as_json()],
    }
