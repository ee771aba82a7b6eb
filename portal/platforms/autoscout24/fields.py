"""The one table of a listing's members: which types of vehicle may or must have them, what may stand in
them, and which of our facts they come from (docs/protocols.md, "AutoScout24").

Mapping, preflight, feedback and tests follow from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from portal.messages import Message, Wording, say
from portal.vehicle_facts.registry import REGISTRY

TYPES = "CBXNL"
"""Car, motorcycle, transporter, caravan and motor home, trailer."""
DISPLACEMENT = Message(REGISTRY["displacement"].label)
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
    label: Message
    banned: str = ""
    must: str = ""
    must_registered: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    decimals: int | None = None
    longest: int | None = None
    """Characters of a text."""


def _number(
    path: str,
    place: str,
    label: Message,
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


def _engine(path: str, place: str, label: Message) -> Member:
    """What a trailer has not."""
    return Member(path, place, label, banned="L")


def _consumption(name: str, place: str, label: Message) -> Member:
    return _number(f"wltp.{name}", place, label, "0.1", "10000", decimals=1, banned="L")


def _co2(name: str, place: str, label: Message, lowest: str = "1") -> Member:
    return _number(f"wltp.{name}", place, label, lowest, "10000", decimals=1, banned="L")


PHASES = (
    ("City", "city", say("Innenstadt")),
    ("Suburban", "suburban", say("Stadtrand")),
    ("Rural", "rural", say("Landstraße")),
    ("Highway", "highway", say("Autobahn")),
)

IDENTITY = (
    Member("offerReferenceId", "offer_number", say("Fahrzeugnummer"), longest=50),
    Member("crossReferenceId", "offer_number", say("Interner Schlüssel"), longest=50),
    Member("vehicleType", "vehicle_class", say("Fahrzeugart"), must=TYPES),
    Member("make", "make", say("Marke"), must=TYPES),
    Member("model", "model", say("Modell"), banned="XNL", must="CB"),
    Member("modelName", "model", say("Modell"), banned="CB", must="XNL", longest=50),
    Member("modelVersion", "model_description", say("Modellbezeichnung"), longest=121),
    Member("bodyType", "body_type", say("Karosserieform"), must=TYPES),
    Member("offerType", "kind", say("Zustand"), must=TYPES),
    Member("vin", "vin", say("Fahrgestellnummer")),
    Member("hsn", "hsn", say("HSN")),
    Member("tsn", "tsn", say("TSN")),
    Member("firstRegistrationDate", "first_registration", say("Erstzulassung"), must_registered="CBX"),
    Member("productionYear", "construction_year", say("Baujahr")),
    _number("mileage", "mileage", say("Kilometerstand"), "0", "9999999", banned="L", must_registered="CBX"),
    Member("nextInspectionDate", "inspection_due", say("HU gültig bis")),
    Member("includedServices", "inspection_new", say("HU/AU neu")),
    _number("previousOwnerCount", "previous_owners", say("Vorbesitzer"), "0", "99"),
    Member("hasFullServiceHistory", "service_history", say("Scheckheftgepflegt")),
    Member("hasWarranty", "warranty", say("Garantie")),
    _engine("isNonSmoking", "non_smoker", say("Nichtraucherfahrzeug")),
    Member("wasCabOrRental", "equipment.features", say("Taxi oder Mietwagen"), banned="BNL"),
    Member("countryVersion", "country_version", say("Länderversion")),
    Member("condition.hadAccident", "accident", say("Unfallfahrzeug")),
    Member("condition.hasRepairedDamages", "accident", say("Reparierter Schaden")),
    Member("condition.isCurrentlyDamaged", "damaged", say("Unreparierter Schaden")),
    Member("condition.isRoadworthy", "roadworthy", say("Fahrtauglich")),
)
TECHNIQUE = (
    _number("power", "power", say("Leistung"), "1", "9999", banned="L"),
    _number("cylinderCapacity", "displacement", DISPLACEMENT, "1", "99999", banned="L"),
    _number("cylinderCount", "cylinders", say("Zylinder"), "1", "99", banned="L"),
    _number("gearCount", "gears", say("Gänge"), "1", "99", banned="L"),
    _number("doorCount", "doors", say("Türen"), "1", "9"),
    _number("seatCount", "seats", say("Sitzplätze"), "1", "99", banned="L"),
    _number("emptyWeight", "weight", say("Leergewicht"), "1", "99999"),
    _number(
        "maximumTowingWeight",
        "trailer_load_braked",
        say("Anhängelast gebremst"),
        "1",
        "9999999",
        banned="CBL",
    ),
    _number("payload", "payload", say("Zuladung"), "1", "99999", banned="CB"),
    _engine("fuelCategory", "fuel", say("Kraftstoff")),
    _engine("primaryFuelType", "fuel", say("Kraftstoff")),
    _engine("additionalFuelTypes", "hybrid", say("Weitere Kraftstoffe")),
    _engine("isPluginHybrid", "hybrid", say("Plug-in-Hybrid")),
    _engine("transmission", "gearbox", say("Getriebe")),
    _engine("drivetrain", "drive", say("Antrieb")),
    _engine("euEmissionStandard", "emission_class", say("Schadstoffklasse")),
    Member("germanEmissionsSticker", "emission_sticker", say("Umweltplakette"), banned="BL"),
    _engine("hasParticleFilter", "particulate_filter", say("Partikelfilter")),
    Member("bodyColor", "colour", say("Außenfarbe")),
    Member("bodyColorName", "colour_name", say("Farbname des Herstellers"), longest=30),
    _engine("isMetallic", "metallic", say("Metallic")),
    _engine("upholsteryColor", "interior_colour", say("Innenfarbe")),
    _engine("upholsteryType", "interior_type", say("Polster")),
    Member("equipment", "equipment.features", say("Ausstattung")),
)
ENERGY = (
    Member("wltp.co2Class", "energy.co2_class", say("CO₂-Klasse"), banned="L"),
    Member(
        "wltp.co2ClassDischarged",
        "energy.co2_class_discharged",
        say("CO₂-Klasse bei entladener Batterie"),
        banned="L",
    ),
    _co2("co2EmissionsCombined", "energy.co2", say("CO₂-Emissionen")),
    _co2("co2EmissionsCombinedWeighted", "energy.co2", say("CO₂-Emissionen gewichtet")),
    _co2(
        "co2EmissionsDischarged",
        "energy.co2_discharged",
        say("CO₂-Emissionen bei entladener Batterie"),
        "0.1",
    ),
    _consumption("consumptionCombined", "energy.fuel.combined", say("Kraftstoffverbrauch kombiniert")),
    _consumption("consumptionElectricCombined", "energy.power.combined", say("Stromverbrauch kombiniert")),
    _consumption(
        "consumptionCombinedWeighted", "energy.weighted_fuel", say("Kraftstoffverbrauch gewichtet kombiniert")
    ),
    _consumption(
        "consumptionElectricCombinedWeighted",
        "energy.weighted_power",
        say("Stromverbrauch gewichtet kombiniert"),
    ),
    _consumption(
        "consumptionCombinedDischarged",
        "energy.discharged_fuel",
        say("Kraftstoffverbrauch bei entladener Batterie"),
    ),
    *(
        _consumption(f"consumption{n}", f"energy.fuel.{p}", say("Kraftstoffverbrauch {phase}", phase=w))
        for n, p, w in PHASES
    ),
    *(
        _consumption(f"consumptionElectric{n}", f"energy.power.{p}", say("Stromverbrauch {phase}", phase=w))
        for n, p, w in PHASES
    ),
    *(
        _consumption(
            f"consumption{n}Discharged",
            f"energy.fuel.{p}",
            say("Kraftstoffverbrauch {phase} bei entladener Batterie", phase=w),
        )
        for n, p, w in PHASES
    ),
    _number("electricRange", "energy.electric_range", say("Elektrische Reichweite"), "1", "10000"),
    _number("electricRangeCity", "battery.range_city", say("Elektrische Reichweite innerorts"), "1", "10000"),
    Member("battery.ownershipType", "battery.ownership", say("Batterie")),
    _number("battery.capacity", "battery.capacity", say("Batteriekapazität"), "0", "999999"),
    _number("battery.chargingTime", "battery.charging_time", say("Ladezeit"), "1", "1439"),
    _number(
        "battery.chargingTime10to80Minutes",
        "battery.quick_charging_time",
        say("Schnellladezeit"),
        "1",
        "25200",
    ),
    Member("battery.plugTypes", "battery.plug_types", say("Steckertyp")),
    _number(
        "costModel.consumptionCosts",
        "energy.energy_costs_per_year",
        say("Energiekosten im Jahr"),
        "0.1",
        "10000",
        decimals=2,
    ),
    _number(
        "costModel.vehicleTax",
        "energy.vehicle_tax_per_year",
        say("Kfz-Steuer im Jahr"),
        "0.1",
        "10000",
        decimals=2,
    ),
    Member("costModel.co2Costs", "energy.co2_costs_low", say("CO₂-Kosten")),
)
OFFER = (
    _number("prices.public.price", "prices.selling", say("Preis"), "1", "99999999"),
    _number("prices.public.netPrice", "prices.selling", say("Preis (netto)"), "1", "99999999"),
    _number("prices.public.vatRate", "prices.taxation", say("MwSt.-Satz"), "0", "100", decimals=1),
    Member("prices.public.currency", "prices.selling", say("Währung")),
    Member("prices.public.isTaxDeductible", "prices.taxation", say("MwSt. ausweisbar")),
    _number("prices.dealer.price", "prices.dealer", say("Händlerpreis"), "1", "99999999"),
    Member("prices.dealer.currency", "prices.dealer", say("Währung")),
    _number("prices.manufacturersSuggestedRetail.price", "prices.msrp", say("UVP"), "1", "99999999"),
    Member("prices.manufacturersSuggestedRetail.currency", "prices.msrp", say("Währung")),
    Member("availability.availabilityType", "kind", say("Verfügbarkeit"), must=TYPES),
    Member("publication.status", "online", say("Veröffentlichung"), must=TYPES),
    Member("publication.channels", "online", say("Kanäle"), must=TYPES),
    Member("description", "description", say("Beschreibung")),
    Member("highlights", "highlights", say("Highlights")),
    Member("images", "images", say("Bilder")),
    Member("financingOffer", "financing", say("Finanzierung")),
    Member("leasingOffers", "leasing", say("Leasing")),
    Member("marketing.mia.subtitle", "model_description", say("Untertitel"), longest=55),
    Member("marketing.mia.requestedTier", "bookings", say("Zusatzbuchungen")),
    Member("marketing.listingBoost.requested", "bookings", say("Boost")),
)
FIELDS: tuple[Member, ...] = (*IDENTITY, *TECHNIQUE, *ENERGY, *OFFER)
BY_PATH: dict[str, Member] = {member.path: member for member in FIELDS}
LABELS: dict[str, Message] = {
    **{member.path: member.label for member in FIELDS},
    "prices": say("Preis"),
    "wltp": say("Verbrauch und CO₂"),
    "publication": say("Veröffentlichung"),
    "marketing": say("Zusatzbuchungen"),
    "battery": say("Batterie"),
    "condition": say("Zustand"),
    "costModel": say("Kosten (Energielabel)"),
    "availability": say("Verfügbarkeit"),
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


def label_of(path: str) -> Message | None:
    """What a dealer calls it; None for an unknown path."""
    name = canonical(path)
    last = _LAST.get(name.rpartition(".")[2], "")
    return LABELS.get(name) or LABELS.get(last)


_BY_PLACE: dict[str, Message] = {}
for _member in FIELDS:
    _BY_PLACE.setdefault(_member.place, _member.label)
_BY_PLACE |= {
    "prices.selling": say("Preis"),
    "prices.on_request": say("Preisart"),
    "platform_price": say("Plattformpreis"),
    "battery": say("Batterie"),
    "model": say("Modell"),
}


def label_of_place(place: str) -> Wording:
    """The label of one of our facts; the name itself for an unknown one."""
    return _BY_PLACE.get(place, place)
