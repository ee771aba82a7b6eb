"""The merge of two people's changes, over every way in which two fields can differ."""

from __future__ import annotations

from itertools import product

import pytest

from portal.vehicles.merging import Merge, merge

KEPT, CONFLICT = "kept", "conflict"
CASES = {
    # base, stored, typed: merged and what is said about it
    "aaa": ("a", ""),
    "aab": ("b", ""),
    "aba": ("b", KEPT),
    "abb": ("b", ""),
    "abc": ("c", CONFLICT),
}


def pattern(values: tuple[str, ...]) -> str:
    """`bba` as `aab`: which of the values are the same."""
    names: dict[str, str] = {}
    return "".join(names.setdefault(value, "abc"[len(names)]) for value in values)


def expected(values: tuple[str, ...]) -> tuple[str, str]:
    letter, said = CASES[pattern(values)]
    return values[pattern(values).index(letter)], said


@pytest.mark.parametrize("values", list(product("xyz", repeat=3)), ids="".join)
def test_a_field_that_only_one_side_changed_is_taken_from_there(values: tuple[str, str, str]) -> None:
    base, stored, typed = values
    merged, said = expected(values)
    assert merge({"n": base}, {"n": stored}, {"n": typed}) == Merge(
        {"n": merged}, ("n",) if said == CONFLICT else (), ("n",) if said == KEPT else ()
    )


def test_every_field_is_merged_on_its_own() -> None:
    for one, two in product(product("xyz", repeat=3), repeat=2):
        base, stored, typed = ({"prices.selling": a, "mileage": b} for a, b in zip(one, two, strict=True))
        found = merge(base, stored, typed)
        outcomes = {"prices.selling": expected(one), "mileage": expected(two)}
        assert found.merged == {name: merged for name, (merged, _said) in outcomes.items()}
        assert found.conflicts == tuple(name for name, (_, said) in outcomes.items() if said == CONFLICT)
        assert found.kept == tuple(name for name, (_, said) in outcomes.items() if said == KEPT)


def test_an_empty_value_is_a_value() -> None:
    assert merge({"vin": "a"}, {"vin": "a"}, {"vin": ""}).merged == {"vin": ""}
    assert merge({"vin": "a"}, {"vin": ""}, {"vin": "a"}).merged == {"vin": ""}
    assert merge({"vin": "a"}, {"vin": ""}, {"vin": "b"}).conflicts == ("vin",)


@pytest.mark.parametrize(
    ("base", "stored", "typed", "merged"),
    [("Aa", "aa", "AA", "aa"), ("a", "b", "A", "b"), ("a", "A", "b", "b"), ("a", "b", "B", "B")],
)
def test_what_means_the_same_is_no_change(base: str, stored: str, typed: str, merged: str) -> None:
    def alike(name: str, one: str, other: str) -> bool:
        assert name == "n"
        return one.lower() == other.lower()

    found = merge({"n": base}, {"n": stored}, {"n": typed}, alike)
    assert (found.merged, found.conflicts) == ({"n": merged}, ())
