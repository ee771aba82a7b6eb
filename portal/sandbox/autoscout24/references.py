"""References and makes: read once from the data files, then served and asked from memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from portal.sandbox.autoscout24.customers import DATA
from portal.sandbox.database import SHARED_DATA

TYPES = "CBXNL"
MAKE_FILES = {
    "C": "makes-car.json",
    "B": "makes-motorbike.json",
    "X": "makes-van.json",
    "N": "makes-motorhome.json",
}
WITH_MODELS = ("C", "B")
"""Listings of the other types name their model in words."""
KNOWN_MAKES = {"Audi": 9, "BMW": 13}
KNOWN_MODELS = {("Audi", "A4"): 1626, ("BMW", "320"): 1641}
FIRST_MAKE, FIRST_MODEL, OTHERS = 30_000, 70_000, "Andere"
"""The ids of makes and models are ours but for a few."""
NAMES = {"VW": "Volkswagen"}
"""AutoScout24's, where the other platform's differs."""
TRAILERS = ("Böckmann", "Humbaur", "Stema", "Unsinn", "Westfalia")


@dataclass(frozen=True)
class Reference:
    id: str
    german: str
    english: str
    types: str

    def applies(self, vehicle_type: str) -> bool:
        return not self.types or vehicle_type in self.types


@dataclass
class Make:
    id: int
    name: str
    types: list[str] = field(default_factory=list)
    models: list[tuple[int, str, str]] = field(default_factory=list)
    """Id, name, vehicle type."""


class References:
    def __init__(self) -> None:
        given = json.loads((DATA / "references.json").read_text("utf-8"))
        self.lists: dict[str, tuple[Reference, ...]] = {
            kind: tuple(Reference(*row) for row in rows) for kind, rows in given.items()
        }
        self.makes = _makes()
        self._models = {
            (make.id, model, kind): name for make in self.makes.values() for model, name, kind in make.models
        }

    def offers(self, kind: str, value: object, vehicle_type: str) -> bool:
        """Whether a value stands in its list, for this type of vehicle."""
        key = str(value)
        return any(one.id == key and one.applies(vehicle_type) for one in self.lists[kind])

    def label(self, kind: str, value: object) -> str:
        """The German name; the value itself where the list does not have it."""
        key = str(value)
        return next((one.german for one in self.lists[kind] if one.id == key), key)

    def has_make(self, make: object, vehicle_type: str) -> bool:
        return isinstance(make, int) and make in self.makes and vehicle_type in self.makes[make].types

    def has_model(self, make: object, model: object, vehicle_type: str) -> bool:
        return (make, model, vehicle_type) in self._models

    def model_name(self, make: object, model: object, vehicle_type: str) -> str:
        return self._models.get((make, model, vehicle_type), str(model))  # type: ignore[arg-type]


def _makes() -> dict[int, Make]:
    """Makes of all types by id. Every make with models has one for the others."""
    by_name: dict[str, Make] = {}
    numbers = iter(range(FIRST_MODEL, 1_000_000))
    for kind, file in MAKE_FILES.items():
        content: dict[str, Any] = json.loads((SHARED_DATA / file).read_text("utf-8"))
        for entry in content.values():
            make = _make(by_name, entry["label"], kind)
            if kind not in WITH_MODELS:
                continue
            for given in (*entry["models"], OTHERS):
                name = given if isinstance(given, str) else given[1]
                number = KNOWN_MODELS.get((make.name, name)) or next(numbers)
                make.models.append((number, name, kind))
    for name in TRAILERS:
        _make(by_name, name, "L")
    return {make.id: make for make in by_name.values()}


def _make(by_name: dict[str, Make], label: str, kind: str) -> Make:
    name = NAMES.get(label, label)
    make = by_name.setdefault(name, Make(KNOWN_MAKES.get(name) or FIRST_MAKE + len(by_name), name))
    if kind not in make.types:
        make.types.append(kind)
    return make


def reference_json(kind: str, reference: Reference, *, german: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": reference.id,
        "name": reference.german if german else reference.english,
        "referenceType": kind,
    }
    if reference.types:
        shown["vehicleType"] = list(reference.types)
    return shown


def make_json(make: Make) -> dict[str, Any]:
    return {
        "id": make.id,
        "name": make.name,
        "vehicleTypes": make.types,
        "models": [{"id": key, "name": name, "vehicleType": kind} for key, name, kind in make.models],
    }
