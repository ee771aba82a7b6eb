"""Attributes of a vehicle: what each is called, measured in and asked as. The entries of `registry.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal, get_origin

from pydantic import BaseModel

from portal.messages import N_
from portal.vehicle_facts.data import Kind, VehicleData

AttributeType = Literal[
    "text", "area", "lines", "whole", "decimal", "month", "date", "choice", "maybe", "flag", "features"
]
"""`maybe` is yes, no or no statement; `flag` is yes or no; `features` are the codes of `equipment.py`."""
Choices = tuple[tuple[str, str], ...]
"""Value and label."""


@dataclass(frozen=True)
class Attribute:
    """One fact of a vehicle. Its texts are German and marked by `N_`."""

    name: str
    """The dotted path in `VehicleData`: "prices.selling", "financing.0.bank"."""
    label: str
    type: AttributeType = "text"
    group: str = ""
    """Key of its group."""
    unit: str = ""
    choices: Choices = ()
    help: str = ""
    suggestions: tuple[str, ...] = ()
    """Values that are common where any text is taken."""
    required: bool = False
    wide: bool = False
    needed_for: frozenset[Kind] = frozenset()
    """Kinds of vehicle that no platform can publish without it."""
    term: str = ""
    """What marketplaces call it, in feedback and in exported files; empty where that is the label."""
    unit_in_heading: bool = True
    """Whether the heading of a column names the unit."""
    column: str | None = None
    """Its stable name as a column of exported files; None: its own name, empty: it is no column."""

    @property
    def public_term(self) -> str:
        return self.term or self.label

    @property
    def heading(self) -> str:
        """Of a column: "Leistung (kW)"."""
        return f"{self.public_term} ({self.unit})" if self.unit and self.unit_in_heading else self.public_term

    @property
    def column_name(self) -> str:
        """Empty where files have no such column; what lies within a part has one only where it is named."""
        if self.column is not None:
            return self.column
        return "" if "." in self.name else self.name


@dataclass(frozen=True)
class AttributeGroup:
    """`folded`: closed on the form as long as nothing in it says anything."""

    key: str
    title: str
    attributes: tuple[Attribute, ...]
    folded: bool = False
    note: str = ""


@dataclass(frozen=True)
class Bounds:
    """What the model takes: `least` and `most` of a number, `longest` of a text in characters, of a list
    that of each of its `entries`."""

    least: Any = None
    most: Any = None
    longest: int | None = None
    entries: int | None = None
    """At most so many, of a list."""


class Registry:
    """The attributes of a vehicle in the order of the form.

    The model says which type and which bounds a fact has, since the type checker has to know; the registry
    says the rest. Each name must be a path of the model: KeyError otherwise.
    """

    def __init__(self, groups: Iterable[AttributeGroup], model: type[VehicleData] = VehicleData) -> None:
        self.model = model
        self.groups = tuple(
            replace(group, attributes=tuple(replace(one, group=group.key) for one in group.attributes))
            for group in groups
        )
        self._by_name = {one.name: one for group in self.groups for one in group.attributes}
        self._bounds = {name: _bounds(model, name) for name in self._by_name}

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> Attribute:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def bounds(self, name: str) -> Bounds:
        return self._bounds[name]

    def with_attribute(self, group: str, attribute: Attribute, model: type[VehicleData]) -> Registry:
        """One with an attribute more, at the end of a group; `model` has it."""
        return Registry(
            (
                replace(one, attributes=(*one.attributes, attribute)) if one.key == group else one
                for one in self.groups
            ),
            model,
        )


def _bounds(model: type[BaseModel], name: str) -> Bounds:
    head, _, rest = name.partition(".")
    field = model.model_fields[head]
    if rest:
        types = _types_in(field.annotation)
        parts = [one for one in types if isinstance(one, type) and issubclass(one, BaseModel)]
        return _bounds(parts[0], rest.removeprefix("0.").removeprefix("1."))
    within = [extra for one in _types_in(field.annotation) for extra in _metadata(one)]
    is_list = get_origin(field.annotation) in (tuple, frozenset)
    stated = within if is_list else [*field.metadata, *within]
    return Bounds(
        _first(stated, "ge"),
        _first(stated, "le"),
        _first(stated, "max_length"),
        _first(field.metadata, "max_length") if is_list else None,
    )


def _first(stated: Iterable[Any], bound: str) -> Any:
    return next((getattr(one, bound) for one in stated if getattr(one, bound, None) is not None), None)


def _types_in(annotation: Any) -> Iterator[Any]:
    """The type and, for `Part | None` or `tuple[Part, ...]`, those within it."""
    yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _types_in(inner)


def _metadata(annotation: Any) -> Iterator[Any]:
    """Of an `Annotated`; what `Field` collects lies one level deeper."""
    for one in getattr(annotation, "__metadata__", ()):
        yield from getattr(one, "metadata", None) or (one,)


def whole(name: str, label: str, unit: str = "", **more: Any) -> Attribute:
    return Attribute(name, label, "whole", unit=unit, **more)


def amount(name: str, label: str, unit: str = "€", **more: Any) -> Attribute:
    """Money, or another number with decimals."""
    return Attribute(name, label, "decimal", unit=unit, **{"unit_in_heading": False} | more)


def choice(name: str, label: str, kind: type[StrEnum], *labels: str, **more: Any) -> Attribute:
    """One label for each member, in their order."""
    return Attribute(name, label, "choice", choices=tuple(zip(map(str, kind), labels, strict=True)), **more)


def maybe(name: str, label: str, **more: Any) -> Attribute:
    return Attribute(name, label, "maybe", choices=(("yes", N_("Ja")), ("no", N_("Nein"))), **more)


def flag(name: str, label: str, help: str = "", **more: Any) -> Attribute:
    return Attribute(name, label, "flag", help=help, **more)


def lines(name: str, label: str, **more: Any) -> Attribute:
    return Attribute(name, label, "lines", **more)
