"""Paid extras that a listing at the platform carries: no update drops what was paid for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, update

from portal.exports.drift import control
from portal.exports.reconciliation.sides import MatchDecision
from portal.models import Listing, Vehicle
from portal.models.exports import ActivationState, ListingState, RunState, Trigger
from portal.models.runs import Run
from portal.vehicles.publication import choices_of, publish
from tests.exports.reconciliation.conftest import Meeting

SETTINGS = ("none", "vehicle")


def extras(meeting: Meeting, number: str = "A1") -> list[str]:
    return sorted(meeting.marketplace.online()[number].get("mobileFeatures", []))


def adopted(meeting: Meeting, *booked: str, bookings: str = "none") -> Vehicle:
    """A listing with these extras that has become ours and got its first update."""
    vehicle = meeting.here("A1")
    meeting.there("A1", **({"mobileFeatures": list(booked)} if booked else {}))
    meeting.activate(bookings=bookings)
    meeting.work()
    assert meeting.written() == ["update"]
    return vehicle


def change(meeting: Meeting, vehicle: Vehicle, mileage: int) -> None:
    meeting.change(vehicle, mileage=mileage)
    meeting.work()
    assert meeting.marketplace.online()["A1"]["mileage"] == mileage


def choose(meeting: Meeting, vehicle: Vehicle, *codes: str) -> None:
    """As on the vehicle's page: these extras are ticked."""
    with meeting.runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, vehicle.id)
        choices = {
            key: type(choice)(choice.released, choice.price, codes)
            for key, choice in choices_of(session, row).items()
        }
        assert publish(session, row, row.online, choices)
    meeting.work()


def check(meeting: Meeting) -> None:
    with meeting.runtime.sessions.begin() as session:
        control.request_check(session, session.merge(meeting.activation_now()), None, Trigger.BY_HAND)
    meeting.work()


def known(meeting: Meeting, vehicle: Vehicle) -> tuple[list[str], list[str]]:
    listing: Listing = meeting.listing(vehicle)
    return listing.bookings, listing.kept_bookings


@pytest.mark.parametrize("setting", SETTINGS)
def test_an_adopted_listing_keeps_its_extras_through_every_update(meeting: Meeting, setting: str) -> None:
    vehicle = adopted(meeting, "EYE_CATCHER", "RED_PENCIL", bookings=setting)
    assert extras(meeting) == ["EYE_CATCHER", "RED_PENCIL"]
    for mileage in (70_001, 70_002):
        change(meeting, vehicle, mileage)
        assert extras(meeting) == ["EYE_CATCHER", "RED_PENCIL"]
    assert known(meeting, vehicle) == (["EYE_CATCHER", "RED_PENCIL"], ["EYE_CATCHER", "RED_PENCIL"])


@pytest.mark.parametrize("setting", SETTINGS)
def test_an_extra_that_was_booked_at_the_platform_later_is_kept_once_it_was_seen(
    meeting: Meeting, setting: str
) -> None:
    vehicle = adopted(meeting, bookings=setting)
    meeting.marketplace.change(meeting.ad_of("A1"), mobileFeatures=["TOP_OF_PAGE"])
    check(meeting)
    change(meeting, vehicle, 70_001)
    assert extras(meeting) == ["TOP_OF_PAGE"]


@pytest.mark.parametrize("setting", SETTINGS)
def test_an_extra_that_has_ended_at_the_platform_is_not_booked_again(meeting: Meeting, setting: str) -> None:
    vehicle = adopted(meeting, "EYE_CATCHER", bookings=setting)
    meeting.marketplace.change(meeting.ad_of("A1"), mobileFeatures=[])
    check(meeting)
    assert known(meeting, vehicle) == ([], [])
    change(meeting, vehicle, 70_001)
    assert extras(meeting) == []


def test_what_is_ticked_here_is_added_and_ends_when_it_is_unticked(meeting: Meeting) -> None:
    vehicle = adopted(meeting, "RED_PENCIL", bookings="vehicle")
    choose(meeting, vehicle, "EYE_CATCHER")
    assert extras(meeting) == ["EYE_CATCHER", "RED_PENCIL"]
    check(meeting)
    choose(meeting, vehicle)
    assert extras(meeting) == ["RED_PENCIL"]


def test_an_extra_of_the_platform_that_was_ticked_here_is_ours_from_then_on(meeting: Meeting) -> None:
    vehicle = adopted(meeting, "EYE_CATCHER", bookings="vehicle")
    choose(meeting, vehicle, "EYE_CATCHER")
    choose(meeting, vehicle)
    assert extras(meeting) == []


def test_what_is_not_transferred_is_neither_booked_nor_dropped(meeting: Meeting) -> None:
    vehicle = adopted(meeting, "EYE_CATCHER", bookings="none")
    choose(meeting, vehicle, "TOP_OF_PAGE")
    change(meeting, vehicle, 70_001)
    assert extras(meeting) == ["EYE_CATCHER"]


def test_a_new_listing_books_nothing_that_ran_at_the_old_one(meeting: Meeting) -> None:
    vehicle = adopted(meeting, "EYE_CATCHER")
    meeting.marketplace.remove(meeting.ad_of("A1"))
    meeting.change(vehicle, mileage=70_001)
    meeting.work()
    meeting.make_due()
    change(meeting, vehicle, 70_002)
    assert meeting.written()[-1] == "create"
    assert extras(meeting) == []
    assert known(meeting, vehicle) == ([], [])


def held_for_days(meeting: Meeting) -> Vehicle:
    """A pair and something to decide; the list was read two days ago."""
    vehicle = meeting.here("A1")
    meeting.there("A1", mobileFeatures=["EYE_CATCHER"])
    meeting.there("B1", make="BMW", model="320")
    meeting.activate()
    meeting.work()
    with meeting.runtime.sessions.begin() as session:
        session.execute(update(Run).values(started_at=func.now() - timedelta(days=2)))
    meeting.decide(MatchDecision.KEEP)
    return vehicle


def test_extras_are_looked_at_again_where_people_took_their_time(meeting: Meeting) -> None:
    held_for_days(meeting)
    meeting.marketplace.change(meeting.ad_of("A1"), mobileFeatures=["TOP_OF_PAGE"])
    before = len(meeting.written())
    meeting.finish()
    meeting.marketplace.fault("error", "list", count=1)
    meeting.work()
    assert meeting.activation_now().state == ActivationState.RECONCILING
    assert len(meeting.written()) == before
    meeting.make_due()
    meeting.work()
    assert meeting.activation_now().state == ActivationState.ACTIVE
    assert extras(meeting) == ["TOP_OF_PAGE"]
    assert meeting.run.state == RunState.DONE


@pytest.mark.parametrize("setting", SETTINGS)
def test_where_the_list_decides_about_a_listing_it_tells_its_extras_too(
    meeting: Meeting, setting: str
) -> None:
    vehicle = adopted(meeting, bookings=setting)
    meeting.marketplace.change(meeting.ad_of("A1"), mobileFeatures=["TOP_OF_PAGE"])
    with meeting.runtime.sessions.begin() as session:
        session.execute(update(Listing).values(state=ListingState.MISSING))
    change(meeting, vehicle, 70_001)
    assert extras(meeting) == ["TOP_OF_PAGE"]
