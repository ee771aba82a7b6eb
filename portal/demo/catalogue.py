"""Models that the demo dealers sell: catalogue.csv, one line per version.

`use` is the WLTP consumption per 100 km: litres, kWh for electric cars, and for plug-in hybrids
`weighted litres/litres with a discharged battery/kWh`. `list` is the list price of the plainest trim.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.vehicles.data import BodyType, Drive, Fuel, Gearbox, HybridKind, VehicleClass

FILE = Path(__file__).with_name("catalogue.csv")
HYBRIDS = {"mild": HybridKind.MILD, "full": HybridKind.FULL, "plugin": HybridKind.PLUG_IN}
COMBINED = {
    (Fuel.PETROL, HybridKind.FULL): Fuel.HYBRID_PETROL,
    (Fuel.PETROL, HybridKind.PLUG_IN): Fuel.HYBRID_PETROL,
}


@dataclass(frozen=True)
class Model:
    make: str
    model: str
    vehicle_class: VehicleClass
    body: str
    """A body type, or the name of the class where a class has but one."""
    category: str
    since: int
    until: int | None
    """None: still built, so it may stand there as a new car."""
    version: str
    trims: tuple[str, ...]
    fuel: Fuel
    hybrid: HybridKind
    kw: int
    ccm: int | None
    cylinders: int | None
    gearbox: Gearbox
    gears: int
    drive: Drive | None
    doors: int | None
    seats: int
    use: tuple[float, ...]
    battery: int | None
    range: int | None
    list_price: int
    weight: int
    tank: int | None
    vin: str

    @property
    def electric(self) -> bool:
        return self.fuel is Fuel.ELECTRIC

    @property
    def body_type(self) -> BodyType:
        return BodyType(self.body) if self.vehicle_class is VehicleClass.CAR else BodyType.OTHER


@lru_cache(maxsize=1)
def catalogue() -> tuple[Model, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_model(row) for row in csv.DictReader(file, delimiter=";"))


def _model(row: dict[str, str]) -> Model:
    name, _, assistance = row["fuel"].partition("+")
    hybrid = HYBRIDS.get(assistance, HybridKind.NONE)
    fuel = Fuel(name)
    return Model(
        make=row["make"],
        model=row["model"],
        vehicle_class=VehicleClass(row["class"]),
        body=row["body"],
        category=row["category"],
        since=int(row["from"]),
        until=_whole(row["until"]),
        version=row["version"],
        trims=tuple(row["trims"].split(",")),
        fuel=COMBINED.get((fuel, hybrid), fuel),
        hybrid=hybrid,
        kw=int(row["kw"]),
        ccm=_whole(row["ccm"]),
        cylinders=_whole(row["cylinders"]),
        gearbox=Gearbox(row["gearbox"]),
        gears=int(row["gears"]),
        drive=Drive(row["drive"]) if row["drive"] else None,
        doors=_whole(row["doors"]),
        seats=int(row["seats"]),
        use=tuple(float(value) for value in row["use"].split("/") if value),
        battery=_whole(row["battery"]),
        range=_whole(row["range"]),
        list_price=int(row["list"]),
        weight=int(row["kg"]),
        tank=_whole(row["tank"]),
        vin=row["vin"],
    )


def _whole(text: str) -> int | None:
    return int(text) if text else None
