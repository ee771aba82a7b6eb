"""A layout: what a dealer said that the columns of a table mean, and the spellings in them. Plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from portal.formats.foreign_layouts.table import Heading
from portal.formats.foreign_layouts.targets import REQUIRED, ColumnMeaning, targets
from portal.messages import Message, Wording, say
from portal.vehicle_facts.numbers import Convention
from portal.vehicle_facts.spelling import folded

CONVENTIONS: Mapping[str, Convention] = {"german": Convention.GERMAN, "english": Convention.ENGLISH}
MOST_VALUES = 200
"""Spellings of one column that can be said."""


@dataclass(frozen=True)
class Layout:
    """`columns`: what the column of a name means; one without a meaning is not in it. `values`: by the
    target, what a spelling (folded) means; empty: nothing."""

    columns: Mapping[str, str]
    header: bool = True
    convention: str = "german"
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def targets(self) -> Mapping[str, ColumnMeaning]:
        """By the name of the column."""
        known = targets()
        return {name: known[target] for name, target in self.columns.items() if target in known}

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": dict(self.columns),
            "header": self.header,
            "convention": self.convention,
            "values": {target: dict(said) for target, said in self.values.items() if said},
        }


def from_json(stored: Mapping[str, Any]) -> Layout:
    """What `as_json` made. A target that is no longer known is left out where it is used."""
    return Layout(
        dict(stored["columns"]), bool(stored["header"]), str(stored["convention"]), dict(stored["values"])
    )


def signature(heading: Heading) -> str:
    """By which the same header is known again, in whatever order; without names the number of columns."""
    names = sorted(map(folded, heading.names)) if heading.is_header else [f"#{len(heading.names)}"]
    return sha256("\n".join(names).encode()).hexdigest()


def problems_of(layout: Layout, names: Sequence[str]) -> Iterator[Wording]:
    """Why rows cannot be read by it: a fact that is needed is missing, or two columns mean the same one."""
    chosen = [target for name, target in layout.targets.items() if name in names]
    facts = Counter(target.fact for target in chosen)
    for needed in REQUIRED:
        if not facts[needed]:
            yield say(
                "Wählen Sie die Spalte für {label}. Ohne diese Angabe kann kein Fahrzeug übernommen werden.",
                label=_label(needed),
            )
    for fact, count in facts.items():
        if count > 1:
            yield say("Zwei Spalten stehen für {label}. Wählen Sie eine davon.", label=_label(fact))


def _label(fact: str) -> Wording:
    return Message(targets()[fact].label)
