"""What is said beside a field of the data form: hints, what was not read, and what can be taken by a tick.

A tick is a value of `take` or `confirmed` in the form, so all of it works without script.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from portal.blueprints.vehicles.form import REPAIR, Typed, doubts_of
from portal.platforms.common.energy import contradictions, offered_classes
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.doubts import excerpt
from portal.vehicle_facts.mojibake import offered_repair
from portal.vehicle_facts.plausibility import oddities
from portal.web.wording import translated


@dataclass(frozen=True)
class Tick:
    """A box beside a field; `name` and `value` are what the form sends."""

    name: str
    value: str
    label: str


@dataclass
class FieldNotes:
    hints: list[str] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)


def field_notes(
    facts: VehicleData, typed: Typed, today: date, others: Sequence[Decimal] = ()
) -> Mapping[str, FieldNotes]:
    """By the name of the field. `others` are the prices of similar vehicles in the stock."""
    notes: dict[str, FieldNotes] = defaultdict(FieldNotes)
    for oddity in oddities(facts, today, others):
        notes[oddity.place].hints.append(translated(oddity.text))
    for found in contradictions(facts):
        notes[found.field].hints.append(translated(found.text))
    for unread in facts.unread:
        notes[unread.path].hints.append(_("Nicht gelesen: „%(text)s“", text=unread.text))
    for name, mark in doubts_of(facts).items():
        notes[name].ticks.append(Tick("confirmed", mark, _("Der Betrag stimmt so")))
    for name, letter in offered_classes(facts).items():
        if typed.get(name) != letter:
            notes[name].ticks.append(class_tick(name, letter))
    for name, text in typed.items():
        if isinstance(text, str) and (repaired := offered_repair(text)):
            label = _("Reparieren: %(text)s", text=excerpt(repaired))
            notes[name].ticks.append(Tick("take", f"{REPAIR}={name}", label))
    return notes


def class_tick(name: str, letter: str) -> Tick:
    return Tick(
        "take", f"{name}={letter}", _("Klasse %(letter)s übernehmen (aus dem CO₂-Wert)", letter=letter)
    )
