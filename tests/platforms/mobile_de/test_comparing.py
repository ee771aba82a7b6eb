"""An ad reads the same whether we sent it or mobile.de's list shows it."""

from __future__ import annotations

import pytest

from portal.platforms.mobile_de.comparing import comparable


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
    assert comparable(shown) == {"make": "VW"}


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
