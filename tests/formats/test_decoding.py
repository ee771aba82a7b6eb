"""Lines of German text in the code pages of dealer systems. One broken byte costs one character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.charset import LOST
from portal.formats.decoding import DOS, LATIN_9, MAC, UTF_8, WINDOWS, Decoder, decode

CODECS = {UTF_8: "utf-8", LATIN_9: "iso-8859-15", WINDOWS: "cp1252", DOS: "cp850", MAC: "mac_roman"}
TEXTS = (
    "Scheckheftgepflegt, großer Kofferraum, Rückfahrkamera, Sitzheizung für Fahrer",
    "Türen größer geprüft",
    "VW Golf grün",
    "Müller",
    "ÜBERPRÜFT",
    "Österreich",
    "Citroën C4",
    "Renault Mégane Coupé",
    "Weiß",
    "Straße",
)
words = st.lists(
    st.sampled_from(
        ("für", "große", "Räder", "grün", "Öl", "Türen", "Klima", "AHK", "12.990", "weiß", "Übergabe")
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("charset", CODECS)
def test_a_line_is_read_in_its_own_code_page(text: str, charset: str) -> None:
    assert decode(text.encode(CODECS[charset]))[0] == text


@pytest.mark.parametrize("text", ["„Top-Zustand“ – wie neu", "12.990 €", "Škoda Fabia", "„Fahrspaß“"])
def test_signs_of_windows_are_read(text: str) -> None:
    assert decode(text.encode("cp1252")) == (text, WINDOWS)


@pytest.mark.parametrize("cut", [b"\xc3", b"\xe2\x80", b"\xe2", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98"])
def test_a_cut_character_of_utf_8_costs_that_character(cut: bytes) -> None:
    line = "großer Kofferraum und gepr".encode() + cut + b'";"1"\r\n'
    assert decode(line) == (f'großer Kofferraum und gepr{LOST}";"1"\r\n', UTF_8)


def test_a_cut_character_is_seen_where_it_is_the_only_one() -> None:
    assert decode(b'"gepr\xc3";"1"') == (f'"gepr{LOST}";"1"', UTF_8)


def test_a_cut_emoji_is_no_sign_of_another_code_page() -> None:
    whole = "Müller 🚗".encode()
    assert [decode(whole[:-count])[0] for count in (1, 2, 3)] == [f"Müller {LOST}"] * 3


def test_lines_of_different_code_pages_are_told_apart_and_counted() -> None:
    decoder = Decoder()
    lines = [f"Kleinwagen für {charset}\n".encode(codec) for charset, codec in CODECS.items()]
    assert list(decoder.lines(lines)) == [f"Kleinwagen für {charset}\n" for charset in CODECS]
    assert {UTF_8, DOS, MAC} <= set(decoder.charsets)


def test_a_replacement_character_of_the_source_stays_visible() -> None:
    assert decode("gr\ufffdn".encode())[0] == f"gr{LOST}n"


@given(words, st.sampled_from(sorted(CODECS)))
def test_nothing_is_lost_and_nothing_invented(line: list[str], charset: str) -> None:
    text = " ".join(line)
    assert decode(text.encode(CODECS[charset]))[0] == text


@given(words, st.integers(0, 200))
def test_one_broken_byte_never_costs_more_than_its_character(line: list[str], at: int) -> None:
    text = "für große Räder " + " ".join(line)
    raw = bytearray(text.encode())
    places = [place for place, byte in enumerate(raw) if byte in b"\xc3"]
    place = places[at % len(places)]
    del raw[place + 1]
    found, charset = decode(bytes(raw))
    assert charset == UTF_8
    assert found.count(LOST) == 1
    before, after = found.split(LOST)
    assert text.startswith(before)
    assert text.endswith(after)


@given(st.binary(max_size=80))
def test_any_bytes_have_a_text(line: bytes) -> None:
    assert isinstance(decode(line)[0], str)
