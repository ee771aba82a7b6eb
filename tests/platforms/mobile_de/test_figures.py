"""How an ad does: what is understood of `statistic` and `price-rating`, and what not knowing them costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.platforms.contract import ListingFigures, PriceLabel, PriceRange, PriceRating, Retry, Stop
from portal.platforms.mobile_de.figures import PREFIX, REASONS
from tests.platforms.mobile_de.conftest import Rig
from tests.platforms.peer import Says
from tests.words import german

ADS = "/seller-api/sellers/1000471/ads"
COUNTS = {"impressions": 120, "parkings": 3, "emails": 1, "calls": 0}
RATING = {
    "price": {"consumerPriceGross": "9990.00", "type": "FIXED", "currency": "EUR"},
    "priceRating": {
        "marketPrice": 10_000,
        "label": "REASONABLE_PRICE",
        "labelRanges": [
            {"label": "GOOD_PRICE", "from": 9001, "to": 9700},
            {"label": "HIGH_PRICE", "from": 11_201},
            {"label": "A_LABEL_OF_TOMORROW", "from": 1, "to": 2},
        ],
    },
}


def tell(rig: Rig, ad_id: str, counts: Any = None, rating: Any = None) -> None:
    """A `Says`, or a body."""
    for what, given in (("statistic", counts), ("price-rating", rating)):
        answer = given if isinstance(given, Says) else Says(body=given)
        rig.peer.tell("GET", f"{ADS}/{ad_id}/{what}", answer)


def figures(rig: Rig, ad_id: str = "7") -> ListingFigures:
    report = rig.client().figures([ad_id])
    assert report.failure is None
    return report.found[ad_id]


def test_counts_and_rating_are_read(rig: Rig) -> None:
    tell(rig, "7", COUNTS, RATING)
    found = figures(rig)
    assert (found.impressions, found.views, found.parkings) == (120, None, 3)
    assert (found.emails, found.calls) == (1, 0)
    assert found.rating is not None
    assert (found.rating.label, found.rating.price) == (PriceLabel.FAIR, Decimal("9990.00"))
    assert found.rating.market_price == 10_000
    assert found.rating.ranges == (
        PriceRange(PriceLabel.GOOD, Decimal(9001), Decimal(9700)),
        PriceRange(PriceLabel.HIGH, Decimal(11_201), None),
    )


@pytest.mark.parametrize("code", REASONS)
def test_each_reason_for_no_label_is_said_in_german(rig: Rig, code: str) -> None:
    tell(rig, "7", COUNTS, {"priceRating": {"label": "NO_RATING", "reason": PREFIX + code}})
    rating = figures(rig).rating
    assert rating is not None
    assert (rating.label, german(rating.reason)) == (PriceLabel.NONE, german(REASONS[code]))


@pytest.mark.parametrize(
    "odd",
    [
        {"impressions": "viele", "parkings": True, "emails": -1, "calls": 2**40},
        {"impressions": None},
        [],
        "hello",
    ],
)
def test_what_is_no_count_is_not_known(rig: Rig, odd: Any) -> None:
    tell(
        rig, "7", odd, {"price": 1, "priceRating": {"label": 7, "labelRanges": [1, {}], "marketPrice": "NaN"}}
    )
    found = figures(rig)
    counts = (found.impressions, found.views, found.parkings, found.emails, found.calls)
    assert counts == (None,) * 5
    assert found.rating is not None
    assert (found.rating.label, found.rating.ranges, found.rating.market_price) == (PriceLabel.NONE, (), None)


def test_an_ad_that_has_vanished_is_missing(rig: Rig) -> None:
    tell(rig, "7", COUNTS, RATING)
    tell(rig, "8", Says(404), Says(404))
    report = rig.client().figures(["8", "7"])
    assert (set(report.found), report.failure) == ({"7"}, None)


def test_one_that_answers_only_half_still_counts(rig: Rig) -> None:
    tell(rig, "7", COUNTS, Says(404))
    found = figures(rig)
    assert (found.impressions, found.rating) == (120, None)


@pytest.mark.parametrize(("status", "kind"), [(429, Retry), (500, Retry), (401, Stop), (403, Stop)])
def test_what_was_told_before_a_failure_is_kept(rig: Rig, status: int, kind: type) -> None:
    tell(rig, "7", COUNTS, RATING)
    tell(rig, "8", Says(status), RATING)
    report = rig.client().figures(["7", "8", "9"])
    assert set(report.found) == {"7"}
    assert isinstance(report.failure, kind)


def test_a_price_is_rated_before_the_ad_is_there(rig: Rig) -> None:
    rig.peer.tell("POST", f"{ADS}/price-rating", Says(body=RATING))
    found = rig.client().rate_price({"price": RATING["price"], "images": [{"sha256": "unknown"}]})
    assert isinstance(found, PriceRating)
    assert found.label == PriceLabel.FAIR
    (sent,) = rig.peer.requests("POST", f"{ADS}/price-rating")
    assert "images" not in sent.json(), "nothing is uploaded for a question"


@pytest.mark.parametrize(
    ("says", "outcome"),
    [(Says(503), Retry), (Says(body={"other": 1}), Retry), (Says(200), Retry), (Says(401), Stop)],
)
def test_a_question_about_a_price_that_is_not_answered(rig: Rig, says: Says, outcome: type) -> None:
    rig.peer.tell("POST", f"{ADS}/price-rating", says)
    assert isinstance(rig.client().rate_price({"price": {}}), outcome)
