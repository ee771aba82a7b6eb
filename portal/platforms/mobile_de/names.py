"""The platform's field names beside ours and their labels: one table for errors, hints
and field differences."""

from __future__ import annotations

import re

from portal.messages import Message, Wording, say
from portal.vehicle_facts.registry import REGISTRY


def _ours(field: str) -> tuple[str, Message]:
    return field, say(REGISTRY[field].public_term)


# path in the ad → (our field, label)
FIELDS: dict[str, tuple[str, Message]] = {
    "internalNumber": _ours("offer_number"),
    "vin": _ours("vin"),
    "kba": ("hsn", say("HSN/TSN")),
    "kba.hsn": _ours("hsn"),
    "kba.tsn": _ours("tsn"),
    "vehicleClass": _ours("vehicle_class"),
    "category": _ours("body_type"),
    "make": _ours("make"),
    "model": _ours("model"),
    "modelDescription": _ours("model_description"),
    "trimLine": _ours("trim_line"),
    "modelRange": _ours("model_range"),
    "condition": _ours("kind"),
    "usageType": ("kind", say("Verwendung")),
    "firstRegistration": _ours("first_registration"),
    "constructionYear": _ours("construction_year"),
    "generalInspection": _ours("inspection_due"),
    "newHuAu": _ours("inspection_new"),
    "newService": _ours("service_new"),
    "lastMaintenanceDate": _ours("last_maintenance"),
    "mileage": _ours("mileage"),
    "power": _ours("power"),
    "cubicCapacity": _ours("displacement"),
    "cylinder": _ours("cylinders"),
    "numberOfGears": _ours("gears"),
    "fuel": _ours("fuel"),
    "hybridPlugin": ("hybrid", say("Plug-in-Hybrid")),
    "gearbox": _ours("gearbox"),
    "driveType": _ours("drive"),
    "doors": _ours("doors"),
    "seats": _ours("seats"),
    "fuelTankVolume": _ours("tank_volume"),
    "weight": _ours("weight"),
    "trailerLoadBraked": _ours("trailer_load_braked"),
    "trailerLoadUnbraked": _ours("trailer_load_unbraked"),
    "payload": _ours("payload"),
    "seatbeltSeats": _ours("belted_seats"),
    "standingHeight": _ours("standing_height"),
    "exteriorColor": _ours("colour"),
    "manufacturerColorName": _ours("colour_name"),
    "metallic": _ours("metallic"),
    "matteColor": _ours("matt"),
    "interiorColor": _ours("interior_colour"),
    "interiorType": _ours("interior_type"),
    "emissionClass": _ours("emission_class"),
    "emissionSticker": _ours("emission_sticker"),
    "particulateFilterDiesel": _ours("particulate_filter"),
    "numberOfPreviousOwners": _ours("previous_owners"),
    "damageUnrepaired": _ours("damaged"),
    "accidentDamaged": _ours("accident"),
    "roadworthy": _ours("roadworthy"),
    "warranty": _ours("warranty"),
    "nonSmokerVehicle": _ours("non_smoker"),
    "fullServiceHistory": _ours("service_history"),
    "countryVersion": _ours("country_version"),
    "reserved": _ours("reserved"),
    "price": _ours("prices.selling"),
    "price.type": ("prices.on_request", say("Preisart")),
    "price.currency": ("prices.selling", say("Währung")),
    "price.consumerPriceGross": ("prices.selling", say("Preis (brutto)")),
    "price.dealerPriceGross": ("prices.dealer", say("Händlerpreis (brutto)")),
    "price.vatRate": ("prices.taxation", say("MwSt.-Satz")),
    "emissions": _ours("energy.co2"),
    "emissions.combined.co2": ("energy.co2", say("CO₂-Emissionen kombiniert")),
    "emissions.combined.co2Class": _ours("energy.co2_class"),
    "emissions.discharged.co2": _ours("energy.co2_discharged"),
    "emissions.discharged.co2Class": _ours("energy.co2_class_discharged"),
    "consumptions": ("energy.fuel.combined", say("Verbrauch")),
    "consumptions.fuel.combined": _ours("energy.fuel.combined"),
    "consumptions.fuel.city": _ours("energy.fuel.city"),
    "consumptions.fuel.suburban": _ours("energy.fuel.suburban"),
    "consumptions.fuel.rural": _ours("energy.fuel.rural"),
    "consumptions.fuel.highway": _ours("energy.fuel.highway"),
    "consumptions.power.combined": _ours("energy.power.combined"),
    "consumptions.power.city": _ours("energy.power.city"),
    "consumptions.power.suburban": _ours("energy.power.suburban"),
    "consumptions.power.rural": _ours("energy.power.rural"),
    "consumptions.power.highway": _ours("energy.power.highway"),
    "consumptions.weightedCombinedFuel": _ours("energy.weighted_fuel"),
    "consumptions.weightedCombinedPower": _ours("energy.weighted_power"),
    "range": _ours("energy.electric_range"),
    "equivalentAllElectricRange": ("energy.electric_range", say("Elektrische Reichweite (EAER)")),
    "electricRange": _ours("energy.electric_range"),
    "electricRangeCity": _ours("battery.range_city"),
    "electricEnergyConsumption": ("energy.power.combined", say("Stromverbrauch")),
    "batteryCapacity": _ours("battery.capacity"),
    "batteryOwnership": _ours("battery.ownership"),
    "batteryRentalPrice": _ours("battery.rental_price"),
    "batteryCertificate": _ours("battery.certificate"),
    "batteryWarranty": _ours("battery.warranty"),
    "plugTypes": _ours("battery.plug_types"),
    "chargingTime": _ours("battery.charging_time"),
    "chargingTimeQuick": _ours("battery.quick_charging_time"),
    "description": _ours("description"),
    "highlights": _ours("highlights"),
    "images": ("images", say("Bilder")),
    "financing": ("financing", say("Finanzierung")),
    "leasing": ("leasing", say("Leasing")),
    "mobileFeatures": ("bookings", say("Zusatzbuchungen")),
    "climatisation": ("equipment.features", say("Klimatisierung")),
    "airbag": ("equipment.features", say("Airbags")),
    "parkingAssistants": ("equipment.features", say("Einparkhilfe")),
    "radio": ("equipment.features", say("Radio")),
    "speedControl": ("equipment.features", say("Tempomat")),
    "headlightType": ("equipment.features", say("Scheinwerfer")),
    "daytimeRunningLamps": ("equipment.features", say("Tagfahrlicht")),
    "bendingLightsType": ("equipment.features", say("Kurvenlicht")),
    "trailerCouplingType": ("equipment.features", say("Anhängerkupplung")),
    "breakdownService": ("equipment.features", say("Pannenhilfe")),
}

