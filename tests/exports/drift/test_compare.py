"""What the platform's list says of a listing: confirmed, drifted, vanished, or left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.exports.drift.compare import DriftVerdict, SentListing, compare_listing, drift_of
from portal.models.exports import ListingState

BEGAN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
LABELS = {"price.gross": "Preis"}
AD = {"price": {"gross": "16500"}, "mileage": "64500"}


def ours(**changed: Any) -> SentListing:
    plausible: dict[str, Any] = {"vehicle_id": uuid4(), "state": ListingState.ONLINE, "sent": AD}
    return SentListing(**(plausible | changed))


def test_shown_as_it_was_sent_it_is_confirmed() -> None:
    assert compare_listing(ours(), AD, BEGAN, LABELS).verdict == DriftVerdict.CONFIRMED


def test_a_differing_field_is_drift_with_both_values() -> None:
    shown = AD | {"price": {"gross": "15500"}}
    found = compare_listing(ours(), shown, BEGAN, LABELS)
    assert found.verdict == DriftVerdict.DRIFTED
    assert found.drift == ({"field": "price.gross", "label": "Preis", "old": "16500", "new": "15500"},)


def test_what_only_one_side_carries_is_no_drift() -> None:
    shown = {"price": {"gross": "16500", "currency": "EUR"}, "renewed": "2026-11-23"}
    assert drift_of(AD, shown, LABELS) == []
    assert drift_of(AD, {}, LABELS) == []


def test_missing_in_the_list_it_has_vanished() -> None:
    assert compare_listing(ours(), None, BEGAN, LABELS).verdict == DriftVerdict.VANISHED


@pytest.mark.parametrize(
    "changed",
    [
        {"sent_at": BEGAN},
        {"sent_at": BEGAN + timedelta(seconds=1)},
        {"busy": True},
        {"state": ListingState.CREATING},
        {"state": ListingState.MISSING},
    ],
)
@pytest.mark.parametrize("shown", [None, {"mileage": "1"}, AD])
def test_what_is_changing_meanwhile_is_left_alone(changed: dict[str, Any], shown: Any) -> None:
    assert compare_listing(ours(**changed), shown, BEGAN, LABELS).verdict == DriftVerdict.LEFT


def test_an_adopted_listing_waits_for_its_data_but_may_have_vanished() -> None:
    adopted = ours(known=False, sent={})
    assert compare_listing(adopted, {"mileage": "1"}, BEGAN, LABELS).verdict == DriftVerdict.LEFT
    assert compare_listing(adopted, None, BEGAN, LABELS).verdict == DriftVerdict.VANISHED


def test_what_was_sent_before_the_list_was_read_counts() -> None:
    before = ours(sent_at=BEGAN - timedelta(microseconds=1))
    assert compare_listing(before, AD, BEGAN, LABELS).verdict == DriftVerdict.CONFIRMED


def test_the_finding_names_its_vehicle_whatever_it_says() -> None:
    adopted, sending, here = ours(known=False), ours(busy=True), ours()
    for one, shown in ((adopted, AD), (sending, AD), (here, AD), (here, None), (here, {"mileage": "1"})):
        assert compare_listing(one, shown, BEGAN, LABELS).vehicle_id == one.vehicle_id


def test_members_after_one_that_only_one_side_carries_are_compared_too() -> None:
    sent = {"ours": "1", "only": {"here": "1"}, "price": {"net": "1", "gross": "2"}, "mileage": "1"}
    shown = {"price": {"gross": "3"}, "mileage": "2", "only": "now a text"}
    fields = {one["field"] for one in drift_of(sent, shown, {})}
    assert fields == {"price.gross", "mileage", "only", "only.here"}
