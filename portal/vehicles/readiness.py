"""What no platform can do without: the reasons that make a vehicle red, whatever is activated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from portal.formats.mojibake import offered_repair
from portal.platforms.contract import Feedback
from portal.vehicle_facts.confirmation import doubtful_amounts
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.registry import REGISTRY

TEXTS = (
    *("make", "model", "model_description", "trim_line", "model_range", "category_label", "colour"),
    *("colour_name", "interior_colour", "interior_type", "description", "contact"),
)
LONGEST_EXCERPT = 80


def check(facts: VehicleData) -> tuple[Feedback, ...]:
    """Why no platform can publish it; empty when it could be published somewhere."""
    return tuple(_reasons(facts))


def as_problems(facts: VehicleData) -> list[dict[str, Any]]:
    """The same as `vehicle.problems` keeps it."""
    return [asdict(feedback) for feedback in _reasons(facts)]


def may_lack_something(facts: Mapping[str, Any]) -> bool:
    """Asked of the JSON of a vehicle: False means that `check` finds nothing."""
    price = (facts.get("prices") or {}).get("selling")
    registered = facts.get("first_registration") or facts.get("registration_year")
    if not (facts.get("make") and facts.get("model") and registered and price and Decimal(price)):
        return True
    return any(doubtful_amounts(facts)) or any(True for _ in spoilt_texts(facts))


def _reasons(facts: VehicleData) -> Iterator[Feedback]:
    if not facts.make:
        yield Feedback("make-missing", "Die Marke fehlt.", "make")
    if not facts.model:
        yield Feedback("model-missing", "Das Modell fehlt.", "model")
    if not facts.prices.selling and not facts.prices.on_request:
        text = "Der Verkaufspreis fehlt. Tragen Sie ihn ein oder wählen Sie „Preis auf Anfrage“."
        yield Feedback("price-missing", text, "prices.selling")
    registered = facts.first_registration or facts.registration_year
    if not registered and facts.kind in REGISTRY["first_registration"].needed_for:
        yield Feedback("registration-missing", "Die Erstzulassung fehlt.", "first_registration")
    yield from _doubts(facts.model_dump(mode="json", exclude_defaults=True))


def _doubts(facts: Mapping[str, Any]) -> Iterator[Feedback]:
    """What is hardly ever meant as it stands: a car for 12,99 €, `GrÃ¼n`. Somebody has to say so first."""
    for path, doubt in doubtful_amounts(facts):
        yield Feedback(doubt.code, doubt.text, path)
    for path, repaired in spoilt_texts(facts):
        text = "Der Text enthält zerstörte Umlaute. Vermutlich ist gemeint: {value}"
        yield Feedback("text-spoilt", text.format(value=excerpt(repaired)), path)


def excerpt(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= LONGEST_EXCERPT else f"{one_line[: LONGEST_EXCERPT - 1]}…"


def spoilt_texts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Texts of a vehicle's JSON that were spoilt at their source, with what was probably meant."""
    for path in TEXTS:
        value = facts.get(path)
        if isinstance(value, str) and (repaired := offered_repair(value)):
            yield path, repaired
    for place, value in enumerate(facts.get("highlights") or ()):
        if repaired := offered_repair(value):
            yield f"highlights.{place}", repaired
