"""A listing in the making: members, problems and hints, gathered theme by theme."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.messages import say
from portal.platforms.autoscout24_ch import errors, vocabulary
from portal.platforms.autoscout24_ch.fields import BY_NAME, SchemaProperty
from portal.platforms.autoscout24_ch.reference import AutoScout24ChReference
from portal.platforms.autoscout24_ch.remote import facts_of
from portal.platforms.common.draft import Draft, as_json_number, number_at
from portal.platforms.common.texts import shorten
from portal.platforms.contract import Json, Prepared, Rules
from portal.vehicle_facts.identity import class_of


@dataclass(frozen=True)
class AutoScout24ChContext:
    """What stays the same for all vehicles of one activation."""

    settings: dict[str, Any]
    rules: Rules
    book: AutoScout24ChReference
    today: date


@dataclass
class AutoScout24ChDraft(Draft[AutoScout24ChContext]):
    """`put` obeys the table: numbers are rounded, what is out of range is left out with a hint."""

    members: Json = field(default_factory=dict)

    @property
    def category(self) -> str:
        """The kind of vehicle; empty for one that the platform does not know from us."""
        return vocabulary.CATEGORIES.get(class_of(self.vehicle), "")

    def put(self, name: str, value: Any) -> None:
        """No statement (None, empty) sets nothing."""
        known = BY_NAME[name]
        if value is None or value == "":
            return
        if known.decimals is not None:
            value = self._number(known, Decimal(value))
        elif known.longest is not None and name != "description":
            value = shorten(" ".join(str(value).split()), known.longest)
        if value is not None:
            self.members[name] = value

    def problem(self, code: str, place: str | None = None, value: object = "") -> None:
        self.problems.append(errors.known(code, place, value))

    def hint_left_out(self, name: str, value: object) -> None:
        known = BY_NAME[name]
        text = say(
            "{label}: AutoScout24 Schweiz nimmt den Wert „{value}“ nicht an. Das Inserat erscheint ohne ihn.",
            label=known.label,
            value=value,
        )
        self.hint("value-left-out", text, known.place)

    def prepared(self) -> Prepared:
        return Prepared(
            self.members,
            self.members.get("sellerVehicleId", ""),
            facts=facts_of(self.members),
            bookings=self.bookings,
            problems=tuple(self.problems),
            hints=tuple(self.hints),
        )

    def _number(self, known: SchemaProperty, value: Decimal) -> int | float | None:
        rounded = number_at(known.decimals or 0, value)
        low, high = known.lowest, known.highest
        if (low is not None and rounded < low) or (high is not None and rounded > high):
            if rounded:
                # Nought means "none" in dealer systems: no statement.
                self.hint_left_out(known.name, f"{value.normalize():f}")
            return None
        return as_json_number(rounded)
