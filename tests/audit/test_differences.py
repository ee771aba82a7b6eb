"""Differences between two payloads, as people read them."""

from __future__ import annotations

import pytest

from portal.audit.differences import differences


def test_only_what_differs_is_named_with_its_german_label() -> None:
    old = {"price": {"gross": "100.00", "currency": "EUR"}, "mileage": 10}
    new = {"price": {"gross": "90.00", "currency": "EUR"}, "mileage": 10}
    assert differences(old, new, {"price.gross": "Preis"}) == [
        {"field": "price.gross", "label": "Preis", "old": "100.00", "new": "90.00"}
    ]


def test_added_and_removed_fields_have_an_empty_side() -> None:
    assert differences({"a": True}, {"b": False}, {}) == [
        {"field": "b", "label": "b", "old": "", "new": {"text": "nein"}},
        {"field": "a", "label": "a", "old": {"text": "ja"}, "new": ""},
    ]


def test_long_texts_are_cut_but_compared_whole() -> None:
    head = "x" * 300
    [found] = differences({"text": head + "a"}, {"text": head + "b"}, {})
    assert len(found["old"]) == 200


def test_the_order_of_pictures_is_a_difference() -> None:
    one, two = {"sha256": "a" * 64}, {"sha256": "b" * 64}
    [found] = differences({"images": [one, two]}, {"images": [two, one]}, {})
    assert found["new"] == "bbbbbbbb, aaaaaaaa"


@pytest.mark.parametrize(("length", "kept"), [(199, 199), (200, 200), (201, 200), (400, 200)])
def test_a_value_is_kept_whole_up_to_its_longest(length: int, kept: int) -> None:
    [found] = differences({}, {"text": "x" * length}, {})
    assert len(found["new"]) == kept
    assert found["new"].endswith("…") is (length > 200)


def test_what_no_database_holds_is_left_out() -> None:
    [found] = differences({"a\x00b": "c\x00d\ud800e"}, {}, {})
    assert found == {"field": "ab", "label": "ab", "old": "cde", "new": ""}


def test_lists_of_plain_values_and_deep_members_are_named_by_their_path() -> None:
    old = {"energy": {"battery": {"plugs": ["CCS", 2]}}}
    new = {"energy": {"battery": {"plugs": ["TYPE_2", True]}}}
    assert differences(old, new, {}) == [
        {
            "field": "energy.battery.plugs",
            "label": "energy.battery.plugs",
            "old": "CCS, 2",
            "new": "TYPE_2, True",
        }
    ]


def test_members_of_an_item_are_shortened_and_joined() -> None:
    [found] = differences({}, {"images": [{"sha256": "0123456789", "ref": "abcdefghij"}]}, {})
    assert found["new"] == "01234567/abcdefgh"
