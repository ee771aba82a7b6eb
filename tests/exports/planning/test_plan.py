"""Which step follows from the wanted state and what is known of the listing: all combinations."""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from uuid import uuid4

import pytest

from portal.exports.planning.cases import ExportCase, KnownListing
from portal.exports.planning.plan import Planned, PlanStep, hash_payload, plan, plan_one
from portal.models.exports import ListingState
from portal.platforms.contract import Feedback, Prepared, Subject
from tests.builders import golf

PAYLOAD = {"make": "VW", "price": {"gross": "100.00"}}
HASH = hash_payload(PAYLOAD)
PROBLEM = Feedback("fuel-missing", "Kraftstoff fehlt")


def planned(*, wanted: bool, blocked: bool = False, **known: object) -> Planned:
    case = ExportCase(uuid4(), wanted, Subject(golf(), "HH"), KnownListing(**known))  # type: ignore[arg-type]
    prepared = Prepared(PAYLOAD, problems=(PROBLEM,) if blocked else ())
    return plan_one(case, lambda _: prepared)


def step(*, wanted: bool, blocked: bool = False, **known: object) -> PlanStep:
    return planned(wanted=wanted, blocked=blocked, **known).step


def test_a_wanted_vehicle_without_listing_is_created() -> None:
    assert step(wanted=True) is PlanStep.CREATE


def test_a_wanted_vehicle_with_problems_is_blocked_before_anything_is_sent() -> None:
    assert step(wanted=True, blocked=True) is PlanStep.BLOCKED
    assert step(wanted=True, blocked=True, state=ListingState.ONLINE, sent_hash="other") is PlanStep.BLOCKED


def test_an_equal_payload_is_not_sent_again() -> None:
    assert step(wanted=True, state=ListingState.ONLINE, sent_hash=HASH) is PlanStep.NOTHING
    assert step(wanted=True, state=ListingState.ONLINE, sent_hash="other") is PlanStep.UPDATE
    assert step(wanted=True, state=ListingState.ONLINE, sent_hash=None) is PlanStep.UPDATE


@pytest.mark.parametrize("state", [ListingState.ABSENT, ListingState.ONLINE])
def test_a_refused_payload_is_not_sent_until_it_changes(state: ListingState) -> None:
    assert step(wanted=True, state=state, refused_hash=HASH) is PlanStep.NOTHING
    assert step(wanted=True, state=state, refused_hash="other") in (PlanStep.CREATE, PlanStep.UPDATE)


def test_as_it_should_be_is_there_unchanged_or_rightly_absent() -> None:
    assert planned(wanted=True, state=ListingState.ONLINE, sent_hash=HASH).as_it_should_be
    assert planned(wanted=True, state=ListingState.ONLINE, sent_hash=HASH, refused_hash="x").as_it_should_be
    assert planned(wanted=False, refused_hash=HASH).as_it_should_be
    assert not planned(wanted=True, state=ListingState.ONLINE, refused_hash=HASH).as_it_should_be
    assert not planned(wanted=True, refused_hash=HASH).as_it_should_be
    assert not planned(wanted=True, blocked=True).as_it_should_be
    assert not planned(wanted=True).as_it_should_be


def test_a_create_of_unknown_outcome_is_repeated() -> None:
    assert step(wanted=True, state=ListingState.CREATING, pending_hash="other") is PlanStep.CREATE


def test_only_the_platforms_list_tells_whether_an_unwanted_or_refused_create_arrived() -> None:
    assert step(wanted=False, state=ListingState.CREATING) is PlanStep.RESOLVE
    assert step(wanted=True, blocked=True, state=ListingState.CREATING) is PlanStep.RESOLVE
    assert step(wanted=True, state=ListingState.CREATING, refused_hash=HASH) is PlanStep.RESOLVE


def test_a_listing_that_the_platform_denies_is_looked_up_before_it_is_created_again() -> None:
    assert step(wanted=True, state=ListingState.MISSING) is PlanStep.RESOLVE


def test_an_unwanted_listing_is_deleted() -> None:
    assert step(wanted=False, state=ListingState.ONLINE) is PlanStep.DELETE
    assert step(wanted=False, state=ListingState.MISSING) is PlanStep.DELETE
    assert step(wanted=False) is PlanStep.NOTHING


@pytest.mark.parametrize(
    ("wanted", "blocked", "state", "sent", "refused", "pending"),
    list(product((True, False), (True, False), ListingState, *[(None, HASH, "other")] * 3)),
)
def test_no_combination_doubles_or_loses_a_listing(
    wanted: bool, blocked: bool, state: str, sent: str | None, refused: str | None, pending: str | None
) -> None:
    decided = step(
        wanted=wanted,
        blocked=blocked,
        state=state,
        sent_hash=sent,
        refused_hash=refused,
        pending_hash=pending,
    )
    if decided is PlanStep.CREATE:
        assert wanted
        assert not blocked
        assert state in (ListingState.ABSENT, ListingState.CREATING)
    if decided is PlanStep.UPDATE:
        assert wanted
        assert state == ListingState.ONLINE
    if decided is PlanStep.DELETE:
        assert not wanted
        assert state in (ListingState.ONLINE, ListingState.MISSING)
    if decided is PlanStep.NOTHING and not wanted:
        assert state == ListingState.ABSENT


def test_the_spelling_of_a_payload_does_not_change_its_hash() -> None:
    assert hash_payload({"b": 1, "a": "ü"}) == hash_payload({"a": "ü", "b": 1})
    assert hash_payload({"a": 1}) != hash_payload({"a": "1"})


def test_only_the_vehicles_that_are_forced_are_sent_again() -> None:
    known = KnownListing(state=ListingState.ONLINE, sent_hash=HASH)
    first, second = (ExportCase(uuid4(), True, Subject(golf(), "HH"), known) for _ in range(2))
    found = plan([first, second], lambda _: Prepared(PAYLOAD), force={second.vehicle_id})
    assert [(one.vehicle_id, one.step) for one in found] == [
        (first.vehicle_id, PlanStep.NOTHING),
        (second.vehicle_id, PlanStep.UPDATE),
    ]
    nobody = plan([second], lambda _: Prepared(PAYLOAD))
    assert [one.step for one in nobody] == [PlanStep.NOTHING]


def test_the_hash_knows_no_order_of_members_and_every_character() -> None:
    assert hash_payload({"a": 1, "b": "ä"}) == hash_payload({"b": "ä", "a": 1})
    text = '{"a":"ä","b":[1,2]}'
    assert hash_payload({"b": [1, 2], "a": "ä"}) == sha256(text.encode()).hexdigest()


def test_what_is_planned_carries_what_would_be_sent_or_why_it_is_not_wanted() -> None:
    subject = Subject(golf(), "HH")
    prepared = Prepared(PAYLOAD, bookings=frozenset({"top"}))
    wanted = plan_one(ExportCase(uuid4(), True, subject, KnownListing()), lambda _: prepared)
    assert (wanted.prepared, wanted.payload_hash, wanted.bookings) == (prepared, HASH, {"top"})
    sold = plan_one(ExportCase(uuid4(), False, subject, KnownListing(), "verkauft"), lambda _: prepared)
    assert (sold.prepared, sold.payload_hash, sold.exclusion_reason) == (None, None, "verkauft")
