"""What no platform can do without: the reasons that make a vehicle red, whatever is activated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from portal.calendar import today
from portal.messages import say
from portal.models.vehicles import ODD
from portal.platforms.contract import Feedback
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.doubts import doubts
from portal.vehicle_facts.plausibility import oddities
from portal.vehicle_facts.registry import REGISTRY


def check(facts: VehicleData) -> tuple[Feedback, ...]:
    """Why no platform can publish it; empty when it could be published somewhere."""
    return tuple(_reasons(facts))


def as_problems(facts: VehicleData) -> list[dict[str, Any]]:
    """The same as `vehicle.problems` keeps it."""
    return [feedback.as_json() for feedback in _reasons(facts)]


def odd_hints(facts: VehicleData) -> list[dict[str, Any]]:
    """What is odd about a vehicle, as it stands among the hints of its activations: there it is counted and
    found. By its own facts; what others cost is compared on its form alone."""
    found = oddities(facts, today())
    return [Feedback(one.code, one.of_many, one.place).as_json() | ODD for one in found]


def may_lack_something(facts: Mapping[str, Any]) -> bool:
    """Asked of the JSON of a vehicle in which nothing is doubtful: False means that `check` finds nothing."""
    price = (facts.get("prices") or {}).get("selling")
    registered = facts.get("first_registration") or facts.get("registration_year")
    return not (facts.get("make") and facts.get("model") and registered and price and Decimal(price))


def _reasons(facts: VehicleData) -> Iterator[Feedback]:
    if not facts.make:
        yield Feedback("make-missing", say("Die Marke fehlt."), "make")
    if not facts.model:
        yield Feedback("model-missing", say("Das Modell fehlt."), "model")
    if not facts.prices.selling and not facts.prices.on_request:
        text = say("Der Verkaufspreis fehlt. Tragen Sie ihn ein oder wählen Sie „Preis auf Anfrage“.")
        yield Feedback("price-missing", text, "prices.selling")
    registered = facts.first_registration or facts.registration_year
    if not registered and facts.kind in REGISTRY["first_registration"].needed_for:
        yield Feedback("registration-missing", say("Die Erstzulassung fehlt."), "first_registration")
    for doubt in doubts(facts.model_dump(mode="json", exclude_defaults=True)):
        yield Feedback(doubt.code, doubt.text, doubt.path)
