"""Engine, drive, colours, emissions class, equipment, consumption and battery."""

from __future__ import annotations

from decimal import Decimal

from portal.platforms.autoscout24 import vocabulary
from portal.platforms.autoscout24.draft import AutoScout24Draft
from portal.platforms.autoscout24.fields import PHASES
from portal.platforms.autoscout24.mapping_identity import months_since
from portal.platforms.common.energy import discharged_fuel, is_plug_in, sold_as, subject_to_envkv
from portal.platforms.common.matching import colour_in, tight
from portal.vehicle_facts.data import (
    ELECTRIC_FUELS,
    ConsumptionByPhase,
    Fuel,
    Kind,
)
from portal.vehicle_facts.identity import is_passenger_car
from portal.vehicle_facts.vocabularies import base_interior

DIESELS = (Fuel.DIESEL, Fuel.HYBRID_DIESEL)
PLUG_IN_CATEGORIES = ("2", "3", "O")
NEW_KM, NEW_MONTHS = 1000, 8
"""Up to here AutoScout24 counts a car as new."""


def technique(draft: AutoScout24Draft) -> None:
    vehicle = draft.vehicle
    draft.put("power", vehicle.power)
    draft.put("cylinderCapacity", None if vehicle.fuel is Fuel.ELECTRIC else vehicle.displacement)
    draft.put("cylinderCount", vehicle.cylinders)
    draft.put("gearCount", vehicle.gears)
    draft.put("doorCount", vehicle.doors)
    draft.put("seatCount", vehicle.seats)
    draft.put("emptyWeight", vehicle.weight)
    draft.put("maximumTowingWeight", vehicle.trailer_load_braked)
    draft.put("payload", vehicle.payload)
    _fuel(draft)
    gearbox = vocabulary.TRANSMISSIONS.get(vehicle.gearbox) if vehicle.gearbox else None
    draft.put_reference("transmission", "Transmission", gearbox, number=False)
    drive = vocabulary.DRIVETRAINS.get(vehicle.drive) if vehicle.drive else None
    draft.put_reference("drivetrain", "Drivetrain", drive, number=False)
    if vehicle.emission_class:
        standard = vocabulary.EMISSION_STANDARDS.get(tight(vehicle.emission_class).replace("norm", ""))
        if standard is None:
            draft.hint_left_out("euEmissionStandard", vehicle.emission_class)
        draft.put_reference("euEmissionStandard", "EuEmissionStandard", standard, number=False)
    sticker = vocabulary.STICKERS.get(vehicle.emission_sticker)
    draft.put_reference("germanEmissionsSticker", "GermanEmissionsSticker", sticker)
    if vehicle.fuel in DIESELS:
        draft.put("hasParticleFilter", vehicle.particulate_filter)


def _fuel(draft: AutoScout24Draft) -> None:
    """A plug-in's primary fuel is electricity, what it burns is an additional one: what is called a plug-in
    must have both."""
    vehicle = draft.vehicle
    fuel = sold_as(vehicle, draft.context.rules.mild_hybrid_as)
    if fuel is None:
        return
    draft.put_reference("fuelCategory", "FuelCategory", vocabulary.FUEL_CATEGORIES[fuel], number=False)
    burned = vocabulary.FUEL_TYPES.get(fuel)
    if is_plug_in(vehicle) and burned and vocabulary.FUEL_CATEGORIES[fuel] in PLUG_IN_CATEGORIES:
        draft.put_reference("primaryFuelType", "FuelType", vocabulary.ELECTRICITY)
        draft.put("additionalFuelTypes", [int(burned)])
        draft.put("isPluginHybrid", True)
        return
    draft.put_reference("primaryFuelType", "FuelType", burned)


def colours(draft: AutoScout24Draft) -> None:
    vehicle = draft.vehicle
    _colour(draft, "bodyColor", "BodyColor", vehicle.colour, vocabulary.BODY_COLOURS)
    draft.put("bodyColorName", vehicle.colour_name)
    draft.put("isMetallic", vehicle.metallic)
    interior = vehicle.interior_colour
    _colour(draft, "upholsteryColor", "UpholsteryColor", interior, vocabulary.INTERIOR_COLOURS)
    upholstery = vocabulary.UPHOLSTERY.get(base_interior(vehicle.interior_type))
    _known(draft, "upholsteryType", "UpholsteryType", vehicle.interior_type, upholstery, number=False)


def _colour(
    draft: AutoScout24Draft, path: str, listed: str, label: str, words: tuple[tuple[str, str], ...]
) -> None:
    _known(draft, path, listed, label, colour_in(label, words))


def _known(
    draft: AutoScout24Draft, path: str, listed: str, label: str, found: str | None, *, number: bool = True
) -> None:
    """What our words say of a label, else what the platform's own list does."""
    if not label:
        return
    found = found or draft.book.key(listed, draft.kind, label)
    if found is None:
        draft.hint_left_out(path, label)
    draft.put_reference(path, listed, found, number=number)


