"""Types and ranges of the ad's members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portal.sandbox.mobile_de.rules.findings import AdFinding

BIG = 9_999_999
INTEGERS: dict[str, tuple[int, int]] = {
    "mileage": (0, BIG),
    "power": (1, 9_999),
    "cubicCapacity": (1, 99_999),
    "seats": (1, 255),
    "cylinder": (1, 12),
    "numberOfGears": (1, 99),
    "numberOfPreviousOwners": (0, 99),
    "fuelTankVolume": (1, 99),
    "weight": (1, 999_999),
    "trailerLoadBraked": (0, 9_999),
    "trailerLoadUnbraked": (0, 9_999),
    "payload": (1, 9_999),
    "seatbeltSeats": (1, 9),
    "standingHeight": (1, 299),
    "constructionYear": (1800, 2200),
    "range": (0, 9_999),
    "equivalentAllElectricRange": (0, 9_999),
    "electricRange": (0, 9_999),
    "electricRangeCity": (0, 9_999),
}
BOOLEANS = frozenset(
    [
        "damageUnrepaired",
        "accidentDamaged",
        "roadworthy",
        "warranty",
        "nonSmokerVehicle",
        "fullServiceHistory",
        "newHuAu",
        "newService",
        "particulateFilterDiesel",
        "reserved",
        "hybridPlugin",
        "metallic",
        "matteColor",
        "batteryCertificate",
    ]
)
STRINGS = frozenset(
    [
        "internalNumber",
        "vin",
        "trimLine",
        "modelRange",
        "modelDescription",
        "description",
        "manufacturerColorName",
    ]
)
MONTHS = ("firstRegistration", "generalInspection", "lastMaintenanceDate")
OBJECTS = ("price", "emissions", "consumptions", "leasing", "financing", "kba")
_MONTH = re.compile(r"(1[89]|2[01])\d\d(0[1-9]|1[0-2])")
_INTERNAL_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}")


def types(ad: dict[str, Any]) -> Iterator[AdFinding]:
    for fields, kind in ((BOOLEANS, bool), (STRINGS, str), (OBJECTS, dict)):
        for field in ad.keys() & fields:
            if ad[field] is not None and not isinstance(ad[field], kind):
                yield AdFinding("invalid-format", field, str(ad[field]))
    number = ad.get("internalNumber")
    if isinstance(number, str) and not _INTERNAL_NUMBER.fullmatch(number):
        yield AdFinding("invalid-format", "internalNumber", number)


def integers(ad: dict[str, Any]) -> Iterator[AdFinding]:
    for field, value in ad.items():
        if field not in INTEGERS or value is None:
            continue
        lowest, highest = INTEGERS[field]
        if not isinstance(value, int) or isinstance(value, bool):
            yield AdFinding("invalid-format", field, str(value))
        elif not lowest <= value <= highest:
            yield AdFinding("value-out-of-range", field, str(value))


def months(ad: dict[str, Any], present: str) -> Iterator[AdFinding]:
    """`present` is this month as yyyyMM."""
    for field in MONTHS:
        value = ad.get(field)
        if value is not None and not (isinstance(value, str) and _MONTH.fullmatch(value)):
            yield AdFinding("invalid-format", field, str(value))
    first = ad.get("firstRegistration")
    if isinstance(first, str) and _MONTH.fullmatch(first) and first > present:
        yield AdFinding("first-registration-in-future", "firstRegistration", first)
