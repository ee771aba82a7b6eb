"""Engine, drive, colours, emissions, equipment, consumption and battery."""

from __future__ import annotations

from portal.messages import say
from portal.platforms.autoscout24_ch import vocabulary
from portal.platforms.autoscout24_ch.draft import AutoScout24ChDraft
from portal.platforms.common.energy import is_plug_in, stated_fuel, stated_power, whole_co2
from portal.platforms.common.matching import colour_in, tight
from portal.vehicle_facts.data import ELECTRIC_FUELS, Fuel, HybridKind
from portal.vehicle_facts.vocabularies import base_interior

LABELS = "abcdefg"


def technique(draft: AutoScout24ChDraft) -> None:
    vehicle = draft.vehicle
    draft.put("kiloWatts", vehicle.power)
    draft.put("cubicCapacity", None if vehicle.fuel is Fuel.ELECTRIC else vehicle.displacement)
    draft.put("cylinders", vehicle.cylinders)
    draft.put("gears", vehicle.gears)
    draft.put("doors", vehicle.doors)
    draft.put("seats", vehicle.seats)
    draft.put("weightCurb", vehicle.weight)
    draft.put("payload", vehicle.payload)
    draft.put("towingCapacityBraked", vehicle.trailer_load_braked)
    draft.put("fuelType", _fuel(draft))
    if vehicle.gearbox:
        kind, group = vocabulary.TRANSMISSIONS[vehicle.gearbox]
        draft.put("transmissionType", kind)
        draft.put("transmissionTypeGroup", group)
    draft.put("driveType", vocabulary.DRIVES[vehicle.drive] if vehicle.drive else None)
    if vehicle.emission_class:
        spelled = tight(vehicle.emission_class).replace("norm", "")
        standard = vocabulary.EMISSION_STANDARDS.get(spelled)
        if standard is None:
            draft.hint_left_out("emissionStandard", vehicle.emission_class)
        draft.put("emissionStandard", standard)


def _fuel(draft: AutoScout24ChDraft) -> str | None:
    """Hybrids by their kind, mild ones as the dealer chose."""
    vehicle = draft.vehicle
    if vehicle.fuel is None:
        return None
    burnt = vocabulary.BURNT.get(vehicle.fuel)
    as_combustion = vehicle.hybrid is HybridKind.MILD and draft.context.rules.mild_hybrid_as == "combustion"
    if burnt and as_combustion:
        return burnt
    if burnt and vehicle.hybrid in vocabulary.HYBRIDS:
        return f"{vocabulary.HYBRIDS[vehicle.hybrid]}-{burnt}"
    found = vocabulary.PLAIN_FUELS.get(vehicle.fuel)
    if found is None:
        draft.hint_left_out("fuelType", vehicle.fuel.value)
    return found


def colours(draft: AutoScout24ChDraft) -> None:
    """The outer colour is due: one that is not understood is another one."""
    vehicle = draft.vehicle
    draft.put("bodyColor", _colour(vehicle.colour) or _colour(vehicle.colour_name))
    if "bodyColor" not in draft.members:
        draft.put("bodyColor", vocabulary.OTHER_COLOUR)
        text = say(
            "Ohne bekannte Farbe erscheint das Fahrzeug bei AutoScout24 Schweiz mit der Farbe „andere“."
        )
        draft.hint("colour-other", text, "colour")
    draft.put("bodyColorText", vehicle.colour_name)
    draft.put("metallic", vehicle.metallic)
    draft.put("interiorColor", _colour(vehicle.interior_colour))


def _colour(label: str) -> str | None:
    return colour_in(label, vocabulary.COLOURS)


def equipment(draft: AutoScout24ChDraft) -> None:
    """Search attributes; the payload carries them beside the listing's members."""
    vehicle = draft.vehicle
    codes = vehicle.equipment.features
    found = {vocabulary.EQUIPMENT[code] for code in codes if code in vocabulary.EQUIPMENT}
    found.add(vocabulary.UPHOLSTERY.get(base_interior(vehicle.interior_type), ""))
    if "automatic-air-condition" in found:
        found.add("air-condition")
    draft.members["equipment"] = sorted(found - {""})


def energy(draft: AutoScout24ChDraft) -> None:
    """Our values are those of the papers. The Swiss energy label is not the European one: the platform finds
    it by the type certificate, and its values fill what is not stated."""
    vehicle, values = draft.vehicle, draft.vehicle.energy
    detected = _detected(draft)
    label = detected.get("energyLabel", "").lower()
    draft.put("energyLabel", label if len(label) == 1 and label in LABELS else None)
    draft.put("co2Emission", _first(whole_co2(values.co2), detected.get("co2Emission")))
    combined = stated_fuel(vehicle)
    gas = vehicle.fuel in (Fuel.CNG, Fuel.LPG)
    if gas:
        draft.put("gasConsumptionCombined", combined)
    else:
        draft.put("consumptionCombined", _first(combined, detected.get("consumptionCombined")))
    draft.put("powerConsumption", _first(stated_power(vehicle), detected.get("powerConsumption")))
    draft.put("range", values.electric_range)


def _first(stated: object, detected: str | None) -> object:
    if stated is not None or detected is None:
        return stated
    return detected if detected.replace(".", "", 1).isdecimal() else None


def _detected(draft: AutoScout24ChDraft) -> dict[str, str]:
    vehicle = draft.vehicle
    if draft.category != "car":
        return {}
    if not vehicle.type_certificate:
        text = say(
            "Ohne Typenschein-Nr. kann AutoScout24 Schweiz das Energieetikett nicht ermitteln. "
            "Das Inserat erscheint ohne."
        )
        draft.hint("energy-label-unknown", text, "type_certificate")
        return {}
    return draft.context.book.energy(
        vehicle.type_certificate, str(draft.members.get("transmissionTypeGroup", ""))
    )


def battery(draft: AutoScout24ChDraft) -> None:
    vehicle, battery = draft.vehicle, draft.vehicle.battery
    if vehicle.fuel not in ELECTRIC_FUELS and not is_plug_in(vehicle):
        return
    draft.put("batteryCapacity", battery.capacity or None)
    draft.put("chargingTime0To100", battery.charging_time)
    draft.put("fastChargingTime0To80", battery.quick_charging_time)
    spelled = [tight(label) for label in battery.plug_types]
    draft.put("chargingPlugType", _plug(spelled, vocabulary.PLUGS))
    draft.put("fastChargingPlugType", _plug(spelled, vocabulary.FAST_PLUGS))


def _plug(spelled: list[str], words: tuple[tuple[str, str], ...]) -> str | None:
    return next((value for word, value in words for label in spelled if word in label), None)
