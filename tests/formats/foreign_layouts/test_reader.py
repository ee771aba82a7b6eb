"""Rows of a foreign table, read by a layout."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.foreign_layouts.layout import Layout, from_json, problems_of, signature
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.formats.foreign_layouts.table import Heading
from portal.formats.foreign_layouts.targets import REQUIRED, targets
from portal.formats.mobile_de_csv import StockRow, UnreadableFile
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.spelling import folded
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, excel_file, read, surveyed, text_file
from tests.words import german

NEEDED = ("Nummer", "Marke", "Preis")
FACTS = {
    "offer_number": "A1",
    "vin": "WVWZZZ1KZAW000001",
    "make": "VW",
    "model": "Golf",
    "prices": {"selling": "12990"},
    "mileage": 64500,
    "first_registration": "2018-05",
    "fuel": "petrol",
    "gearbox": "manual",
}


def one(target: str, cell: str, **more: Any) -> dict[str, Any]:
    """The facts of a row with one more column."""
    layout = Layout(
        {"Nummer": "offer_number", "Marke": "make", "Preis": "prices.selling", "x": target}, **more
    )
    row = read(text_file((*NEEDED, "x"), ("A1", "VW", "9000", cell)), layout)[0]
    assert not row.refusal
    return {
        name: value for name, value in row.facts.items() if name not in ("offer_number", "make", "prices")
    }


def test_a_row_becomes_the_facts_of_a_vehicle() -> None:
    first, second = read(text_file(HEADER, GOLF, A3))
    assert first.facts == FACTS
    assert (first.line, second.line, second.offer_number) == (2, 3, "A2")


@pytest.mark.parametrize("order", list(permutations(range(9)))[::40_000])
@pytest.mark.parametrize("write", [text_file, excel_file])
def test_the_order_of_columns_and_the_kind_of_file_do_not_matter(order: tuple[int, ...], write: Any) -> None:
    rows = [[row[place] for place in order] for row in (HEADER, GOLF)]
    assert read(write(*rows))[0].facts == FACTS


def test_excel_numbers_and_days_are_the_same_facts() -> None:
    row = read(
        excel_file(("Nummer", "Marke", "Preis", "HSN"), ("A1", "VW", 12990.5, 603), formats={"D2": "0000"})
    )[0]
    assert row.facts == {"offer_number": "A1", "make": "VW", "prices": {"selling": "12990.50"}, "hsn": "0603"}


@pytest.mark.parametrize(
    ("target", "cell", "facts"),
    [
        ("power", "110 kW (150 PS)", {"power": 110}),
        ("power", "150 PS", {"power": 110}),
        ("power:ps", "150", {"power": 110}),
        ("power:ps", "110 kW", {"power": 110}),
        ("power", "0", {}),
        ("doors", "4/5", {"doors": 5}),
        ("seats", "0", {}),
        ("doors", "0", {}),
        ("displacement", "0", {}),
        ("energy.vehicle_tax_per_year", "0", {"energy": {"vehicle_tax_per_year": "0"}}),
        ("energy.co2_class", "A+", {}),
        ("energy.co2_class", "Klasse B", {"energy": {"co2_class": "B"}}),
        ("inspection_due", "12/2027 (neu)", {"inspection_due": "2027-12", "inspection_new": True}),
        ("first_registration", "2018", {"registration_year": 2018}),
        ("construction_year", "05/2018", {"construction_year": 2018}),
        ("stock_date", "24.11.2026", {"stock_date": "2026-11-24"}),
        ("stock_date", "11/24/2026", {"stock_date": "2026-11-24"}),
        ("first_registration", "05.31", {"first_registration": "1931-05"}),
        ("inspection_due", "bis 05.2031", {"inspection_due": "2031-05"}),
        ("stock_date", "2026-11-24T10:00:00", {"stock_date": "2026-11-24"}),
        ("inspection_due", "neu", {"inspection_new": True}),
        ("kind", "Vorführwagen", {"kind": "demonstrator"}),
        ("kind", "gebraucht", {}),
        ("vehicle_class", "Wohnwagen", {"vehicle_class": "caravan", "category_label": "Wohnwagen"}),
        ("vehicle_class", "PKW", {}),
        ("body_type", "Kombi", {"body_type": "estate"}),
        ("fuel", "Plug-in-Hybrid (Benzin/Elektro)", {"fuel": "hybrid_petrol", "hybrid": "plug_in"}),
        ("emission_class", "EURO6D_TEMP", {"emission_class": "Euro 6d-TEMP"}),
        ("energy.co2_class", "c", {"energy": {"co2_class": "C"}}),
        ("energy.fuel.combined", "5,4 l/100 km", {"energy": {"fuel": {"combined": "5.40"}}}),
        ("metallic", "ja", {"metallic": True}),
        ("reserved", "nein", {}),
        ("country_version", "Deutschland", {"country_version": "DE"}),
        ("country_version", "österreich", {"country_version": "AT"}),
        ("country_version", "UK", {"country_version": "GB"}),
        ("country_version", "ja", {}),
        ("country_version", "EU", {}),
        ("equipment.features:abs", "x", {"equipment": {"features": ["abs"]}}),
        ("equipment.features:abs", "nein", {}),
        (
            "equipment.features",
            "ABS, Tempomat; Ledersitze | ABS",
            {"equipment": {"features": ["abs", "cruise_control"], "other": ["Ledersitze"]}},
        ),
        ("description", "<p>Sehr <b>gepflegt</b></p>", {"description": "Sehr gepflegt"}),
        ("mileage", "-", {}),
    ],
)
def test_cells_are_read_as_systems_write_them(target: str, cell: str, facts: dict[str, Any]) -> None:
    found = one(target, cell)
    assert {name: value for name, value in found.items() if name != "unread"} == facts


@pytest.mark.parametrize(
    ("target", "cell", "prices"),
    [
        ("prices.vat_rate", "0", {"vat_rate": "0"}),
        ("prices.vat_rate", "19 %", {}),
        ("prices.dealer", "0", {}),
    ],
)
def test_zero_is_a_statement_only_where_something_can_be_zero(
    target: str, cell: str, prices: dict[str, str]
) -> None:
    """A rate of 0 left out would be the usual one."""
    layout = Layout(dict(zip((*NEEDED, "x"), (*REQUIRED, target), strict=True)))
    row = read(text_file((*NEEDED, "x"), ("A1", "VW", "9000", cell)), layout)[0]
    assert row.facts["prices"] == {"selling": "9000"} | prices


def test_taxation_is_read_by_its_words() -> None:
    for cell in ("0", "0 %", "1"):
        assert one("prices.taxation", cell)["unread"] == [{"path": "prices.taxation", "text": cell}]
    for cell, meant in (("ja", "vat_deductible"), ("nein", "margin_scheme"), ("§ 25a", "margin_scheme")):
        layout = Layout(dict(zip((*NEEDED, "x"), (*REQUIRED, "prices.taxation"), strict=True)))
        row = read(text_file((*NEEDED, "x"), ("A1", "VW", "9000", cell)), layout)[0]
        assert row.facts["prices"]["taxation"] == meant


def test_what_cannot_be_read_costs_the_fact_and_says_so() -> None:
    row = read(text_file(HEADER, (*GOLF[:7], "Diesl", GOLF[8]), A3))[0]
    assert "fuel" not in row.facts
    assert row.facts["unread"] == [{"path": "fuel", "text": "Diesl"}]
    assert "„Diesl“ ist nicht bekannt." in german(row.remarks[0].reason)
    assert row.remarks[0].column is not None
    assert row.remarks[0].column.label == "H · Kraftstoff"


@pytest.mark.parametrize(
    ("place", "cell", "reason"),
    [
        (0, "", "Die interne Nummer fehlt."),
        (4, "", "Der Preis fehlt."),
        (4, "12.9.90", "Das ist keine Zahl."),
        (4, "k.A.", "Der Preis fehlt."),
        (4, "-", "Der Preis fehlt."),
    ],
)
def test_without_number_or_price_a_row_is_refused(place: int, cell: str, reason: str) -> None:
    row = read(text_file(HEADER, (*GOLF[:place], cell, *GOLF[place + 1 :]), A3))[0]
    assert row.refusal is not None
    assert german(row.refusal.reason) == reason


def test_a_row_with_more_cells_than_columns_is_refused_and_no_other() -> None:
    first, second = read(text_file(HEADER, (*GOLF, "zu viel"), A3, ("A3", *A3[1:])))[:2]
    assert first.refusal is not None
    assert second.offer_number == "A2"


@pytest.mark.parametrize(("convention", "price"), [("english", "12990"), ("german", None)])
def test_english_amounts_are_read_where_somebody_said_so(convention: str, price: str | None) -> None:
    layout = replace(suggested_layout(surveyed(text_file(HEADER, GOLF))), convention=convention)
    row = read(text_file(HEADER, (*GOLF[:4], "12,990", *GOLF[5:])), layout)[0]
    assert row.facts.get("prices", {}).get("selling") == price


def test_spellings_mean_what_the_dealer_said() -> None:
    said = {"fuel": {folded("Diesl"): "diesel", folded("Benzin"): "", folded("Bnz"): "petrol"}}
    assert one("fuel", "DIESL", values=said) == {"fuel": "diesel"}
    assert one("fuel", "Benzin", values=said) == {}
    assert one("fuel", "bnz.", values=said) == {"fuel": "petrol"}
    assert one("fuel", "Autogas", values=said) == {"fuel": "lpg"}


def test_a_file_without_a_column_of_the_layout_is_refused_by_its_name() -> None:
    layout = suggested_layout(surveyed(text_file(HEADER, GOLF)))
    with pytest.raises(UnreadableFile, match="Spalte „VK brutto“"):
        read(text_file((*HEADER[:4], "Preis", *HEADER[5:]), GOLF), layout)


def test_a_file_without_vehicles_is_refused() -> None:
    layout = suggested_layout(surveyed(text_file(HEADER, GOLF)))
    with pytest.raises(UnreadableFile, match="kein Fahrzeug"):
        read(text_file(HEADER), layout)


def test_a_layout_needs_number_make_and_price_and_each_fact_once() -> None:
    layout = Layout({"a": "power", "b": "power:ps", "c": "make"})
    said = [german(problem) for problem in problems_of(layout, ("a", "b", "c"))]
    assert len(said) == 3
    assert any("Fahrzeugnummer" in text for text in said)
    assert any("Zwei Spalten stehen für Leistung" in text for text in said)


@given(
    st.dictionaries(st.text(min_size=1, max_size=20), st.sampled_from(list(targets())), max_size=8),
    st.booleans(),
    st.sampled_from(["german", "english"]),
)
def test_a_layout_comes_back_as_it_was_kept(columns: dict[str, str], header: bool, convention: str) -> None:
    layout = Layout(columns, header, convention, {"fuel": {"diesl": "diesel"}})
    assert from_json(layout.as_json()) == layout


def test_the_same_header_is_known_again_in_any_order_and_no_other() -> None:
    header = Heading(HEADER, 1, 1)
    assert signature(header) == signature(Heading(tuple(reversed([one.upper() for one in HEADER])), 3, 3))
    assert signature(header) != signature(Heading(HEADER[:-1], 1, 1))
    assert signature(Heading(("A", "B", "C"))) != signature(Heading(("A", "B", "C"), 1, 1))


TARGETS = st.sampled_from([name for name in targets() if name not in REQUIRED])
CELLS = st.one_of(
    st.sampled_from(
        ["0", "1", "-", "ja", "2018", "05.2018", "31.02.2018", "5,4", "1.234", "Kombi", "Diesel", "00.0000"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30),
    st.integers().map(str),
    st.floats(allow_nan=True).map(str),
)


@given(TARGETS, CELLS)
def test_whatever_stands_in_a_cell_it_is_read_or_remarked_and_fits_the_model(target: str, cell: str) -> None:
    """Nothing that is stated is a value that a vehicle cannot have; what is not stated is told or empty."""
    layout = Layout({"Nummer": "offer_number", "Marke": "make", "Preis": "prices.selling", "x": target})
    row = read(text_file((*NEEDED, "x"), ("A1", "VW", "9000", cell)), layout)[0]
    assert row.refusal is None
    VehicleData.model_validate(row.facts)


def of_golf(**changed: Any) -> StockRow:
    """As it is read from a workbook, where cells have other values."""
    row = [
        changed.get(name.split("-", maxsplit=1)[0], value) for name, value in zip(HEADER, GOLF, strict=True)
    ]
    return read(excel_file(HEADER, GOLF, A3, row), suggested_layout(surveyed(excel_file(HEADER, GOLF, A3))))[
        -1
    ]


def test_a_yes_of_a_workbook_is_no_number() -> None:
    """Else a car had run one kilometre."""
    row = of_golf(KM=True)
    assert "mileage" not in row.facts
    assert [(remark.value, str(remark.reason)) for remark in row.remarks] == [("WAHR", "Das ist keine Zahl.")]


@pytest.mark.parametrize("error", ["#REF!", "#BEZUG!", "#WERT!", "########"])
@pytest.mark.parametrize(("column", "fact"), [("KM", "mileage"), ("Modell", "model")])
def test_an_error_of_a_spreadsheet_is_no_statement_and_is_told(column: str, fact: str, error: str) -> None:
    row = of_golf(**{column: error})
    assert fact not in row.facts
    assert [remark.value for remark in row.remarks] == [error]


def test_what_a_formula_says_is_not_there_is_nothing() -> None:
    row = of_golf(KM="#N/A", Modell="#NV")
    assert (row.remarks, "mileage" in row.facts, "model" in row.facts) == ((), False, False)


@pytest.mark.parametrize("number", ["1,23457E+11", "1.23457E+11", "1,2E+05"])
def test_numbers_that_a_spreadsheet_has_cut_are_no_stock(number: str) -> None:
    """The vehicles that are meant would be taken for sold."""
    with pytest.raises(UnreadableFile, match="gekürzt"):
        read(text_file(HEADER, GOLF, (number, *A3[1:])))


def test_a_number_that_only_looks_like_a_power_of_ten_is_one() -> None:
    assert read(text_file(HEADER, GOLF, ("4E12", *A3[1:])))[-1].facts["offer_number"] == "4E12"


def test_what_is_written_as_a_formula_to_keep_its_zeros_is_the_text_in_it() -> None:
    rows = read(text_file(HEADER, ('="00123"', *GOLF[1:]), ('="00124"', '="WAUZZZ8V0JA000002"', *A3[2:])))
    assert [row.offer_number for row in rows] == ["00123", "00124"]
    assert rows[1].facts["vin"] == "WAUZZZ8V0JA000002"
