"""Vehicle identification numbers, ISO 3779: 17 characters without I, O and Q; free before 1981."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vehicle_facts.understanding import NotUnderstood
from portal.vehicle_facts.vin import built_by, is_standard, is_vin, normalised, read_vin
from tests.words import german

VIN = "WVWZZZ1KZAW000001"


@pytest.mark.parametrize(
    "text",
    [
        "wvwzzz1kzaw000001",
        "WVW ZZZ 1KZ AW 000001",
        "WVW-ZZZ-1KZ-AW-000001",
        f"  {VIN}\n",
        "WVWZZZ1KZAW 000001",
        f"FIN: {VIN}",
        f"Fahrgestellnr. {VIN.lower()}",
        "ＷＶＷＺＺＺ1KZAW000001",
        f"'{VIN}",
        f"*{VIN}*",
        f"\ufeff{VIN}",
        "WVW\u200eZZZ1KZAW000001",
        f"FIN-Nr.: {VIN}",
        f"Fz.-Ident.-Nr. {VIN}",
        f"Fahrzeug-Identifizierungsnummer: {VIN}",
        f"{VIN} (3)",
    ],
)
def test_case_blanks_and_dashes_make_no_other_number(text: str) -> None:
    assert read_vin(text) == VIN


@pytest.mark.parametrize(
    "text",
    [
        *(
            "123",
            "WVWZZZ1KZAW00001",
            f"{VIN}2",
            "WVWZZZ1KZÄW000001",
            "0" * 17,
            "unbekannt",
            "wvwzzz1kzaw0000ß",
        ),
        *(f"{VIN} / WVWZZZ1KZAW000002", f"{VIN}-3", "1.23457E+16"),
    ],
)
def test_what_cannot_be_one_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_vin(text)
    assert refused.value.code == "vin-impossible"
    assert "lassen Sie das Feld leer" in german(refused.value.text)


def test_a_look_alike_is_said_and_not_changed() -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_vin("WVWZZZ1KZAWO00001")
    assert refused.value.code == "vin-lookalike"
    assert "enthält O" in german(refused.value.text)


@pytest.mark.parametrize(
    "text", ["WVWZZZ1KZAWXXXXXX", "12345678901234567", "00000000000000001", "A" * 16 + "1", "A1" * 8 + "A"]
)
def test_what_only_fills_the_field_is_no_number(text: str) -> None:
    """Counted, repeated, or masked by whoever hides the end: as a number it would stand for many cars."""
    with pytest.raises(NotUnderstood):
        read_vin(text)
    assert not is_standard(text)


def test_a_small_l_among_capitals_is_a_look_alike_of_1() -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_vin("WVWZZZ1KZAW00000l")
    assert refused.value.code == "vin-lookalike"
    assert read_vin("wvwzzz5nzlw000001") == "WVWZZZ5NZLW000001"


@pytest.mark.parametrize(("year", "fits"), [(1980, True), (1981, False), (None, False)])
def test_before_1981_a_number_may_be_shorter(year: int | None, fits: bool) -> None:
    if fits:
        assert read_vin("113 456 789", year) == "113456789"
    else:
        with pytest.raises(NotUnderstood):
            read_vin("113 456 789", year)


@pytest.mark.parametrize(
    ("facts", "year"),
    [
        ({"first_registration": "1995-05", "construction_year": 1965}, 1965),
        ({"first_registration": "1965-05", "construction_year": 1995}, 1965),
        ({"construction_year": 1965}, 1965),
        ({"registration_year": 1979, "construction_year": None}, 1979),
        ({"first_registration": ""}, None),
        ({}, None),
    ],
)
def test_a_number_is_as_old_as_the_vehicle_and_not_as_its_papers(
    facts: dict[str, object], year: int | None
) -> None:
    """A classic from abroad is registered here decades after it was built."""
    assert built_by(facts) == year


def test_a_stored_number_counts_in_its_normal_form_only() -> None:
    assert is_vin(VIN)
    assert not is_vin(VIN.lower())
    assert not is_vin("")
    assert not is_vin("123")


@given(st.text(alphabet="ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=17, max_size=17))
def test_reading_is_idempotent_and_keeps_every_character(text: str) -> None:
    spread = " ".join(text[place : place + 3].lower() for place in range(0, 17, 3))
    try:
        found = read_vin(spread)
    except NotUnderstood:
        return
    assert found == text == read_vin(found) == normalised(found)


@pytest.mark.parametrize(
    "number", [VIN, "1" * 17, "A" * 17, VIN.lower(), VIN[:16], f"{VIN[:16]}O", f"{VIN}\n"]
)
def test_a_standard_number_is_taken_as_it_is_whatever_the_year(number: str) -> None:
    assert is_standard(number) == (number == VIN) == is_vin(number)
    if is_standard(number):
        assert number == read_vin(number) == read_vin(number, 1965)


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=16, max_size=18))
def test_what_is_standard_is_what_is_read_without_a_change(text: str) -> None:
    assert is_standard(text) == is_vin(text)
