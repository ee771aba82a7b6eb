"""What vehicle it is: its class by what is stated and by the dealer's own word, its number, its year."""

from __future__ import annotations

from functools import lru_cache

from portal.vehicle_facts.categories import read_category
from portal.vehicle_facts.data import VehicleClass, VehicleData
from portal.vehicle_facts.understanding import NotUnderstood
from portal.vehicle_facts.vin import built_by, is_standard, read_vin


def class_of(vehicle: VehicleData) -> VehicleClass:
    """A car whose category says that it is a trailer is a trailer: car is what nobody chose."""
    if vehicle.vehicle_class is not VehicleClass.CAR or not vehicle.category_label:
        return vehicle.vehicle_class
    found = _by_word(vehicle.category_label)
    if found is VehicleClass.UNKNOWN and vehicle.body_type is not None:
        return VehicleClass.CAR
    return found


def is_passenger_car(vehicle: VehicleData) -> bool:
    return class_of(vehicle) is VehicleClass.CAR


def vin_of(vehicle: VehicleData) -> str:
    """The number in its normal form; empty for what cannot be one."""
    if not vehicle.vin or is_standard(vehicle.vin):
        return vehicle.vin
    try:
        return read_vin(vehicle.vin, built_by(vars(vehicle)))
    except NotUnderstood:
        return ""


@lru_cache(maxsize=1024)
def _by_word(label: str) -> VehicleClass:
    return VehicleClass(read_category(label).vehicle_class)
