"""What the brake counts: the window, approvals in it, and what is on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.exports.brake import Deviation
from portal.exports.deviation import measure
from portal.models import Activation, Dealer, Vehicle, VehicleImport
from portal.models.exports import ListingState
from tests.builders import Build


def ago(hours: float) -> datetime:
    return datetime.now(UTC) - timedelta(hours=hours)


class Book:
    """An activation that has been working for a month, and what was sent there."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self.dealer: Dealer = build.dealer()
        self.activation: Activation = build.activation(self.dealer, activated_at=ago(24 * 30))

    def sent(self, action: str, hours: float, state: str = "ok") -> None:
        vehicle = self.build.vehicle(self.dealer)
        self.build.transfer(vehicle, self.activation, action=action, state=state, finished_at=ago(hours))

    def put(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self.activation, name, value)
        self.build.session.commit()

    def measured(self, *deletions: Vehicle) -> Deviation:
        return measure(self.build.session, self.activation.id, [one.id for one in deletions], ())


@pytest.fixture
def book(build: Build) -> Book:
    return Book(build)


def test_a_day_counts_and_no_minute_more(book: Book) -> None:
    book.sent("delete", 23.9)
    book.sent("delete", 24.1)
    book.sent("create", 23.9)
    found = book.measured()
    assert (found.deletions_done, found.creations_done) == (1, 1)


def test_since_an_approval_only_what_came_after_it_counts(book: Book) -> None:
    book.put(counted_from=ago(2))
    book.sent("delete", 1)
    book.sent("delete", 3)
    assert book.measured().deletions_done == 1


def test_an_approval_of_long_ago_makes_the_window_no_longer_than_a_day(book: Book) -> None:
    book.put(counted_from=ago(50))
    book.sent("delete", 30)
    assert book.measured().deletions_done == 0


@pytest.mark.parametrize(("hours", "ceilings"), [(23.9, (40, 50, True)), (24.1, (0, 0, False))])
def test_an_approval_lasts_a_day(book: Book, hours: float, ceilings: tuple[int, int, bool]) -> None:
    approved = {"approved_deletions": 40, "approved_creations": 50, "approved_empty": True}
    book.put(counted_from=ago(hours), **approved)
    found = book.measured()
    assert (found.approved_deletions, found.approved_creations, found.approved_empty) == ceilings


def test_what_was_taken_with_a_warning_is_done_and_what_was_not_taken_is_not(book: Book) -> None:
    for state in ("ok", "warning", "rejected", "failed", "discarded"):
        book.sent("delete", 1, state)
    assert book.measured().deletions_done == 2


def test_an_update_never_counts(book: Book) -> None:
    book.sent("update", 1)
    found = book.measured()
    assert (found.deletions_done, found.creations_done) == (0, 0)


@pytest.mark.parametrize(
    ("activated", "counted", "listed", "first"),
    [(23, None, True, True), (25, None, True, False), (25, None, False, True), (23, 1, True, False)],
)
def test_the_first_transfer_ends_with_the_day_or_is_over(
    book: Book, activated: float, counted: float | None, listed: bool, first: bool
) -> None:
    book.put(activated_at=ago(activated), counted_from=None if counted is None else ago(counted))
    if listed:
        book.build.listing(book.build.vehicle(book.dealer), book.activation)
    assert book.measured().first is first


def test_what_waits_for_another_attempt_counts_once_beside_what_is_planned(book: Book) -> None:
    vehicles = [book.build.vehicle(book.dealer) for _ in range(3)]
    for vehicle, action in zip(vehicles, ("delete", "delete", "create"), strict=True):
        book.build.transfer(vehicle, book.activation, action=action, not_before=ago(-1))
    found = book.measured(vehicles[0])
    assert (found.deletions, found.creations) == (2, 1)


def test_a_listing_that_is_being_looked_for_still_counts_as_online(book: Book) -> None:
    for state in ListingState:
        book.build.listing(book.build.vehicle(book.dealer), book.activation, state=state)
    assert book.measured().online == 2, "online and missing"


@pytest.mark.parametrize(
    ("partial", "error", "hours", "truncated"),
    [(False, "", 1, True), (True, "", 1, False), (False, "unlesbar", 1, False), (False, "", 3, False)],
)
def test_a_cut_import_counts_until_somebody_approved_it(
    book: Book, partial: bool, error: str, hours: float, truncated: bool
) -> None:
    book.put(counted_from=ago(2))
    book.build._add(
        VehicleImport(
            dealer_id=book.dealer.id,
            location_id=book.activation.location_id,
            file_name="bestand.csv",
            partial=partial,
            error=error,
            cut_short=True,
            finished_at=ago(hours),
        )
    )
    assert book.measured(book.build.vehicle(book.dealer)).truncated is truncated
