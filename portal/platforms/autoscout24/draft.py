"""A listing in the making: members, problems and hints, gathered theme by theme."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.messages import say
from portal.platforms.autoscout24 import errors, vocabulary
from portal.platforms.autoscout24.fields import BY_PATH, Member
from portal.platforms.autoscout24.reference import AutoScout24Reference
from portal.platforms.autoscout24.remote_listing import facts_of
from portal.platforms.common.draft import Draft, as_json_number, number_at
from portal.platforms.common.texts import shorten
from portal.platforms.contract import Account, Json, Prepared, Rules
from portal.vehicle_facts.identity import class_of


@dataclass(frozen=True)
class AutoScout24Context:
    """What stays the same for all vehicles of one activation."""

    settings: dict[str, Any]
    account: Account
    rules: Rules
    book: AutoScout24Reference
    today: date


@dataclass
class AutoScout24Draft(Draft[AutoScout24Context]):
    """`put` obeys the table: what a type of vehicle may not have is not set, numbers are rounded to the
    decimals that the platform keeps, and what is out of range is left out with a hint."""

    members: Json = field(default_factory=dict)

    @property
    def book(self) -> AutoScout24Reference:
        return self.context.book

    @property
    def kind(self) -> str:
        """The type of vehicle; empty for one that AutoScout24 does not know from us."""
        return vocabulary.VEHICLE_TYPES.get(class_of(self.vehicle), "")

    def put(self, path: str, value: Any) -> None:
        """No statement (None, empty) sets nothing."""
        member = BY_PATH[path]
        if value is None or value in ("", [], {}) or self.kind in member.banned:
            return
        if member.decimals is not None:
            value = self._number(member, Decimal(value))
        elif member.longest is not None:
            value = self._text(member, str(value))
        if value in (None, ""):
            return
        *heads, last = path.split(".")
        place = self.members
        for name in heads:
            place = place.setdefault(name, {})
        place[last] = value

    def put_reference(self, path: str, listed: str, value: str | None, *, number: bool = True) -> None:
        """An id of a reference list; one that is not offered for this type becomes a hint."""
        if value is None or self.kind in BY_PATH[path].banned:
            return
        if not self.book.offered(listed, self.kind, value):
            self.hint_left_out(path)
            return
        self.put(path, int(value) if number else value)

    def get(self, path: str) -> Any:
        value: Any = self.members
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def problem(self, code: str, place: str | None = None, value: object = "") -> None:
        self.problems.append(errors.known(code, place, value))

    def hint_left_out(self, path: str, value: object = "") -> None:
        member = BY_PATH[path]
        text = say("{label}: AutoScout24 nimmt den Wert nicht an. Das Inserat erscheint ohne ihn.")
        if value:
            text = say(
                "{label}: AutoScout24 nimmt den Wert „{value}“ nicht an. Das Inserat erscheint ohne ihn."
            )
        text = text.filled(label=member.label, value=str(value))
        self.hint("value-left-out", text, member.place)

    def prepared(self) -> Prepared:
        return Prepared(
            self.members,
            self.members.get("offerReferenceId", ""),
            facts=facts_of(self.members),
            bookings=self.bookings,
            problems=tuple(self.problems),
            hints=tuple(self.hints),
        )

    def _number(self, member: Member, value: Decimal) -> int | float | None:
        rounded = number_at(member.decimals or 0, value)
        low, high = member.lowest, member.highest
        if (low is not None and rounded < low) or (high is not None and rounded > high):
            if rounded:
                # Nought means "none" in dealer systems: no statement.
                self.hint_left_out(member.path, f"{value.normalize():f}")
            return None
        return as_json_number(rounded)

    def _text(self, member: Member, text: str) -> str:
        plain = " ".join(text.replace("<", " ").replace(">", " ").split())
        return shorten(plain, member.longest or len(plain))
