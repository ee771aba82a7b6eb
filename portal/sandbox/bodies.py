"""Members of a listing's JSON, wherever they lie in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.sandbox.web import measure


def at(body: object, path: str) -> Any:
    """The value at a dotted place; None when any step of the way is missing."""
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def measured(body: object, labels: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """What is stated of these places, by their labels and with their units."""
    values = ((label, unit, at(body, path)) for path, (label, unit) in labels.items())
    return [(label, measure(value, unit)) for label, unit, value in values if value is not None]
