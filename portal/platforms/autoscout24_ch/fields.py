"""The members of a listing that we send: our fact, its German name, and what the document allows.

One table for mapping, preflight and feedback (protocols.md 14; the platform's OpenAPI document).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from portal.platforms.common.labels import german as common_german


@dataclass(frozen=True)
class Member:
    """`decimals` of a number, `longest` of a text; neither: a choice, a flag or a date."""

    name: str
    place: str
    label: str
    lowest: Decimal | None = None
    highest: Decimal | None = None
    decimals: int | None = None
    longest: int | None = None
    due: bool = False
    """Without it no listing can be created."""
    create_only: bool = False
    """Cannot be changed afterwards: an update must not name it."""


def _whole(name: str, place: str, label: str, lowest: int, highest: int, *, due: bool = False) -> Member:
    return Member(name, place, label, Decimal(lowest), Decimal(highest), 0, due=due)


def _decimal(name: str, place: str, label: str, lowest: str, highest: str, *, due: bool = False) -> Member:
    return Member(name, place, label, Decimal(lowest), Decimal(highest), 2, due=due)


def _text(name: str, place: str, label: str, longest: int) -> Member:
    return Member(name, place, label, longest=longest)


MEMBERS = (
    Member("vehicleCategory", "vehicle_class", "Fahrzeugart", due=True, create_only=True),
    Member("makeKey", "make", "Marke", due=True, create_only=True),
    Member("modelKey", "model", "Modell", create_only=True),
    Member("versionIdentificationMethod", "make", "Art der Bestimmung", create_only=True),
    Member("externalId", "offer_number", "Interner Schlüssel"),
    _text("sellerVehicleId", "offer_number", "Wagen-Nr.", 64),
    Member("vehicleIdentificationNumber", "vin", "Fahrgestellnummer"),
    Member("certificationNumber", "type_certificate", "Typenschein-Nr."),
    _text("versionFullName", "model_description", "Modellbezeichnung", 128),
    Member("bodyType", "body_type", "Karosserieform", due=True),
    Member("conditionType", "kind", "Zustand", due=True),
    Member("firstRegistrationDate", "first_registration", "Erstzulassung"),
    _whole("firstRegistrationYear", "first_registration", "Erstzulassung", 1800, 9999, due=True),
    _whole("mileage", "mileage", "Kilometerstand", 0, 99_999_999),
    _decimal("price", "platform_price", "Preis in Franken", "0.1", "9999999", due=True),
    Member("bodyColor", "colour", "Farbe", due=True),
    _text("bodyColorText", "colour_name", "Herstellerfarbe", 64),
    Member("metallic", "metallic", "Metallic"),
    Member("interiorColor", "interior_colour", "Innenfarbe"),
    Member("hadAccident", "accident", "Unfallfahrzeug"),
    Member("inspected", "inspection_new", "Ab MFK"),
    Member("directImport", "make", "Direktimport"),
    Member("language", "description", "Sprache"),
    _text("description", "description", "Beschreibung", 9_999),
    _text("teaser", "highlights", "Kurztext", 999),
    Member("warrantyType", "warranty", "Garantie", due=True),
    _whole("warrantyDuration", "warranty", "Dauer der Garantie", 1, 199),
    _whole("warrantyMileage", "warranty", "Garantie bis km", 1, 9_999_999),
    _whole("kiloWatts", "power", "Leistung", 1, 9999),
    _whole("cubicCapacity", "displacement", common_german("displacement"), 1, 29_999),
    _whole("cylinders", "cylinders", "Zylinder", 1, 99),
    _whole("gears", "gears", "Gänge", 1, 99),
    _whole("doors", "doors", "Türen", 1, 9),
    _whole("seats", "seats", "Sitzplätze", 1, 199),
    _whole("weightCurb", "weight", "Leergewicht", 1, 29_999),
    _whole("towingCapacityBraked", "trailer_load_braked", "Anhängelast gebremst", 1, 99_999),
    Member("fuelType", "fuel", "Kraftstoff"),
    Member("transmissionType", "gearbox", "Getriebe"),
    Member("transmissionTypeGroup", "gearbox", "Getriebe"),
    Member("driveType", "drive", "Antrieb"),
    Member("emissionStandard", "emission_class", "Schadstoffklasse"),
    Member("energyLabel", "type_certificate", "Energieetikett"),
    Member("handicappedAccessible", "equipment.features", "Behindertengerecht"),
    _whole("co2Emission", "energy.co2", "CO₂-Emissionen", 0, 9999),
    _decimal("consumptionCombined", "energy.fuel.combined", "Verbrauch kombiniert", "0.1", "999"),
    _decimal("gasConsumptionCombined", "energy.fuel.combined", "Gasverbrauch kombiniert", "0.1", "99"),
    _decimal("powerConsumption", "energy.power.combined", "Stromverbrauch kombiniert", "0.1", "199"),
    _whole("range", "energy.electric_range", "Elektrische Reichweite", 1, 9999),
    _decimal("batteryCapacity", "battery.capacity", "Batteriekapazität", "0.1", "999"),
    _whole("chargingTime0To100", "battery.charging_time", "Ladezeit", 1, 9999),
    _whole("fastChargingTime0To80", "battery.quick_charging_time", "Schnellladezeit", 1, 9999),
    Member("chargingPlugType", "battery.plug_types", "Ladestecker"),
    Member("fastChargingPlugType", "battery.plug_types", "Schnellladestecker"),
)
BY_NAME = {member.name: member for member in MEMBERS}
CREATE_ONLY = frozenset(member.name for member in MEMBERS if member.create_only)
LABELS = {member.name: member.label for member in MEMBERS} | {
    "images": "Bilder",
    "equipment": "Suchmerkmale",
    "status": "Zustand des Inserats",
}


def german(place: str) -> str:
    """What the dealer calls a fact."""
    if place == "platform_price":
        return "Eigener Preis auf dieser Plattform"
    return common_german(place)