LABELS: dict[str, Message] = {path: label for path, (_, label) in FIELDS.items()}
_OURS: dict[str, Message] = {}
for _field, _label in FIELDS.values():
    _OURS.setdefault(_field, _label)
for _field in ("prices.selling", "prices.dealer", "energy.electric_range", "hybrid", "equipment.features"):
    # The first path of these says only a part of the fact.
    _OURS[_field] = say(REGISTRY[_field].public_term)

_INDEX = re.compile(r"\[\d*\]")
_HYPHEN = re.compile(r"[-_]([a-z0-9])")
_HEADS = ("ad.", "vehicle.", "$.")


def label_of(field: str) -> Wording:
    """The label of one of our fields; the name itself for an unknown one."""
    return _OURS.get(field, field)


def canonical(path: str) -> str:
    """`ad.vehicle.model-description` and `images[0].ref` in the spelling of the ad object."""
    name = _INDEX.sub("", path.strip()).replace("/", ".").strip(".")
    for head in _HEADS:
        name = name.removeprefix(head)
    return _HYPHEN.sub(lambda m: m.group(1).upper(), name)


def our_field(path: str) -> str | None:
    """Our field for a path in the ad; the nearest parent's when the path itself is not known."""
    name = canonical(path)
    while name:
        if name in FIELDS:
            return FIELDS[name][0]
        name = name.rpartition(".")[0]
    tail = canonical(path).rpartition(".")[2]
    return FIELDS[tail][0] if tail in FIELDS else None


def label_at(path: str) -> Wording:
    """What a dealer calls a path of the ad; empty for an unknown one."""
    name = canonical(path)
    tail = name.rpartition(".")[2]
    return LABELS.get(name) or LABELS.get(tail) or ""
