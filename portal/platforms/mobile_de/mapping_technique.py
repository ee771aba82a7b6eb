"""Engine, drive, body, colours; consumption, emissions (EnVKV) and the attributes of electric cars."""

from __future__ import annotations

from portal.platforms.common.energy import discharged_fuel, is_plug_in, sold_as, subject_to_envkv, whole_co2
from portal.platforms.contract import Json
from portal.platforms.mobile_de.draft import AdDraft, amount, number
from portal.vehicle_facts.data import (
    ELECTRIC_FUELS,
    ConsumptionByPhase,
    Drive,
    Fuel,
    Gearbox,
    VehicleData,
)
from portal.vehicle_facts.vocabularies import base_interior

FUELS: dict[Fuel, str] = {
    Fuel.PETROL: "PETROL",
    Fuel.DIESEL: "DIESEL",
    Fuel.LPG: "LPG",
    Fuel.CNG: "CNG",
    Fuel.ELECTRIC: "ELECTRICITY",
    Fuel.HYBRID_PETROL: "HYBRID",
    Fuel.HYBRID_DIESEL: "HYBRID_DIESEL",
    Fuel.HYDROGEN: "HYDROGENIUM",
    Fuel.ETHANOL: "ETHANOL",
    Fuel.OTHER: "OTHER",
}
GEARBOXES: dict[Gearbox, str] = {
    Gearbox.MANUAL: "MANUAL_GEAR",
    Gearbox.SEMI_AUTOMATIC: "SEMIAUTOMATIC_GEAR",
    Gearbox.AUTOMATIC: "AUTOMATIC_GEAR",
}
DRIVES: dict[Drive, str] = {Drive.FRONT: "FRONT", Drive.REAR: "REAR", Drive.ALL_WHEEL: "ALL_WHEEL"}
DOORS: dict[int, str] = {
    2: "TWO_OR_THREE",
    3: "TWO_OR_THREE",
    4: "FOUR_OR_FIVE",
    5: "FOUR_OR_FIVE",
    6: "SIX_OR_SEVEN",
    7: "SIX_OR_SEVEN",
}
STICKERS: dict[str, str] = {
    "none": "EMISSIONSSTICKER_NONE",
    "red": "EMISSIONSSTICKER_RED",
    "yellow": "EMISSIONSSTICKER_YELLOW",
    "green": "EMISSIONSSTICKER_GREEN",
}
OPTIONAL_RANGES: dict[str, tuple[int, int]] = {
    "cylinder": (1, 12),
    "fuelTankVolume": (1, 99),
    "trailerLoadBraked": (0, 9_999),
    "trailerLoadUnbraked": (0, 9_999),
    "payload": (1, 9_999),
    "seatbeltSeats": (1, 9),
    "standingHeight": (1, 299),
}
"""As the attributes of 2024 are documented, at the Search API: that the Seller API takes the last three under
the same names is inferred."""
_DIESELS = (Fuel.DIESEL, Fuel.HYBRID_DIESEL)


def technique(draft: AdDraft) -> None:
    vehicle = draft.vehicle
    draft.put("power", vehicle.power)
    draft.put("cubicCapacity", None if vehicle.fuel is Fuel.ELECTRIC else vehicle.displacement)
    _within(draft, "cylinder", vehicle.cylinders)
    draft.put("numberOfGears", vehicle.gears)
    fuel = sold_as(vehicle, draft.context.rules.mild_hybrid_as)
    if fuel is not None:
        _mandatory(draft, "fuel", "fuels", FUELS[fuel])
    if is_plug_in(vehicle):
        draft.put("hybridPlugin", True)
    if vehicle.gearbox is not None:
        _mandatory(draft, "gearbox", "gearboxes", GEARBOXES[vehicle.gearbox])
    draft.put_enum("driveType", "drivetypes", DRIVES.get(vehicle.drive) if vehicle.drive else None)
    draft.put_enum("doors", "doorcounts", DOORS.get(vehicle.doors or 0))
    draft.put("seats", vehicle.seats)
    _within(draft, "fuelTankVolume", vehicle.tank_volume)
    draft.put("weight", vehicle.weight)
    _within(draft, "trailerLoadBraked", vehicle.trailer_load_braked)
    _within(draft, "trailerLoadUnbraked", vehicle.trailer_load_unbraked)
    _within(draft, "payload", vehicle.payload)
    _within(draft, "seatbeltSeats", vehicle.belted_seats)
    _within(draft, "standingHeight", vehicle.standing_height)
    if vehicle.fuel in _DIESELS:
        draft.put("particulateFilterDiesel", vehicle.particulate_filter)
    _label(draft, "emissionClass", "emissionclasses", vehicle.emission_class)
    draft.put_enum("emissionSticker", "emissionstickers", STICKERS.get(vehicle.emission_sticker))


