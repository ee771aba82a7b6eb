"""Each kind of vehicle, its whole ad."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.platforms.contract import Subject
from portal.vehicle_facts.data import Kind
from tests.platforms.mobile_de import kinds
from tests.platforms.mobile_de.conftest import Rig

GOLDEN = Path(__file__).parent / "golden"
KINDS = (
    "used_petrol",
    "new_diesel",
    "electric",
    "plug_in",
    "demonstrator",
    "damaged",
    "financed",
    "leasing_only",
    "convertible",
    "van",
    "motorbike",
    "motor_home",
)
SETTINGS: dict[str, dict[str, object]] = {
    "financed": {"financing_example": "separate", "leasing_example": "separate"},
    "leasing_only": {"leasing_example": "separate"},
}
"""Of kinds that are about a setting."""


def ad(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", KINDS)
def test_kind_is_mapped_whole_and_without_problems(rig: Rig, name: str) -> None:
    prepared = rig.map(getattr(kinds, name)(), **SETTINGS.get(name, {}))
    assert prepared.payload == ad(name)
    assert prepared.problems == ()
    assert prepared.internal_number == ad(name)["internalNumber"]


def test_every_golden_ad_belongs_to_a_kind() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "condition", "usage"),
    [
        (Kind.USED, "USED", None),
        (Kind.ONE_DAY_REGISTRATION, "USED", "PRE_REGISTRATION"),
        (Kind.EMPLOYEES_CAR, "USED", "EMPLOYEES_CAR"),
        (Kind.CLASSIC, "USED", "CLASSIC"),
    ],
)
def test_kind_becomes_condition_and_usage(rig: Rig, kind: Kind, condition: str, usage: str | None) -> None:
    payload = rig.map(kinds.used_petrol(kind=kind)).payload
    assert (payload["condition"], payload.get("usageType")) == (condition, usage)


def test_a_listing_that_had_pictures_and_has_none_says_that_they_stay(rig: Rig) -> None:
    mapper = rig.mapper()
    never = mapper(Subject(kinds.used_petrol(), "HH"))
    taken = mapper(Subject(kinds.used_petrol(), "HH", pictures_there=True))
    assert "images" not in never.payload
    assert taken.payload == {**never.payload, "images": []}
    assert "pictures-stay" in {hint.code for hint in taken.hints} - {hint.code for hint in never.hints}


def test_co2_with_a_decimal_stays_in_its_class(rig: Rig) -> None:
    energy = kinds.new_diesel().energy.model_copy(update={"co2": Decimal("115.2"), "co2_class": "D"})
    prepared = rig.map(kinds.new_diesel(energy=energy))
    assert prepared.problems == ()
    assert prepared.payload["emissions"]["combined"] == {"co2": 116, "co2Class": "D"}
