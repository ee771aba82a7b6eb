"""Descriptions: what is cut and what never is."""

from __future__ import annotations

from typing import Any

import pytest

from portal.platforms.common.energy import envkv_line
from portal.platforms.common.labels import LABELS
from portal.platforms.common.vehicle_view import FileContext, VehicleView, describe
from portal.platforms.contract import Account, Rules, Subject
from portal.platforms.mobile_de import names
from portal.vehicle_facts.data import VehicleData
from tests.builders import golf
from tests.platforms.file_rig import AROUND
from tests.platforms.mobile_de.kinds import electric, financed, new_diesel, plug_in
from tests.words import german


def view(vehicle: VehicleData, **settings: Any) -> VehicleView:
    return VehicleView(
        FileContext("Meta", settings, Account("1", ""), Rules(), AROUND), Subject(vehicle, "HH")
    )


def test_the_dealers_text_is_cut_legal_wording_stays_whole() -> None:
    seen = view(new_diesel(description="Wort " * 2000), leasing_example="none")
    text = describe(seen, 1000)
    assert len(text) <= 1000
    assert text.endswith("CO₂-Klasse: D")
    assert "Wort …" in text
    assert [hint.code for hint in seen.hints] == ["description-cut"]


def test_the_example_is_never_cut() -> None:
    seen = view(financed(description="Wort " * 2000), financing_example="text_end")
    text = describe(seen, 1200, heading="Golf")
    assert text.startswith("Golf\n\n")
    assert "Gesamtbetrag: 12.152,00 €\nBank: Muster Bank" in text


def test_what_fits_is_left_alone() -> None:
    seen = view(golf(description="a\n\nb"))
    assert describe(seen, 100) == "a\n\nb"
    assert seen.hints == []


@pytest.mark.parametrize(
    ("vehicle", "line"),
    [
        (
            new_diesel(),
            "Kraftstoffverbrauch kombiniert: 5,0 l/100 km; CO₂-Emissionen kombiniert: 131 g/km; "
            "CO₂-Klasse: D",
        ),
        (
            electric(),
            "Stromverbrauch kombiniert: 15,8 kWh/100 km; CO₂-Emissionen kombiniert: 0 g/km; CO₂-Klasse: A; "
            "Elektrische Reichweite: 426 km",
        ),
        (
            plug_in(),
            "Energieverbrauch gewichtet kombiniert: 14,2 kWh/100 km; "
            "Kraftstoffverbrauch gewichtet kombiniert: 0,9 l/100 km; "
            "Kraftstoffverbrauch bei entladener Batterie: 5,6 l/100 km; "
            "CO₂-Emissionen gewichtet kombiniert: 21 g/km; CO₂-Klasse: B; "
            "CO₂-Klasse bei entladener Batterie: D; "
            "Elektrische Reichweite: 62 km",
        ),
    ],
)
def test_the_values_of_each_drive(vehicle: VehicleData, line: str) -> None:
    assert envkv_line(vehicle) == line


def test_used_cars_state_nothing_that_they_need_not() -> None:
    assert describe(view(golf(energy=new_diesel().energy)), 500) == ""


def test_facts_are_called_as_at_mobile_de() -> None:
    """One vehicle, two platforms: the same word for the same field."""
    ours = {field: german(names.label_of(field)) for field in LABELS}
    differing = {field for field, label in ours.items() if label not in (field, german(LABELS[field]))}
    assert differing <= {"hsn", "energy.fuel.combined"}


@pytest.mark.parametrize(
    ("platform", "first", "begins"),
    [
        ("der Empfänger", "Der Empfänger", "Der Empfänger"),
        ("Meta", "", "Meta"),
        ("mobile.de", "", "mobile.de"),
    ],
)
def test_a_sentence_begins_with_the_platform_as_it_is_spelt(platform: str, first: str, begins: str) -> None:
    context = FileContext(platform, {}, Account("1", ""), Rules(), AROUND, platform_first=first)
    assert context.beginning == begins
