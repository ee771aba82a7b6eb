"""A handful of mistakes as they happen, so that the pages about problems have something to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal.demo.vehicle import DemoVehicle
from portal.vehicles.data import ConsumptionByPhase, Kind, VehicleClass, VehicleData

Change = Callable[[VehicleData, date], dict[str, Any]]


@dataclass(frozen=True)
class Mistake:
    """`change` returns the facts that are wrong; `kind` is the kind of car to which it happens."""

    kind: Kind
    change: Change


def _energy(**values: Any) -> Change:
    return lambda facts, _: {"energy": facts.energy.model_copy(update=values)}


def _facts(**values: Any) -> Change:
    return lambda _facts, _today: values


def _price(**values: Any) -> Change:
    return lambda facts, _: {"prices": facts.prices.model_copy(update=values)}


MISTAKES = (
    Mistake(Kind.NEW, _energy(co2_class=None)),
    Mistake(Kind.USED, lambda facts, _: {"model_description": f"{facts.make} Tel. 030 23125 040"}),
    Mistake(Kind.USED, _facts(damaged=None)),
    Mistake(Kind.USED, _price(selling=None, promo=None)),
    Mistake(
        Kind.DEMONSTRATOR, _energy(fuel=ConsumptionByPhase(), power=ConsumptionByPhase(), weighted_fuel=None)
    ),
    Mistake(Kind.USED, _facts(power=None)),
    Mistake(Kind.NEW, _energy(co2_class=None)),
    Mistake(Kind.USED, lambda _, today: {"first_registration": f"{today.year + 1}-03"}),
    Mistake(Kind.USED, lambda facts, _: {"make": f"{facts.make[:-1]}"}),
    Mistake(Kind.USED, _facts(gearbox=None)),
    Mistake(Kind.NEW, _energy(co2_class=None)),
    Mistake(
        Kind.USED,
        _facts(model_description="Top gepflegt, Langstrecke, viele Extras, siehe www.auto-beispiel.de"),
    ),
)
PER_MISTAKE = 12
"""One mistake for so many vehicles."""


def trouble(stock: Sequence[DemoVehicle], today: date) -> list[DemoVehicle]:
    """The stock with mistakes in it, each in the first vehicle of its kind that has none yet;
    one vehicle has no pictures."""
    changed = list(stock)
    spoilt: set[int] = set()
    for mistake in MISTAKES[: max(1, len(stock) // PER_MISTAKE)]:
        index = _first(changed, mistake.kind, spoilt)
        spoilt.add(index)
        facts = changed[index].facts
        update = mistake.change(facts, today)
        changed[index] = replace(changed[index], facts=facts.model_copy(update=update), online=True)
    index = _first(changed, Kind.USED, spoilt)
    changed[index] = replace(changed[index], pictures=False)
    return changed


def _first(stock: Sequence[DemoVehicle], kind: Kind, spoilt: set[int]) -> int:
    return next(
        index
        for index, vehicle in enumerate(stock)
        if vehicle.facts.kind is kind
        and vehicle.facts.vehicle_class is VehicleClass.CAR
        and index not in spoilt
    )
