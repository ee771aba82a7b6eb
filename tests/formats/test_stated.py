"""What a row states is judged as the model would judge it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.formats.mobile_de_csv.rows import check_stated
from portal.vehicle_facts.data import VehicleData
from portal.vehicles.readiness import as_problems, may_lack_something

GOLF: dict[str, Any] = {
    "offer_number": "B1",
    "make": "VW",
    "model": "Golf",
    "first_registration": "2018-05",
    "mileage": 10,
    "prices": {"selling": "12990", "taxation": "margin_scheme"},
    "energy": {"fuel": {"city": "4.2"}},
    "equipment": {"features": ["abs", "esp"]},
}
WRONG: list[dict[str, Any]] = [
    {"offer_number": ""},
    {"power": 0},
    {"mileage": -1},
    {"kind": "tank"},
    {"first_registration": "2018-13"},
    {"prices": {"selling": "-1"}},
    {"prices": {"bargain": "1"}},
    {"prices": 3},
    {"energy": {"fuel": {"city": "-4"}}},
    {"equipment": {"features": 3}},
    {"leasing": {"bank": "Bank"}},
    {"wheels": 4},
    {"power": 0, "mileage": -1},
]


def faults(facts: dict[str, Any], judge: Any) -> list[tuple[Any, ...]]:
    try:
        judge(facts)
    except ValidationError as error:
        return [(one["loc"], one["type"], one["msg"]) for one in error.errors(include_url=False)]
    return []


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_found_with_its_place_and_reason(wrong: dict[str, Any]) -> None:
    found = faults(GOLF | wrong, check_stated)
    assert found
    assert found == faults(GOLF | wrong, VehicleData.model_validate)


def test_what_is_right_passes() -> None:
    check_stated(GOLF)
    check_stated({"offer_number": "B1"})


def test_without_its_number_it_is_no_vehicle() -> None:
    assert [place for place, *_ in faults({"make": "VW"}, check_stated)] == [("offer_number",)]


@given(
    st.fixed_dictionaries(
        {"offer_number": st.just("B1")},
        optional={
            "make": st.sampled_from(["", "VW"]),
            "model": st.sampled_from(["", "Golf"]),
            "first_registration": st.just("2018-05"),
            "kind": st.sampled_from(["new", "used"]),
            "prices": st.sampled_from(
                [{}, {"selling": "0"}, {"selling": "0.00"}, {"selling": "100"}, {"on_request": True}]
            ),
        },
    )
)
def test_where_nothing_can_be_lacking_nothing_is(facts: dict[str, Any]) -> None:
    assert may_lack_something(facts) or as_problems(VehicleData.model_validate(facts)) == []
