"""What a tool sends is read strictly: a price is never a thousandth, and true is no mileage."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.blueprints.api.reading import VehicleReader
from tests.blueprints.api.conftest import Tool
from tests.blueprints.api.test_vehicles import GOLF, post, stock


def complaints(**facts: Any) -> list[tuple[str, str]]:
    reader = VehicleReader()
    reader.read({**GOLF, **facts})
    return [(one.field, one.text) for one in reader.complaints]


def read(**facts: Any) -> dict[str, Any]:
    reader = VehicleReader()
    found = reader.read({**GOLF, **facts})
    assert reader.complaints == []
    return found


@pytest.mark.parametrize("field", ["selling", "promo", "dealer", "msrp"])
@pytest.mark.parametrize("price", ["12.990", "12,990", "9.500", "12.995"])
def test_a_price_with_a_thousands_mark_is_rejected_with_both_readings(field: str, price: str) -> None:
    [(path, text)] = complaints(prices={"selling": 12990, field: price})
    assert path == f"prices.{field}"
    assert price.replace(".", "").replace(",", "") in text


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("leasing.monthly_rate", {"leasing": {"monthly_rate": "1.250", "duration": 36}}),
        ("financing.0.monthly_rate", {"financing": [{"monthly_rate": "1.250"}, None]}),
        ("financing.1.net_credit", {"financing": [None, {"net_credit": "12.990"}]}),
    ],
)
def test_rates_and_credits_are_no_exception(path: str, facts: dict[str, Any]) -> None:
    assert [field for field, _text in complaints(**facts)] == [path]


@pytest.mark.parametrize("price", [12990, 12990.0, "12990", "12990.00", "12.990,00", "12'990.–", "12 990"])
def test_an_unambiguous_price_is_taken(price: object) -> None:
    assert read(prices={"selling": price})["prices"]["selling"] == "12990"


@pytest.mark.parametrize("number", ["12.990", "1.250"])
def test_a_json_number_that_lost_its_thousands_is_asked_about(number: str) -> None:
    """JSON drops the last zero: 12.990 arrives as 12.99."""
    price = json.loads(number)
    [(path, text)] = complaints(prices={"selling": price})
    mark = f"prices.selling={number.rstrip('0')}"
    assert (path, mark in text) == ("prices.selling", True)
    assert read(prices={"selling": price}, confirmed=[mark])["prices"]["selling"] == number.rstrip("0")


@pytest.mark.parametrize("path", ["mileage", "doors", "previous_owners", "power", "seats"])
@pytest.mark.parametrize(
    "value", [True, False, [], {"a": 1}, "viele", 5.5, float("nan"), float("inf"), "1e3"]
)
def test_what_is_no_number_is_rejected_at_its_field(path: str, value: object) -> None:
    assert [field for field, _text in complaints(**{path: value})] == [path]


@pytest.mark.parametrize("value", [[1], [0, [1], 2], {}, {"amount": 12990}, [[]]])
def test_a_list_is_no_amount(value: object) -> None:
    assert [field for field, _text in complaints(prices={"selling": value})] == ["prices.selling"]


@pytest.mark.parametrize("field", ["equipment", "description", "prices", "unknown"])
def test_brackets_within_brackets_reject_the_vehicle_alone(tool: Tool, field: str) -> None:
    deep = json.loads("[" * 700 + "]" * 700)
    rejected, taken = post(tool, {**GOLF, field: deep}, {**GOLF, "offer_number": "A2"})
    assert (rejected["result"], taken["result"]) == ("rejected", "created")
    assert rejected["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize("value", [86400, 1764547200.0, "86400", True, "24.11.2026", ["2026-11-24"]])
def test_a_number_is_no_day(value: object) -> None:
    found = complaints(stock_date=value)
    assert isinstance(value, list) or [field for field, _text in found] == ["stock_date"]
    assert complaints(stock_date="2026-11-24") == complaints(stock_date=None) == []


@pytest.mark.parametrize("value", [1, 0, "yes", "ja", "true", "on"])
def test_a_flag_is_true_or_false(value: object) -> None:
    assert complaints(damaged=value) == [("damaged", "This is true or false.")]


@pytest.mark.parametrize("vin", ["wvwzzz1kzaw000001", "WVW ZZZ 1KZ AW 000001"])
def test_a_vin_is_kept_in_its_normal_form(vin: str) -> None:
    assert read(vin=vin)["vin"] == "WVWZZZ1KZAW000001"


@pytest.mark.parametrize("vin", ["123", "WVWZZZ1KZAWO00001", "0" * 17])
def test_what_cannot_be_a_vin_is_rejected(vin: str) -> None:
    assert [field for field, _text in complaints(vin=vin)] == ["vin"]


def test_a_dash_states_nothing() -> None:
    found = read(model="-", trim_line="–", model_description="Golf - wie neu")
    assert (found["model"], found["trim_line"]) == ("", "")
    assert found["model_description"] == "Golf - wie neu"


@pytest.mark.parametrize("path", ["model", "description", "colour_name", "highlights"])
def test_an_error_of_a_spreadsheet_is_no_text(path: str) -> None:
    found = complaints(**{path: ["#REF!"] if path == "highlights" else "#REF!"})
    assert [field.removesuffix(".0") for field, _text in found] == [path]


def test_a_short_vin_is_one_before_1981() -> None:
    assert read(vin="113 456 789", first_registration="1975-05")["vin"] == "113456789"


def test_unknown_codes_are_rejected_with_the_known() -> None:
    [(path, text)] = complaints(equipment={"features": ["abs", "Sitzheizng"]})
    assert path == "equipment.features.1"
    assert "heated_seats" in text
    [(path, text)] = complaints(emission_class="Euro 9")
    assert "Euro 6d-TEMP" in text


def test_spellings_of_a_value_are_that_value() -> None:
    assert read(emission_class="EURO6D_TEMP")["emission_class"] == "Euro 6d-TEMP"
    assert read(first_registration="05.2018")["first_registration"] == "2018-05"


def test_html_in_a_description_becomes_lines() -> None:
    found = read(description="<b>Top</b><br>Sitzheizung &amp; Navi", make="M&uuml;ller")
    assert (found["description"], found["make"]) == ("Top\nSitzheizung & Navi", "Müller")


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4)
)
def test_any_value_at_any_place_has_an_answer(value: Any) -> None:
    for path in ("mileage", "prices", "energy", "vin", "equipment", "description", "financing", "confirmed"):
        VehicleReader().read({**GOLF, path: value})


def test_a_rejected_vehicle_names_its_field_and_changes_nothing(tool: Tool, session: Session) -> None:
    [result] = post(tool, {**GOLF, "mileage": True, "doors": True})
    assert result["result"] == "rejected"
    assert {error["field"] for error in result["errors"]} == {"mileage", "doors"}
    assert stock(session) == []


def test_a_spoilt_text_is_taken_and_keeps_the_vehicle_back(tool: Tool) -> None:
    [result] = post(tool, {**GOLF, "description": "GrÃ¼n"})
    assert result["result"] == "created"
    assert [problem["field"] for problem in result["problems"]] == ["description"]
