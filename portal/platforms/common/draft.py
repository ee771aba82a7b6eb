"""A listing in the making: what the drafts of all platforms gather beside its members."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Generic, Protocol, TypeVar

from portal.messages import Message, Wording, say
from portal.platforms.common.energy import contradictions, missing_values
from portal.platforms.common.offer import chosen_number, usable_number
from portal.platforms.contract import Feedback, Subject
from portal.vehicle_facts.data import VehicleClass, VehicleData
from portal.vehicle_facts.identity import class_of


class MappingContext(Protocol):
    """What stays the same for all vehicles of one activation."""

    @property
    def settings(self) -> dict[str, Any]: ...


ContextT = TypeVar("ContextT", bound=MappingContext)


@dataclass
class Draft(Generic[ContextT]):
    context: ContextT
    subject: Subject
    problems: list[Feedback] = field(default_factory=list)
    hints: list[Feedback] = field(default_factory=list)
    bookings: frozenset[str] = frozenset()

    @property
    def vehicle(self) -> VehicleData:
        return self.subject.vehicle

    def block(self, code: str, text: Wording, place: str | None = None) -> None:
        """A problem in our own words, where the platform has none."""
        self.problems.append(Feedback(code, text, place))

    def hint(self, code: str, text: Wording, place: str | None = None) -> None:
        self.hints.append(Feedback(code, text, place))

    def add_hint(self, hint: Feedback | None) -> None:
        if hint is not None:
            self.hints.append(hint)

    def problem(self, code: str, place: str | None = None, value: object = "") -> None:
        """In the platform's own words, by its table."""
        raise NotImplementedError

    def hint_left_out(self, name: str, value: str) -> None:
        """Of a value that the platform does not know: the listing appears without it."""
        raise NotImplementedError

    def known_keys(self, name: str, labels: Iterable[str], key_of: Callable[[str], str | None]) -> list[str]:
        """The platform's keys, each once."""
        keys: list[str] = []
        for label in labels:
            key = key_of(label)
            if key is None:
                self.hint_left_out(name, label)
            elif key not in keys:
                keys.append(key)
        return keys

    def check_envkv(self, labelled: bool) -> None:
        """Wrong values block where they would be sent, missing ones where they must be stated."""
        if labelled or self.context.settings["envkv_always"]:
            for found in contradictions(self.vehicle):
                self.block(found.code, found.text, found.field)
        if labelled:
            for place in missing_values(self.vehicle):
                self.problem("envkv-values-required", place)

    def usable_number(self, changed: Message) -> str:
        """The vehicle's number as the platform takes it; `changed` says that it is another one."""
        chosen, hint = chosen_number(self.subject, str(self.context.settings["number_format"]))
        self.add_hint(hint)
        number = usable_number(chosen)
        if number != chosen:
            self.hint("number-changed", changed.filled(number=number), "offer_number")
        return number

    def refuse_class(self, platform: str) -> None:
        """Of a vehicle of a class that the platform does not have."""
        text = say("Diese Fahrzeugart wird zu {platform} nicht übertragen.", platform=platform)
        if class_of(self.vehicle) is VehicleClass.UNKNOWN:
            text = say(
                "Die Kategorie „{category}“ ist nicht bekannt. Bitte wählen Sie die Fahrzeugklasse.",
                category=self.vehicle.category_label,
            )
        self.block("vehicle-type-not-supported", text, "vehicle_class")


def number_at(decimals: int, value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def as_json_number(value: Decimal) -> int | float:
    """5.4, and 5 rather than 5.0."""
    return int(value) if value == value.to_integral_value() else float(value)
