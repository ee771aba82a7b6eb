"""What a tool sends, read strictly: numbers are numbers, true is none, and nothing is guessed.

A text is read as a number only if it can mean one thing: `"12990.00"`, `"12.990,00"`; `"12.990"` is refused
with both readings. Texts become plain, a VIN its normal form, spellings of known values those values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.blueprints.api.schema import Complaint
from portal.catalogue import in_language
from portal.formats.plain_text import plain_line, plain_text, stated_line
from portal.vehicle_facts.confirmation import doubtful_amounts, mark_of
from portal.vehicle_facts.countries import read_country
from portal.vehicle_facts.data import MOST_LINES
from portal.vehicle_facts.dates import REGISTERED_AHEAD, stated_month
from portal.vehicle_facts.equipment import BY_CODE
from portal.vehicle_facts.numbers import Quantity, checked, plain, read_number
from portal.vehicle_facts.quantities import quantity_of
from portal.vehicle_facts.registry import REGISTRY
from portal.vehicle_facts.understanding import NotUnderstood, Rounded, demand_statement
from portal.vehicle_facts.vin import built_by, read_vin
from portal.vehicle_facts.vocabularies import COLOURS, INTERIORS, read_emission_class

FLAGS = frozenset(one.name for one in REGISTRY if one.type in ("flag", "maybe")) | {"online"}
MONTHS = frozenset(one.name for one in REGISTRY if one.type == "month")
DAYS = frozenset(one.name for one in REGISTRY if one.type == "date")
LINES = frozenset(one.name for one in REGISTRY if one.type == "lines")
TEXTS = frozenset(one.name for one in REGISTRY if one.type == "text") - {
    "offer_number",
    "vin",
    "country_version",
}
DEEPEST = 8
"""No vehicle has as many parts within parts: what lies deeper is left to the model, which refuses it."""
MOST_COMPLAINTS = 20
"""Of one vehicle; a list of unknown codes would be answered with many times its size."""
NOT_A_NUMBER = NotUnderstood("number-unreadable")
WORDS = {"colour": COLOURS, "interior_colour": COLOURS, "interior_type": INTERIORS}
"""What the maker calls a colour is `colour_name`, which takes any text."""
READERS = {
    "first_registration": lambda text: stated_month(text, REGISTERED_AHEAD),
    "emission_class": read_emission_class,
    "country_version": read_country,
} | {path: known.read for path, known in WORDS.items()}
_SLOT = re.compile(r"(?<=financing)\.\d+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.A)
"""A bare number would be read as seconds since 1970."""
_PLACE = re.compile(r"\.\d+\Z")


class VehicleReader:
    """Reads one vehicle of a request; `complaints` say what cannot be taken."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []

    def read(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The vehicle as the model takes it. Where something is wrong it stays as it was sent."""
        found = {name: self._value(value, str(name)) for name, value in item.items()}
        found.pop("unread", None)
        self._vin(found)
        if not self.complaints:
            self._doubts(found)
        return found

    def _value(self, value: Any, path: str) -> Any:
        if path.count(".") > DEEPEST or len(self.complaints) >= MOST_COMPLAINTS:
            return value
        if isinstance(value, list) and len(value) > MOST_LINES:
            self.complaints.append(Complaint(field=path, text=f"At most {MOST_LINES} entries."))
            return value
        if isinstance(value, dict | list) and quantity_of(path):
            self.complaints.append(Complaint(field=path, text=in_language(NOT_A_NUMBER.text, "en")))
            return value
        if isinstance(value, dict):
            return {name: self._value(inner, f"{path}.{name}") for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner, f"{path}.{place}") for place, inner in enumerate(value)]
        if value is None:
            return None
        try:
            return self._leaf(value, path)
        except NotUnderstood as refused:
            self.complaints.append(Complaint(field=path, text=in_language(refused.text, "en")))
        except ValueError as refused:
            self.complaints.append(Complaint(field=path, text=str(refused)))
        return value

    def _leaf(self, value: Any, path: str) -> Any:
        if quantity := quantity_of(path):
            return _number(value, quantity)
        general = _SLOT.sub(".0", path)
        if general in FLAGS:
            if not isinstance(value, bool):
                raise ValueError("This is true or false.")
            return value
        if general in DAYS and not (isinstance(value, str) and _DAY.match(value)):
            raise ValueError("This is a day, as 2026-11-24.")
        if not isinstance(value, str):
            return value
        if general in READERS:
            return READERS[general](value) if value else value
        if general in MONTHS:
            return stated_month(value)
        if general.startswith("equipment.features."):
            if value not in BY_CODE:
                known = ", ".join(sorted(BY_CODE))
                raise NotUnderstood("value-unknown", value=value[:60], known=known)
            return value
        return _text(value, general)

    def _vin(self, found: dict[str, Any]) -> None:
        if not isinstance(found.get("vin"), str):
            return
        try:
            found["vin"] = read_vin(found["vin"], built_by(found))
        except NotUnderstood as refused:
            self.complaints.append(Complaint(field="vin", text=in_language(refused.text, "en")))

    def _doubts(self, found: dict[str, Any]) -> None:
        """Amounts that are hardly ever meant are taken once they are confirmed by name and value."""
        try:
            doubts = list(doubtful_amounts(found))
        except (AttributeError, TypeError, ValueError, ArithmeticError):
            return  # of another shape: the model says so
        for path, doubt in doubts:
            mark = mark_of(path, Decimal(doubt.values["value"].replace(",", ".")))
            text = f'This is implausibly little. If it is meant, send it with "confirmed": ["{mark}"].'
            self.complaints.append(Complaint(field=path, text=text))


def _number(value: Any, quantity: Quantity) -> int | str:
    if isinstance(value, bool):
        raise NotUnderstood("number-is-a-flag")
    if not isinstance(value, str | int | float):
        raise NotUnderstood("number-unreadable")
    try:
        if isinstance(value, str):
            number = read_number(value, quantity)
        elif (number := Decimal(str(value))).is_finite():
            number = checked(number, quantity, str(value))
        else:
            raise NotUnderstood("number-unreadable")
    except Rounded as rounded:
        number = Decimal(rounded.instead)
    return int(number) if quantity.places == 0 else plain(number)


def _text(value: str, path: str) -> str:
    demand_statement(value)
    if path == "description":
        return plain_text(value)
    if path in TEXTS:
        return stated_line(value)
    return plain_line(value) if _PLACE.sub("", path) in LINES else value
