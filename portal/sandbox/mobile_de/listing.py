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
    labels = ListingLabels(body, refdata)
    return ShopListing(
        ad.ad_id,
        ad.internal_number or "",
        f"{make} {model}",
        body["modelDescription"],
        labels.price(),
        labels.tax(),
        body.get("reserved") is True,
        ad.images,
        list(body.get("highlights") or ()),
        [BOOKINGS[code] for code in body.get("mobileFeatures") or ()],
        labels.key_facts(),
        labels.facts(),
        measured(body, ENERGY),
        labels.equipment(),
        lines(body.get("description") or ""),
    )


@dataclass(frozen=True)
class ListingLabels:
    """What the shop says of a listing, in labels."""

    body: dict[str, Any]
    refdata: Refdata

    def price(self) -> str:
        amount = self.body["price"].get("consumerPriceGross")
        if not amount:
            return "Nur Leasing" if self.body["price"].get("type") == "LEASING_ONLY" else "Preis auf Anfrage"
        try:
            return euro(amount)
        except InvalidOperation:
            return str(amount)

    def tax(self) -> str:
        rate = self.body["price"].get("vatRate")
        if rate is None or rate == "OTHER":
            return ""
        return f"inkl. {Decimal(rate).normalize():f} % MwSt., ausweisbar"

    def key_facts(self) -> list[str]:
        found = []
        if self.body.get("firstRegistration"):
            found.append(f"EZ {_month(self.body['firstRegistration'])}")
        elif self.body.get("condition") == "NEW":
            found.append("Neufahrzeug")
        found.append(f"{number(self.body['mileage'])} km")
        if self.body.get("power"):
            found.append(_power(self.body["power"]))
        return found + [
            self.refdata.label(SINGLE[name], self.body[name])
            for name in ("fuel", "gearbox")
            if self.body.get(name)
        ]

    def facts(self) -> ShopFacts:
        found: ShopFacts = [("Kilometerstand", f"{number(self.body['mileage'])} km")]
        if self.body.get("firstRegistration"):
            found.append(("Erstzulassung", _month(self.body["firstRegistration"])))
        if self.body.get("power"):
            found.append(("Leistung", _power(self.body["power"])))
        for name, label in ENUMS.items():
            if self.body.get(name):
                categories = f"classes/{self.body['vehicleClass']}/categories"
                path = categories if name == "category" else SINGLE[name]
                found.append((label, self.refdata.label(path, self.body[name])))
        if self.body.get("generalInspection"):
            found.append(("HU gültig bis", _month(self.body["generalInspection"])))
        found += [
            (label, measure(self.body[name], unit))
            for name, (label, unit) in UNITS.items()
            if self.body.get(name)
        ]
        found += [(label, str(self.body[name])) for name, label in PLAIN.items() if self.body.get(name)]
        yes = [label for name, label in YES.items() if self.body.get(name) is True]
        return [*found, ("Merkmale", ", ".join(yes))] if yes else found

    def equipment(self) -> list[str]:
        path = f"classes/{self.body['vehicleClass']}/features"
        found = [
            self.refdata.label(path, name)
            for name in sorted(self.refdata.features)
            if self.body.get(name) is True
        ]
        for name in (*EQUIPMENT, *MORE_EQUIPMENT):
            values = self.body.get(name) or ()
            for key in [values] if isinstance(values, str) else values:
                label = self.refdata.label(SINGLE.get(name) or SEVERAL[name], key)
                found.append(f"{HEADINGS[name]}: {label}" if name in HEADINGS else label)
        return sorted(found, key=str.casefold)


def _month(value: str) -> str:
    """`201805` → `05/2018`."""
    return f"{value[4:]}/{value[:4]}"


def _power(kilowatts: int) -> str:
    return f"{kilowatts} kW ({round(kilowatts * 1.35962)} PS)"
