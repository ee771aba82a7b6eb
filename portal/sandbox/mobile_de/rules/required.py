"""What must be there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.sandbox.mobile_de.rules.findings import AdFinding

ALWAYS = (
    "vehicleClass",
    "category",
    "make",
    "model",
    "modelDescription",
    "condition",
    "mileage",
    "damageUnrepaired",
    "price",
)
CARAVAN = "Caravan"
"""It has no engine and no mileage: an assumption, see docs/protocols.md."""
CARS = ("fuel", "gearbox", "power")
KEYS = {
    "make": "make-empty",
    "model": "model-empty",
    "damageUnrepaired": "damageunrepaired-empty",
}
WITHOUT_DISPLACEMENT = ("ELECTRICITY", "HYDROGENIUM")


def is_empty(value: Any) -> bool:
    return value is None or value == ""


def missing(ad: dict[str, Any]) -> Iterator[AdFinding]:
    caravan = ad.get("category") == CARAVAN
    for field in (*ALWAYS, *(CARS if ad.get("vehicleClass") == "Car" else ())):
        if caravan and field == "mileage":
            continue
        if is_empty(ad.get(field)):
            yield AdFinding(KEYS.get(field, "missing-field"), field)
    if ad.get("condition") == "NEW":
        if is_empty(ad.get("countryVersion")):
            yield AdFinding("countryversion-missing", "countryVersion")
    elif is_empty(ad.get("firstRegistration")):
        yield AdFinding("missing-field", "firstRegistration")


def recommended(ad: dict[str, Any]) -> Iterator[AdFinding]:
    """What only warns: missing values, contradictions, members that count for nothing any more."""
    combustion = ad.get("vehicleClass") == "Car" and ad.get("fuel") not in WITHOUT_DISPLACEMENT
    if combustion and ad.get("cubicCapacity") is None:
        yield AdFinding("missing-field", "cubicCapacity")
    if ad.get("damageUnrepaired") is False and ad.get("roadworthy") is False:
        yield AdFinding("damage-contradicts", "roadworthy")
    if "fourWheelDrive" in ad:
        yield AdFinding("field-ignored", "fourWheelDrive")
