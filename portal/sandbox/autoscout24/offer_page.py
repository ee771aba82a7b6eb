"""A listing as buyers see it: labels instead of numbers, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.sandbox.autoscout24.customers import Customer
from portal.sandbox.autoscout24.listings import Listing
from portal.sandbox.autoscout24.references import References
from portal.sandbox.autoscout24.shown import marketing
from portal.sandbox.bodies import at, measured
from portal.sandbox.markup import MarkupLine, line
from portal.sandbox.web import euro, number

Facts = list[tuple[str, str]]
TIERS = {"T20": "Plus", "T30": "Premium"}
WORDS = {
    "offerType": ("Fahrzeugart", "OfferType"),
    "bodyType": ("Karosserie", "BodyType"),
    "bodyColor": ("Farbe", "BodyColor"),
    "fuelCategory": ("Kraftstoff", "FuelCategory"),
    "transmission": ("Getriebe", "Transmission"),
    "drivetrain": ("Antrieb", "Drivetrain"),
    "upholsteryColor": ("Innenfarbe", "UpholsteryColor"),
    "upholsteryType": ("Polster", "UpholsteryType"),
    "euEmissionStandard": ("Schadstoffklasse", "EuEmissionStandard"),
    "germanEmissionsSticker": ("Umweltplakette", "GermanEmissionsSticker"),
    "countryVersion": ("Länderversion", "Country"),
}
UNITS = {
    "cylinderCapacity": ("Hubraum", "cm³"),
    "emptyWeight": ("Leergewicht", "kg"),
    "doorCount": ("Türen", ""),
    "seatCount": ("Sitzplätze", ""),
    "gearCount": ("Gänge", ""),
    "previousOwnerCount": ("Fahrzeughalter", ""),
    "electricRange": ("Elektrische Reichweite", "km"),
    "battery.capacity": ("Batteriekapazität", "kWh"),
}
ENERGY = {
    "wltp.consumptionCombined": ("Kraftstoffverbrauch kombiniert", "l/100 km"),
    "wltp.consumptionElectricCombined": ("Stromverbrauch kombiniert", "kWh/100 km"),
    "wltp.consumptionCombinedWeighted": ("Kraftstoffverbrauch gewichtet, kombiniert", "l/100 km"),
    "wltp.consumptionElectricCombinedWeighted": ("Stromverbrauch gewichtet, kombiniert", "kWh/100 km"),
    "wltp.consumptionCombinedDischarged": ("Verbrauch bei entladener Batterie", "l/100 km"),
    "wltp.co2EmissionsCombined": ("CO₂-Emissionen kombiniert", "g/km"),
    "wltp.co2EmissionsCombinedWeighted": ("CO₂-Emissionen gewichtet, kombiniert", "g/km"),
}
CLASSES = {
    "wltp.co2Class": "CO₂-Klasse",
    "wltp.co2ClassDischarged": "CO₂-Klasse bei entladener Batterie",
}


@dataclass(frozen=True)
class Offer:
    listing_id: str
    title: str
    subtitle: str
    price: str
    images: list[str]
    badges: list[str]
    key_facts: list[str]
    facts: Facts
    energy: Facts
    equipment: list[str]
    description: list[MarkupLine]


def offer(listing: Listing, customer: Customer, references: References) -> Offer:
    body = listing.body
    make = references.makes[body["make"]].name
    model = body.get("modelName") or references.model_name(
        body["make"], body.get("model"), body["vehicleType"]
    )
    price = at(body, "prices.public.price")
    labels, runs = OfferLabels(body, references), marketing(listing, customer)
    badges = [TIERS[str(tier)]] if (tier := at(runs, "mia.appliedTier")) else []
    badges += ["Boost"] if at(runs, "listingBoost.applied") else []
    return Offer(
        listing.listing_id,
        f"{make} {model}",
        str(body.get("modelVersion") or ""),
        euro(str(price)),
        listing.images,
        badges,
        labels.key_facts(),
        labels.facts(),
        labels.energy(),
        sorted(references.label("Equipment", one) for one in body.get("equipment", ())),
        lines(body.get("description") or ""),
    )


@dataclass(frozen=True)
class OfferLabels:
    """What the page says of a listing, in labels."""

    body: dict[str, Any]
    references: References

    def key_facts(self) -> list[str]:
        found = []
        if month := self.body.get("firstRegistrationDate"):
            found.append(f"EZ {month[5:]}/{month[:4]}")
        if self.body.get("mileage") is not None:
            found.append(f"{number(self.body['mileage'])} km")
        if self.body.get("power"):
            found.append(f"{self.body['power']} kW ({round(self.body['power'] * 1.35962)} PS)")
        if self.body.get("fuelCategory"):
            found.append(self.references.label("FuelCategory", self.body["fuelCategory"]))
        return found

    def facts(self) -> Facts:
        found = [
            (label, self.references.label(kind, self.body[name]))
            for name, (label, kind) in WORDS.items()
            if self.body.get(name) is not None
        ]
        return [*found, *measured(self.body, UNITS)]

    def energy(self) -> Facts:
        classes = ((label, at(self.body, path)) for path, label in CLASSES.items())
        return [
            *measured(self.body, ENERGY),
            *((label, self.references.label("Co2Class", value)) for label, value in classes if value),
        ]


def lines(description: str) -> list[MarkupLine]:
    """The mark-up taken apart: real line breaks, asterisks around bold, an escaped one before an entry."""
    return [line(text, "\\* ") for text in description.split("\n")]
