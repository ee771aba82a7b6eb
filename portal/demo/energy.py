"""WLTP values and the costs on the energy label, computed from a model's consumption."""

from __future__ import annotations

from decimal import Decimal

from portal.demo.catalogue import Model
from portal.vehicles.data import Battery, ConsumptionByPhase, Energy, Fuel, HybridKind

CO2_PER_LITRE = {Fuel.PETROL: 22.8, Fuel.HYBRID_PETROL: 22.8, Fuel.DIESEL: 26.2, Fuel.LPG: 16.3}
"""Grams per kilometre for one litre per 100 km."""
CLASSES = ((0, "A"), (95, "B"), (115, "C"), (135, "D"), (155, "E"), (175, "F"))
"""Upper bounds in g/km of the CO₂ classes of the German label; above the last one it is G."""
PRICE = {Fuel.PETROL: 1.79, Fuel.HYBRID_PETROL: 1.79, Fuel.DIESEL: 1.66, Fuel.LPG: 1.07}
PRICE_POWER = 0.37
KM_PER_YEAR, YEARS = 15_000, 10
CO2_PRICES = (60, 127, 200)
"""EUR per tonne: low, medium, high."""
PHASES = {"city": 1.28, "suburban": 1.0, "rural": 0.88, "highway": 1.05}
TAX_STEPS = ((115, 2.0), (135, 2.2), (155, 2.5), (175, 2.9), (195, 3.4))


def co2_class(grams: int) -> str:
    return next((letter for bound, letter in CLASSES if grams <= bound), "G")


def energy(model: Model) -> Energy:
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
        energy_costs_per_year=_money(model.use[0] / 100 * KM_PER_YEAR * PRICE[model.fuel]),
        **_co2_costs(grams),
        vehicle_tax_per_year=_tax(model, grams),
    )


def _electric(model: Model) -> Energy:
    return Energy(
        power=_phases(model.use[0]),
        co2=0,
        co2_class="A",
        electric_range=model.range,
        energy_costs_per_year=_money(model.use[0] / 100 * KM_PER_YEAR * PRICE_POWER),
        **_co2_costs(0),
        vehicle_tax_per_year=Decimal(0),
    )


def _plug_in(model: Model) -> Energy:
    weighted, discharged, power = model.use
    grams, grams_discharged = round(weighted * 22.8), round(discharged * 22.8)
    costs = weighted * PRICE[model.fuel] + power * PRICE_POWER
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


def battery(model: Model) -> Battery:
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


def _tax(model: Model, grams: int) -> Decimal:
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
