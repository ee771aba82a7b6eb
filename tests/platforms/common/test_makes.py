"""A group of models is no model: the one that the title names is, where it names exactly one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.platforms.common.makes import (
    MODEL_ALIASES,
    ModelFit,
    ModelMatch,
    find_model,
    model_hint,
    model_of,
)
from portal.platforms.common.matching import ReferenceNames
from portal.platforms.common.titles import likely_option, spelling_words, suggested_models, told_title
from tests.builders import golf
from tests.texts import written
from tests.words import german

PEUGEOT = ("106", "1007", "205", "206", "207", "207 CC", "2008", "307", "Partner", "Andere")
MAZDA = ("2", "3", "323", "6", "626", "MX-5", "MX-6", "CX-5", "CX-7", "Andere")
BMW = ("316", "318", "320", "X1", "X3", "Z3", "Z4", "M3", "Andere")
OTHERS = ("Grand Cherokee", "Cherokee", "Grand Voyager", "Voyager", "Santa Fe", "Andere")


VW = ("Golf", "Golf Plus", "Passat", "Polo", "T4", "up!", "Andere")
MERCEDES = ("C-Klasse", "C 180", "C 220", "220", "190", "CLK 230", "Andere")


def listed(*names: str) -> ReferenceNames:
    return ReferenceNames([(name, name) for name in names], MODEL_ALIASES)


def found(names: tuple[str, ...], make: str, label: str, told: str) -> str | None:
    return find_model(listed(*names), (make,), label, "Andere", told).key


def suggested(names: tuple[str, ...], label: str, title: str, further: str = "") -> list[str]:
    vehicle = golf(model=label, model_description=title, description=further)
    return [key for key, _ in suggested_models(listed(*names), label, vehicle)]


@pytest.mark.parametrize(
    ("names", "make", "label", "told", "model"),
    [
        (PEUGEOT, "Peugeot", "2 Reihe", "Peugeot 206 1.4 Edition 75PS", "206"),
        (PEUGEOT, "Peugeot", "2 Reihe", "Peugeot 207 CC 120 VTi Filou", "207 CC"),
        (PEUGEOT, "Peugeot", "2er Reihe", "207cc, 206 PS", "207 CC"),
        (MAZDA, "Mazda", "MX Reihe", "Mx5 nb 1.6l 16V", "MX-5"),
        (MAZDA, "Mazda", "Cx Reihe", "Mazda CX 7 2.2 MZR CD 2010 Modell", "CX-7"),
        (MAZDA, "Mazda", "3 Reihe", "Mazda 323F 1.5 Automatik", "323"),
        (MAZDA, "Mazda", "6 Reihe", "Mazda 626 mit Gasanlage", "626"),
        (BMW, "BMW", "3er", "318is Coupé", "318"),
        (BMW, "BMW", "3er", "BMW 320d Touring", "320"),
        (BMW, "BMW", "X Reihe", "BMW X1 xDrive18d", "X1"),
        (OTHERS, "Jeep", "Grand", "Jeep Grand Cherokee 5.2 Limited", "Grand Cherokee"),
        (OTHERS, "Hyundai", "Santa", "Hyundai Santa Fe 2.4 2WD", "Santa Fe"),
    ],
)
def test_the_title_names_the_model_of_a_group(
    names: tuple[str, ...], make: str, label: str, told: str, model: str
) -> None:
    assert found(names, make, label, told) == model


@pytest.mark.parametrize(
    ("names", "label", "told"),
    [
        (PEUGEOT, "2 Reihe", "Peugeot 206 oder 207"),
        (PEUGEOT, "1 Reihe", "Mein Peugeot 206"),
        (PEUGEOT, "2 Reihe", "Peugeot mit TÜV bis 2008"),
        (PEUGEOT, "2 Reihe", "Peugeot, 205/55 R16"),
        (PEUGEOT, "2 Reihe", "Peugeot mit 207 PS"),
        (PEUGEOT, "2 Reihe", "Peugeot, 206.000 km"),
        (PEUGEOT, "2 Reihe", "Peugeot, nur 206 tkm"),
        (PEUGEOT, "2 Reihe", ""),
        (BMW, "Z Reihe", "In einem top Zustand"),
        (BMW, "3er", "M3-Felgen, Z4-Sitze"),
    ],
)
def test_where_the_title_is_not_clear_nothing_is_guessed(
    names: tuple[str, ...], label: str, told: str
) -> None:
    assert found(names, "Peugeot", label, told) == "Andere"


@pytest.mark.parametrize("told", ["Mazda 3 2.0 Sport", "Mazda 6 Kombi, nicht 3", ""])
def test_a_model_that_is_called_like_its_group_stays(told: str) -> None:
    assert found(MAZDA, "Mazda", "3 Reihe", told) == "3"


@pytest.mark.parametrize(
    ("told", "model", "fit"),
    [
        ("318is", "318", ModelFit.NAMED),
        ("Kombi, TÜV neu", "3er", ModelFit.GROUP),
        ("318 oder 320", "3er", ModelFit.GROUP),
    ],
)
def test_a_group_that_the_platform_lists_gives_way_to_the_model_that_the_title_names(
    told: str, model: str, fit: ModelFit
) -> None:
    match = find_model(listed(*BMW, "3er"), ("BMW",), "3er", "Andere", told)
    assert (match.key, match.fit) == (model, fit)


def test_a_model_is_never_changed_by_what_the_title_says() -> None:
    assert found(PEUGEOT, "Peugeot", "206", "Peugeot 207 CC") == "206"


def test_the_dealer_is_told_that_it_was_resolved() -> None:
    hint = model_hint("Markt", "3er", listed(*BMW), ModelMatch("318", ModelFit.NAMED))
    assert hint
    assert german(hint.text).endswith("erscheint das Inserat unter „318“.")


def test_only_the_title_counts_not_what_stands_further_down() -> None:
    described = golf(model_description="", description="Peugeot 206\nBruder hat einen 207")
    assert told_title(described) == "Peugeot 206"
    assert told_title(golf(model_description="207 CC", description="206")) == "207 CC"


@given(written(60))
def test_nothing_but_a_listed_model_of_the_group_is_ever_found(told: str) -> None:
    key = found(PEUGEOT, "Peugeot", "2 Reihe", told)
    assert key in ("205", "206", "207", "207 CC", "Andere")


@pytest.mark.parametrize(
    ("names", "make", "told", "model"),
    [
        (VW, "VW", "VW Passat 2.0 TDI", "Passat"),
        (VW, "VW", "Volkswagen Polo 6N", "Polo"),
        (VW, "VW", "Golf für Bastler", "Golf"),
        (BMW, "BMW", "Bmw 316i volle Hütte", "316"),
        (MERCEDES, "Mercedes-Benz", "Mercedes Benz C 220 CDI", "C 220"),
        (MERCEDES, "Mercedes-Benz", "Mercedes Benz 190 E 2.0", "190"),
    ],
)
def test_without_a_model_the_title_names_it_where_it_begins_with_it(
    names: tuple[str, ...], make: str, told: str, model: str
) -> None:
    assert found(names, make, "Andere", told) == model


@pytest.mark.parametrize(
    ("names", "make", "told"),
    [
        (VW, "VW", "Golf 5 Plus 1.9"),
        (VW, "VW", "Passat, nehme Golf in Zahlung"),
        (VW, "VW", "Kasten mit Motor vom T4"),
        (VW, "VW", ""),
        (BMW, "BMW", "M3-Felgen für 320"),
    ],
)
def test_without_a_model_nothing_is_guessed(names: tuple[str, ...], make: str, told: str) -> None:
    assert found(names, make, "Sonstige", told) == "Andere"


@pytest.mark.parametrize(
    ("names", "label", "title", "models"),
    [
        (VW, "Andere", "Golf 5 Plus 1.9", ["Golf Plus", "Golf"]),
        (VW, "Andere", "Verkaufe VW Pollo", ["Polo"]),
        (VW, "Pasat", "guter Zustand", ["Passat"]),
        (MERCEDES, "C Klasse", "180 C, TÜV neu", ["C 180", "C 220"]),
        (MERCEDES, "C Klasse", "schöner Kombi", ["C 180", "C 220"]),
        (PEUGEOT, "1 Reihe", "Mein Peugeot 206", ["206", "106", "1007"]),
        (VW, "Andere", "", []),
    ],
)
def test_what_it_may_be_is_suggested(
    names: tuple[str, ...], label: str, title: str, models: list[str]
) -> None:
    assert set(suggested(names, label, title)) == set(models)
    assert suggested(names, label, title)[:1] == models[:1]


def test_the_description_is_asked_where_the_title_says_nothing() -> None:
    assert suggested(VW, "Andere", "Guter Zustand", "TÜV neu\nEs ist ein Passat") == ["Passat"]


@pytest.mark.parametrize(
    ("title", "likely"), [("Golf 5 Plus", ""), ("Verkaufe Passat", "Passat"), ("Kombi", ""), ("", "")]
)
def test_only_what_the_title_names_is_chosen_beforehand(title: str, likely: str) -> None:
    options = [(name, name) for name in VW]
    assert likely_option(options, title) == likely
    assert likely_option([("m7", "Passat")], "Pasat") == "m7"


def test_what_the_dealer_has_assigned_goes_before_everything_that_is_found() -> None:
    vehicle, models = golf(make="BMW", model="3er", model_description="318is"), listed(*BMW)
    assert model_of(models, ("BMW",), vehicle, "Andere", "320").key == "320"
    assert model_of(models, ("BMW",), vehicle, "Andere", "Isetta").key == "318", "the list has it no more"


@pytest.mark.parametrize(
    ("model", "title", "words"),
    [
        ("Käfer", "Oldtimer", ""),
        ("3er", "BMW  318is, 2017 ", "bmw 318is"),
        ("Andere", "Golf 5 Plus!", "golf 5 plus"),
        ("Sonstige", "Golf 5 PLUS, 75 PS", "golf 5 plus"),
    ],
)
def test_a_spelling_is_told_by_the_title_only_where_the_model_has_no_name(
    model: str, title: str, words: str
) -> None:
    assert spelling_words(model, title) == words


@given(st.sampled_from(["3er", "Andere", "C Klasse", "Käfer"]), written(80))
def test_only_models_of_the_list_are_suggested_and_each_once(label: str, title: str) -> None:
    names = suggested((*BMW, *MERCEDES), label, title)
    assert len(names) == len(set(names))
    assert set(names) <= {*BMW, *MERCEDES} - {"Andere"}
