"""Texts that go into a description: equipment by groups, examples of financing and leasing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from portal.formats.charset import LOST
from portal.formats.plain_text import plain_text
from portal.platforms.common.matching import tight
from portal.vehicle_facts.data import Equipment, Financing, Leasing, VehicleData
from portal.vehicle_facts.equipment import BY_CODE, CRITERIA, GROUPS

LINE_GROUPS = (
    ("standard", "Serienausstattung"),
    ("optional", "Sonderausstattung"),
    ("other", "Weitere Ausstattung"),
)


def shorten(text: str, longest: int) -> str:
    """Cut at the last word that fits; a single long word is cut hard."""
    if len(text) <= longest:
        return text
    head = text[: longest + 1]
    whole_words = head.rsplit(None, 1)[:1] if " " in head else [head]
    return "".join(whole_words)[:longest].rstrip(" ,;-/")


def published(text: str) -> str:
    """A dealer's text as lines, also where it was stored as HTML; without what nobody could read."""
    return plain_text(text).replace(LOST, "")


def equipment_groups(equipment: Equipment) -> dict[str, tuple[str, ...]]:
    """Criteria by their groups, then the dealer's own lines; nothing twice, no empty group."""
    seen: set[str] = set()
    chosen = sorted(_PLACES[code] for code in equipment.features if code in _PLACES)
    groups = [
        (group, _unseen((label for _place, _group, label in places), seen))
        for group, places in groupby(chosen, key=itemgetter(1))
    ]
    groups += [(heading, _unseen(getattr(equipment, name), seen)) for name, heading in LINE_GROUPS]
    if len(chosen) < len(equipment.features):
        groups.append(("Weitere Merkmale", _unseen(sorted(equipment.features - BY_CODE.keys()), seen)))
    return {heading: tuple(entries) for heading, entries in groups if entries}


_PLACES = {
    criterion.code: (place, criterion.group, criterion.label)
    for place, criterion in enumerate(sorted(CRITERIA, key=lambda criterion: GROUPS.index(criterion.group)))
}
"""Search criteria in the order of their groups."""


def _unseen(entries: Iterable[str], seen: set[str]) -> list[str]:
    new = []
    for entry in entries:
        words, mark = _marked(entry)
        if words and mark not in seen:
            seen.add(mark)
            new.append(words)
    return new


@lru_cache(maxsize=8192)
def _marked(entry: str) -> tuple[str, str]:
    """The entry without doubled spaces, and by what it is known again. A stock repeats its entries."""
    words = " ".join(entry.split())
    return words, words.casefold() if words.isascii() else tight(words)


def total_of(example: Financing) -> Decimal:
    """What the buyer pays back: as stated, else all rates and the final one."""
    return example.total_amount or example.monthly_rate * example.duration + example.final_rate


FREE_TEXT = ("text_start", "text_end")
"""Values of the settings for examples: they stand before or after the dealer's text."""


def chosen_financing(vehicle: VehicleData, settings: Mapping[str, Any]) -> Financing | None:
    return vehicle.financing[1 if str(settings.get("financing_slot")) == "2" else 0]


def example_texts(
    vehicle: VehicleData, settings: Mapping[str, Any], joined: Callable[[str, list[str]], str]
) -> tuple[str, str]:
    """What stands before and after the dealer's text. With leasing as free text, financing is not one.

    `joined` puts a heading and its facts together in the platform's mark-up.
    """
    places = dict.fromkeys(FREE_TEXT, "")
    leasing_place, financing_place = settings.get("leasing_example"), settings.get("financing_example")
    financing = chosen_financing(vehicle, settings)
    if leasing_place in places:
        if vehicle.leasing:
            places[leasing_place] = joined("Leasingbeispiel", leasing_facts(vehicle.leasing))
    elif financing_place in places and financing:
        facts = financing_facts(financing, vehicle.prices.selling)
        places[financing_place] = joined("Finanzierungsbeispiel", facts)
    return places["text_start"], places["text_end"]


def financing_facts(example: Financing, selling: Decimal | None) -> list[str]:
    """The representative example, a line for each fact; financing is reckoned from the selling price."""
    facts = [
        _fact("Fahrzeugpreis", selling, euro),
        _fact("Anzahlung", example.down_payment, euro),
        _fact("Nettodarlehensbetrag", example.net_credit, euro),
        f"Laufzeit: {example.duration} Monate",
        _fact("Monatliche Rate", example.monthly_rate, euro),
        _fact("Schlussrate", example.final_rate or None, euro),
        _fact("Sollzinssatz p. a. (gebunden)", example.nominal_interest, _percent),
        _fact("Effektiver Jahreszins", example.effective_interest, _percent),
        _fact("Gesamtbetrag", total_of(example), euro),
        f"Bank: {example.bank}" if example.bank else "",
    ]
    return [fact for fact in facts if fact]


def leasing_facts(example: Leasing) -> list[str]:
    target = {"private": "Privatkunden", "business": "Gewerbekunden"}.get(example.target, "")
    facts = [
        _fact("Monatliche Rate", example.monthly_rate, euro),
        f"Laufzeit: {example.duration} Monate",
        _fact("Sonderzahlung", example.down_payment, euro),
        f"Fahrleistung: {grouped(Decimal(example.mileage_per_year), 0)} km pro Jahr",
        f"Angebot für {target}" if target else "",
        f"Leasinggeber: {example.bank}" if example.bank else "",
    ]
    return [fact for fact in facts if fact]


def euro(value: Decimal) -> str:
    return f"{grouped(value, 2)} €"


def grouped(value: Decimal, places: int) -> str:
    """`12990` → `12.990,00`."""
    return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))


def _fact(name: str, value: Decimal | None, spell: Callable[[Decimal], str]) -> str:
    return f"{name}: {spell(value)}" if value is not None else ""


def _percent(value: Decimal) -> str:
    return f"{grouped(value, 2)} %"
