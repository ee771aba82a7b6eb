from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.platforms.autoscout24.vocabulary import BODY_COLOURS
from portal.platforms.autoscout24_ch.vocabulary import COLOURS
from portal.platforms.common.matching import (
    NameAliases,
    ReferenceNames,
    colour_in,
    loose,
    plain,
    series,
    tight,
)
from portal.platforms.mobile_de.vocabulary import COLOUR_WORDS

PAIRS = (("K1", "Citroën"), ("K2", "Škoda"), ("K3", "Käfer"), ("K4", "C-Klasse"), ("K5", "3er"), ("C5", "K1"))


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("K1", "K1"),
        ("Citroën", "K1"),
        ("CITROEN", "K1"),
        ("skoda", "K2"),
        ("Kaefer", "K3"),
        ("KÄFER", "K3"),
        ("C Klasse", "K4"),
        ("c-class", "K4"),
        ("3ER", "K5"),
        ("3er Reihe", "K5"),
        ("3 Series", "K5"),
        ("Trabant", None),
        ("", None),
        ("Klasse", None),
    ],
)
def test_label_is_found(label: str, key: str | None) -> None:
    assert ReferenceNames(PAIRS).key(label) == key


def test_aliases_lead_to_the_offered_name() -> None:
    aliases = NameAliases((("VW", "Volkswagen"),))
    assert ReferenceNames((("x", "Volkswagen"),), aliases).key("vw") == "x"
    assert ReferenceNames((("VW", "VW"),), aliases).key("Volkswagen") == "VW"


def test_the_longest_beginning_counts() -> None:
    models = ReferenceNames((("g", "Golf"), ("gp", "Golf Plus")))
    assert models.key_by_beginning("Golf Plus 1.4") == "gp"
    assert models.key_by_beginning("Golf VII") == "g"
    assert models.key_by_beginning("Golf") is None


def test_first_of_equal_entries_wins() -> None:
    assert ReferenceNames((("a", "Golf"), ("b", "GOLF"))).key("golf") == "a"


@given(st.text(max_size=40))
def test_folding_is_stable(label: str) -> None:
    for fold in (plain, tight, loose):
        assert fold(fold(label)) == fold(label) or fold is loose
    assert " " not in tight(label) + series(label)


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), unique_by=lambda pair: pair[0]))
def test_every_key_finds_itself(pairs: list[tuple[str, str]]) -> None:
    labels = ReferenceNames(pairs)
    assert all(labels.key(key) == key for key, _ in pairs)


@pytest.mark.parametrize(
    ("label", "colour"),
    [
        ("Dunkelblau metallic", "blau"),
        ("Protonblau", "blau"),
        ("Karottenorange", "orange"),
        ("Orangerot", "rot"),
        ("Schwarzbraun", "braun"),
        ("Blauschwarz", "schwarz"),
        ("Rotgrau", "grau"),
        ("Weiß mit schwarzem Dach", "weiss"),
        ("Weiß/Schwarz", "weiss"),
        ("Schwarz Dach Rot", "schwarz"),
        ("Weiß Kontrastdach Schwarz", "weiss"),
        ("Schwarz-Weiß", "schwarz"),
        ("Candy-Weiß", "weiss"),
        ("foliert schwarz, Original weiß", "schwarz"),
        ("Silbermetallic", "silber"),
        ("dunkelgrünes", "gruen"),
        ("Pearl Black", "black"),
        ("Credo", None),
        ("Mokka", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("words", [COLOUR_WORDS, BODY_COLOURS, COLOURS], ids=["mobile", "autoscout24", "ch"])
def test_the_last_word_of_a_compound_and_the_first_of_two_colours_count_at_every_platform_alike(
    label: str, colour: str | None, words: tuple[tuple[str, str], ...]
) -> None:
    values = dict(words)
    expected = values.get(colour or "") or (values["grun"] if colour == "gruen" else None)
    assert colour_in(label, words) == expected
