"""The data form: the registry of attributes as cards of fields, in the words of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from portal.vehicle_facts.attributes import Attribute, AttributeType, Registry
from portal.vehicle_facts.registry import REGISTRY

Text = str | LazyString
Options = tuple[tuple[str, Text], ...]


@dataclass(frozen=True)
class FormField:
    """`name` is the dotted name in `VehicleData`; `suggestions` help with free texts."""

    name: str
    label: Text
    type: AttributeType = "text"
    unit: Text = ""
    options: Options = ()
    help: Text = ""
    suggestions: tuple[str, ...] = ()
    required: bool = False
    wide: bool = False

    def given(self, form: MultiDict[str, str], before: Any) -> Any:
        """What a browser sent for it; `before` where nothing was."""
        if self.type == "features":
            return {code for code in form.getlist(self.name) if code}
        if self.type == "flag":
            return "yes" if form.get(self.name) else ""
        return tidy(form.get(self.name, before))

    @classmethod
    def of(cls, attribute: Attribute) -> FormField:
        return cls(
            attribute.name,
            _(attribute.label),
            attribute.type,
            _translated(attribute.unit),
            tuple((value, _(label)) for value, label in attribute.choices),
            _translated(attribute.help),
            attribute.suggestions,
            attribute.required,
            attribute.wide,
        )


def tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


@dataclass(frozen=True)
class Card:
    """A group of fields. `folded`: closed as long as nothing in it says anything."""

    key: str
    title: Text
    fields: tuple[FormField, ...]
    folded: bool = False
    note: Text = ""


def form_cards(registry: Registry = REGISTRY) -> tuple[Card, ...]:
    return tuple(
        Card(
            group.key,
            _(group.title),
            tuple(map(FormField.of, group.attributes)),
            group.folded,
            _translated(group.note),
        )
        for group in registry.groups
    )


def _translated(text: str) -> Text:
    """An empty message would be answered with the head of the catalogue."""
    return _(text) if text else ""


CARDS = form_cards()


def all_fields() -> Iterator[FormField]:
    for card in CARDS:
        yield from card.fields


FIELDS = {field.name: field for field in all_fields()}
KIND = FIELDS["kind"]

CHOICE_TITLES = {
    "airbag": _("Airbags"),
    "breakdown": _("Pannenhilfe"),
    "speed": _("Tempomat"),
    "climate": _("Klimatisierung"),
    "headlights": _("Scheinwerfer"),
    "daytime_running": _("Tagfahrlicht"),
    "bending": _("Kurvenlicht"),
    "trailer": _("Anhängerkupplung"),
}
"""Names of the sets of criteria of which a vehicle has at most one."""
