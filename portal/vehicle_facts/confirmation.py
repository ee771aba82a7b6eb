"""Amounts that are possible and hardly ever meant: a car for 12,99 € is asked about before it counts.

A confirmation holds for the value that was confirmed, `prices.selling=49.90`; another one is asked about
anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from portal.vehicle_facts.numbers import plain, spell
from portal.vehicle_facts.quantities import QUANTITIES
from portal.vehicle_facts.understanding import NotUnderstood

_ASKED: Mapping[str, Decimal] = {
    path: quantity.asked_below for path, quantity in QUANTITIES.items() if quantity.asked_below is not None
}


def mark_of(path: str, value: Decimal) -> str:
    """How a confirmation is kept."""
    return f"{path}={plain(value)}"


def doubtful_amounts(facts: Mapping[str, Any]) -> Iterator[tuple[str, NotUnderstood]]:
    """Unconfirmed amounts of a vehicle's JSON, by the path of the fact."""
    confirmed = facts.get("confirmed") or ()
    for path, value in _amounts(facts):
        if 0 < value < _ASKED[_general(path)] and mark_of(path, value) not in confirmed:
            yield path, NotUnderstood("amount-implausible", value=spell(value))


def holds(mark: str, facts: Mapping[str, Any]) -> bool:
    """Whether a confirmation is one of a value that the vehicle still has."""
    return any(mark == mark_of(path, value) for path, value in _amounts(facts))


def _amounts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    parts = {name: facts.get(name) for name in ("prices", "leasing", "energy", "battery")}
    for slot, example in enumerate(facts.get("financing") or ()):
        parts[f"financing.{slot}"] = example
    for prefix, part in parts.items():
        for name, value in (part or {}).items():
            if value is not None and _general(path := f"{prefix}.{name}") in _ASKED:
                yield path, Decimal(value)


def _general(path: str) -> str:
    return path.replace(".0.", ".").replace(".1.", ".")
