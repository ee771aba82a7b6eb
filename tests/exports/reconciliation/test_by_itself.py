"""Where nobody has to be asked: an empty platform, or one where everything matches by itself."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Transfer
from portal.models.exports import ActivationState, ListingState, RunState
from portal.models.messages import AuditEvent, Problem
from tests.exports.reconciliation.conftest import Meeting, vin


def test_activating_begins_with_a_reconciliation_and_sends_nothing(meeting: Meeting) -> None:
    meeting.here("A1")
    activation = meeting.activate()
    assert activation.state == ActivationState.RECONCILING
    assert meeting.run.state == RunState.WAITING
    assert meeting.session.scalars(select(Transfer.state)).all() == ["waiting"]
    assert meeting.written() == []


def test_an_empty_platform_needs_no_question_and_everything_is_sent_in_the_same_turn(
    meeting: Meeting,
) -> None:
    for number in ("A1", "A2"):
        meeting.here(number)
    meeting.activate()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert set(meeting.marketplace.online()) == {"A1", "A2"}
    run = meeting.run
    assert (run.state, run.counts["new"], run.counts["adopted"]) == (RunState.DONE, 2, 0)
    assert "keine Inserate" in run.message
    assert run.finished_at
    assert meeting.session.scalars(select(Problem.id)).all() == []


def test_everything_that_matches_is_adopted_updated_and_never_recreated(meeting: Meeting) -> None:
    by_number, by_vin = meeting.here("A1", vin=vin(1)), meeting.here("A2", vin=vin(2))
    first, second = meeting.there("A1"), meeting.there("K-77", vin=vin(2), mileage=1)
    meeting.activate()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update", "update"]
    assert (meeting.ad_of("A1"), meeting.ad_of("A2")) == (first, second)
    assert meeting.marketplace.online()["A2"]["mileage"] == 64_500
    assert all(row["generation"] == 1 for row in meeting.marketplace.generations())
    for vehicle, key in ((by_number, first), (by_vin, second)):
        listing = meeting.listing(vehicle)
        assert (listing.state, listing.listing_id) == (ListingState.ONLINE, key)
        assert listing.creation_id is None
        assert listing.sent_hash
    assert meeting.run.counts["adopted"] == 2
    assert "zugeordnet: 2" in meeting.run.message


def test_the_portal_notes_that_it_completed(meeting: Meeting) -> None:
    meeting.here("A1")
    meeting.there("A1")
    meeting.activate()
    meeting.work()
    event = meeting.session.scalars(select(AuditEvent)).one()
    assert (event.what, event.actor, event.object_id) == (
        "reconciliation.completed",
        "Portal",
        meeting.run.id,
    )
    assert event.detail["adopted"] == 1


def test_for_the_brake_it_is_a_first_transfer_from_then_on(meeting: Meeting) -> None:
    for number in range(30):
        meeting.here(f"A{number}")
    meeting.activate()
    activation = meeting.activation_now()
    with meeting.runtime.sessions.begin() as session:
        session.get_one(type(activation), activation.id).activated_at = None
    meeting.work()
    assert len(meeting.marketplace.online()) == 30
    assert meeting.activation_now().activated_at is not None
    assert meeting.activation_now().state == ActivationState.ACTIVE


def test_an_app_that_is_activated_again_finds_what_it_left_by_the_listings_id(meeting: Meeting) -> None:
    """Also where number and VIN have changed meanwhile, and without a question."""
    vehicle = meeting.here("A1", vin=vin(1))
    listing_id = meeting.there("OLD")
    former = meeting.build.activation(meeting.dealer, state=ActivationState.DEACTIVATED)
    meeting.build.listing(vehicle, former, listing_id=listing_id, sent_hash="x" * 64)
    meeting.activate()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert meeting.written() == ["update"]
    assert meeting.ad_of("A1") == listing_id
    assert meeting.match(listing_id).method == "listing"


def test_a_known_listing_that_is_gone_is_forgotten_and_its_vehicle_new(meeting: Meeting) -> None:
    vehicle = meeting.here("A1")
    former = meeting.build.activation(meeting.dealer, state=ActivationState.DEACTIVATED)
    meeting.build.listing(vehicle, former, listing_id="123456", sent_hash="x" * 64)
    meeting.activate()
    meeting.work()
    assert meeting.written() == ["create"]
    assert meeting.listing(vehicle).listing_id == meeting.ad_of("A1")


def test_a_known_listing_of_a_sold_vehicle_is_deleted_as_ever(meeting: Meeting) -> None:
    sold, kept = meeting.here("A1", sold=True), meeting.here("A2")
    there = meeting.there("A1"), meeting.there("A2")
    former = meeting.build.activation(meeting.dealer, state=ActivationState.DEACTIVATED)
    for vehicle, listing_id in zip((sold, kept), there, strict=True):
        meeting.build.listing(vehicle, former, listing_id=listing_id)
    meeting.activate()
    meeting.work()
    assert set(meeting.marketplace.online()) == {"A2"}


def test_it_happens_only_once(meeting: Meeting) -> None:
    meeting.here("A1")
    meeting.activate()
    meeting.work()
    lists = len(meeting.marketplace.requests("list"))
    meeting.there("A9")
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert len(meeting.marketplace.requests("list")) == lists
