"""What feeds of catalogues say of every vehicle, in the form that both large ones use."""

from __future__ import annotations

from decimal import Decimal

from portal.vehicles.data import Kind, VehicleData


def year(vehicle: VehicleData, today: str = "") -> str:
    """Of the first registration, else of construction; a new car without either is of this year."""
    if vehicle.first_registration:
        return vehicle.first_registration[:4]
    if vehicle.construction_year:
        return str(vehicle.construction_year)
    return today[:4] if vehicle.kind is Kind.NEW else ""


def mileage(vehicle: VehicleData) -> int | None:
    """A new car without a statement has 0 km."""
    return 0 if vehicle.mileage is None and vehicle.kind is Kind.NEW else vehicle.mileage


def price(value: Decimal | None) -> str:
    if value is None:
        return ""
    amount = str(int(value)) if value == value.to_integral_value() else f"{value:.2f}"
    return f"{amount} EUR"
