"""Values that fit together: registration and mileage, prices by age, consumption and costs of energy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import exp
from random import Random

from portal.demo.catalogue import DemoModel
from portal.vehicle_facts.data import (
    Battery,
    ConsumptionByPhase,
    Energy,
    Financing,
    Fuel,
    HybridKind,
    Kind,
    Leasing,
    Prices,
    Taxation,
    VehicleClass,
)

EMISSIONS = (
    ("2014-08", "Euro 5"),
    ("2018-08", "Euro 6"),
    ("2020-12", "Euro 6d-TEMP"),
    ("2023-12", "Euro 6d"),
)
NEWEST = "Euro 6e"
MILEAGE_PER_YEAR = {
    VehicleClass.CAR: (7_000, 19_000),
    VehicleClass.VAN: (16_000, 32_000),
    VehicleClass.MOTORBIKE: (2_000, 6_000),
    VehicleClass.MOTOR_HOME: (4_000, 11_000),
}
OLDEST = 13
"""Years of a used vehicle in this stock."""


@dataclass(frozen=True)
class History:
    year: int
    first_registration: str | None = None
    mileage: int = 0
    owners: int = 0
    inspection_due: str | None = None
    inspection_new: bool | None = None
    service_history: bool | None = None
    non_smoker: bool | None = None
    warranty: bool | None = None
    emission_class: str = NEWEST
    age: float = 0.0
    """Years since the first registration."""

    def facts(self, kind: Kind, model: DemoModel) -> dict[str, object]:
        """WLTP values are known of cars since they are measured, September 2018."""
        car = model.vehicle_class is VehicleClass.CAR
        measured = car and kind is not Kind.CLASSIC and (self.first_registration or "9999") >= "2018-09"
        bike = model.vehicle_class is VehicleClass.MOTORBIKE
        return {
            "first_registration": self.first_registration,
            "construction_year": self.year,
            "mileage": self.mileage,
            "inspection_due": self.inspection_due,
            "inspection_new": self.inspection_new,
            "service_new": self.inspection_new,
            "previous_owners": self.owners,
            "service_history": self.service_history,
            "non_smoker": self.non_smoker,
            "warranty": self.warranty,
            "emission_class": "" if model.electric or bike else self.emission_class,
            "emission_sticker": "" if bike or kind is Kind.CLASSIC else "green",
            "country_version": "DE",
            "energy": energy(model) if measured else Energy(),
        }

    def worth(self, full: float, model: DemoModel, kind: Kind, rng: Random) -> float:
        if kind in YOUNG:
            return full * rng.uniform(*YOUNG[kind])
        if kind is Kind.CLASSIC:
            return full * 1.05
        slow = (
            model.vehicle_class in (VehicleClass.MOTOR_HOME, VehicleClass.MOTORBIKE) or model.model == "911"
        )
        value = full * FIRST_LOSS * exp(-YEARLY_LOSS * (0.5 if slow else 1.0) * self.age)
        too_many = self.mileage - self.age * KM_EXPECTED
        return value * max(0.6, min(1.15, 1 - LOSS_PER_KM * too_many)) * rng.uniform(0.95, 1.05)


def history_of(kind: Kind, model: DemoModel, today: date, rng: Random) -> History:
    match kind:
        case Kind.NEW:
            return History(today.year, mileage=rng.choice((0, 5, 10, 15)), warranty=True)
        case Kind.DEMONSTRATOR:
            return _young(today, rng.randint(3, 9), rng.randint(18, 79) * 100, rng)
        case Kind.ONE_DAY_REGISTRATION:
            return _young(today, rng.randint(1, 4), rng.randint(5, 40), rng)
        case Kind.EMPLOYEES_CAR:
            return _young(today, rng.randint(9, 14), rng.randint(60, 190) * 100, rng)
    return _used(kind, model, today, rng)


def _young(today: date, months: int, mileage: int, rng: Random) -> History:
    registered = _months(today, -months)
    return History(
        year=int(registered[:4]),
        first_registration=registered,
        mileage=mileage,
        owners=1,
        inspection_due=_later(registered, 36),
        service_history=True,
        non_smoker=rng.random() < 0.8 or None,
        warranty=True,
        age=months / 12,
    )


def _used(kind: Kind, model: DemoModel, today: date, rng: Random) -> History:
    oldest = model.since if kind is Kind.CLASSIC else max(model.since, today.year - OLDEST)
    youngest = min(model.until or today.year - 1, today.year - 1)
    registered = f"{rng.randint(oldest, max(oldest, youngest))}-{rng.randint(1, 12):02}"
    age = today.year - int(registered[:4]) + (today.month - int(registered[5:])) / 12
    low, high = MILEAGE_PER_YEAR[model.vehicle_class]
    mileage = 128_400 if kind is Kind.CLASSIC else max(1_200, round(age * rng.randint(low, high) / 100) * 100)
    fresh = rng.random() < 0.35
    emission_class = next((name for until, name in EMISSIONS if registered <= until), NEWEST)
    return History(
        year=int(registered[:4]),
        first_registration=registered,
        mileage=mileage + rng.randint(0, 99),
        owners=min(4, 1 + sum(rng.random() < age / 14 for _ in range(3))),
        inspection_due=_months(today, 24) if fresh else _next_inspection(registered, today),
        inspection_new=fresh or None,
        service_history=rng.random() < 0.75,
        non_smoker=rng.random() < 0.6 or None,
        warranty=age < 6 or None,
        emission_class="" if kind is Kind.CLASSIC else emission_class,
        age=age,
    )


def _next_inspection(registered: str, today: date) -> str:
    """Three years after the first registration, then every two."""
    due = _later(registered, 36)
    while due < f"{today:%Y-%m}":
        due = _later(due, 24)
    return due


def _months(day: date, months: int) -> str:
    return _later(f"{day:%Y-%m}", months)


def _later(month: str, months: int) -> str:
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + months
    return f"{count // 12}-{count % 12 + 1:02}"


# Prices by kind, age and mileage; financing and leasing examples that add up.


BANK = "Musterbank AG"
FIRST_LOSS, YEARLY_LOSS = 0.84, 0.098
"""Share of the list price after the first kilometre, and the decay per year after it."""
KM_EXPECTED, LOSS_PER_KM = 14_000, 0.0000022
TRIM_STEP = 0.06
"""What the next better trim adds to the list price."""
YOUNG = {Kind.NEW: (0.87, 0.96), Kind.DEMONSTRATOR: (0.76, 0.84), Kind.ONE_DAY_REGISTRATION: (0.78, 0.86)}


def asking_prices(
    model: DemoModel, kind: Kind, past: History, trim: int, damaged: bool, rng: Random
) -> Prices:
    full = model.list_price * (1 + trim * TRIM_STEP) * rng.uniform(1.0, 1.08)
    value = past.worth(full, model, kind, rng) * (0.48 if damaged else 1.0)
    selling = Decimal(max(int(value) // 100 * 100 - rng.choice((10, 20, 50, 110)), 1_490))
    shown_vat = kind in YOUNG or model.vehicle_class is VehicleClass.VAN or rng.random() < 0.4
    promo = (
        selling - Decimal(rng.choice((300, 500, 1_000))) if rng.random() < 0.06 and selling > 9_000 else None
    )
    return Prices(
        selling=selling,
        promo=promo,
        dealer=Decimal(int(selling * Decimal("0.94")) // 10 * 10) if rng.random() < 0.3 else None,
        msrp=Decimal(int(full) // 10 * 10) if kind in YOUNG else None,
        taxation=Taxation.VAT_DEDUCTIBLE if shown_vat else Taxation.MARGIN_SCHEME,
    )


def financing(price: Decimal | None, rng: Random) -> Financing | None:
    """Annuity with a final rate, at 5.83 % (5.99 % effective)."""
    if price is None or price < 8_000 or rng.random() > 0.2:
        return None
    down, final = _round(price * Decimal("0.2")), _round(price * Decimal("0.4"))
    net, months, monthly_interest = price - down, 48, 0.0583 / 12
    factor = (1 + monthly_interest) ** months
    rate = (float(net) - float(final) / factor) * monthly_interest / (1 - 1 / factor)
    monthly = Decimal(str(round(rate, 2)))
    return Financing(
        bank=BANK,
        monthly_rate=monthly,
        duration=months,
        down_payment=down,
        final_rate=final,
        nominal_interest=Decimal("5.83"),
        effective_interest=Decimal("5.99"),
        net_credit=net,
        total_amount=monthly * months + final,
    )


def leasing(price: Decimal | None, kind: Kind, rng: Random) -> Leasing | None:
    if price is None or kind is not Kind.NEW or rng.random() > 0.4:
        return None
    return Leasing(
        bank=BANK,
        monthly_rate=_round(price * Decimal("0.0099")),
        duration=rng.choice((36, 48)),
        down_payment=Decimal(0),
        mileage_per_year=rng.choice((10_000, 15_000)),
        target=rng.choice(("private", "business")),
    )


def _round(value: Decimal) -> Decimal:
    return Decimal(round(value))


# WLTP values and the costs on the energy label, computed from a model's consumption.


CO2_PER_LITRE = {Fuel.PETROL: 22.8, Fuel.HYBRID_PETROL: 22.8, Fuel.DIESEL: 26.2, Fuel.LPG: 16.3}
"""Grams per kilometre for one litre per 100 km."""
CO2_BOUNDS = ((0, "A"), (95, "B"), (115, "C"), (135, "D"), (155, "E"), (175, "F"))
"""Upper bounds in g/km of the CO₂ classes of the German label; above the last one it is G."""
FUEL_PRICE = {Fuel.PETROL: 1.79, Fuel.HYBRID_PETROL: 1.79, Fuel.DIESEL: 1.66, Fuel.LPG: 1.07}
PRICE_POWER = 0.37
KM_PER_YEAR, YEARS = 15_000, 10
CO2_PRICES = (60, 127, 200)
"""EUR per tonne: low, medium, high."""
PHASES = {"city": 1.28, "suburban": 1.0, "rural": 0.88, "highway": 1.05}
TAX_STEPS = ((115, 2.0), (135, 2.2), (155, 2.5), (175, 2.9), (195, 3.4))


def co2_class(grams: int) -> str:
    return next((letter for bound, letter in CO2_BOUNDS if grams <= bound), "G")


def energy(model: DemoModel) -> Energy:
    if not model.use:
        return Energy()
    if model.electric:
        return _electric(model)
    if model.hybrid is HybridKind.PLUG_IN:
        return _plug_in(model)
    grams = round(model.use[0] * CO2_PER_LITRE[model.fuel])
    return Energy(
        fuel=_phases(model.use[0]),
        co2=grams,
        co2_class=co2_class(grams),
        energy_costs_per_year=_money(model.use[0] / 100 * KM_PER_YEAR * FUEL_PRICE[model.fuel]),
        **_co2_costs(grams),
        vehicle_tax_per_year=_tax(model, grams),
    )


def _electric(model: DemoModel) -> Energy:
    return Energy(
        power=_phases(model.use[0]),
        co2=0,
        co2_class="A",
        electric_range=model.range,
        energy_costs_per_year=_money(model.use[0] / 100 * KM_PER_YEAR * PRICE_POWER),
        **_co2_costs(0),
        vehicle_tax_per_year=Decimal(0),
    )


def _plug_in(model: DemoModel) -> Energy:
    weighted, discharged, power = model.use
    grams, grams_discharged = round(weighted * 22.8), round(discharged * 22.8)
    costs = weighted * FUEL_PRICE[model.fuel] + power * PRICE_POWER
    return Energy(
        fuel=_phases(discharged),
        power=_phases(power),
        weighted_fuel=_tenths(weighted),
        weighted_power=_tenths(power),
        discharged_fuel=_tenths(discharged),
        co2=grams,
        co2_class=co2_class(grams),
        co2_discharged=grams_discharged,
        co2_class_discharged=co2_class(grams_discharged),
        electric_range=model.range,
        energy_costs_per_year=_money(costs / 100 * KM_PER_YEAR),
        **_co2_costs(grams),
        vehicle_tax_per_year=_tax(model, grams),
    )


def battery(model: DemoModel) -> Battery:
    """Chargeable vehicles only; times in minutes at 11 kW (3.7 kW for plug-in hybrids) and at 100 kW."""
    if not model.battery:
        return Battery()
    wallbox = 11 if model.electric else 3.7
    return Battery(
        capacity=Decimal(model.battery),
        ownership="included",
        charging_time=round(model.battery / wallbox * 60),
        quick_charging_time=round(model.battery * 0.7 / 100 * 60) if model.electric else None,
        plug_types=("Typ 2-Stecker", "Combo-Stecker (CCS)") if model.electric else ("Typ 2-Stecker",),
        warranty=True,
    )


def _phases(combined: float) -> ConsumptionByPhase:
    return ConsumptionByPhase(
        combined=_tenths(combined), **{phase: _tenths(combined * factor) for phase, factor in PHASES.items()}
    )


def _co2_costs(grams: int) -> dict[str, Decimal]:
    tonnes = grams * KM_PER_YEAR * YEARS / 1_000_000
    names = ("co2_costs_low", "co2_costs_medium", "co2_costs_high")
    return {name: _money(tonnes * price) for name, price in zip(names, CO2_PRICES, strict=True)}


def _tax(model: DemoModel, grams: int) -> Decimal:
    """By displacement and, above 95 g/km, in steps by CO₂."""
    per_hundred = 9.5 if model.fuel is Fuel.DIESEL else 2.0
    tax, floor = -(-(model.ccm or 0) // 100) * per_hundred, 95
    for bound, rate in (*TAX_STEPS, (10_000, 4.0)):
        tax += max(min(grams, bound) - floor, 0) * rate
        floor = bound
    return Decimal(int(tax))


def _money(value: float) -> Decimal:
    return Decimal(round(value))


def _tenths(value: float) -> Decimal:
    return Decimal(str(round(value, 1)))
