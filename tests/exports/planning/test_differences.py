from __future__ import annotations

from portal.exports.planning.differences import differences


def test_only_what_differs_is_named_with_its_german_label() -> None:
    old = {"price": {"gross": "100.00", "currency": "EUR"}, "mileage": 10}
    new = {"price": {"gross": "90.00", "currency": "EUR"}, "mileage": 10}
    assert differences(old, new, {"price.gross": "Preis"}) == [
        {"field": "price.gross", "label": "Preis", "old": "100.00", "new": "90.00"}
    ]


def test_added_and_removed_fields_have_an_empty_side() -> None:
    assert differences({"a": True}, {"b": False}, {}) == [
        {"field": "b", "label": "b", "old": "", "new": "nein"},
        {"field": "a", "label": "a", "old": "ja", "new": ""},
    ]


def test_long_texts_are_cut_but_compared_whole() -> None:
    head = "x" * 300
    [found] = differences({"text": head + "a"}, {"text": head + "b"}, {})
    assert len(found["old"]) == 200


def test_the_order_of_pictures_is_a_difference() -> None:
    one, two = {"sha256": "a" * 64}, {"sha256": "b" * 64}
    [found] = differences({"images": [one, two]}, {"images": [two, one]}, {})
    assert found["new"] == "bbbbbbbb, aaaaaaaa"
