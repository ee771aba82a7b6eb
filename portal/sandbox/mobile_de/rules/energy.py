"""EnVKV values of new cars, and the attributes that only cars with an electric drive may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.sandbox.bodies import at
from portal.sandbox.mobile_de.rules.findings import AdFinding

E_CAR_FUELS = ("ELECTRICITY", "HYBRID", "HYBRID_DIESEL", "HYDROGENIUM")
E_CAR_FIELDS = [
    "batteryCapacity",
    "batteryOwnership",
    "batteryRentalPrice",
    "batteryCertificate",
    "batteryWarranty",
    "plugTypes",
    "chargingTime",
    "chargingTimeQuick",
    "electricRange",
    "electricRangeCity",
    "electricEnergyConsumption",
]
CLASSES = "ABCDEFG"

COMBUSTION = ("consumptions.fuel.combined", "emissions.combined.co2", "emissions.combined.co2Class")
ELECTRIC = ("consumptions.power.combined", "emissions.combined.co2Class")
PLUG_IN = (
    "consumptions.weightedCombinedFuel",
    "consumptions.weightedCombinedPower",
    "consumptions.fuel.combined",
    "emissions.combined.co2",
    "emissions.combined.co2Class",
    "emissions.discharged.co2Class",
)


def classes(ad: dict[str, Any]) -> Iterator[AdFinding]:
    for field in ("emissions.combined.co2Class", "emissions.discharged.co2Class"):
        value = at(ad, field)
        if value is not None and (not isinstance(value, str) or value not in tuple(CLASSES)):
            yield AdFinding("invalid-reference-data-value", field, str(value))


def missing(ad: dict[str, Any]) -> Iterator[AdFinding]:
    """Of what the law wants of new cars, by their drive."""
    if ad.get("vehicleClass") != "Car" or ad.get("condition") != "NEW":
        return
    required = PLUG_IN if ad.get("hybridPlugin") is True else COMBUSTION
    for field in ELECTRIC if ad.get("fuel") == "ELECTRICITY" else required:
        if at(ad, field) is None:
            yield AdFinding("envkv-values-required", field)


def out_of_place(ad: dict[str, Any]) -> Iterator[AdFinding]:
    if ad.get("fuel") in E_CAR_FUELS:
        return
    for field in E_CAR_FIELDS:
        if ad.get(field) is not None:
            yield AdFinding("vehicle-not-eligible-for-e-car-attributes", field)
