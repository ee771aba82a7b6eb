"""The category of a vehicle as the layout spells it: its class and body type, or the dealer's own word."""

from __future__ import annotations

from typing import Any

from portal.vehicle_facts import categories
from portal.vehicle_facts.data import BodyType, VehicleClass
from portal.vehicle_facts.understanding import NotUnderstood, names_nothing


def read_category(text: str, facts: dict[str, Any]) -> None:
    """What is no passenger car keeps its word, and so does a car of another kind.

    Raises NotUnderstood for a word that nobody knows, after it was kept.
    """
    if names_nothing(text):
        return
    found = categories.read_category(text)
    if found.vehicle_class == VehicleClass.CAR:
        facts["body_type"] = found.body_type
        if found.body_type != BodyType.OTHER or text in categories.BODY_WORDS[BodyType.OTHER]:
            return
    else:
        facts["vehicle_class"] = found.vehicle_class
    facts["category_label"] = text
    if found.vehicle_class == VehicleClass.UNKNOWN:
        raise NotUnderstood("category-unknown")


def write_category(facts: dict[str, Any]) -> str:
    if label := facts.get("category_label"):
        return str(label)
    if body_type := facts.get("body_type"):
        return categories.BODY_WORDS[body_type][0]
    vehicle_class = facts.get("vehicle_class", VehicleClass.CAR)
    words = categories.CLASS_WORDS.get(vehicle_class)
    return words[0] if words else ""
