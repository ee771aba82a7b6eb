"""The vocabulary in which the data form is declared (`form_cards.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

Text = str | LazyString
Options = tuple[tuple[str, Text], ...]
FieldType = Literal[
    "text", "area", "lines", "whole", "decimal", "month", "date", "choice", "maybe", "flag", "features"
]


@dataclass(frozen=True)
class FormField:
    """`name` is the dotted name in `VehicleData`; `suggestions` help with free texts."""

    name: str
    label: Text
    type: FieldType = "text"
    unit: Text = ""
    options: Options = ()
    help: Text = ""
    suggestions: tuple[str, ...] = ()
    required: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Card:
    """A group of fields. `folded`: closed as long as nothing in it says anything."""

    key: str
    title: Text
    fields: tuple[FormField, ...]
    folded: bool = False
    note: Text = ""


def whole(name: str, label: Text, unit: Text = "", help: Text = "") -> FormField:
    return FormField(name, label, "whole", unit=unit, help=help)


def money(name: str, label: Text, unit: Text = "€", help: Text = "") -> FormField:
    return FormField(name, label, "decimal", unit=unit, help=help)


def choice(name: str, label: Text, kind: type[StrEnum], *labels: Text, required: bool = False) -> FormField:
    """One label for each member, in their order."""
    options = tuple(zip((str(member) for member in kind), labels, strict=True))
    return FormField(name, label, "choice", options=options, required=required)


def maybe(name: str, label: Text) -> FormField:
    """Yes, no, or no statement."""
    return FormField(name, label, "maybe", options=(("yes", _("Ja")), ("no", _("Nein"))))


def flag(name: str, label: Text, help: Text = "") -> FormField:
    return FormField(name, label, "flag", help=help)
