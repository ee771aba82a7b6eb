"""Texts that were spoilt at their source are recognised, and only those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.mojibake import offered_repair, spoilt_texts
from portal.vehicles.repair import repaired
from tests.builders import golf

german = st.lists(
    st.sampled_from(
        ("für", "Größe", "„Spaß“", "Übergabe", "–", "5 °C", "12.990 €", "ÄRGER", "Coupé", "m²", "AHK")
    ),
    max_size=10,
).map(" ".join)


@pytest.mark.parametrize(
    ("spoilt", "meant"),
    [
        ("GrÃ¼n", "Grün"),
        ("grÃ¶ÃŸer Kofferraum", "größer Kofferraum"),
        ("â‚¬ 12.990", "€ 12.990"),
        ("Klima â€“ Navi", "Klima – Navi"),
        ("ÃƒÂ¼berholt", "überholt"),
        ("GrÃ¼n und groß", "Grün und groß"),
    ],
)
def test_a_spoilt_text_is_offered_as_it_was_meant(spoilt: str, meant: str) -> None:
    assert offered_repair(spoilt) == meant


@pytest.mark.parametrize(
    "text", ["Grün", "Citroën", "São Paulo", "ÂMBAR", "Golf 1.4", "„Spaß“ – 5 °C", "ÄÖÜ"]
)
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert offered_repair(text) is None


@given(german)
def test_german_is_never_called_spoilt_and_spoilt_german_comes_back(text: str) -> None:
    assert offered_repair(text) is None
    spoilt = text.encode().decode("cp1252", "ignore")
    if spoilt.encode("cp1252") == text.encode() and not text.isascii():
        assert offered_repair(spoilt) == text


def test_what_was_repaired_needs_no_repair() -> None:
    assert offered_repair(offered_repair("GrÃ¼n â€“ groÃŸ") or "") is None


SPOILT, MEANT = "GrÃ¼n", "Grün"
EXAMPLE = {"monthly_rate": 199, "duration": 48}
RATES = {"nominal_interest": "3.99", "effective_interest": "3.99", "net_credit": 9000}


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"make": SPOILT}, "make"),
        ({"colour_name": SPOILT}, "colour_name"),
        ({"contact": SPOILT}, "contact"),
        ({"highlights": ["Navi", SPOILT]}, "highlights.1"),
        ({"equipment": {"standard": [SPOILT]}}, "equipment.standard.0"),
        ({"equipment": {"other": ["Navi", SPOILT]}}, "equipment.other.1"),
        ({"battery": {"plug_types": [SPOILT]}}, "battery.plug_types.0"),
        ({"leasing": {**EXAMPLE, "mileage_per_year": 10_000, "bank": SPOILT}}, "leasing.bank"),
        ({"financing": [None, {**EXAMPLE, **RATES, "bank": SPOILT}]}, "financing.1.bank"),
    ],
)
def test_a_spoilt_text_is_found_and_repaired_wherever_it_would_go_out(
    facts: dict[str, Any], path: str
) -> None:
    vehicle = VehicleData.model_validate(golf().model_dump() | facts)
    data = vehicle.model_dump(mode="json", exclude_defaults=True)
    assert list(spoilt_texts(data)) == [(path, MEANT)]
    mended = repaired(vehicle)
    assert list(spoilt_texts(mended.model_dump(mode="json"))) == []
    assert MEANT in mended.model_dump_json()