def equipment(draft: AutoScout24Draft) -> None:
    """Ids that the type of vehicle may have; one air conditioning with automatic control at most."""
    features = draft.vehicle.equipment.features
    ids = {vocabulary.EQUIPMENT[code] for code in features if code in vocabulary.EQUIPMENT}
    for code in features & vocabulary.AIRBAGS.keys():
        ids |= set(vocabulary.AIRBAGS[code])
    climate = [value for value in vocabulary.CLIMATE if value in ids]
    ids -= set(climate[1:])
    offered = {value for value in ids if draft.book.offered("Equipment", draft.kind, value)}
    draft.put("equipment", sorted(int(value) for value in offered))


def energy(draft: AutoScout24Draft) -> None:
    """WLTP values, never NEDC ones: the two exclude each other, and ours are WLTP."""
    vehicle = draft.vehicle
    if must_be_labelled(draft) or draft.context.settings["envkv_always"]:
        _wltp(draft)
        # What the energy label says of costs. A car without tax omits it: the lowest value is above nought.
        values = draft.vehicle.energy
        draft.put("costModel.consumptionCosts", values.energy_costs_per_year)
        draft.put("costModel.vehicleTax", values.vehicle_tax_per_year)
        scenarios = {
            "low": values.co2_costs_low,
            "average": values.co2_costs_medium,
            "high": values.co2_costs_high,
        }
        stated = {
            name: {"accumulated": float(value)} for name, value in scenarios.items() if value is not None
        }
        draft.put("costModel.co2Costs", stated)
        if vehicle.fuel is Fuel.ELECTRIC or is_plug_in(vehicle):
            draft.put("electricRange", vehicle.energy.electric_range)


def must_be_labelled(draft: AutoScout24Draft) -> bool:
    """By the law, or because AutoScout24 counts the car as new."""
    vehicle = draft.vehicle
    if subject_to_envkv(vehicle):
        return True
    if not is_passenger_car(vehicle) or vehicle.kind is Kind.CLASSIC:
        return False
    age = months_since(vehicle.first_registration, draft)
    return (vehicle.mileage or 0) <= NEW_KM and age is not None and age <= NEW_MONTHS


def _wltp(draft: AutoScout24Draft) -> None:
    vehicle, values = draft.vehicle, draft.vehicle.energy
    co2_class = vocabulary.CO2_CLASSES.get(values.co2_class or "")
    draft.put_reference("wltp.co2Class", "Co2Class", co2_class)
    if vehicle.fuel is Fuel.ELECTRIC:
        draft.put("wltp.consumptionElectricCombined", values.power.combined)
        _phases(draft, "consumptionElectric{}", values.power)
    elif is_plug_in(vehicle):
        discharged = vocabulary.CO2_CLASSES.get(values.co2_class_discharged or "")
        draft.put_reference("wltp.co2ClassDischarged", "Co2Class", discharged)
        draft.put("wltp.co2EmissionsCombinedWeighted", values.co2)
        draft.put("wltp.co2EmissionsDischarged", values.co2_discharged)
        draft.put("wltp.consumptionCombinedWeighted", values.weighted_fuel)
        draft.put("wltp.consumptionElectricCombinedWeighted", values.weighted_power)
        draft.put("wltp.consumptionCombinedDischarged", discharged_fuel(values))
        draft.put("wltp.consumptionElectricCombined", values.power.combined)
        _phases(draft, "consumption{}Discharged", values.fuel)
        _phases(draft, "consumptionElectric{}", values.power)
    else:
        draft.put("wltp.co2EmissionsCombined", values.co2)
        draft.put("wltp.consumptionCombined", values.fuel.combined)
        _phases(draft, "consumption{}", values.fuel)


def _phases(draft: AutoScout24Draft, name: str, values: ConsumptionByPhase) -> None:
    for theirs, ours, _ in PHASES:
        draft.put(f"wltp.{name.format(theirs)}", getattr(values, ours))


def battery(draft: AutoScout24Draft) -> None:
    if sold_as(draft.vehicle, draft.context.rules.mild_hybrid_as) not in ELECTRIC_FUELS:
        return
    battery = draft.vehicle.battery
    owned = vocabulary.OWNERSHIPS.get(battery.ownership or "")
    draft.put_reference("battery.ownershipType", "BatteryOwnershipType", owned, number=False)
    draft.put("battery.capacity", battery.capacity or None)
    draft.put("battery.chargingTime", battery.charging_time)
    draft.put("battery.chargingTime10to80Minutes", battery.quick_charging_time)
    draft.put("electricRangeCity", battery.range_city)

    def plug(label: str) -> str | None:
        found = next((value for word, value in vocabulary.PLUGS if word in tight(label)), None)
        return found if found and draft.book.offered("PlugType", draft.kind, found) else None

    draft.put("battery.plugTypes", draft.known_keys("battery.plugTypes", battery.plug_types, plug))
    if draft.get("electricRange") is None:
        draft.put("electricRange", draft.vehicle.energy.electric_range)


def net_of(price: int, rate: Decimal) -> int:
    """The price without VAT, in whole euros."""
    return int((Decimal(price) * 100 / (100 + rate)).quantize(Decimal(1)))
