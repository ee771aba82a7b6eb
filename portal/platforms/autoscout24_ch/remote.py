"""A listing as the platform's list shows it and as we send it: its facts, and what can be compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.platforms.contract import Json, RemoteFacts

ACTIVE, REMOVED = "activated", "removed"
COMPARED = (
    "bodyType",
    "certificationNumber",
    "conditionType",
    "cubicCapacity",
    "cylinders",
    "doors",
    "driveType",
    "firstRegistrationYear",
    "fuelType",
    "kiloWatts",
    "mileage",
    "price",
    "seats",
    "transmissionType",
    "versionFullName",
)
"""What the list shows of a listing and we send."""
_MONTH = re.compile(r"\d{4}-\d{2}")


def facts_of(listing: Mapping[str, Any]) -> RemoteFacts:
    """Total: what is not understood is left empty. Make and model are keys; the price is in francs."""
    mileage, day = listing.get("mileage"), listing.get("firstRegistrationDate")
    price = listing.get("price")
    return RemoteFacts(
        make=_text(listing.get("makeKey")),
        model=_text(listing.get("modelKey")),
        first_registration=day[:7] if isinstance(day, str) and _MONTH.match(day) else "",
        mileage=mileage if isinstance(mileage, int) and not isinstance(mileage, bool) else None,
        price=f"{Decimal(str(price)):.2f}" if _is_number(price) else "",
    )


def comparable(listing: Json) -> Json:
    """Beside the facts, whether it is shown at all: what we send is meant to be."""
    shown = {name: listing[name] for name in COMPARED if listing.get(name) is not None}
    for name, value in shown.items():
        if _is_number(value):
            shown[name] = f"{Decimal(str(value)).normalize():f}"
        elif isinstance(value, str):
            shown[name] = " ".join(value.split())
    return shown | {"status": listing.get("status", ACTIVE)}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
