"""Prices by kind, age and mileage; financing and leasing examples that add up."""

from __future__ import annotations

from decimal import Decimal
from math import exp
from random import Random

from portal.demo.catalogue import Model
from portal.demo.history import History
from portal.vehicles.data import Financing, Kind, Leasing, Prices, Taxation, VehicleClass

BANK = "Musterbank AG"
FIRST_LOSS, YEARLY_LOSS = 0.84, 0.098
"""Share of the list price after the first kilometre, and the decay per year after it."""
KM_EXPECTED, LOSS_PER_KM = 14_000, 0.0000022
TRIM_STEP = 0.06
"""What the next better trim adds to the list price."""
YOUNG = {Kind.NEW: (0.87, 0.96), Kind.DEMONSTRATOR: (0.76, 0.84), Kind.ONE_DAY_REGISTRATION: (0.78, 0.86)}


def asking_prices(model: Model, kind: Kind, past: History, trim: int, damaged: bool, rng: Random) -> Prices:
    full = model.list_price * (1 + trim * TRIM_STEP) * rng.uniform(1.0, 1.08)
    value = _value(full, model, kind, past, rng) * (0.48 if damaged else 1.0)
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


def _value(full: float, model: Model, kind: Kind, past: History, rng: Random) -> float:
    if kind in YOUNG:
        return full * rng.uniform(*YOUNG[kind])
    if kind is Kind.CLASSIC:
        return full * 1.05
    slow = model.vehicle_class in (VehicleClass.MOTOR_HOME, VehicleClass.MOTORBIKE) or model.model == "911"
    value = full * FIRST_LOSS * exp(-YEARLY_LOSS * (0.5 if slow else 1.0) * past.age)
    too_many = past.mileage - past.age * KM_EXPECTED
    return value * max(0.6, min(1.15, 1 - LOSS_PER_KM * too_many)) * rng.uniform(0.95, 1.05)


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
