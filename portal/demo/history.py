"""What a vehicle has behind it: registration, mileage, owners, inspection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from portal.demo.catalogue import Model
from portal.vehicles.data import Kind, VehicleClass

EMISSIONS = (
    ("2014-08", "Euro 5"),
    ("2018-08", "Euro 6"),
    ("2020-12", "Euro 6d-TEMP"),
    ("2023-12", "Euro 6d"),
)
NEWEST = "Euro 6e"
KM_PER_YEAR = {
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


def history_of(kind: Kind, model: Model, today: date, rng: Random) -> History:
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


def _used(kind: Kind, model: Model, today: date, rng: Random) -> History:
    oldest = model.since if kind is Kind.CLASSIC else max(model.since, today.year - OLDEST)
    youngest = min(model.until or today.year - 1, today.year - 1)
    registered = f"{rng.randint(oldest, max(oldest, youngest))}-{rng.randint(1, 12):02}"
    age = today.year - int(registered[:4]) + (today.month - int(registered[5:])) / 12
    low, high = KM_PER_YEAR[model.vehicle_class]
    mileage = 128_400 if kind is Kind.CLASSIC else max(1_200, round(age * rng.randint(low, high) / 100) * 100)
    fresh = rng.random() < 0.35
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
        emission_class="" if kind is Kind.CLASSIC else _emission_class(registered),
        age=age,
    )


def _emission_class(registered: str) -> str:
    return next((name for until, name in EMISSIONS if registered <= until), NEWEST)


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
