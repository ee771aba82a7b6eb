"""Which vehicles must state their consumption (EnVKV), and which values that are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import ceil

from portal.platforms.common.texts import grouped
from portal.vehicle_facts import co2_classes
from portal.vehicle_facts.co2_classes import Contradiction, EnergyStatement, Propulsion
from portal.vehicle_facts.data import Energy, Fuel, HybridKind, Kind, VehicleClass, VehicleData
from portal.vehicle_facts.identity import class_of
from portal.vehicle_facts.numbers import spell

NEARLY_NEW = 1000
"""Kilometres below which a used car counts as new for the EnVKV."""
_ALWAYS_SUBJECT = (Kind.NEW, Kind.DEMONSTRATOR)
_TO_HYBRID = {Fuel.PETROL: Fuel.HYBRID_PETROL, Fuel.DIESEL: Fuel.HYBRID_DIESEL}
_TO_COMBUSTION = {hybrid: fuel for fuel, hybrid in _TO_HYBRID.items()}
_WITHOUT_BURNER: dict[Fuel | None, Propulsion] = {
    Fuel.ELECTRIC: Propulsion.ELECTRIC,
    Fuel.HYDROGEN: Propulsion.FUEL_CELL,
}


def sold_as(vehicle: VehicleData, mild_hybrid_as: str) -> Fuel | None:
    """The fuel under which the vehicle is offered: hybrids by their kind, mild ones as the dealer chose."""
    fuel = vehicle.fuel
    if fuel is None:
        return None
    if vehicle.hybrid is HybridKind.MILD:
        table = _TO_HYBRID if mild_hybrid_as == "hybrid" else _TO_COMBUSTION
        return table.get(fuel, fuel)
    if vehicle.hybrid in (HybridKind.FULL, HybridKind.PLUG_IN):
        return _TO_HYBRID.get(fuel, fuel)
    return fuel


def subject_to_envkv(vehicle: VehicleData) -> bool:
    """New cars, demonstrators and cars under 1,000 km; nothing that is no passenger car, and no classics.

    What nobody knows the class of may be a car: it is not freed.
    """
    maybe_car = class_of(vehicle) in (VehicleClass.CAR, VehicleClass.UNKNOWN)
    if not maybe_car or vehicle.kind is Kind.CLASSIC:
        return False
    if vehicle.kind in _ALWAYS_SUBJECT:
        return True
    return vehicle.mileage is not None and vehicle.mileage < NEARLY_NEW


def is_plug_in(vehicle: VehicleData) -> bool:
    """It burns fuel as well: a fuel cell that can be charged is labelled like one that cannot."""
    return vehicle.hybrid is HybridKind.PLUG_IN and vehicle.fuel not in _WITHOUT_BURNER


def stated_fuel(vehicle: VehicleData) -> Decimal | None:
    """Per 100 km: weighted for a plug-in, else combined; like `stated_power`."""
    return vehicle.energy.weighted_fuel if is_plug_in(vehicle) else vehicle.energy.fuel.combined


def stated_power(vehicle: VehicleData) -> Decimal | None:
    return vehicle.energy.weighted_power if is_plug_in(vehicle) else vehicle.energy.power.combined


def discharged_fuel(values: Energy) -> Decimal | None:
    """A plug-in's consumption with a discharged battery."""
    return values.discharged_fuel if values.discharged_fuel is not None else values.fuel.combined


def missing_values(vehicle: VehicleData) -> Iterator[str]:
    """The EnVKV values that this drive must state and the vehicle lacks. None of them is ever 0: what burns
    fuel emits, and what drives consumes."""
    values = vehicle.energy
    stated: dict[str, object]
    if vehicle.fuel is Fuel.ELECTRIC:
        stated = {
            "energy.power.combined": values.power.combined,
            "energy.co2_class": values.co2_class,
            "energy.electric_range": values.electric_range,
        }
    elif vehicle.fuel is Fuel.HYDROGEN:
        stated = {"energy.fuel.combined": values.fuel.combined, "energy.co2_class": values.co2_class}
    elif is_plug_in(vehicle):
        stated = {
            "energy.weighted_fuel": values.weighted_fuel,
            "energy.weighted_power": values.weighted_power,
            "energy.discharged_fuel": discharged_fuel(values),
            "energy.co2": values.co2,
            "energy.co2_class": values.co2_class,
            "energy.co2_class_discharged": values.co2_class_discharged,
            "energy.electric_range": values.electric_range,
        }
    else:
        stated = {
            "energy.fuel.combined": values.fuel.combined,
            "energy.co2": values.co2,
            "energy.co2_class": values.co2_class,
        }
    return (place for place, value in stated.items() if not value)


