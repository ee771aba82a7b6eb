"""From a vehicle to the cells that a profile asks for: compiled once, then called for every vehicle."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from portal.formats.charset import clean
from portal.platforms.common.catalogue import BY_NAME, Fact, Value
from portal.platforms.common.profile import BREAKS, FLAGS, Column, Profile
from portal.platforms.common.template import filled, parts_of
from portal.platforms.common.view import View

Cell = Callable[[View], Any]


def compiled(profile: Profile) -> tuple[Cell, ...]:
    """Texts for CSV and XML; numbers, truth values and lists as such for JSON."""
    return tuple(_cell(profile, column) for column in profile.columns)


def _cell(profile: Profile, column: Column) -> Cell:
    if not column.fact:
        return _template(profile, column.text)
    fact = BY_NAME[column.fact]
    value_of = fact.value
    if profile.format == "json":
        return lambda view: _native(value_of(view))
    if profile.format == "xml":
        return lambda view: _in_xml(profile, fact, value_of(view))
    return lambda view: spell(profile, fact, value_of(view))


def _template(profile: Profile, text: str) -> Cell:
    parts = parts_of(text)

    def cell(view: View) -> str:
        return filled(parts, lambda name: spell(profile, BY_NAME[name], BY_NAME[name].value(view))).strip()

    return cell


def spell(profile: Profile, fact: Fact, value: Value) -> str:
    """A value as text, by the wishes of the profile."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return FLAGS[profile.flags][0 if value else 1]
    if isinstance(value, Decimal):
        return _decimal(profile, value)
    if isinstance(value, tuple):
        return ("," if profile.separator == "|" else "|").join(map(clean, value))
    if fact.month or fact.name == "stock_date":
        return _date(profile, str(value))
    text = clean(str(value))
    return text.replace("\n", BREAKS[profile.breaks]) if "\n" in text else text


def _decimal(profile: Profile, value: Decimal) -> str:
    text = str(int(value)) if value == value.to_integral_value() else f"{value:f}"
    return text.replace(".", ",") if profile.comma else text


def _date(profile: Profile, value: str) -> str:
    if profile.dates == "iso":
        return value
    return ("." if profile.dates == "german" else "/").join(reversed(value.split("-")))


def _in_xml(profile: Profile, fact: Fact, value: Value) -> Any:
    return list(map(clean, value)) if isinstance(value, tuple) else spell(profile, fact, value)


def _native(value: Value) -> Any:
    if value is None or value == "":
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return list(map(clean, value)) if isinstance(value, tuple) else value
