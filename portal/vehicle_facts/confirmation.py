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

_ASKED: Mapping[str, Mapping[str, Decimal]] = {
    part: {
        path.removeprefix(f"{part}."): quantity.asked_below
        for path, quantity in QUANTITIES.items()
        if path.startswith(f"{part}.") and quantity.asked_below is not None
    }
    for part in ("prices", "leasing", "energy", "battery", "financing")
}
"""Below what somebody is asked, by the part and its name there."""


def mark_of(path: str, value: Decimal) -> str:
    """How a confirmation is kept."""
    return f"{path}={plain(value)}"


def doubtful_amounts(facts: Mapping[str, Any]) -> Iterator[tuple[str, NotUnderstood]]:
    """Unconfirmed amounts of a vehicle's JSON, by the path of the fact."""
    confirmed = facts.get("confirmed") or ()
    for path, value, asked_below in _amounts(facts):
        if value < asked_below and value > 0 and mark_of(path, value) not in confirmed:
            yield path, NotUnderstood("amount-implausible", value=spell(value))


def holds(mark: str, facts: Mapping[str, Any]) -> bool:
    """Whether a confirmation is one of a value that the vehicle still has."""
    return any(mark == mark_of(path, value) for path, value, _asked_below in _amounts(facts))


def _amounts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Path, value, and below what it is asked about."""
    for part, asked in _ASKED.items():
        stated = facts.get(part)
        if not stated:
            continue
        slots = (
            {f"{part}.{slot}": one for slot, one in enumerate(stated)}
            if part == "financing"
            else {part: stated}
        )
        for path, amounts in slots.items():
            if not amounts:
                continue
            for name, asked_below in asked.items():
                if (value := amounts.get(name)) is not None:
                    yield f"{path}.{name}", Decimal(value), asked_below
