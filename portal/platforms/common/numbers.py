"""Under which number a vehicle stands at a platform, and whether the platform takes that number."""

from __future__ import annotations

import hashlib
import re

from portal.vehicles.data import VehicleData

LONGEST = 40
_FOREIGN = re.compile(r"[^A-Za-z0-9_-]")


def chosen_number(vehicle: VehicleData, location_code: str, form: str) -> str | None:
    """The number in the format of the setting; None when it needs a VIN and there is none."""
    if form == "code_offer" and location_code:
        return f"{location_code}-{vehicle.offer_number}"
    if form in ("vin", "vin7"):
        return (vehicle.vin if form == "vin" else vehicle.vin[-7:]) or None
    return vehicle.offer_number


def usable_number(chosen: str) -> str:
    """At most 40 letters, digits, - and _. A changed number gets a tail, so that `A/1` is not `A-1`."""
    clean = _FOREIGN.sub("-", chosen)
    if clean == chosen and len(chosen) <= LONGEST:
        return chosen
    tail = hashlib.sha256(chosen.encode()).hexdigest()[:6]
    return f"{clean[: LONGEST - 7]}-{tail}"
