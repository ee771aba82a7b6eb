"""What an ad says of its vehicle, read from the platform's list and from what we would send."""

from __future__ import annotations

from typing import Any

import pytest

from portal.platforms.contract import RemoteFacts
from portal.platforms.mobile_de.facts import facts_of

AD: dict[str, Any] = {
    "make": "VW",
    "model": "Golf",
    "firstRegistration": "201805",
    "mileage": 64_500,
    "price": {"consumerPriceGross": "12990.00", "currency": "EUR"},
}


def test_an_ad_says_what_tells_vehicles_apart() -> None:
    assert facts_of(AD) == RemoteFacts("VW", "Golf", "2018-05", 64_500, "12990.00")


@pytest.mark.parametrize(
    ("member", "nonsense"),
    [
        ("make", 7),
        ("model", ["Golf"]),
        ("firstRegistration", "May 2018"),
        ("firstRegistration", 201805),
        ("mileage", "64500"),
        ("mileage", True),
        ("price", "12990"),
        ("price", {"consumerPriceGross": 12990}),
        ("price", {"consumerPriceGross": "1e9"}),
    ],
)
def test_what_is_not_understood_is_left_empty(member: str, nonsense: Any) -> None:
    name = {"firstRegistration": "first_registration"}.get(member, member)
    found = facts_of(AD | {member: nonsense})
    assert getattr(found, name) in ("", None)
    assert found != facts_of(AD)


def test_an_empty_ad_says_nothing() -> None:
    assert facts_of({}) == RemoteFacts()
