"""The category of a vehicle: its class and body type, by the spellings that dealer systems use."""

from __future__ import annotations

import re
from typing import Any

from portal.vehicle_facts.data import BodyType, VehicleClass

CAR_CATEGORIES: dict[BodyType, tuple[str, ...]] = {
    BodyType.SMALL_CAR: ("SmallCar", "Kleinwagen"),
    BodyType.SALOON: ("Limousine", "Saloon", "Sedan"),
    BodyType.ESTATE: ("EstateCar", "Kombi", "Estate"),
    BodyType.CONVERTIBLE: ("Cabrio", "Cabriolet", "Roadster", "Cabrio/Roadster", "Convertible"),
    BodyType.COUPE: ("SportsCar", "Sportwagen", "Coupé", "Coupe", "Sportwagen/Coupé"),
    BodyType.OFF_ROAD: ("OffRoad", "Geländewagen", "SUV", "SUV/Geländewagen/Pickup", "Geländewagen/Pickup"),
    BodyType.MPV: ("Van", "Kleinbus", "Van/Kleinbus", "Minibus", "Van/Minibus"),
    BodyType.OTHER: ("OtherCar", "Andere", "Andere Pkw", "Sonstige"),
}
"""The first spelling of each is the one of the format."""

OTHER_CLASSES: dict[VehicleClass, tuple[str, ...]] = {
    VehicleClass.MOTORBIKE: (
        "Motorbike",
        "Motorrad",
        "OtherMotorbike",
        "Chopper",
        "Chopper/Cruiser",
        "Enduro",
        "Enduro/Reiseenduro",
        "Motorcycle",
        "Naked Bike",
        "Roller",
        "Roller/Scooter",
        "Scooter",
        "Sportler",
        "Sporttourer",
        "SportTouringMotorcycle",
        "SuperMoto",
        "Tourer",
        "Trike",
        "Quad",
    ),
    VehicleClass.MOTOR_HOME: (
        "Motorhome",
        "Wohnmobil",
        "OtherMotorhome",
        "Alkoven",
        "Integrierter",
        "Teilintegrierter",
        "Integrated",
        "PartlyIntegrated",
        "Vollintegriert",
        "Teilintegriert",
    ),
    VehicleClass.VAN: (
        "VanUpTo7500",
        "Transporter",
        "OtherVanUpTo7500",
        "BoxTypeDeliveryVan",
        "Lieferwagen",
        "Kastenwagen hoch",
        "Kastenwagen hoch + lang",
        "Pritsche",
        "Transporter bis 7,5 t",
    ),
}

_REDUNDANT = re.compile(r"[\W_]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e"})


def read_category(text: str, facts: dict[str, Any]) -> None:
    """An unknown category is kept as the dealer's label; whether a platform takes it is its affair."""
    known = _CARS.get(_plain(text))
    if known is not None:
        facts["body_type"] = known.value
        return
    facts["category_label"] = text
    other = _OTHERS.get(_plain(text))
    if other is not None:
        facts["vehicle_class"] = other.value


def write_category(facts: dict[str, Any]) -> str:
    if label := facts.get("category_label"):
        return str(label)
    if body_type := facts.get("body_type"):
        return CAR_CATEGORIES[BodyType(body_type)][0]
    vehicle_class = VehicleClass(facts.get("vehicle_class", VehicleClass.CAR))
    return "" if vehicle_class is VehicleClass.CAR else OTHER_CLASSES[vehicle_class][0]


def _plain(text: str) -> str:
    return _REDUNDANT.sub("", text.lower().translate(_UMLAUTS))


_CARS = {_plain(name): body for body, names in CAR_CATEGORIES.items() for name in names}
_OTHERS = {_plain(name): kind for kind, names in OTHER_CLASSES.items() for name in names}
