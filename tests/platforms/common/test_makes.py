"""A group of models is no model: the one that the title names is, where it names exactly one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.platforms.common.makes import MODEL_ALIASES, ModelFit, find_model, told_title
from portal.platforms.common.matching import ReferenceList
from tests.builders import golf

PEUGEOT = ("106", "1007", "205", "206", "207", "207 CC", "2008", "307", "Partner", "Andere")
MAZDA = ("2", "3", "323", "6", "626", "MX-5", "MX-6", "CX-5", "CX-7", "Andere")
BMW = ("316", "318", "320", "X1", "X3", "Z3", "Z4", "M3", "Andere")
OTHERS = ("Grand Cherokee", "Cherokee", "Grand Voyager", "Voyager", "Santa Fe", "Andere")


def found(names: tuple[str, ...], make: str, label: str, told: str) -> str | None:
    models = ReferenceList([(name, name) for name in names], MODEL_ALIASES)
    return find_model(models, (make,), label, "Andere", told).key


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


def test_a_group_that_the_platform_lists_stays_a_group() -> None:
    assert found((*BMW, "3er"), "BMW", "3er", "318is") == "3er"


def test_a_model_is_never_changed_by_what_the_title_says() -> None:
    assert found(PEUGEOT, "Peugeot", "206", "Peugeot 207 CC") == "206"


def test_the_dealer_is_told_that_it_was_resolved() -> None:
    models = ReferenceList([(name, name) for name in BMW])
    assert find_model(models, ("BMW",), "3er", "Andere", "318is").fit is ModelFit.BEGINNING


def test_only_the_title_counts_not_what_stands_further_down() -> None:
    described = golf(model_description="", description="Peugeot 206\nBruder hat einen 207")
    assert told_title(described) == "Peugeot 206"
    assert told_title(golf(model_description="207 CC", description="206")) == "207 CC"


@given(st.text(max_size=60))
def test_nothing_but_a_listed_model_of_the_group_is_ever_found(told: str) -> None:
    key = found(PEUGEOT, "Peugeot", "2 Reihe", told)
    assert key in ("205", "206", "207", "207 CC", "Andere")
