"""Our own hints at what buyers look for and filter by. Never a reason not to send. Pure.

What is asked for is what a platform's own quality check measures (docs/protocols.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from portal.messages import Wording, say
from portal.platforms.common.labels import label_of
from portal.vehicle_facts.data import Fuel, Kind, VehicleClass, VehicleData

ENOUGH_PICTURES, ENOUGH_TEXT = 10, 500
"""Pictures; characters of the description."""
FILTERED_BY = (
    "body_type",
    "fuel",
    "power",
    "gearbox",
    "doors",
    "seats",
    "colour",
    "interior_type",
    "emission_class",
    "emission_sticker",
    "mileage",
)
"""What buyers of cars narrow their search with."""
OF_ELECTRIC_CARS = ("battery.capacity", "energy.electric_range", "battery.charging_time")
WITHOUT_EMISSIONS = (Fuel.ELECTRIC, Fuel.HYDROGEN)


@dataclass(frozen=True)
class QualityHint:
    """`field` names the attribute of `VehicleData` where it is put right; empty: the pictures."""

    text: Wording
    field: str = ""


def quality_hints(facts: VehicleData, pictures: int) -> tuple[QualityHint, ...]:
    """`pictures`: so many are shown to buyers."""
    found = []
    if pictures < ENOUGH_PICTURES:
        text = say("{count} von mindestens {enough} Bildern", count=pictures, enough=ENOUGH_PICTURES)
        found.append(QualityHint(text))
    length = len(facts.description.strip())
    if length < ENOUGH_TEXT:
        text = say(
            "Die Beschreibung hat {count} von mindestens {enough} Zeichen", count=length, enough=ENOUGH_TEXT
        )
        found.append(QualityHint(text, "description"))
    if facts.vehicle_class == VehicleClass.CAR:
        found += _not_filtered_by(facts)
    return tuple(found)


def _not_filtered_by(facts: VehicleData) -> Iterator[QualityHint]:
    electric = facts.fuel == Fuel.ELECTRIC
    for name in (*FILTERED_BY, *(OF_ELECTRIC_CARS if electric else ())):
        if name == "mileage" and facts.kind == Kind.NEW:
            continue
        if name.startswith("emission_") and facts.fuel in WITHOUT_EMISSIONS:
            continue
        stated: Any = reduce(getattr, name.split("."), facts)
        if stated in (None, ""):
            yield QualityHint(say("{label}: keine Angabe", label=label_of(name)), name)
