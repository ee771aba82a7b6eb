"""A listing as buyers see it: labels instead of keys, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.sandbox.bodies import measured
from portal.sandbox.markup import MarkupLine, lines
from portal.sandbox.mobile_de.ads import Ad
from portal.sandbox.mobile_de.labels import (
    BOOKINGS,
    ENERGY,
    ENUMS,
    EQUIPMENT,
    HEADINGS,
    MORE_EQUIPMENT,
    PLAIN,
    UNITS,
    YES,
)
from portal.sandbox.mobile_de.refdata import Refdata
from portal.sandbox.mobile_de.rules.references import SEVERAL, SINGLE
from portal.sandbox.web import euro, measure, number

ShopFacts = list[tuple[str, str]]


@dataclass(frozen=True)
class ShopListing:
    ad_id: str
    number: str
    title: str
    subtitle: str
    price: str
    tax: str
    reserved: bool
    images: list[str]
    highlights: list[str]
    bookings: list[str]
    key_facts: list[str]
    facts: ShopFacts
    energy: ShopFacts
    equipment: list[str]
    description: list[MarkupLine]


def listing(ad: Ad, refdata: Refdata) -> ShopListing:
    body = ad.body
    make = refdata.label(f"classes/{body['vehicleClass']}/makes", body["make"])
    model = refdata.label(f"classes/{body['vehicleClass']}/makes/{body['make']}/models", body["model"])
    return ShopListing(
        ad.ad_id,
        ad.internal_number or "",
        f"{make} {model}",
        body["modelDescription"],
        _price(body),
        _tax(body),
        body.get("reserved") is True,
        ad.images,
        list(body.get("highlights") or ()),
        [BOOKINGS[code] for code in body.get("mobileFeatures") or ()],
        _key_facts(body, refdata),
        _facts(body, refdata),
        measured(body, ENERGY),
        _equipment(body, refdata),
        lines(body.get("description") or ""),
    )


def _price(body: dict[str, Any]) -> str:
    amount = body["price"].get("consumerPriceGross")
    if not amount:
        return "Nur Leasing" if body["price"].get("type") == "LEASING_ONLY" else "Preis auf Anfrage"
    try:
        return euro(amount)
    except InvalidOperation:
        return str(amount)


def _tax(body: dict[str, Any]) -> str:
    rate = body["price"].get("vatRate")
    if rate is None or rate == "OTHER":
        return ""
    return f"inkl. {Decimal(rate).normalize():f} % MwSt., ausweisbar"


def _month(value: str) -> str:
    """`201805` → `05/2018`."""
    return f"{value[4:]}/{value[:4]}"


def _power(kilowatts: int) -> str:
    return f"{kilowatts} kW ({round(kilowatts * 1.35962)} PS)"


def _key_facts(body: dict[str, Any], refdata: Refdata) -> list[str]:
    found = []
    if body.get("firstRegistration"):
        found.append(f"EZ {_month(body['firstRegistration'])}")
    elif body.get("condition") == "NEW":
        found.append("Neufahrzeug")
    found.append(f"{number(body['mileage'])} km")
    if body.get("power"):
        found.append(_power(body["power"]))
    return found + [refdata.label(SINGLE[name], body[name]) for name in ("fuel", "gearbox") if body.get(name)]


def _facts(body: dict[str, Any], refdata: Refdata) -> ShopFacts:
    found: ShopFacts = [("Kilometerstand", f"{number(body['mileage'])} km")]
    if body.get("firstRegistration"):
        found.append(("Erstzulassung", _month(body["firstRegistration"])))
    if body.get("power"):
        found.append(("Leistung", _power(body["power"])))
    for name, label in ENUMS.items():
        if body.get(name):
            categories = f"classes/{body['vehicleClass']}/categories"
            path = categories if name == "category" else SINGLE[name]
            found.append((label, refdata.label(path, body[name])))
    if body.get("generalInspection"):
        found.append(("HU gültig bis", _month(body["generalInspection"])))
    found += [(label, measure(body[name], unit)) for name, (label, unit) in UNITS.items() if body.get(name)]
    found += [(label, str(body[name])) for name, label in PLAIN.items() if body.get(name)]
    yes = [label for name, label in YES.items() if body.get(name) is True]
    return [*found, ("Merkmale", ", ".join(yes))] if yes else found


def _equipment(body: dict[str, Any], refdata: Refdata) -> list[str]:
    path = f"classes/{body['vehicleClass']}/features"
    found = [refdata.label(path, name) for name in sorted(refdata.features) if body.get(name) is True]
    for name in (*EQUIPMENT, *MORE_EQUIPMENT):
        values = body.get(name) or ()
        for key in [values] if isinstance(values, str) else values:
            label = refdata.label(SINGLE.get(name) or SEVERAL[name], key)
            found.append(f"{HEADINGS[name]}: {label}" if name in HEADINGS else label)
    return sorted(found, key=str.casefold)
