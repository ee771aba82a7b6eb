"""An ad in the making: fields, problems and hints, gathered theme by theme."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.messages import say
from portal.platforms.common.draft import Draft, as_json_number
from portal.platforms.contract import Account, Json, Prepared, Rules
from portal.platforms.mobile_de import errors, names
from portal.platforms.mobile_de.reference import MobileDeReference
from portal.platforms.mobile_de.remote_ads import facts_of


@dataclass(frozen=True)
class MobileDeContext:
    """What stays the same for all vehicles of one activation."""

    settings: dict[str, Any]
    account: Account
    rules: Rules
    book: MobileDeReference
    today: date


@dataclass
class AdDraft(Draft[MobileDeContext]):
    fields: Json = field(default_factory=dict)

    @property
    def book(self) -> MobileDeReference:
        return self.context.book

    def put(self, name: str, value: Any) -> None:
        """Set a field; no statement (None, empty) sets nothing."""
        if value is None or value == "" or value == [] or value == {}:
            return
        self.fields[name] = value

    def put_extras(self, extras: frozenset[str]) -> None:
        self.bookings = extras
        self.put("mobileFeatures", sorted(extras))

    def put_enum(self, name: str, path: str, documented: str | None) -> None:
        """An optional value of an enumeration; one the platform does not offer becomes a hint."""
        if documented is None:
            return
        self.put_found(name, documented, self.book.value(path, documented))

    def put_found(self, name: str, stated: str, key: str | None) -> None:
        """The platform's key for what the dealer stated; without one the field is left out, with a hint."""
        if key is None:
            self.hint_left_out(name, stated)
        self.put(name, key)

    def problem(self, code: str, place: str | None = None, value: object = "") -> None:
        self.problems.append(errors.known(code, place, value))

    def hint_left_out(self, name: str, value: str) -> None:
        place, label = names.FIELDS[name]
        text = say(
            "{label}: mobile.de kennt „{value}“ nicht. Das Inserat erscheint ohne diese Angabe.",
            label=label,
            value=value,
        )
        self.hint("value-left-out", text, place)

    def prepared(self) -> Prepared:
        number = self.fields.get("internalNumber", "")
        return Prepared(
            self.fields,
            number,
            facts=facts_of(self.fields),
            bookings=self.bookings,
            problems=tuple(self.problems),
            hints=tuple(self.hints),
        )


def amount(value: Decimal) -> str:
    """Money as the platform writes it: `16500.00`."""
    return f"{value:.2f}"


def number(value: Decimal | None) -> float | None:
    """A measured value as a JSON number."""
    return None if value is None else as_json_number(value)


def month(value: str | None) -> str | None:
    """`2018-05` → `201805`."""
    return value.replace("-", "") if value else None
