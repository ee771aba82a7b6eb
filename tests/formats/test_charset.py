"""Texts into charsets: spelled with what there is, and never a crash."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.charset import clean, fitted, one_line

LATIN_9 = "iso-8859-15"


@pytest.mark.parametrize(
    ("text", "spelled", "changed"),
    [
        ("Türen, Größe, Škoda, 5 €", "Türen, Größe, Škoda, 5 €", ""),
        ("„Top“ – 5 %…", '"Top" - 5 %...', ""),
        ("• ABS", "* ABS", ""),
        ("CO₂", "CO2", ""),
        ("Citroën C4 ½", "Citroën C4 1/2", ""),
        ("Čapek, Łódź", "Capek, Lódz", "ČŁź"),
        ("schön 🚗 neu", "schön  neu", "🚗"),
        ("👨‍👩‍👧 Familie", " Familie", "👨👩👧"),
        ("Привет", "??????", "Привет"),
        ("e\u0301t\u00e9", "été", ""),
    ],
)
def test_what_a_charset_lacks_is_spelled_otherwise(text: str, spelled: str, changed: str) -> None:
    assert fitted(text, LATIN_9) == (spelled, changed)


def test_unicode_keeps_everything() -> None:
    text = "🚗 „Top“ Привет"
    assert fitted(text, "utf-8") == (text, "")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x00b\x07c\x9fd", "abcd"),
        ("a\tb", "a b"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("\ufeffa\ufffeb", "ab"),
        ("a\ud800b", "ab"),
        ("=SUM(A1)", "=SUM(A1)"),
    ],
)
def test_control_characters_are_removed(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_one_line_has_no_breaks_and_single_spaces() -> None:
    assert one_line(" a\r\n\r\nb\u2028 c\t\x00d  e ") == "a b c d e"


@given(
    st.text(alphabet=st.characters(), max_size=200), st.sampled_from([LATIN_9, "cp1252", "ascii", "utf-8"])
)
def test_every_text_fits_every_charset(text: str, charset: str) -> None:
    spelled, _changed = fitted(clean(text), charset)
    assert clean(spelled.encode(charset).decode(charset)) == spelled


@given(st.text(alphabet=st.characters(codec=LATIN_9), max_size=100))
def test_what_fits_is_left_alone(text: str) -> None:
    assert fitted(text, LATIN_9) == (text, "")
