"""A dealer's stock, made from the catalogue: the same for the same seed and day.

A handful of mistakes is among it as they happen, so that the pages about problems have something to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from portal.demo import texts
from portal.demo.catalogue import DemoModel, catalogue, equipment
from portal.demo.values import asking_prices, battery, financing, history_of, leasing
from portal.vehicle_facts.data import ConsumptionByPhase, Kind, VehicleClass, VehicleData


@dataclass(frozen=True)
class DemoVehicle:
    """`body`, `paint` and `interior` say which pictures show it."""

    facts: VehicleData
    body: str
    paint: str
    interior: str
    online: bool = True
    pictures: bool = True


# A handful of mistakes as they happen, so that the pages about problems have something to show.


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


MISTAKES = (
    Mistake(Kind.NEW, _energy(co2_class=None)),
    Mistake(Kind.USED, lambda facts, _: {"model_description": f"{facts.make} Tel. 030 23125 040"}),
    Mistake(Kind.USED, _facts(damaged=None)),
    Mistake(
        Kind.USED,
        lambda facts, _: {"prices": facts.prices.model_copy(update={"selling": None, "promo": None})},
    ),
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


STOCK_DAYS = 200
VIN_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
COLOURS = (
    ("Schwarz", "Tiefschwarz Perleffekt", "black", 22),
    ("Grau", "Delfingrau Metallic", "grey", 24),
    ("Weiß", "Pure White", "white", 19),
    ("Blau", "Atlantic Blue Metallic", "blue", 14),
    ("Silber", "Reflexsilber Metallic", "silver", 8),
    ("Rot", "Kings Red Metallic", "red", 8),
    ("Grün", "Olivgrün Metallic", "green", 3),
    ("Orange", "Energetic Orange Metallic", "orange", 2),
)
INTERIORS = (("Schwarz", 72), ("Grau", 16), ("Beige", 8), ("Braun", 4))
UPHOLSTERY = (("Stoff", 60), ("Teilleder", 16), ("Vollleder", 14), ("Kunstleder", 10))
SHARES = (
    (Kind.USED, VehicleClass.CAR, 62),
    (Kind.NEW, VehicleClass.CAR, 10),
    (Kind.DEMONSTRATOR, VehicleClass.CAR, 7),
    (Kind.ONE_DAY_REGISTRATION, VehicleClass.CAR, 7),
    (Kind.EMPLOYEES_CAR, VehicleClass.CAR, 4),
    (Kind.USED, VehicleClass.VAN, 5),
    (Kind.USED, VehicleClass.MOTORBIKE, 3),
    (Kind.USED, VehicleClass.MOTOR_HOME, 2),
)
"""What a dealer has, in percent; a classic comes on top."""


def inventory(count: int, code: str, contact: str, today: date, seed: str) -> list[DemoVehicle]:
    draw = StockDraw(today, Random(seed))  # noqa: S311  # a demo, no secret
    kinds = draw.kinds(count)
    models = draw.models(kinds)
    stock = [
        draw.vehicle(f"{code}{1001 + index}", contact, kind, model)
        for index, ((kind, _), model) in enumerate(zip(kinds, models, strict=True))
    ]
    return trouble(stock, today)


@dataclass(frozen=True)
class StockDraw:
    """A stock as chance has it."""

    today: date
    rng: Random

    def kinds(self, count: int) -> list[tuple[Kind, VehicleClass]]:
        kinds: list[tuple[Kind, VehicleClass]] = [(Kind.CLASSIC, VehicleClass.CAR)]
        for kind, vehicle_class, share in SHARES[1:]:
            kinds += [(kind, vehicle_class)] * max(1, round(count * share / 100))
        kinds += [(Kind.USED, VehicleClass.CAR)] * (count - len(kinds))
        self.rng.shuffle(kinds)
        return kinds

    def models(self, kinds: Sequence[tuple[Kind, VehicleClass]]) -> Iterator[DemoModel]:
        """A fitting model for each; none comes again before all others had their turn."""
        left: dict[tuple[Kind, VehicleClass], list[DemoModel]] = {}
        for key in kinds:
            if not left.get(key):
                left[key] = [model for model in catalogue() if model.fits(*key)]
                self.rng.shuffle(left[key])
            yield left[key].pop()

    def vehicle(self, number: str, contact: str, kind: Kind, model: DemoModel) -> DemoVehicle:
        past = history_of(kind, model, self.today, self.rng)
        trim = self.rng.choice(model.trims)
        fittings = equipment(model, past.year, self.rng)
        damaged = kind is Kind.USED and self.rng.random() < 0.06
        prices = asking_prices(model, kind, past, model.trims.index(trim), damaged, self.rng)
        colour, colour_name, paint, _ = _weighted(_colours(model), self.rng)
        interior = _weighted(INTERIORS, self.rng)[0]
        facts = VehicleData(
            offer_number=number,
            vin=self._vin(model, past.year),
            kind=kind,
            model_description=texts.headline(model, trim, fittings.features),
            trim_line="" if trim == "Basis" else trim,
            colour=colour,
            colour_name=colour_name,
            metallic="Metallic" in colour_name or "Perl" in colour_name,
            prices=prices,
            equipment=fittings,
            financing=(financing(prices.selling, self.rng), None),
            leasing=leasing(prices.selling, kind, self.rng),
            damaged=damaged,
            accident=damaged,
            roadworthy=not damaged or self.rng.random() < 0.5,
            trade_in=kind is Kind.USED and self.rng.random() < 0.05,
            reserved=self.rng.random() < 0.04,
            stock_date=self.today - timedelta(days=self.rng.randint(0, STOCK_DAYS)),
            contact=contact,
            battery=battery(model),
            **model.facts(),
            **past.facts(kind, model),
            **self._inside(model, interior),
        )
        description = texts.description(facts, model.body, self.rng)
        facts = facts.model_copy(update={"highlights": texts.highlights(facts), "description": description})
        return DemoVehicle(facts, model.body, paint, interior, online=self.rng.random() > 0.04)

    def _inside(self, model: DemoModel, interior: str) -> dict[str, object]:
        if model.vehicle_class is not VehicleClass.CAR:
            return {}
        return {"interior_colour": interior, "interior_type": _weighted(UPHOLSTERY, self.rng)[0]}

    def _vin(self, model: DemoModel, year: int) -> str:
        letter = VIN_YEARS[(year - 2010) % len(VIN_YEARS)]
        return f"{model.vin[:8]:Z<8}Z{letter}{self.rng.choice('WPEKM')}{self.rng.randint(1, 999_999):06}"


def _colours(model: DemoModel) -> Sequence[tuple[str, str, str, int]]:
    """Motor homes are white, vans mostly."""
    white = [colour for colour in COLOURS if colour[2] == "white"]
    match model.vehicle_class:
        case VehicleClass.MOTOR_HOME:
            return white
        case VehicleClass.VAN:
            return [
                *white,
                *white,
                *(colour for colour in COLOURS if colour[2] in ("silver", "grey", "blue")),
            ]
    return COLOURS


def _weighted(choices: Sequence[tuple], rng: Random) -> tuple:  # type: ignore[type-arg]
    return rng.choices(choices, weights=[choice[-1] for choice in choices])[0]
