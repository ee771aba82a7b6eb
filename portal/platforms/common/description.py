"""The description in a file: the dealer's text, equipment, EnVKV values and examples, as plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats.charset import clean
from portal.platforms.common.energy import envkv_line, subject_to_envkv
from portal.platforms.common.texts import equipment_groups, financing_facts, leasing_facts, shorten
from portal.vehicles.data import Equipment

if TYPE_CHECKING:
    from portal.platforms.common.view import View

FREE_TEXT = ("text_start", "text_end")
GAP = "\n\n"


def describe(view: View, longest: int, heading: str = "") -> str:
    """Too long: the dealer's text is cut at a word, with a hint; legal wording stays whole.

    `heading` goes in front where the format has no place of its own for the title. The EnVKV values of
    vehicles that must state them are part of it: no format has columns for all of them.
    """
    start, end = _examples(view)
    label = envkv_line(view.vehicle) if subject_to_envkv(view.vehicle) else ""
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
