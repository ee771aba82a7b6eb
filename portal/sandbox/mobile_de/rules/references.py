"""Values that must stand in a reference list, spelled exactly as there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from portal.sandbox.mobile_de.refdata import Refdata
from portal.sandbox.mobile_de.rules.findings import AdFinding

SINGLE = {
    "condition": "conditions",
    "usageType": "usagetypes",
    "doors": "doorcounts",
    "fuel": "fuels",
    "gearbox": "gearboxes",
    "driveType": "drivetypes",
    "exteriorColor": "colors",
    "interiorColor": "interiorcolors",
    "interiorType": "interiortypes",
    "climatisation": "climatisations",
    "airbag": "airbags",
    "speedControl": "speedcontrols",
    "headlightType": "headlighttypes",
    "daytimeRunningLamps": "daytimerunninglamps",
    "bendingLightsType": "bendinglightstypes",
    "trailerCouplingType": "trailercouplingtypes",
    "breakdownService": "breakdownservices",
    "slidingDoorType": "slidingdoortypes",
    "emissionClass": "emissionclasses",
    "emissionSticker": "emissionstickers",
    "countryVersion": "countryversion",
    "batteryOwnership": "batteries",
}
SEVERAL = {
    "parkingAssistants": "parkingassistants",
    "radio": "radiotypes",
    "plugTypes": "plugtypes",
}
BOOKABLE = frozenset({"EYE_CATCHER", "TOP_OF_PAGE", "PAGE_ONE_AD", "RED_PENCIL", "EBAY_EXPORT"})
"""Codes of the paid extras. There is no public list of them, see docs/sandbox.md."""


def unknown(ad: dict[str, Any], refdata: Refdata) -> Iterator[AdFinding]:
    for field, value in ad.items():
        if value is None or value == "":
            continue
        if field in SINGLE:
            yield from _unless_known(field, [value], refdata.keys(SINGLE[field]))
        elif field in SEVERAL:
            yield from _list(field, value, refdata.keys(SEVERAL[field]))
        elif field in refdata.features and not isinstance(value, bool):
            yield AdFinding("invalid-format", field, str(value))
    if "mobileFeatures" in ad:
        yield from _list("mobileFeatures", ad["mobileFeatures"], BOOKABLE)


def unknown_taxonomy(ad: dict[str, Any], refdata: Refdata) -> Iterator[AdFinding]:
    """Class, category, make and model: each is judged only when what it depends on is known."""
    vehicle_class, make, model = (_text(ad.get(name)) for name in ("vehicleClass", "make", "model"))
    if not vehicle_class:
        return
    if vehicle_class not in refdata.keys("classes"):
        yield AdFinding("invalid-reference-data-value", "vehicleClass", vehicle_class)
        return
    if category := _text(ad.get("category")):
        yield from _unless_known("category", [category], refdata.keys(f"classes/{vehicle_class}/categories"))
    if make and make not in refdata.keys(f"classes/{vehicle_class}/makes"):
        yield AdFinding("invalid-reference-data-value", "make", make)
    elif make and model and model not in refdata.keys(f"classes/{vehicle_class}/makes/{make}/models"):
        yield AdFinding("invalid-reference-data-value", "model", model)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _list(field: str, values: Any, known: frozenset[str]) -> Iterator[AdFinding]:
    if not isinstance(values, list):
        yield AdFinding("invalid-format", field, str(values))
    else:
        yield from _unless_known(field, values, known)


def _unless_known(field: str, values: Iterable[Any], known: frozenset[str]) -> Iterator[AdFinding]:
    for value in values:
        if not isinstance(value, str) or value not in known:
            yield AdFinding("invalid-reference-data-value", field, str(value))
