"""Numbers that the world writes with decimals, in every way in: 119,5 g/km, 84,6 kW, 1.995,0 cm³.

A fraction of zero says nothing. Another one is kept where the fact has decimals (CO₂ as in type approvals),
rounded where it does not, with its line in the report, and costs the fact where that changes it.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.blueprints.api.reading import VehicleReader
from portal.blueprints.vehicles.form import read as read_form
from portal.blueprints.vehicles.form import typed_from
from portal.formats.foreign_layouts.layout import Layout
from portal.formats.mobile_de_csv import COLUMNS, StockReader, StockRow
from portal.vehicle_facts.co2_classes import class_of
from portal.vehicle_facts.data import Energy, VehicleData
from portal.vehicle_facts.numbers import read_number
from portal.vehicle_facts.quantities import QUANTITIES
from portal.vehicle_facts.understanding import Rounded
from tests.builders import golf
from tests.formats.foreign_layouts.files import read as read_layout
from tests.formats.foreign_layouts.files import text_file
from tests.formats.stock_file import file, line
from tests.words import german

KEPT: tuple[tuple[str, str, str], ...] = (
    ("energy.co2", "119,5", "119.5"),
    ("energy.co2", "119.5 g/km", "119.5"),
    ("energy.co2", "119,50", "119.5"),
    ("energy.co2", "119,0", "119"),
    ("energy.co2", "0,4", "0.4"),
    ("power", "85,0", "85"),
    ("power", "85.0 kW", "85"),
    ("displacement", "1.995,0", "1995"),
    ("displacement", "1,995.0", "1995"),
    ("mileage", "12.500,00", "12500"),
    ("mileage", "12'500.00 km", "12500"),
    ("energy.fuel.combined", "5,40", "5.4"),
    ("seats", "5,0", "5"),
    ("previous_owners", "1,00", "1"),
)
ROUNDED: tuple[tuple[str, str, str], ...] = (
    ("energy.co2", "119,54", "119.6"),
    ("energy.co2", "95,04", "95.1"),
    ("power", "84,6", "85"),
    ("displacement", "1.995,4", "1995"),
    ("mileage", "12.500,7", "12501"),
    ("energy.fuel.combined", "5,126", "5.13"),
)
NO_ROUNDING: tuple[tuple[str, str], ...] = (
    *(("seats", "4,5"), ("previous_owners", "1,5"), ("doors", "4,5")),
    *(("mileage", "64,5"), ("displacement", "1,9"), ("power", "5,5")),
)
"""Half a seat, and what is meant in another unit: thousands of km, litres."""
LETTERS = {path: column.letter for column in COLUMNS for path in column.paths}
LETTERS["energy.fuel.combined"] = "CU"


def at(facts: Any, path: str) -> str:
    for part in path.split("."):
        facts = (facts or {}).get(part)
    text = str(facts)
    return text.rstrip("0").rstrip(".") if "." in text else text


def of_layout(path: str, text: str) -> StockRow:
    columns = {"Nummer": "offer_number", "Marke": "make", "Preis": "prices.selling", "x": path}
    return read_layout(text_file([*columns], ("A1", "VW", "9000", text)), Layout(columns))[0]


def of_csv(path: str, text: str) -> StockRow:
    (row,) = StockReader(file(line(**{LETTERS[path]: text}), charset="utf-8"))
    return row


FILES = pytest.mark.parametrize("read", [of_csv, of_layout])


@FILES
@pytest.mark.parametrize(("path", "text", "value"), KEPT)
def test_a_file_says_what_was_meant(read: Any, path: str, text: str, value: str) -> None:
    row = read(path, text)
    assert at(row.facts, path) == value
    assert row.remarks == ()


@FILES
@pytest.mark.parametrize(("path", "text", "value"), ROUNDED)
def test_what_a_file_has_too_precisely_is_rounded_with_a_line(
    read: Any, path: str, text: str, value: str
) -> None:
    row = read(path, text)
    assert at(row.facts, path) == value
    [remark] = row.remarks
    assert (remark.value, german(remark.reason)) == (text, f"Übernommen ist {value.replace('.', ',')}.")
    assert "unread" not in row.facts


@FILES
@pytest.mark.parametrize(("path", "text"), NO_ROUNDING)
def test_what_cannot_be_rounded_costs_its_fact(read: Any, path: str, text: str) -> None:
    row = read(path, text)
    assert at(row.facts, path) == "None"
    assert [remark.value for remark in row.remarks] == [text]
    assert row.refusal is None


@pytest.mark.parametrize(("path", "text", "value"), KEPT + ROUNDED)
def test_the_form_takes_the_same_and_shows_it(app: Flask, path: str, text: str, value: str) -> None:
    with app.test_request_context():
        facts = read_form(MultiDict({path: text}), golf()).facts
        assert facts is not None
        assert at(facts.model_dump(mode="json"), path) == value
        assert typed_from(facts)[path] == value.replace(".", ",")
        assert read_form(MultiDict({path: typed_from(facts)[path]}), facts).facts == facts


@pytest.mark.parametrize(("path", "text", "value"), KEPT + ROUNDED)
@pytest.mark.parametrize("as_number", [False, True])
def test_the_interface_takes_the_same(path: str, text: str, value: str, as_number: bool) -> None:
    sent: Any = text
    if as_number:
        try:
            sent = float(read_number(text, QUANTITIES[path]))
        except Rounded:
            sent = float(text.replace(".", "").replace(",", "."))
    *parents, last = path.split(".")
    nested: Any = {last: sent}
    for part in reversed(parents):
        nested = {part: nested}
    reader = VehicleReader()
    found = reader.read({"location": "HH", "offer_number": "A1", **nested})
    assert reader.complaints == []
    assert at(found, path) == value


@pytest.mark.parametrize("text", ["84,6 kW", "84.6 kW"])
def test_a_column_of_horsepower_that_says_kilowatts_is_not_converted_twice(text: str) -> None:
    columns = {"Nummer": "offer_number", "Marke": "make", "Preis": "prices.selling", "x": "power:ps"}
    row = read_layout(text_file([*columns], ("A1", "VW", "9000", text)), Layout(columns))[0]
    assert row.facts["power"] == 85


@given(st.integers(0, 19_990))
def test_no_decimal_of_co2_is_lost_and_the_class_is_that_of_the_value(tenths: int) -> None:
    """§ 3a Pkw-EnVKV: B up to 95, C above it."""
    text = f"{tenths // 10},{tenths % 10}"
    value = read_number(text, QUANTITIES["energy.co2"])
    vehicle = golf(energy=Energy(co2=value))
    again = VehicleData.model_validate(vehicle.model_dump(mode="json"))
    assert again == vehicle
    assert again.energy.co2 == value
    stored = vehicle.model_dump(mode="json")["energy"]["co2"]
    assert stored == (tenths // 10 if tenths % 10 == 0 else f"{value}")
    limits = ((0, "A"), (95, "B"), (115, "C"), (135, "D"), (155, "E"), (175, "F"))
    assert class_of(value) == next((letter for most, letter in limits if value <= most), "G")