def _within(draft: AdDraft, name: str, value: int | None) -> None:
    """An optional number; beyond what the platform takes it is left out, the vehicle is not."""
    lowest, highest = OPTIONAL_RANGES[name]
    if value is not None and not lowest <= value <= highest:
        draft.hint_left_out(name, str(value))
        return
    draft.put(name, value)


def _mandatory(draft: AdDraft, name: str, path: str, documented: str) -> None:
    """A value that the platform does not offer blocks."""
    key = draft.book.value(path, documented)
    if key is None:
        draft.problem("invalid-reference-data-value", name, documented)
    draft.put(name, key)


def colours(draft: AdDraft) -> None:
    vehicle = draft.vehicle
    _colour(draft, "exteriorColor", "colors", vehicle.colour)
    draft.put("manufacturerColorName", vehicle.colour_name)
    draft.put("metallic", vehicle.metallic)
    draft.put("matteColor", vehicle.matt)
    _colour(draft, "interiorColor", "interiorcolors", vehicle.interior_colour)
    _label(draft, "interiorType", "interiortypes", base_interior(vehicle.interior_type))


def _label(draft: AdDraft, name: str, path: str, label: str) -> None:
    """A dealer's label, by the platform's list, else by the documented labels."""
    if label:
        key = draft.book.enum(path).key(label) or draft.book.by_documented_label(path, label)
        draft.put_found(name, label, key)


def _colour(draft: AdDraft, name: str, path: str, label: str) -> None:
    if label:
        draft.put_found(name, label, draft.book.colour(path, label))


# Consumption, CO₂ (EnVKV) and the attributes of electric cars.


_OWNERSHIP = {
    "included": ("Batterie inklusive", "inklusive", "INCLUDED", "BATTERY_INCLUDED", "im Kaufpreis enthalten"),
    "rented": ("Batterie gemietet", "gemietet", "Miete", "RENTED", "BATTERY_RENTED", "zur Miete"),
    "excluded": ("Batterie nicht enthalten", "nicht enthalten", "EXCLUDED", "BATTERY_EXCLUDED"),
}


def energy(draft: AdDraft) -> None:
    vehicle, values = draft.vehicle, draft.vehicle.energy
    sends_envkv = subject_to_envkv(vehicle) or draft.context.settings["envkv_always"]
    if sends_envkv:
        draft.put("emissions", _emissions(vehicle))
        draft.put("consumptions", _consumptions(vehicle))
        if vehicle.fuel is Fuel.ELECTRIC:
            draft.put("range", values.electric_range)
        elif is_plug_in(vehicle):
            draft.put("equivalentAllElectricRange", values.electric_range)
    if sold_as(vehicle, draft.context.rules.mild_hybrid_as) in ELECTRIC_FUELS:
        _e_car(draft, with_consumption=sends_envkv)


def _emissions(vehicle: VehicleData) -> Json:
    values = vehicle.energy
    co2 = whole_co2(values.co2)
    if co2 is None and vehicle.fuel in (Fuel.ELECTRIC, Fuel.HYDROGEN) and values.co2_class:
        co2 = 0
    combined = _filled({"co2": co2, "co2Class": values.co2_class})
    discharged: Json = {}
    if is_plug_in(vehicle):
        discharged = _filled(
            {"co2": whole_co2(values.co2_discharged), "co2Class": values.co2_class_discharged}
        )
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


def _e_car(draft: AdDraft, *, with_consumption: bool) -> None:
    battery, values = draft.vehicle.battery, draft.vehicle.energy
    draft.put("batteryCapacity", number(battery.capacity))
    # No value of this enumeration is documented: only what the platform's own list offers.
    owned, offered = battery.ownership, draft.book.enum("batteries")
    if owned is not None:
        keys = (offered.key(label) for label in _OWNERSHIP[owned])
        draft.put("batteryOwnership", next((key for key in keys if key), None))
    if battery.rental_price:
        draft.put("batteryRentalPrice", amount(battery.rental_price))
    draft.put("batteryCertificate", battery.certificate)
    draft.put("batteryWarranty", battery.warranty)
    plugs = draft.known_keys("plugTypes", battery.plug_types, draft.book.enum("plugtypes").key)
    draft.put("plugTypes", plugs)
    draft.put("chargingTime", battery.charging_time)
    draft.put("chargingTimeQuick", battery.quick_charging_time)
    draft.put("electricRange", values.electric_range)
    draft.put("electricRangeCity", battery.range_city)
    if with_consumption:
        draft.put("electricEnergyConsumption", number(values.power.combined))
