"""What is suggested for a column, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.foreign_layouts.suggestion import (
    Ground,
    offers_features,
    suggest,
    suggest_convention,
    suggested_layout,
    unknown_values,
)
from portal.formats.foreign_layouts.survey import from_json
from portal.formats.foreign_layouts.synonyms import SYNONYMS, meaning_of
from portal.formats.foreign_layouts.targets import targets
from portal.vehicle_facts.numbers import Convention
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, surveyed, text_file

NAMES = st.one_of(
    st.sampled_from([name for names in SYNONYMS.values() for name in names]), st.text(max_size=20)
)
CELLS = st.one_of(st.sampled_from([*GOLF, *A3, "ja", "nein", "0", "1", "Kombi", "-"]), st.text(max_size=10))


def suggested(*rows: tuple[str, ...]) -> dict[str, str]:
    return {name: one.target for name, one in suggest(surveyed(text_file(*rows))).items()}


def test_names_say_what_columns_mean() -> None:
    assert suggested(HEADER, GOLF) == {
        "Fahrzeug-Nr.": "offer_number",
        "FIN": "vin",
        "Marke": "make",
        "Modell": "model",
        "VK brutto": "prices.selling",
        "KM-Stand": "mileage",
        "EZ": "first_registration",
        "Kraftstoff": "fuel",
        "Getriebe": "gearbox",
    }


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Leistung (kW)", "power"),
        ("Leistung (PS)", "power:ps"),
        ("Leistung in PS", "power:ps"),
        ("HP", "power:ps"),
        ("Preis [€]", "prices.selling"),
        ("Preis in EUR", "prices.selling"),
        ("MILEAGE (KM)", "mileage"),
        ("Erst-Zulassung", "first_registration"),
        ("Tempomat", "equipment.features:cruise_control"),
        ("CO₂-Klasse", "energy.co2_class"),
        ("Stromverbrauch kombiniert (kWh/100 km)", "energy.power.combined"),
    ],
)
def test_units_and_spellings_of_names_do_not_matter(name: str, target: str) -> None:
    assert meaning_of(name) == target


@pytest.mark.parametrize(
    "name", ["Nettopreis", "Preis netto", "Preis CHF", "Einkaufspreis", "EK", "Kundennummer"]
)
def test_no_other_price_is_taken_for_ours(name: str) -> None:
    assert meaning_of(name) is None


def test_without_names_the_values_say_it() -> None:
    found = suggest(surveyed(text_file(GOLF, A3)))
    said = {name: one.target for name, one in found.items() if one.ground is Ground.VALUES}
    assert said == {
        "B": "vin",
        "C": "make",
        "E": "prices.selling",
        "G": "first_registration",
        "H": "fuel",
        "I": "gearbox",
    }
    assert found["A"].target == ""


def test_a_name_is_doubted_where_no_value_fits_it() -> None:
    rows = (("Nummer", "Antrieb", "Getriebe"), ("A1", "Diesel", "x7"), ("A2", "Benzin", "x8"))
    assert suggested(*rows) == {"Nummer": "offer_number", "Antrieb": "fuel", "Getriebe": ""}


@given(
    st.lists(NAMES, min_size=3, max_size=12).flatmap(
        lambda names: st.tuples(
            st.just(tuple(names)),
            st.lists(st.tuples(*[CELLS] * len(names)), min_size=1, max_size=4),
        )
    )
)
def test_each_column_has_an_answer_and_no_fact_two_columns(
    table: tuple[tuple[str, ...], list[tuple[str, ...]]],
) -> None:
    header, rows = table
    survey = from_json(
        {
            "names": list(dict.fromkeys(header)),
            "line": 1,
            "skipped": 1,
            "rows": len(rows),
            "sheet": "",
            "columns": [
                {"filled": len(rows), "values": [[cell, 1] for cell in {row[place] for row in rows} if cell]}
                for place, _name in enumerate(dict.fromkeys(header))
            ],
        }
    )
    found = suggest(survey)
    assert set(found) == set(survey.names)
    facts = [targets()[one.target].fact for one in found.values() if one.target]
    assert len(facts) == len(set(facts))
    assert set(suggested_layout(survey).columns) <= set(survey.names)
    assert from_json(survey.as_json()) == survey


@pytest.mark.parametrize(
    ("price", "convention"),
    [
        ("12,990.00", "english"),
        ("12.990,00", "german"),
        ("12.990", "german"),
        ("5.4", "english"),
        ("x", "german"),
    ],
)
def test_numbers_tell_how_they_are_written(price: str, convention: str) -> None:
    assert (
        suggest_convention(surveyed(text_file(("Nr.", "Preis", "Marke"), ("A1", price, "VW")))) == convention
    )


def test_spellings_that_nobody_knows_are_named_the_most_frequent_first() -> None:
    rows = [("A1", "Diesl"), ("A2", "Benzin"), ("A3", "Bnz"), ("A4", "Diesl"), ("A5", "-"), ("A6", "k.A.")]
    survey = surveyed(text_file(("Nummer", "Kraftstoff", "x"), *((*row, "1") for row in rows)))
    assert unknown_values(targets()["fuel"], survey.columns[1], Convention.GERMAN) == ("Diesl", "Bnz")
    assert unknown_values(targets()["make"], survey.columns[1], Convention.GERMAN) == ()


def test_codes_of_the_taxation_are_asked_about() -> None:
    """0 and 1 mean the one thing here and the other there."""
    survey = surveyed(
        text_file(("Nummer", "MwSt", "x"), ("A1", "0", "1"), ("A2", "1", "1"), ("A3", "ja", "1"))
    )
    assert unknown_values(targets()["prices.taxation"], survey.columns[1], Convention.GERMAN) == ("0", "1")


def test_only_a_column_of_yes_and_no_may_be_a_search_criterion() -> None:
    survey = surveyed(
        text_file(("Nummer", "Klimaautomatik", "Navi"), ("A1", "ja", "x"), ("A2", "nein", "Pro"))
    )
    assert [offers_features(column) for column in survey.columns] == [False, True, False]


@pytest.mark.parametrize(
    "name", ["Netto", "EK", "EK netto", "Nettopreis", "Preis (netto)", "Einkaufspreis", "Preis alt"]
)
def test_an_amount_that_is_no_asking_price_is_never_suggested_as_one(name: str) -> None:
    """A car offered for what it cost, or without its VAT, is sold for that."""
    header = ("Nr", "Marke", "Modell", name, "Tageszulassung am")
    assert "prices.selling" not in suggested(header, ("1", "VW", "Golf", "10.916,00 €", "")).values()


def test_an_amount_without_a_name_of_its_own_is_the_price() -> None:
    assert suggested(("Nr", "Marke", "Betrag"), ("1", "VW", "10.916,00 €"))["Betrag"] == "prices.selling"
