"""What no platform can do without: the reasons that make a vehicle red, whatever is activated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from portal.platforms.contract import Feedback
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.registry import REGISTRY


def check(facts: VehicleData) -> tuple[Feedback, ...]:
    """Why no platform can publish it; empty when it could be published somewhere."""
    return tuple(_reasons(facts))


def as_problems(facts: VehicleData) -> list[dict[str, Any]]:
    """The same as `vehicle.problems` keeps it."""
    return [asdict(feedback) for feedback in _reasons(facts)]


def may_lack_something(facts: Mapping[str, Any]) -> bool:
    """Asked of the JSON of a vehicle: False means that `check` finds nothing."""
    price = (facts.get("prices") or {}).get("selling")
    stated = facts.get("make"), facts.get("model"), facts.get("first_registration")
    return not all(stated) or not price or not Decimal(price)


def _reasons(facts: VehicleData) -> Iterator[Feedback]:
    if not facts.make:
        yield Feedback("make-missing", "Die Marke fehlt.", "make")
    if not facts.model:
        yield Feedback("model-missing", "Das Modell fehlt.", "model")
    if not facts.prices.selling and not facts.prices.on_request:
        text = "Der Verkaufspreis fehlt. Tragen Sie ihn ein oder wählen Sie „Preis auf Anfrage“."
        yield Feedback("price-missing", text, "prices.selling")
    if facts.first_registration is None and facts.kind in REGISTRY["first_registration"].needed_for:
        yield Feedback("registration-missing", "Die Erstzulassung fehlt.", "first_registration")
