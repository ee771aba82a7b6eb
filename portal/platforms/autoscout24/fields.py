"""The one table of a listing's members: which types of vehicle may or must have them, what may stand in
them, and which of our facts they come from (docs/protocols.md, "AutoScout24").

Mapping, preflight, feedback and tests follow from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from portal.vehicle_facts.registry import REGISTRY

TYPES = "CBXNL"
"""Car, motorcycle, transporter, caravan and motor home, trailer."""
REGISTERED = ("J", "O", "S", "U")
"""Offer types of what has been on the road."""


@dataclass(frozen=True)
class Member:
    """`banned` and `must` are types of vehicle; `must_registered` where the offer type is one of REGISTERED.

    Numbers have `decimals` (0: whole): the platform cuts what is beyond, so we round to them.
    """

    path: str
    place: str
    """Our fact."""
    label: str
    banned: str = ""
    must: str = ""
    must_registered: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    decimals: int | None = None
    longest: int | None = None
    """Characters of a text."""


def _label(name: str) -> str:
    return str(REGISTRY[name].label)


def _number(
    path: str,
    place: str,
    label: str,
    lowest: str,
    highest: str,
    *,
    decimals: int = 0,
    banned: str = "",
    must_registered: str = "",
) -> Member:
    return Member(
        path,
        place,
        label,
        banned,
        must_registered=must_registered,
        lowest=Decimal(lowest),
        highest=Decimal(highest),
        decimals=decimals,
    )


def _engine(path: str, place: str, label: str) -> Member:
    """What a trailer has not."""
    return Member(path, place, label, banned="L")


def _consumption(name: str, place: str, label: str) -> Member:
    return _number(f"wltp.{name}", place, label, "0.1", "10000", decimals=1, banned="L")


def _co2(name: str, place: str, label: str, lowest: str = "1") -> Member:
    return _number(f"wltp.{name}", place, label, lowest, "10000", decimals=1, banned="L")


PHASES = (
    ("City", "city", "Innenstadt"),
    ("Suburban", "suburban", "Stadtrand"),
    ("Rural", "rural", "Landstraße"),
    ("Highway", "highway", "Autobahn"),
)

IDENTITY = (
    Member("offerReferenceId", "offer_number", "Fahrzeugnummer", longest=50),
    Member("crossReferenceId", "offer_number", "Interner Schlüssel", longest=50),
    Member("vehicleType", "vehicle_class", "Fahrzeugart", must=TYPES),
    Member("make", "make", "Marke", must=TYPES),
    Member("model", "model", "Modell", banned="XNL", must="CB"),
    Member("modelName", "model", "Modell", banned="CB", must="XNL", longest=50),
    Member("modelVersion", "model_description", "Modellbezeichnung", longest=121),
    Member("bodyType", "body_type", "Karosserieform", must=TYPES),
    Member("offerType", "kind", "Zustand", must=TYPES),
    Member("vin", "vin", "Fahrgestellnummer"),
    Member("hsn", "hsn", "HSN"),
    Member("tsn", "tsn", "TSN"),
    Member("firstRegistrationDate", "first_registration", "Erstzulassung", must_registered="CBX"),
    Member("productionYear", "construction_year", "Baujahr"),
    _number("mileage", "mileage", "Kilometerstand", "0", "9999999", banned="L", must_registered="CBX"),
    Member("nextInspectionDate", "inspection_due", "HU gültig bis"),
    Member("includedServices", "inspection_new", "HU/AU neu"),
    _number("previousOwnerCount", "previous_owners", "Vorbesitzer", "0", "99"),
    Member("hasFullServiceHistory", "service_history", "Scheckheftgepflegt"),
    Member("hasWarranty", "warranty", "Garantie"),
    _engine("isNonSmoking", "non_smoker", "Nichtraucherfahrzeug"),
    Member("wasCabOrRental", "equipment.features", "Taxi oder Mietwagen", banned="BNL"),
    Member("countryVersion", "country_version", "Länderversion"),
    Member("condition.hadAccident", "accident", "Unfallfahrzeug"),
    Member("condition.hasRepairedDamages", "accident", "Reparierter Schaden"),
    Member("condition.isCurrentlyDamaged", "damaged", "Unreparierter Schaden"),
    Member("condition.isRoadworthy", "roadworthy", "Fahrtauglich"),
)
TECHNIQUE = (
    _number("power", "power", "Leistung", "1", "9999", banned="L"),
    _number(
        "cylinderCapacity", "displacement", str(REGISTRY["displacement"].label), "1", "99999", banned="L"
    ),
    _number("cylinderCount", "cylinders", "Zylinder", "1", "99", banned="L"),
    _number("gearCount", "gears", "Gänge", "1", "99", banned="L"),
    _number("doorCount", "doors", "Türen", "1", "9"),
    _number("seatCount", "seats", "Sitzplätze", "1", "99", banned="L"),
    _number("emptyWeight", "weight", "Leergewicht", "1", "99999"),
    _number(
        "maximumTowingWeight", "trailer_load_braked", "Anhängelast gebremst", "1", "9999999", banned="CBL"
    ),
    _engine("fuelCategory", "fuel", "Kraftstoff"),
    _engine("primaryFuelType", "fuel", "Kraftstoff"),
    _engine("additionalFuelTypes", "hybrid", "Weitere Kraftstoffe"),
    _engine("isPluginHybrid", "hybrid", "Plug-in-Hybrid"),
    _engine("transmission", "gearbox", "Getriebe"),
    _engine("drivetrain", "drive", "Antrieb"),
    _engine("euEmissionStandard", "emission_class", "Schadstoffklasse"),
    Member("germanEmissionsSticker", "emission_sticker", "Umweltplakette", banned="BL"),
    _engine("hasParticleFilter", "particulate_filter", "Partikelfilter"),
    Member("bodyColor", "colour", "Außenfarbe"),
    Member("bodyColorName", "colour_name", "Farbname des Herstellers", longest=30),
    _engine("isMetallic", "metallic", "Metallic"),
    _engine("upholsteryColor", "interior_colour", "Innenfarbe"),
    _engine("upholsteryType", "interior_type", "Polster"),
    Member("equipment", "equipment.features", "Ausstattung"),
)
ENERGY = (
    Member("wltp.co2Class", "energy.co2_class", "CO₂-Klasse", banned="L"),
    Member(
        "wltp.co2ClassDischarged",
        "energy.co2_class_discharged",
        "CO₂-Klasse bei entladener Batterie",
        banned="L",
    ),
    _co2("co2EmissionsCombined", "energy.co2", "CO₂-Emissionen"),
    _co2("co2EmissionsCombinedWeighted", "energy.co2", "CO₂-Emissionen gewichtet"),
    _co2("co2EmissionsDischarged", "energy.co2_discharged", "CO₂-Emissionen bei entladener Batterie", "0.1"),
    _consumption("consumptionCombined", "energy.fuel.combined", "Kraftstoffverbrauch kombiniert"),
    _consumption("consumptionElectricCombined", "energy.power.combined", "Stromverbrauch kombiniert"),
    _consumption(
        "consumptionCombinedWeighted", "energy.weighted_fuel", "Kraftstoffverbrauch gewichtet kombiniert"
    ),
    _consumption(
        "consumptionElectricCombinedWeighted", "energy.weighted_power", "Stromverbrauch gewichtet kombiniert"
    ),
    _consumption(
        "consumptionCombinedDischarged",
        "energy.discharged_fuel",
        "Kraftstoffverbrauch bei entladener Batterie",
    ),
    *(_consumption(f"consumption{n}", f"energy.fuel.{p}", f"Kraftstoffverbrauch {w}") for n, p, w in PHASES),
    *(
        _consumption(f"consumptionElectric{n}", f"energy.power.{p}", f"Stromverbrauch {w}")
        for n, p, w in PHASES
    ),
    *(
        _consumption(
            f"consumption{n}Discharged",
            f"energy.fuel.{p}",
            f"Kraftstoffverbrauch {w} bei entladener Batterie",
        )
        for n, p, w in PHASES
    ),
    _number("electricRange", "energy.electric_range", "Elektrische Reichweite", "1", "10000"),
    _number("electricRangeCity", "battery.range_city", "Elektrische Reichweite innerorts", "1", "10000"),
    Member("battery.ownershipType", "battery.ownership", "Batterie"),
    _number("battery.capacity", "battery.capacity", "Batteriekapazität", "0", "999999"),
    _number("battery.chargingTime", "battery.charging_time", "Ladezeit", "1", "1439"),
    _number(
        "battery.chargingTime10to80Minutes", "battery.quick_charging_time", "Schnellladezeit", "1", "25200"
    ),
    Member("battery.plugTypes", "battery.plug_types", "Steckertyp"),
    _number(
        "costModel.consumptionCosts",
        "energy.energy_costs_per_year",
        "Energiekosten im Jahr",
        "0.1",
        "10000",
        decimals=2,
    ),
    _number(
        "costModel.vehicleTax",
        "energy.vehicle_tax_per_year",
        "Kfz-Steuer im Jahr",
        "0.1",
        "10000",
        decimals=2,
    ),
    Member("costModel.co2Costs", "energy.co2_costs_low", "CO₂-Kosten"),
)
OFFER = (
    _number("prices.public.price", "prices.selling", "Preis", "1", "99999999"),
    _number("prices.public.netPrice", "prices.selling", "Preis (netto)", "1", "99999999"),
    _number("prices.public.vatRate", "prices.taxation", "MwSt.-Satz", "0", "100", decimals=1),
    Member("prices.public.currency", "prices.selling", "Währung"),
    Member("prices.public.isTaxDeductible", "prices.taxation", "MwSt. ausweisbar"),
    _number("prices.dealer.price", "prices.dealer", "Händlerpreis", "1", "99999999"),
    Member("prices.dealer.currency", "prices.dealer", "Währung"),
    _number("prices.manufacturersSuggestedRetail.price", "prices.msrp", "UVP", "1", "99999999"),
    Member("prices.manufacturersSuggestedRetail.currency", "prices.msrp", "Währung"),
    Member("availability.availabilityType", "kind", "Verfügbarkeit", must=TYPES),
    Member("publication.status", "online", "Veröffentlichung", must=TYPES),
    Member("publication.channels", "online", "Kanäle", must=TYPES),
    Member("description", "description", "Beschreibung"),
    Member("highlights", "highlights", "Highlights"),
    Member("images", "images", "Bilder"),
    Member("financingOffer", "financing", "Finanzierung"),
    Member("leasingOffers", "leasing", "Leasing"),
    Member("marketing.mia.subtitle", "model_description", "Untertitel", longest=55),
    Member("marketing.mia.requestedTier", "bookings", "Zusatzbuchungen"),
    Member("marketing.listingBoost.requested", "bookings", "Boost"),
)
FIELDS: tuple[Member, ...] = (*IDENTITY, *TECHNIQUE, *ENERGY, *OFFER)
BY_PATH: dict[str, Member] = {member.path: member for member in FIELDS}
LABELS: dict[str, str] = {
    **{member.path: member.label for member in FIELDS},
    "prices": "Preis",
    "wltp": "Verbrauch und CO₂",
    "publication": "Veröffentlichung",
    "marketing": "Zusatzbuchungen",
    "battery": "Batterie",
    "condition": "Zustand",
    "costModel": "Kosten (Energielabel)",
    "availability": "Verfügbarkeit",
}
OUTSIDE = {
    "prices": "prices.selling",
    "prices.public": "prices.selling",
    "wltp": "energy.co2",
    "battery": "battery",
    "condition": "damaged",
    "financingOffer": "financing",
    "leasingOffers": "leasing",
    "marketing": "bookings",
}
"""Objects that a message may name as a whole, and our fact for them."""
_INDEX = re.compile(r"\[\d*\]")
_LAST: dict[str, str] = {}
for _member in FIELDS:
    _LAST.setdefault(_member.path.rpartition(".")[2], _member.path)


def canonical(path: str) -> str:
    """`leasingOffers.offers[0].bank` without places in lists."""
    return _INDEX.sub("", path.strip().removeprefix("$.").removeprefix("listing.")).strip(".")


def our_place(path: str) -> str | None:
    """Our fact behind a path; the nearest parent's where the path itself is not in the table."""
    name = canonical(path)
    while name:
        if name in BY_PATH:
            return BY_PATH[name].place
        if name in OUTSIDE:
            return OUTSIDE[name]
        if name in _LAST:
            return BY_PATH[_LAST[name]].place
        name = name.rpartition(".")[0]
    return None


def label_of(path: str) -> str:
    """What a dealer calls it; empty for an unknown path."""
    name = canonical(path)
    last = _LAST.get(name.rpartition(".")[2], "")
    return LABELS.get(name) or LABELS.get(last, "")


_BY_PLACE: dict[str, str] = {}
for _member in FIELDS:
    _BY_PLACE.setdefault(_member.place, _member.label)
_BY_PLACE |= {
    "prices.selling": "Preis",
    "prices.on_request": "Preisart",
    "platform_price": "Plattformpreis",
    "battery": "Batterie",
    "model": "Modell",
}


def german(place: str) -> str:
    """The label of one of our facts; the name itself for an unknown one."""
    return _BY_PLACE.get(place, place)