def contradictions(vehicle: VehicleData) -> tuple[Contradiction, ...]:
    """Values of the energy label that cannot be true together (§ 3a Pkw-EnVKV)."""
    return tuple(co2_classes.contradictions(_statement(vehicle)))


def offered_classes(vehicle: VehicleData) -> dict[str, str]:
    """The CO₂ classes that follow from the values, by the field of the class."""
    return co2_classes.offered(_statement(vehicle))


def fitting_class(vehicle: VehicleData, name: str) -> str | None:
    """A stated class; None for one that contradicts its value."""
    field = f"energy.{name}"
    if any(found.field == field for found in contradictions(vehicle)):
        return None
    stated: str | None = getattr(vehicle.energy, name)
    return stated


def whole_co2(value: int | Decimal | None) -> int | None:
    """g/km for a field of whole numbers: rounded up it stays in its class, whose limits are whole."""
    return None if value is None else ceil(value)


def _statement(vehicle: VehicleData) -> EnergyStatement:
    values = vehicle.energy
    burner = Propulsion.PLUG_IN if is_plug_in(vehicle) else Propulsion.COMBUSTION
    burnt = (values.fuel.combined, values.weighted_fuel, values.discharged_fuel)
    return EnergyStatement(
        drive=_WITHOUT_BURNER.get(vehicle.fuel, burner),
        co2=values.co2,
        co2_class=values.co2_class,
        co2_discharged=values.co2_discharged,
        co2_class_discharged=values.co2_class_discharged,
        burns=any(burnt) or (vehicle.fuel is Fuel.ELECTRIC and vehicle.hybrid is HybridKind.PLUG_IN),
    )


def envkv_line(vehicle: VehicleData) -> str:
    """The values of the energy label in one line."""
    values = vehicle.energy
    if vehicle.fuel is Fuel.ELECTRIC:
        facts = [_fact("Stromverbrauch kombiniert", values.power.combined, "kWh/100 km")]
    elif is_plug_in(vehicle):
        facts = [
            _fact("Energieverbrauch gewichtet kombiniert", values.weighted_power, "kWh/100 km"),
            _fact("Kraftstoffverbrauch gewichtet kombiniert", values.weighted_fuel, "l/100 km"),
            _fact("Kraftstoffverbrauch bei entladener Batterie", discharged_fuel(values), "l/100 km"),
        ]
    else:
        unit = "kg/100 km" if vehicle.fuel in (Fuel.CNG, Fuel.HYDROGEN) else "l/100 km"
        facts = [_fact("Kraftstoffverbrauch kombiniert", values.fuel.combined, unit)]
    return "; ".join(fact for fact in (*facts, *_emissions(vehicle)) if fact)


def _emissions(vehicle: VehicleData) -> list[str]:
    values = vehicle.energy
    nothing_stated = values.co2 is None and vehicle.fuel in (Fuel.ELECTRIC, Fuel.HYDROGEN)
    co2 = 0 if nothing_stated else values.co2
    weighted = "gewichtet kombiniert" if is_plug_in(vehicle) else "kombiniert"
    return [
        f"CO₂-Emissionen {weighted}: {spell(Decimal(co2))} g/km" if co2 is not None else "",
        f"CO₂-Klasse: {values.co2_class}" if values.co2_class else "",
        f"CO₂-Klasse bei entladener Batterie: {values.co2_class_discharged}"
        if is_plug_in(vehicle) and values.co2_class_discharged
        else "",
        f"Elektrische Reichweite: {values.electric_range} km" if values.electric_range else "",
    ]


def _fact(name: str, value: Decimal | None, unit: str) -> str:
    return f"{name}: {grouped(value, 1)} {unit}" if value is not None else ""
