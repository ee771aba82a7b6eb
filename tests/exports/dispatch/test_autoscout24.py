"""A platform without a key of idempotency, that answers later and lets dealers lock listings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.exports.core.runtime import Runtime
from portal.exports.drift.control import request_check
from portal.exports.jobs import run_activation, tick
from portal.models import Activation, Listing, Transfer
from portal.models.exports import ListingState, TransferState, Trigger
from tests.builders import Build
from tests.exports.autoscout24 import As24Books, As24Stage
from tests.marketplace import Marketplace
from tests.words import german


@pytest.fixture
def as24(marketplace: Marketplace) -> Iterator[As24Books]:
    books = As24Books(marketplace)
    yield books
    books.close()


@pytest.fixture
def stage(build: Build, runtime: Runtime) -> As24Stage:
    return As24Stage(build, runtime)


def test_released_vehicle_is_listed_under_our_key(stage: As24Stage, as24: As24Books) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    (listing,) = as24.listings()
    assert listing["crossReferenceId"] == str(vehicle.id)
    assert listing["offerReferenceId"] == vehicle.offer_number
    assert [row.state for row in stage.transfers()] == [TransferState.OK]
    assert stage.listing().listing_id == listing["id"]


@pytest.mark.parametrize("effect", ["error-after-commit", "reset-after-commit"])
def test_create_without_a_clear_answer_is_looked_up_before_it_is_repeated(
    stage: As24Stage, as24: As24Books, effect: str
) -> None:
    stage.vehicle()
    as24.marketplace.fault(effect, "create", count=1)
    stage.drain()
    assert stage.listing().state == ListingState.CREATING
    stage.make_due()
    stage.drain()
    assert len(as24.listings()) == 1
    assert len(as24.requests("create")) == 1
    assert as24.requests("list")
    assert stage.listing().state == ListingState.ONLINE
    assert stage.transfers()[-1].state == TransferState.OK


def test_create_that_did_not_arrive_is_repeated_once_the_list_says_so(
    stage: As24Stage, as24: As24Books
) -> None:
    stage.vehicle()
    as24.marketplace.fault("error", "create", count=1)
    stage.drain()
    for _look in ("half a list might say so, too", "a later one says it again"):
        assert len(as24.requests("create")) == 1
        stage.make_due()
        stage.drain()
    assert len(as24.listings()) == 1
    assert [row["status"] for row in as24.requests("create")] == [500, 201]


def test_half_a_list_that_comes_twice_makes_nothing_anew(stage: As24Stage, as24: As24Books) -> None:
    """All arrived, nobody heard of it, and what is shown is no more than what we know."""
    stage.vehicle()
    stage.drain()
    for _number in range(2):
        stage.vehicle()
    as24.marketplace.fault("error-after-commit", "create", count=2)
    stage.drain()
    as24.marketplace.fault("half-list", "list")
    stage.make_due()
    stage.drain()
    assert len(as24.requests("create")) == 3
    as24.marketplace.heal()
    stage.make_due()
    stage.drain_all()
    assert len(as24.listings()) == len(as24.requests("create")) == 3


def test_listing_that_waits_for_the_platform_is_shown_as_waiting(stage: As24Stage, as24: As24Books) -> None:
    as24.tell(enrichment="silent")
    stage.vehicle()
    stage.drain()
    (row,) = stage.transfers()
    assert (row.state, row.finished_at) == (TransferState.PENDING, None)
    assert row.poll_at is not None
    assert stage.listing().awaiting_since is not None
    stage.drain()
    assert len(as24.requests("list")) == 0, "never before some seconds"


def polled(stage: As24Stage, as24: As24Books, enrichment: str) -> Transfer:
    as24.tell(enrichment=enrichment, enrichmentSeconds=0)
    stage.vehicle()
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Transfer).values(state=TransferState.PENDING, finished_at=None))
        session.execute(update(Transfer).values(poll_at=datetime.now(UTC) - timedelta(seconds=1)))
        session.execute(update(Transfer).values(poll_until=datetime.now(UTC) + timedelta(hours=1)))
    assert tick(stage.runtime) == 1
    stage.drain()
    return stage.transfers()[-1]


def test_waiting_ends_when_the_listing_is_published(stage: As24Stage, as24: As24Books) -> None:
    row = polled(stage, as24, "success")
    assert (row.state, row.poll_at) == (TransferState.OK, None)
    assert [attempt["outcome"] for attempt in row.attempts][-1] == "accepted"
    listing = stage.listing()
    assert (listing.awaiting_since, listing.last_result) == (None, TransferState.OK)
    assert listing.online_since is not None


def test_waiting_ends_in_a_refusal_with_the_missing_fields(stage: As24Stage, as24: As24Books) -> None:
    row = polled(stage, as24, "fail")
    assert row.state == TransferState.REJECTED
    assert row.feedback[0]["code"] == "enrichment-failed"
    assert row.feedback[0]["field"] == "energy.co2"
    assert stage.listing().last_result == TransferState.REJECTED


def test_waiting_has_a_deadline(stage: As24Stage, as24: As24Books) -> None:
    as24.tell(enrichment="silent")
    stage.vehicle()
    stage.drain()
    stage.now_due()
    stage.drain()
    assert stage.transfers()[-1].state == TransferState.PENDING
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Transfer).values(poll_until=datetime.now(UTC)))
    stage.now_due()
    stage.drain()
    row = stage.transfers()[-1]
    assert row.state == TransferState.FAILED
    assert german(row.feedback[0]["text"]).startswith("Keine Antwort der Plattform nach 24 Std.")


def test_newer_change_takes_the_place_of_one_that_waits(stage: As24Stage, as24: As24Books) -> None:
    as24.tell(enrichment="silent")
    vehicle = stage.vehicle()
    stage.drain()
    as24.tell(enrichment="by-vin")
    stage.change(vehicle, mileage=70_000)
    stage.drain()
    stage.now_due()
    stage.drain()
    assert [row.state for row in stage.transfers()] == [TransferState.DISCARDED, TransferState.OK]


def locked(stage: As24Stage, as24: As24Books) -> tuple[Any, str]:
    stage.others_online(20)
    vehicle = stage.vehicle()
    stage.drain()
    (listing,) = as24.listings()
    as24.change(listing["id"], protected=True)
    return vehicle, listing["id"]


def known(stage: As24Stage, listing_id: str) -> Listing:
    stage.session.expire_all()
    return stage.session.scalars(select(Listing).where(Listing.listing_id == listing_id)).one()


def test_locked_listing_is_tried_once_and_left_alone(stage: As24Stage, as24: As24Books) -> None:
    vehicle, listing_id = locked(stage, as24)
    stage.change(vehicle, mileage=70_000)
    stage.drain()
    assert known(stage, listing_id).protected_at is not None
    assert stage.transfers(vehicle)[-1].feedback[0]["code"] == "overwrite-protection"
    stage.change(vehicle, mileage=71_000)
    stage.drain()
    stage.take_offline(vehicle)
    stage.drain()
    assert len(as24.requests("update")) == 1
    assert as24.requests("delete") == []
    assert [one["id"] for one in as24.listings()] == [listing_id]


def test_deletion_that_is_locked_is_not_taken_for_done(stage: As24Stage, as24: As24Books) -> None:
    vehicle, listing_id = locked(stage, as24)
    stage.take_offline(vehicle)
    stage.drain()
    assert known(stage, listing_id).state == ListingState.ONLINE
    assert known(stage, listing_id).protected_at is not None
    assert stage.transfers(vehicle)[-1].state == TransferState.REJECTED


def check_stock(stage: As24Stage) -> None:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        request_check(session, activation, None, Trigger.BY_HAND)
    run_activation(stage.runtime, stage.activation.id)


def test_lock_that_is_taken_off_sends_what_waited(stage: As24Stage, as24: As24Books) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    (listing,) = as24.listings()
    as24.change(listing["id"], protected=True)
    check_stock(stage)
    assert known(stage, listing["id"]).protected_at is not None
    stage.change(vehicle, mileage=70_000)
    stage.drain()
    assert as24.requests("update") == []
    as24.change(listing["id"], protected=False)
    check_stock(stage)
    stage.drain()
    assert [one["body"]["mileage"] for one in as24.listings()] == [70_000]
    assert known(stage, listing["id"]).protected_at is None


def test_drift_check_reads_whole_what_was_changed_elsewhere(stage: As24Stage, as24: As24Books) -> None:
    stage.vehicle()
    stage.drain()
    (listing,) = as24.listings()
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Listing).values(sent_at=datetime.now(UTC) - timedelta(hours=1)))
    public = {"price": 9_990, "currency": "EUR"}
    as24.change(listing["id"], body={"prices": {"public": public}})
    check_stock(stage)
    (difference,) = stage.listing().drift
    assert (german(difference["label"]), difference["new"]) == ("Preis", "9990")
    check_stock(stage)
    assert len(as24.requests("read")) == 2, "a request for each listing that was changed, no more"


def test_paid_extra_that_is_ignored_in_silence_is_said(stage: As24Stage, as24: As24Books) -> None:
    as24.tell(canSetMiaRequestedTier=False)
    with stage.runtime.sessions.begin() as session:
        settings = {"mobile_export": "none", "bookings": "vehicle"}
        session.get_one(Activation, stage.activation.id).settings = settings
    vehicle = stage.build.vehicle(stage.dealer)
    stage.build.release(vehicle, stage.activation, bookings=["T30"])
    stage.note(vehicle)
    stage.drain()
    (row,) = stage.transfers()
    assert (row.state, row.poll_at is not None) == (TransferState.OK, True)
    stage.now_due()
    stage.drain()
    (row,) = stage.transfers()
    assert (row.state, row.feedback[0]["code"]) == (TransferState.WARNING, "booking-not-applied")
    assert stage.listing().bookings == []
