"""Consumption and CO₂: WLTP or NEDC, by engine, and what a new car must state in Germany."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.sandbox.autoscout24.rules.fields import months_since
from portal.sandbox.autoscout24.rules.findings import Finding
from portal.sandbox.bodies import at

Json = dict[str, Any]
ELECTRICITY = 12
NEDC = ("consumption", "co2Emissions", "efficiencyClass")
HYBRIDS = ("2", "3", "O")
NEW_KM, NEW_MONTHS = 1000, 8

COMBUSTION = ("wltp.co2Class", "wltp.co2EmissionsCombined", "wltp.consumptionCombined")
ELECTRIC = ("wltp.co2Class", "wltp.consumptionElectricCombined", "electricRange")
PLUG_IN = (
    "wltp.co2Class",
    "wltp.co2ClassDischarged",
    "wltp.co2EmissionsCombinedWeighted",
    "wltp.consumptionCombinedDischarged",
    "wltp.consumptionCombinedWeighted",
    "wltp.consumptionElectricCombinedWeighted",
    "electricRange",
)


def refused(body: Json) -> Iterator[Finding]:
    wltp = body.get("wltp")
    if wltp is not None and any(body.get(name) is not None for name in NEDC):
        yield Finding("wltp-and-nedc-set-error", "wltp")
    fuels = _fuels(body) - {None}
    is_plug_in = ELECTRICITY in fuels and len(fuels) > 1 and body.get("fuelCategory") in HYBRIDS
    if body.get("isPluginHybrid") is True and not is_plug_in:
        yield Finding("invalid-fuel-type-or-category-for-plugin-hybrid", "isPluginHybrid")
    is_electric = body.get("primaryFuelType") == ELECTRICITY and not body.get("additionalFuelTypes")
    if is_electric and at(body, "wltp.consumptionCombined") is not None:
        yield Finding("wltp-attribute-forbidden-for-engine-type", "wltp.consumptionCombined")
    if isinstance(wltp, dict) and ELECTRICITY not in _fuels(body):
        for name in sorted(wltp):
            if "Electric" in name:
                yield Finding("wltp-attribute-forbidden-for-engine-type", f"wltp.{name}")


def missing(body: Json, today: date) -> tuple[str, ...]:
    """What a car that counts as new lacks. Without the fuel nothing else can be said."""
    states_nedc = body.get("wltp") is None and all(body.get(name) is not None for name in NEDC)
    if states_nedc or not counts_as_new(body, today):
        return ()
    if body.get("primaryFuelType") is None:
        return ("primaryFuelType",)
    electric, others = body["primaryFuelType"] == ELECTRICITY, body.get("additionalFuelTypes")
    wanted = COMBUSTION if not electric else PLUG_IN if others else ELECTRIC
    return tuple(path for path in wanted if at(body, path) is None)


def counts_as_new(body: Json, today: date) -> bool:
    """No registration yet counts as new as well."""
    mileage, month = body.get("mileage"), body.get("firstRegistrationDate")
    if body.get("vehicleType") != "C" or (isinstance(mileage, int) and mileage > NEW_KM):
        return False
    if not isinstance(month, str) or len(month) != 7:
        return body.get("offerType") == "N"
    return months_since(month, today) <= NEW_MONTHS


def _fuels(body: Json) -> set[Any]:
    additional = body.get("additionalFuelTypes")
    return {body.get("primaryFuelType"), *(additional if isinstance(additional, list) else ())}
