"""Texts that were spoilt at their source are recognised, and only those."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.mojibake import offered_repair

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
