"""One vocabulary per fact: platforms and dealer systems spell the same value in many ways."""

from __future__ import annotations

import pytest

from portal.vehicle_facts import vocabularies
from portal.vehicle_facts.spelling import Vocabulary
from portal.vehicle_facts.understanding import NotUnderstood
from portal.vehicle_facts.vocabularies import (
    base_colour,
    base_interior,
    hybrid_of,
    read_emission_class,
    read_flag,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Euro6", "Euro 6"),
        ("EURO6", "Euro 6"),
        ("euro 6", "Euro 6"),
        ("6", "Euro 6"),
        ("Euro VI", "Euro 6"),
        ("EURO6D_TEMP", "Euro 6d-TEMP"),
        ("Euro 6d-TEMP", "Euro 6d-TEMP"),
        ("6d-temp", "Euro 6d-TEMP"),
        ("Euro6d", "Euro 6d"),
        ("Euro 6e", "Euro 6e"),
        ("Schadstoffklasse Euro 5", "Euro 5"),
        ("EU4", "Euro 4"),
        ("EU 6d", "Euro 6d"),
        ("Euro 7", "Euro 7"),
        ("Emissionsklasse Euro 6", "Euro 6"),
        ("Euro 6d-T-EVAP", "Euro 6d-TEMP"),
        ("Euro 6 (WLTP)", "Euro 6"),
    ],
)
def test_an_emission_class_is_read_as_it_is_labelled_in_germany(text: str, value: str) -> None:
    assert read_emission_class(text) == value


@pytest.mark.parametrize("text", ["E", "Euro 9", "Euro 6 AP", "grün", "66", "D3"])
def test_an_unknown_emission_class_is_refused_with_the_known(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_emission_class(text)
    assert "Euro 6d-TEMP" in refused.value.values["known"]


@pytest.mark.parametrize(
    ("vocabulary", "text", "value"),
    [
        (vocabularies.FUELS, "PETROL", "petrol"),
        (vocabularies.FUELS, "Super E10", "petrol"),
        (vocabularies.FUELS, "HYBRID_DIESEL", "hybrid_diesel"),
        (vocabularies.FUELS, "Electricity", "electric"),
        (vocabularies.FUELS, "Super 95", "petrol"),
        (vocabularies.FUELS, "Erdgas/Benzin", "cng"),
        (vocabularies.FUELS, "Plug-in-Hybrid (Elektro/Diesel)", "hybrid_diesel"),
        (vocabularies.FUELS, "Hydrogenium", "hydrogen"),
        (vocabularies.GEARBOXES, "AUTOMATIC_GEAR", "automatic"),
        (vocabularies.GEARBOXES, "Schalter", "manual"),
        (vocabularies.GEARBOXES, "7-Gang-DSG", "automatic"),
        (vocabularies.GEARBOXES, "6 Gang manuell", "manual"),
        (vocabularies.GEARBOXES, "Automatik 8-Gang", "automatic"),
        (vocabularies.FUELS, "Benziner", "petrol"),
        (vocabularies.FUELS, "Benzin + LPG", "lpg"),
        (vocabularies.FUELS, "Benzin/Elektro (Plug-in)", "hybrid_petrol"),
        (vocabularies.DRIVES, "4x4", "all_wheel"),
        (vocabularies.DRIVES, "ALL_WHEEL", "all_wheel"),
        (vocabularies.STICKERS, "grün", "green"),
        (vocabularies.STICKERS, "EMISSIONSSTICKER_GREEN", "green"),
        (vocabularies.TAXATIONS, "§25a", "margin_scheme"),
        (vocabularies.TAXATIONS, "MwSt. ausweisbar", "vat_deductible"),
        (vocabularies.INTERIORS, "LEATHER", "Vollleder"),
        (vocabularies.FUELS, "HVO100", "diesel"),
        (vocabularies.FUELS, "Benzin + CNG", "cng"),
        (vocabularies.FUELS, "Benzin/Flüssiggas (LPG)", "lpg"),
        (vocabularies.FUELS, "Diesel MHEV", "hybrid_diesel"),
        (vocabularies.FUELS, "Benzin mHEV 48V", "hybrid_petrol"),
        (vocabularies.FUELS, "Diesel/Elektro PHEV", "hybrid_diesel"),
        (vocabularies.FUELS, "Hybr.Diesel/E ext.aufl.", "hybrid_diesel"),
        (vocabularies.FUELS, "Hybrid Benzin/Elektro Plug-in", "hybrid_petrol"),
        (vocabularies.GEARBOXES, "DKG", "automatic"),
        (vocabularies.GEARBOXES, "Easytronic", "semi_automatic"),
        (vocabularies.STICKERS, "Umweltplakette 4 (Grün)", "green"),
        (vocabularies.STICKERS, "Grüne Plakette", "green"),
        (vocabularies.STICKERS, "Schadstoffgruppe 4", "green"),
    ],
)
def test_spellings_of_platforms_and_people_are_one_value(
    vocabulary: Vocabulary, text: str, value: str
) -> None:
    assert vocabulary.read(text) == value


def test_the_kind_of_hybrid_is_in_the_spelling_of_the_fuel() -> None:
    assert hybrid_of("Plug-in-Hybrid (Benzin/Elektro)") == "plug_in"
    assert hybrid_of("MHEV") == "mild"
    assert hybrid_of("Benzin") is None
    assert hybrid_of("HEV") == "full"
    assert hybrid_of("Benzin/Elektro (extern aufladbar)") == "plug_in"


def test_a_base_colour_is_known_with_its_finish_and_a_makers_name_is_none() -> None:
    assert base_colour("Blau metallic") == base_colour("blue") == "Blau"
    assert base_colour("Dunkelblau") == base_colour("Hellblau metallic") == "Blau"
    assert base_colour("Mondsteingrau Perleffekt") is None


@pytest.mark.parametrize(
    ("text", "value"), [("ja", True), ("J", True), ("x", True), ("1", True), ("nein", False)]
)
def test_yes_and_no_have_many_spellings(text: str, value: bool) -> None:
    assert read_flag(text) is value


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        read_flag("vielleicht")


def test_a_spelling_cannot_stand_for_two_values() -> None:
    with pytest.raises(ValueError, match="is a and b"):
        Vocabulary({"a": ("Eins",), "b": ("eins",)})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Leder", "Vollleder"),
        ("Leder schwarz", "Vollleder"),
        ("Nappaleder", "Vollleder"),
        ("Teil-Leder", "Teilleder"),
        ("Leder/Stoff", "Teilleder"),
        ("Stoff-Leder-Kombination", "Teilleder"),
        ("Lederimitat", "Kunstleder"),
        ("Lederoptik schwarz", "Kunstleder"),
        ("veganes Leder", "Kunstleder"),
        ("Leder/Alcantara", "Alcantara"),
        ("Stoff, Lederlenkrad", "Stoff"),
        ("Stoff schwarz", "Stoff"),
        ("Kein Leder", "Kein Leder"),
        ("Stoff, ohne Leder", "Stoff"),
        ("Veloursleder", "Vollleder"),
        ("Mikrofaser", "Mikrofaser"),
        ("", ""),
    ],
)
def test_what_only_looks_like_leather_is_none(text: str, kind: str) -> None:
    """A buyer who was promised full leather gives the car back."""
    assert base_interior(text) == kind
