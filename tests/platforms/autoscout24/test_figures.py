"""How listings do: the snapshot of a customer, and a price before it is published."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.platforms.contract import PriceLabel, PriceRating, Rejected, Retry, Stop
from tests.platforms.autoscout24.conftest import CUSTOMER, Rig
from tests.platforms.peer import Says
from tests.words import german

PATH = f"/statistics/{CUSTOMER}/listings"
EVALUATION = f"/priceevaluation/{CUSTOMER}"
PAYLOAD = {"prices": {"public": {"price": 9990, "currency": "EUR"}}, "images": [{"sha256": "a" * 64}]}


def listing(**changes: Any) -> dict[str, Any]:
    return {
        "listingId": "a-1",
        "priceLabelIndex": 3,
        "emailLeads": 2,
        "detailPageClicks": 40,
        "listPageViews": 900,
        "favorites": 5,
        "prints": 0,
        "calls": 1,
        "whatsAppClicks": 3,
        "daysInStock": 12,
        **changes,
    }


def test_one_request_tells_of_all_listings(rig: Rig) -> None:
    rig.peer.tell("GET", PATH, Says(body={"listings": [listing(), listing(listingId="a-2", calls=9)]}))
    report = rig.client().figures(["a-1", "a-2", "a-3"])
    assert (set(report.found), report.failure) == ({"a-1", "a-2"}, None)
    found = report.found["a-1"]
    assert (found.impressions, found.views, found.parkings) == (900, 40, 5)
    assert (found.emails, found.calls) == (5, 1)
    assert report.found["a-2"].calls == 9
    assert len(rig.peer.requests("GET", PATH)) == 1


def test_the_label_and_its_ranges_are_read(rig: Rig) -> None:
    ranges = [{"category": 2, "minimum": 9000, "maximum": 9700}, {"category": "x"}, 7]
    told = listing(priceLabelRanges=ranges, averageCompetitorPrice="10000")
    rig.peer.tell("GET", PATH, Says(body={"listings": [told]}))
    rating = rig.client().figures(["a-1"]).found["a-1"].rating
    assert rating is not None
    assert (rating.label, rating.market_price) == (PriceLabel.FAIR, Decimal(10_000))
    assert rating.next_better(Decimal(9990)) == (PriceLabel.GOOD, Decimal(290))


def test_no_figures_yet_is_no_failure(rig: Rig) -> None:
    rig.peer.tell("GET", PATH, Says(404))
    report = rig.client().figures(["a-1"])
    assert (report.found, report.failure) == ({}, None)


@pytest.mark.parametrize(
    ("says", "kind"), [(Says(503), Retry), (Says(body={"listings": 7}), Retry), (Says(401), Stop)]
)
def test_a_failure_says_which_kind(rig: Rig, says: Says, kind: type) -> None:
    rig.peer.tell("GET", PATH, says)
    assert isinstance(rig.client().figures(["a-1"]).failure, kind)


def test_a_price_is_rated_before_the_listing_is_there(rig: Rig) -> None:
    ranges = [{"category": 2, "minimum": 9000, "maximum": 9700}, {"category": 3, "minimum": 9701}]
    rig.peer.tell("POST", EVALUATION, Says(body={"category": 3, "ranges": ranges}))
    rating = rig.client().rate_price(PAYLOAD)
    assert isinstance(rating, PriceRating)
    assert (rating.label, rating.price) == (PriceLabel.FAIR, Decimal(9990))
    assert rating.next_better(Decimal(9990)) == (PriceLabel.GOOD, Decimal(290))
    (sent,) = rig.peer.requests("POST", EVALUATION)
    assert "images" not in sent.json(), "nothing is uploaded for a question"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (Says(403), "eigens frei"),
        (Says(404), "bewertet diesen Preis nicht"),
        (Says(body={"category": 0, "ranges": []}), "bewertet diesen Preis nicht"),
    ],
)
def test_where_a_price_is_not_rated_it_says_why(rig: Rig, says: Says, words: str) -> None:
    rig.peer.tell("POST", EVALUATION, says)
    rating = rig.client().rate_price(PAYLOAD)
    assert isinstance(rating, PriceRating)
    assert rating.label == PriceLabel.NONE
    assert words in german(rating.reason)


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        (Says(400, body={"errors": [{"code": "mandatory-attribute-missing", "message": "power"}]}), Rejected),
        (Says(404, body={"errors": [{"code": "customer-not-found-error", "message": "x"}]}), Stop),
        (Says(401), Stop),
        (Says(429), Retry),
        (Says(503), Retry),
        (Says(body=[]), Retry),
        (Says(body={}), Retry),
    ],
)
def test_a_question_about_a_price_that_is_not_answered(rig: Rig, says: Says, outcome: type) -> None:
    rig.peer.tell("POST", EVALUATION, says)
    assert isinstance(rig.client().rate_price(PAYLOAD), outcome)
