"""§ 3a Pkw-EnVKV: classes by CO₂ in g/km, and what contradicts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.vehicle_facts.co2_classes import (
    CLASS_LETTERS,
    EnergyStatement,
    Propulsion,
    class_of,
    contradictions,
    offered,
)

LIMITS = {"A": (0, 0), "B": (1, 95), "C": (96, 115), "D": (116, 135), "E": (136, 155), "F": (156, 175)}


def found(**facts: object) -> list[tuple[str, str]]:
    statement = EnergyStatement(**{"drive": Propulsion.COMBUSTION, **facts})  # type: ignore[arg-type]
    return [(one.field, one.right) for one in contradictions(statement)]


@pytest.mark.parametrize(("letter", "limits"), LIMITS.items())
def test_a_class_holds_from_its_lowest_to_its_highest_value(letter: str, limits: tuple[int, int]) -> None:
    assert [class_of(value) for value in limits] == [letter, letter]


def test_g_has_no_end() -> None:
    assert class_of(176) == class_of(700) == "G"


@given(st.integers(0, 1000), st.sampled_from(CLASS_LETTERS))
def test_a_class_contradicts_its_value_exactly_when_it_is_another(co2: int, letter: str) -> None:
    assert bool(found(co2=co2, co2_class=letter)) == (class_of(co2) != letter)
    assert not found(co2=co2, co2_class=class_of(co2))


def test_a_wrong_class_names_the_right_one_at_its_field() -> None:
    assert found(co2=131, co2_class="A") == [("energy.co2_class", "D")]


@pytest.mark.parametrize("drive", [Propulsion.ELECTRIC, Propulsion.FUEL_CELL])
def test_what_emits_nothing_is_class_a_also_without_a_value(drive: Propulsion) -> None:
    assert found(drive=drive, co2_class="B") == [("energy.co2_class", "A")]
    assert found(drive=drive, co2=0, co2_class="B") == [("energy.co2_class", "A")]
    assert not found(drive=drive, co2=0, co2_class="A")
    assert not found(drive=drive, co2_class="A")


@pytest.mark.parametrize("drive", [Propulsion.ELECTRIC, Propulsion.FUEL_CELL])
def test_what_emits_nothing_has_no_co2(drive: Propulsion) -> None:
    assert ("energy.co2", "") in found(drive=drive, co2=26, co2_class="B")


@pytest.mark.parametrize("facts", [{"burns": True}, {"co2_class_discharged": "E"}, {"co2_discharged": 140}])
def test_a_plug_in_that_was_entered_as_electric_is_told_at_the_fuel(facts: dict[str, object]) -> None:
    assert ("fuel", "") in found(drive=Propulsion.ELECTRIC, **facts)


def test_a_plug_in_has_a_class_for_each_of_its_values() -> None:
    right = {"co2": 26, "co2_class": "B", "co2_discharged": 140, "co2_class_discharged": "E"}
    assert not found(drive=Propulsion.PLUG_IN, **right)
    assert found(drive=Propulsion.PLUG_IN, **{**right, "co2_class_discharged": "B"}) == [
        ("energy.co2_class_discharged", "E")
    ]
    assert found(drive=Propulsion.PLUG_IN, **{**right, "co2_class": "E"})[0] == ("energy.co2_class", "B")


def test_a_discharged_battery_never_makes_a_plug_in_cleaner() -> None:
    assert found(
        drive=Propulsion.PLUG_IN, co2=40, co2_discharged=30, co2_class="B", co2_class_discharged="B"
    ) == [("energy.co2_discharged", "")]
    assert found(drive=Propulsion.PLUG_IN, co2_class="D", co2_class_discharged="B") == [
        ("energy.co2_class_discharged", "")
    ]


@given(st.sampled_from(Propulsion), st.none() | st.integers(0, 400), st.none() | st.integers(0, 400))
def test_the_offered_classes_contradict_nothing(
    drive: Propulsion, co2: int | None, discharged: int | None
) -> None:
    bare = EnergyStatement(drive, co2=co2, co2_discharged=discharged)
    right = offered(bare)
    filled = EnergyStatement(
        drive,
        co2=co2,
        co2_class=right.get("energy.co2_class"),
        co2_discharged=discharged,
        co2_class_discharged=right.get("energy.co2_class_discharged"),
    )
    assert "co2-class-contradicts" not in {one.code for one in contradictions(filled)}
