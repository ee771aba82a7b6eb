"""The description in a file: the dealer's text, equipment, EnVKV values and examples, as plain lines."""

from __future__ import annotations

from decimal import Decimal

from portal.formats.charset import clean
from portal.platforms.common.energy import discharged_fuel, is_plug_in, subject_to_envkv
from portal.platforms.common.texts import (
    equipment_groups,
    financing_facts,
    grouped,
    leasing_facts,
    shorten,
)
from portal.platforms.common.view import View
from portal.vehicles.data import Equipment, Fuel, VehicleData

FREE_TEXT = ("text_start", "text_end")
GAP = "\n\n"


def description(view: View, longest: int, *, heading: str = "", with_label: bool = True) -> str:
    """Too long: the dealer's text is cut at a word, with a hint; legal wording stays whole.

    `heading` goes in front where the format has no place of its own for the title. `with_label`: the
    EnVKV values of vehicles that must state them, where the format has no columns for all of them.
    """
    start, end = _examples(view)
    label = envkv_line(view.vehicle) if with_label and subject_to_envkv(view.vehicle) else ""
    form = str(view.frame.settings.get("equipment_format", "criteria_only"))
    body = _joined(clean(view.vehicle.description).strip(), equipment(view.vehicle.equipment, form))
    whole = _joined(start, heading, body, label, end)
    if len(whole) <= longest:
        return whole
    text = f"Die Beschreibung ist länger als {longest:,} Zeichen und wird gekürzt.".replace(",", ".")
    view.hint("description-cut", text, "description")
    fixed = len(_joined(start, heading, "", label, end)) + 2 * len(GAP)
    return _joined(start, heading, _cut(body, longest - fixed), label, end)[:longest]


def equipment(values: Equipment, form: str) -> str:
    """In one of the formats of the setting; as search criteria alone it needs no text."""
    if form == "criteria_only":
        return ""
    groups = equipment_groups(values)
    if not groups:
        return ""
    if form == "grouped":
        return GAP.join(f"{heading}\n{', '.join(entries)}" for heading, entries in groups.items())
    everything = [entry for entries in groups.values() for entry in entries]
    if form == "lines":
        return "\n".join(["Ausstattung", *(f"- {entry}" for entry in everything)])
    return f"Ausstattung: {', '.join(everything)}"


def envkv_line(vehicle: VehicleData) -> str:
    """The values of the energy label in one line."""
    values = vehicle.energy
    if vehicle.fuel is Fuel.ELECTRIC:
        facts = [_fact("Stromverbrauch kombiniert", values.power.combined, "kWh/100 km")]
    elif is_plug_in(vehicle):
        facts = [
            _fact("Energieverbrauch gewichtet kombiniert", values.weighted_power, "kWh/100 km"),
            _fact("Kraftstoffverbrauch gewichtet kombiniert", values.weighted_fuel, "l/100 km"),
            _fact("Kraftstoffverbrauch bei entladener Batterie", discharged_fuel(values), "l/100 km"),
        ]
    else:
        facts = [_fact("Kraftstoffverbrauch kombiniert", values.fuel.combined, _unit(vehicle.fuel))]
    return "; ".join(fact for fact in (*facts, *_emissions(vehicle)) if fact)


def _emissions(vehicle: VehicleData) -> list[str]:
    values = vehicle.energy
    co2 = 0 if values.co2 is None and vehicle.fuel is Fuel.ELECTRIC else values.co2
    weighted = "gewichtet kombiniert" if is_plug_in(vehicle) else "kombiniert"
    return [
        f"CO₂-Emissionen {weighted}: {co2} g/km" if co2 is not None else "",
        f"CO₂-Klasse: {values.co2_class}" if values.co2_class else "",
        f"CO₂-Klasse bei entladener Batterie: {values.co2_class_discharged}"
        if is_plug_in(vehicle) and values.co2_class_discharged
        else "",
        f"Elektrische Reichweite: {values.electric_range} km" if values.electric_range else "",
    ]


def _unit(fuel: Fuel | None) -> str:
    return "kg/100 km" if fuel in (Fuel.CNG, Fuel.HYDROGEN) else "l/100 km"


def _fact(name: str, value: Decimal | None, unit: str) -> str:
    return f"{name}: {grouped(value, 1)} {unit}" if value is not None else ""


def _examples(view: View) -> tuple[str, str]:
    """What stands before and after the text. With leasing as free text, financing is not one."""
    settings, vehicle = view.frame.settings, view.vehicle
    places = {"text_start": "", "text_end": ""}
    leasing_place, financing_place = settings.get("leasing_example"), settings.get("financing_example")
    financing = vehicle.financing[1 if str(settings.get("financing_slot")) == "2" else 0]
    if leasing_place in FREE_TEXT:
        if vehicle.leasing:
            places[leasing_place] = "\n".join(["Leasingbeispiel", *leasing_facts(vehicle.leasing)])
    elif financing_place in FREE_TEXT and financing:
        facts = financing_facts(financing, vehicle.prices.selling)
        places[financing_place] = "\n".join(["Finanzierungsbeispiel", *facts])
    return places["text_start"], places["text_end"]


def _cut(body: str, room: int) -> str:
    return f"{shorten(body, max(room - 2, 0))} …" if room > 2 else ""


def _joined(*parts: str) -> str:
    return GAP.join(part for part in parts if part)
