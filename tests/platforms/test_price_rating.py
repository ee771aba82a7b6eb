"""What the rating of a price says of another price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.messages import say
from portal.platforms.contract import PriceLabel, PriceRange, PriceRating

RANGES = (
    PriceRange(PriceLabel.HIGH, Decimal(11_201), None),
    PriceRange(PriceLabel.VERY_GOOD, None, Decimal(9_000)),
    PriceRange(PriceLabel.GOOD, Decimal(9_001), Decimal(9_700)),
    PriceRange(PriceLabel.FAIR, Decimal(9_701), Decimal(10_400)),
    PriceRange(PriceLabel.INCREASED, Decimal(10_401), Decimal(11_200)),
)
"""In no order: none is documented."""
RATING = PriceRating(PriceLabel.FAIR, Decimal(9_990), Decimal(10_000), RANGES, say("Es gibt zu wenige."))


@pytest.mark.parametrize(
    ("price", "better"),
    [
        ("9990", (PriceLabel.GOOD, Decimal(290))),
        ("9700", (PriceLabel.VERY_GOOD, Decimal(700))),
        ("12000", (PriceLabel.INCREASED, Decimal(800))),
        ("9000", None),
        ("5000", None),
    ],
)
def test_it_says_how_much_cheaper_the_next_label_is(
    price: str, better: tuple[PriceLabel, Decimal] | None
) -> None:
    assert RATING.next_better(Decimal(price)) == better


def test_without_a_label_there_is_no_better_one() -> None:
    assert PriceRating(PriceLabel.NONE, ranges=RANGES).next_better(Decimal(9_990)) is None


@given(st.decimals(min_value=1, max_value=20_000, places=2))
def test_step_by_step_it_leads_to_the_best_label(price: Decimal) -> None:
    labels = []
    while better := RATING.next_better(price):
        label, euros = better
        assert euros > 0
        labels.append(label)
        price -= euros
    assert price <= 9_000
    order = list(PriceLabel)
    assert labels == sorted(set(labels), key=order.index, reverse=True)


def test_it_survives_the_database() -> None:
    assert PriceRating.from_json(RATING.as_json()) == RATING
    assert PriceRating.from_json(PriceRating(PriceLabel.NONE).as_json()) == PriceRating(PriceLabel.NONE)
