"""The properties of a listing that we send: our fact, its German name, and what the document allows.

One table for mapping, preflight and feedback (protocols.md 14; the platform's OpenAPI document).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from portal.messages import Wording, say
from portal.platforms.common.labels import label_of as common_label_of


@dataclass(frozen=True)
class SchemaProperty:
    """Of a schema: `decimals` of a number, `longest` of a text; neither: a choice, a flag or a date."""

    name: str
    place: str
    label: Wording
    lowest: Decimal | None = None
    highest: Decimal | None = None
    decimals: int | None = None
    longest: int | None = None
    due: bool = False
    """Without it no listing can be created."""
    create_only: bool = False
    """Cannot be changed afterwards: an update must not name it."""


def _whole(
    name: str, place: str, label: Wording, lowest: int, highest: int, *, due: bool = False
) -> SchemaProperty:
    return SchemaProperty(name, place, label, Decimal(lowest), Decimal(highest), 0, due=due)


def _decimal(
    name: str, place: str, label: Wording, lowest: str, highest: str, *, due: bool = False
) -> SchemaProperty:
    return SchemaProperty(name, place, label, Decimal(lowest), Decimal(highest), 2, due=due)


def _text(name: str, place: str, label: Wording, longest: int) -> SchemaProperty:
    return SchemaProperty(name, place, label, longest=longest)


PROPERTIES = (
    SchemaProperty("vehicleCategory", "vehicle_class", say("Fahrzeugart"), due=True, create_only=True),
    SchemaProperty("makeKey", "make", say("Marke"), due=True, create_only=True),
    SchemaProperty("modelKey", "model", say("Modell"), create_only=True),
    SchemaProperty("versionIdentificationMethod", "make", say("Art der Bestimmung"), create_only=True),
    SchemaProperty("externalId", "offer_number", say("Interner Schlüssel")),
    _text("sellerVehicleId", "offer_number", say("Wagen-Nr."), 64),
    SchemaProperty("vehicleIdentificationNumber", "vin", say("Fahrgestellnummer")),
    SchemaProperty("certificationNumber", "type_certificate", say("Typenschein-Nr.")),
    _text("versionFullName", "model_description", say("Modellbezeichnung"), 128),
    SchemaProperty("bodyType", "body_type", say("Karosserieform"), due=True),
    SchemaProperty("conditionType", "kind", say("Zustand"), due=True),
    SchemaProperty("firstRegistrationDate", "first_registration", say("Erstzulassung")),
    _whole("firstRegistrationYear", "first_registration", say("Erstzulassung"), 1800, 9999, due=True),
    _whole("mileage", "mileage", say("Kilometerstand"), 0, 99_999_999),
    _decimal("price", "platform_price", say("Preis in Franken"), "0.1", "9999999", due=True),
    SchemaProperty("bodyColor", "colour", say("Farbe"), due=True),
    _text("bodyColorText", "colour_name", say("Herstellerfarbe"), 64),
    SchemaProperty("metallic", "metallic", say("Metallic")),
    SchemaProperty("interiorColor", "interior_colour", say("Innenfarbe")),
    SchemaProperty("hadAccident", "accident", say("Unfallfahrzeug")),
    SchemaProperty("inspected", "inspection_new", say("Ab MFK")),
    SchemaProperty("directImport", "make", say("Direktimport")),
    SchemaProperty("language", "description", say("Sprache")),
    _text("description", "description", say("Beschreibung"), 9_999),
    _text("teaser", "highlights", say("Kurztext"), 999),
    SchemaProperty("warrantyType", "warranty", say("Garantie"), due=True),
    _whole("warrantyDuration", "warranty", say("Dauer der Garantie"), 1, 199),
    _whole("warrantyMileage", "warranty", say("Garantie bis km"), 1, 9_999_999),
    _whole("kiloWatts", "power", say("Leistung"), 1, 9999),
    _whole("cubicCapacity", "displacement", common_label_of("displacement"), 1, 29_999),
    _whole("cylinders", "cylinders", say("Zylinder"), 1, 99),
    _whole("gears", "gears", say("Gänge"), 1, 99),
    _whole("doors", "doors", say("Türen"), 1, 9),
    _whole("seats", "seats", say("Sitzplätze"), 1, 199),
    _whole("weightCurb", "weight", say("Leergewicht"), 1, 29_999),
    _whole("payload", "payload", say("Zuladung"), 1, 29_999),
    _whole("towingCapacityBraked", "trailer_load_braked", say("Anhängelast gebremst"), 1, 99_999),
    SchemaProperty("fuelType", "fuel", say("Kraftstoff")),
    SchemaProperty("transmissionType", "gearbox", say("Getriebe")),
    SchemaProperty("transmissionTypeGroup", "gearbox", say("Getriebe")),
    SchemaProperty("driveType", "drive", say("Antrieb")),
    SchemaProperty("emissionStandard", "emission_class", say("Schadstoffklasse")),
    SchemaProperty("energyLabel", "type_certificate", say("Energieetikett")),
    SchemaProperty("handicappedAccessible", "equipment.features", say("Behindertengerecht")),
    _whole("co2Emission", "energy.co2", say("CO₂-Emissionen"), 0, 9999),
    _decimal("consumptionCombined", "energy.fuel.combined", say("Verbrauch kombiniert"), "0.1", "999"),
    _decimal("gasConsumptionCombined", "energy.fuel.combined", say("Gasverbrauch kombiniert"), "0.1", "99"),
    _decimal("powerConsumption", "energy.power.combined", say("Stromverbrauch kombiniert"), "0.1", "199"),
    _whole("range", "energy.electric_range", say("Elektrische Reichweite"), 1, 9999),
    _decimal("batteryCapacity", "battery.capacity", say("Batteriekapazität"), "0.1", "999"),
    _whole("chargingTime0To100", "battery.charging_time", say("Ladezeit"), 1, 9999),
    _whole("fastChargingTime0To80", "battery.quick_charging_time", say("Schnellladezeit"), 1, 9999),
    SchemaProperty("chargingPlugType", "battery.plug_types", say("Ladestecker")),
    SchemaProperty("fastChargingPlugType", "battery.plug_types", say("Schnellladestecker")),
)
BY_NAME = {one.name: one for one in PROPERTIES}
CREATE_ONLY = frozenset(one.name for one in PROPERTIES if one.create_only)
LABELS = {one.name: one.label for one in PROPERTIES} | {
    "images": say("Bilder"),
    "equipment": say("Suchmerkmale"),
    "status": say("Zustand des Inserats"),
}


def label_of(place: str) -> Wording:
    """What the dealer calls a fact."""
    if place == "platform_price":
        return say("Eigener Preis auf dieser Plattform")
    return common_label_of(place)
