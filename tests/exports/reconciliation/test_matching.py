"""Matching of two stocks: what pairs by itself, what is only suggested, and what holds for all of them."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exports.reconciliation.matching import (
    MAX_MILEAGE_DIFFERENCE,
    MatchedPair,
    MatchMethod,
    MatchResult,
    OurVehicle,
    match_stocks,
    vin_of,
)
from portal.platforms.contract import RemoteFacts, RemoteListing

VIN, OTHER = "WVWZZZ1KZAW000001", "WVWZZZ1KZAW000002"
GOLF = RemoteFacts("VW", "Golf", "2018-05", 64_500, "12990.00")


def ours(key: int, number: str = "", vin: str = "", **more: Any) -> OurVehicle:
    return OurVehicle(UUID(int=key), number, vin, **more)


def theirs(key: str, number: str = "", vin: str = "", **more: Any) -> RemoteListing:
    return RemoteListing(key, number, vin, "", "", **more)


def facts(mileage: int | None, **changed: Any) -> RemoteFacts:
    return RemoteFacts(
        **{"make": "VW", "model": "Golf", "first_registration": "2018-05"} | changed, mileage=mileage
    )


def found(matched: MatchResult) -> set[tuple[int, str, str]]:
    both = (*matched.pairs, *matched.suggestions)
    return {(pair.vehicle_id.int, pair.listing_id, str(pair.method)) for pair in both}


def test_the_same_number_matches_by_itself() -> None:
    assert match_stocks([ours(1, "A1")], [theirs("a", "A1")]).pairs == (
        MatchedPair(UUID(int=1), "a", MatchMethod.NUMBER),
    )


@pytest.mark.parametrize("there", [VIN.lower(), f"{VIN[:3]} {VIN[3:11]}-{VIN[11:]}", f" {VIN} "])
def test_the_same_vin_matches_by_itself_under_another_number(there: str) -> None:
    assert found(match_stocks([ours(1, "A1", VIN)], [theirs("a", "K7", there)])) == {(1, "a", "vin")}


def test_the_number_counts_before_the_vin() -> None:
    """Two listings claim the vehicle: one by its number, which is ours, the other by its VIN."""
    stock = [ours(1, "A1", VIN)]
    there = [theirs("a", "A1"), theirs("b", "K7", VIN)]
    assert found(match_stocks(stock, there)) == {(1, "a", "number")}
    assert found(match_stocks(stock, there[::-1])) == {(1, "a", "number")}


def test_a_listing_known_from_before_counts_first() -> None:
    stock = [ours(1, "A1", VIN, listing_id="b"), ours(2, "A2")]
    there = [theirs("a", "A1", VIN), theirs("b", "A2")]
    assert found(match_stocks(stock, there)) == {(1, "b", "listing")}


def test_a_known_listing_that_is_gone_leaves_the_vehicle_to_the_other_keys() -> None:
    assert found(match_stocks([ours(1, "A1", listing_id="gone")], [theirs("a", "A1")])) == {
        (1, "a", "number")
    }


def test_equal_facts_are_only_a_suggestion_with_its_distance() -> None:
    matched = match_stocks(
        [ours(1, "A1", VIN, facts=facts(64_500))], [theirs("a", "K7", facts=facts(64_150))]
    )
    assert matched.pairs == ()
    assert matched.suggestions == (MatchedPair(UUID(int=1), "a", MatchMethod.ALIKE, 350),)


@pytest.mark.parametrize(
    ("distance", "suggested"), [(MAX_MILEAGE_DIFFERENCE, True), (MAX_MILEAGE_DIFFERENCE + 1, False)]
)
def test_five_hundred_kilometres_are_the_limit(distance: int, suggested: bool) -> None:
    matched = match_stocks([ours(1, facts=facts(10_000))], [theirs("a", facts=facts(10_000 + distance))])
    assert bool(matched.suggestions) is suggested


@pytest.mark.parametrize(
    "there",
    [
        facts(64_500, make="Opel"),
        facts(64_500, model="Polo"),
        facts(64_500, first_registration="2018-06"),
        facts(64_500, first_registration=""),
        facts(None),
        RemoteFacts(),
    ],
)
def test_other_or_missing_facts_suggest_nothing(there: RemoteFacts) -> None:
    assert found(match_stocks([ours(1, facts=facts(64_500))], [theirs("a", facts=there)])) == set()


def test_two_vehicles_without_any_facts_are_not_alike() -> None:
    assert found(match_stocks([ours(1)], [theirs("a")])) == set()


def test_the_nearest_are_suggested_and_each_only_once() -> None:
    stock = [ours(1, facts=facts(10_000)), ours(2, facts=facts(10_300))]
    there = [
        theirs("a", facts=facts(10_250)),
        theirs("b", facts=facts(10_400)),
        theirs("c", facts=facts(99_000)),
    ]
    assert found(match_stocks(stock, there)) == {(2, "a", "alike"), (1, "b", "alike")}


def test_different_whole_vins_are_never_suggested_as_alike() -> None:
    assert (
        found(match_stocks([ours(1, "A1", VIN, facts=GOLF)], [theirs("a", "K7", OTHER, facts=GOLF)])) == set()
    )


@pytest.mark.parametrize(("here", "there"), [(VIN, ""), ("", VIN), ("", ""), (VIN, "short")])
def test_one_vin_that_is_missing_does_not_hinder_a_suggestion(here: str, there: str) -> None:
    assert found(match_stocks([ours(1, "A1", here, facts=GOLF)], [theirs("a", "K7", there, facts=GOLF)])) == {
        (1, "a", "alike")
    }


def test_the_same_number_with_another_vin_is_asked_never_taken() -> None:
    matched = match_stocks(
        [ours(1, "A1", VIN, facts=facts(10_000))], [theirs("a", "A1", OTHER, facts=facts(90_000))]
    )
    assert matched.pairs == ()
    assert matched.suggestions == (MatchedPair(UUID(int=1), "a", MatchMethod.OTHER_VIN, 80_000),)


def test_where_the_number_was_given_again_the_vin_decides() -> None:
    stock = [ours(1, "A1", VIN), ours(2, "A2", OTHER)]
    there = [theirs("a", "A1", OTHER), theirs("b", "K7", VIN)]
    assert found(match_stocks(stock, there)) == {(2, "a", "vin"), (1, "b", "vin")}


@pytest.mark.parametrize(
    ("stock", "there"),
    [
        ([ours(1, "", VIN), ours(2, "", VIN)], [theirs("a", "", VIN)]),
        ([ours(1, "", VIN)], [theirs("a", "", VIN), theirs("b", "", VIN)]),
        ([ours(1, "A1"), ours(2, "A1")], [theirs("a", "A1")]),
        ([ours(1, "A1")], [theirs("a", "A1"), theirs("b", "A1")]),
        ([ours(1, listing_id="a"), ours(2, listing_id="a")], [theirs("a")]),
    ],
)
def test_what_is_ambiguous_on_either_side_matches_nothing(
    stock: list[OurVehicle], there: list[RemoteListing]
) -> None:
    assert found(match_stocks(stock, there)) == set()


@pytest.mark.parametrize("vin", ["", "WVW", VIN + "X", "WVWZZZ1KZAW00000!"])
def test_what_is_no_vin_matches_nothing(vin: str) -> None:
    assert vin_of(ours(1, "", vin)) == ""
    assert found(match_stocks([ours(1, "A1", vin)], [theirs("a", "K7", vin)])) == set()


def test_a_fleet_of_equal_cars_is_suggested_whole() -> None:
    """Whoever compared all with all would not come back from 400 million comparisons."""
    stock = [ours(key + 1, facts=facts(10_000 + key % 500)) for key in range(20_000)]
    there = [theirs(str(key), facts=facts(10_000 + key % 500)) for key in range(20_000)]
    suggestions = match_stocks(stock, there).suggestions
    assert len(suggestions) == 20_000
    assert {pair.distance for pair in suggestions} == {0}


few = st.sampled_from
sides = st.lists(
    st.tuples(
        few(["", "A1", "A2", "A3", " A1"]),
        few(["", VIN, OTHER, VIN.lower(), "WVW"]),
        few(["", "VW", "Opel"]),
        few([None, 0, 100, 400, 600, 601, 1_200]),
        few([None, "0", "1", "2", "gone"]),
    ),
    max_size=12,
)


def build(here: list[Any], there: list[Any]) -> tuple[list[OurVehicle], list[RemoteListing]]:
    stock = [
        OurVehicle(UUID(int=key + 1), number, vin, facts(mileage, make=make), listing_id)
        for key, (number, vin, make, mileage, listing_id) in enumerate(here)
    ]
    listings = [
        theirs(str(key), number, vin, facts=facts(mileage, make=make))
        for key, (number, vin, make, mileage, _) in enumerate(there)
    ]
    return stock, listings


@given(sides, sides)
def test_no_vehicle_and_no_listing_is_ever_in_two_pairs(here: list[Any], there: list[Any]) -> None:
    stock, listings = build(here, there)
    matched = match_stocks(stock, listings)
    every = (*matched.pairs, *matched.suggestions)
    assert len({pair.vehicle_id for pair in every}) == len(every)
    assert len({pair.listing_id for pair in every}) == len(every)
    assert {pair.vehicle_id for pair in every} <= {one.vehicle_id for one in stock}
    assert {pair.listing_id for pair in every} <= {one.listing_id for one in listings}


@given(sides, sides, st.integers())
def test_the_order_of_neither_side_changes_anything(here: list[Any], there: list[Any], seed: int) -> None:
    stock, listings = build(here, there)
    chance = Random(seed)  # noqa: S311  # an order, no secret
    shuffled = chance.sample(stock, len(stock)), chance.sample(listings, len(listings))
    assert match_stocks(*shuffled) == match_stocks(stock, listings)


@given(sides, sides)
def test_every_pair_has_its_reason(here: list[Any], there: list[Any]) -> None:
    stock, listings = build(here, there)
    mine, listed = {one.vehicle_id: one for one in stock}, {one.listing_id: one for one in listings}
    matched = match_stocks(stock, listings)
    for pair in matched.pairs:
        one, other = mine[pair.vehicle_id], listed[pair.listing_id]
        reasons = {
            MatchMethod.LISTING: one.listing_id == other.listing_id,
            MatchMethod.NUMBER: one.number.strip() == other.internal_number.strip() != "",
            MatchMethod.VIN: vin_of(one) == vin_of(other) != "",
        }
        assert reasons[pair.method]
    for pair in matched.suggestions:
        one, other = mine[pair.vehicle_id], listed[pair.listing_id]
        if pair.method == MatchMethod.ALIKE:
            assert one.facts.mileage is not None
            assert other.facts.mileage is not None
            assert abs(one.facts.mileage - other.facts.mileage) == pair.distance
            assert 0 <= pair.distance <= MAX_MILEAGE_DIFFERENCE
            assert one.facts.make == other.facts.make != ""
        else:
            assert one.number.strip() == other.internal_number.strip() != ""


@given(sides, sides)
def test_nothing_that_could_be_suggested_is_left(here: list[Any], there: list[Any]) -> None:
    stock, listings = build(here, there)
    matched = match_stocks(stock, listings)
    every = (*matched.pairs, *matched.suggestions)
    vehicles, keys = {pair.vehicle_id for pair in every}, {pair.listing_id for pair in every}
    rest = [one for one in stock if one.vehicle_id not in vehicles]
    left = [one for one in listings if one.listing_id not in keys]
    again = match_stocks([OurVehicle(one.vehicle_id, facts=one.facts, vin=one.vin) for one in rest], left)
    assert [pair for pair in again.suggestions if pair.method == MatchMethod.ALIKE] == []
