"""Consumption, CO₂ (EnVKV) and the attributes of electric cars."""

from __future__ import annotations

from portal.platforms.common.energy import discharged_fuel, is_plug_in, sold_as, subject_to_envkv
from portal.platforms.contract import Json
from portal.platforms.mobile_de.draft import Draft, amount, number
from portal.vehicles.data import (
    ELECTRIC_FUELS,
    ConsumptionByPhase,
    Fuel,
    VehicleData,
)

_OWNERSHIP = {
    "included": ("Batterie inklusive", "inklusive", "INCLUDED", "BATTERY_INCLUDED", "im Kaufpreis enthalten"),
    "rented": ("Batterie gemietet", "gemietet", "Miete", "RENTED", "BATTERY_RENTED", "zur Miete"),
    "excluded": ("Batterie nicht enthalten", "nicht enthalten", "EXCLUDED", "BATTERY_EXCLUDED"),
}


def energy(draft: Draft) -> None:
    vehicle = draft.vehicle
    sends_envkv = subject_to_envkv(vehicle) or draft.frame.settings["envkv_always"]
    if sends_envkv:
        _envkv(draft)
    if sold_as(vehicle, draft.frame.rules.mild_hybrid_as) in ELECTRIC_FUELS:
        _e_car(draft, with_consumption=sends_envkv)


def _envkv(draft: Draft) -> None:
    vehicle, values = draft.vehicle, draft.vehicle.energy
    draft.put("emissions", _emissions(vehicle))
    draft.put("consumptions", _consumptions(vehicle))
    if vehicle.fuel is Fuel.ELECTRIC:
        draft.put("range", values.electric_range)
    elif is_plug_in(vehicle):
        draft.put("equivalentAllElectricRange", values.electric_range)


def _emissions(vehicle: VehicleData) -> Json:
    values = vehicle.energy
    co2 = values.co2
    if co2 is None and vehicle.fuel is Fuel.ELECTRIC and values.co2_class:
        co2 = 0
    combined = _filled({"co2": co2, "co2Class": values.co2_class})
    discharged: Json = {}
    if is_plug_in(vehicle):
        discharged = _filled({"co2": values.co2_discharged, "co2Class": values.co2_class_discharged})
    return _filled({"combined": combined, "discharged": discharged})


def _consumptions(vehicle: VehicleData) -> Json:
    """A plug-in's fuel values are those with a discharged battery, its combined ones are weighted."""
    values = vehicle.energy
    fuel = {} if vehicle.fuel is Fuel.ELECTRIC else _phases(values.fuel)
    found: Json = {"fuel": fuel, "power": _phases(values.power)}
    if is_plug_in(vehicle):
        discharged = number(discharged_fuel(values))
        found["fuel"] = _filled({**fuel, "combined": discharged})
        found["weightedCombinedFuel"] = number(values.weighted_fuel)
        found["weightedCombinedPower"] = number(values.weighted_power)
    return _filled(found)


def _phases(phases: ConsumptionByPhase) -> Json:
    return _filled(
        {
            "combined": number(phases.combined),
            "city": number(phases.city),
            "suburban": number(phases.suburban),
            "rural": number(phases.rural),
            "highway": number(phases.highway),
        }
    )


def _filled(values: Json) -> Json:
    return {key: value for key, value in values.items() if value is not None and value != {}}


def _e_car(draft: Draft, *, with_consumption: bool) -> None:
    battery, values = draft.vehicle.battery, draft.vehicle.energy
    draft.put("batteryCapacity", number(battery.capacity))
    _ownership(draft)
    if battery.rental_price:
        draft.put("batteryRentalPrice", amount(battery.rental_price))
    draft.put("batteryCertificate", battery.certificate)
    draft.put("batteryWarranty", battery.warranty)
    _plugs(draft)
    draft.put("chargingTime", battery.charging_time)
    draft.put("chargingTimeQuick", battery.quick_charging_time)
    draft.put("electricRange", values.electric_range)
    draft.put("electricRangeCity", battery.range_city)
    if with_consumption:
        draft.put("electricEnergyConsumption", number(values.power.combined))


def _ownership(draft: Draft) -> None:
    """Only what the platform's own list offers: no value of this enumeration is documented."""
    owned = draft.vehicle.battery.ownership
    offered = draft.book.enum("batteries")
    if owned is None or not offered:
        return
    draft.put("batteryOwnership", next((k for label in _OWNERSHIP[owned] if (k := offered.key(label))), None))


def _plugs(draft: Draft) -> None:
    offered = draft.book.enum("plugtypes")
    keys = []
    for label in draft.vehicle.battery.plug_types:
        key = offered.key(label)
        if key is None:
            draft.hint_left_out("plugTypes", label)
        elif key not in keys:
            keys.append(key)
    draft.put("plugTypes", keys)
