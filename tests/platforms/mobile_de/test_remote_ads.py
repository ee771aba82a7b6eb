"""What an ad says of its vehicle, read from the platform's list and from what we would send."""

from __future__ import annotations

from typing import Any

import pytest

from portal.platforms.contract import RemoteFacts
from portal.platforms.mobile_de.remote_ads import comparable, facts_of

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


# An ad reads the same whether we sent it or mobile.de's list shows it.


def test_what_is_not_ours_is_left_out() -> None:
    shown = {
        "mobileAdId": "300000001",
        "mobileSellerId": "1000471",
        "creationDate": "2026-11-24",
        "modificationDate": "2026-11-24",
        "images": [{"ref": "https://bilder/1.jpg"}],
        "mobileFeatures": ["TOP"],
        "make": "VW",
    }
    assert comparable(shown) == {"make": "VW", "images": True}


def test_of_pictures_only_those_are_compared_that_should_not_be_there() -> None:
    wished_none, ours = comparable({"images": []}), comparable({"images": [{"sha256": "0123"}]})
    assert wished_none != comparable({"images": [{"ref": "https://bilder/1.jpg"}]})
    assert wished_none == comparable({"images": []})
    assert ours == comparable({}) == {}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("16500.00", 16500),
        (5.4, "5.40"),
        (1395, 1395.0),
        ("Gepflegt.\r\nAus erster Hand. ", "Gepflegt.\nAus erster Hand."),
        (["ABS", "ESP"], ["ESP", "ABS"]),
        ({"combined": 5.0}, {"combined": 5}),
        ("201805", 201805),
    ],
)
def test_spellings_of_the_same_are_equal(sent: object, shown: object) -> None:
    assert comparable({"field": sent}) == comparable({"field": shown})


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("16500.00", "15500.00"), (True, False), (["ABS"], ["ABS", "ESP"]), ("0603", "603"), ("1E5", "100000")],
)
def test_different_values_stay_different(sent: object, shown: object) -> None:
    assert comparable({"field": sent}) != comparable({"field": shown})


def test_lists_of_objects_keep_their_order() -> None:
    assert comparable({"phases": [{"a": 2}, {"a": 1}]}) == {"phases": [{"a": "2"}, {"a": "1"}]}
