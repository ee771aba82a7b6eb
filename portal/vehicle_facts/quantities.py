"""Which numbers a vehicle has, by the path of the fact: what each can be, and in which unit.

The upper limits are those of the world, not of the database: they tell `1.395` cm³ from `1,395`, and
`6.500` l/100 km from 6500.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from portal.vehicle_facts.numbers import Quantity

_KM = ("km", "kilometer")
_CYCLES = ("kombiniert", "komb.", "komb", "wltp", "nach")
"""What the values of the energy label are anyway."""
_WEIGHTED = (*_CYCLES, "gewichtet", "gew.")
"""What those of a plug-in are, where there is a value of its own for the discharged battery."""
_FUEL = (
    *("l/100 km", "l/100km", "liter/100 km", "liter/100km", "kg/100 km", "kg/100km", "liter", "l", "kg"),
    *("ltr./100 km", "ltr./100km", "ltr/100 km", "ltr/100km", "ltr.", "ltr"),
    *_CYCLES,
)
_POWER = ("kwh/100 km", "kwh/100km", "kwh", *_CYCLES)
_CO2 = ("g co2/km", "g co₂/km", "gco2/km", "g/km", "gr/km", "gr./km", "g pro km", "g", *_CYCLES)
_OF_PRICES = (
    *("vb", "vhb", "fp", "festpreis", "brutto", "preis", "verkaufspreis", "endpreis", "hauspreis"),
    *(
        f"{included} {rate}{tax}"
        for included in ("inkl.", "incl.", "(inkl.")
        for rate in ("", "19% ", "19 % ")
        for tax in ("mwst.", "mwst", "ust.", "ust", "mwst.)", "mwst)")
    ),
    *("mwst. ausweisbar", "mwst ausweisbar", "(mwst. ausweisbar)"),
)
"""Negotiable, fixed or gross, as every price here: it says nothing about the amount."""
KW_PER_PS = Decimal("0.73549875")
_PER_MONTH = ("mtl.", "mtl", "monatlich", "/monat", "/ monat", "pro monat", "/mon.", "p.m.")
_MONEY_MOST = Decimal("99999999.99")


def _amount(asked_below: int, *units: str) -> Quantity:
    words = (*_OF_PRICES, *units)
    return Quantity(2, most=_MONEY_MOST, units=words, money=True, asked_below=Decimal(asked_below))


def _whole(most: int, *units: str, least: int = 0) -> Quantity:
    return Quantity(0, Decimal(least), Decimal(most), units)


def _measured(most: int, *units: str) -> Quantity:
    return Quantity(2, most=Decimal(most), units=units, rounding=ROUND_HALF_UP)


def _rounded(most: int, *units: str, least: int = 0, above: int) -> Quantity:
    """Measured, and written as a whole number: papers have a power of 84,6 kW."""
    whole = _whole(most, *units, least=least)
    return replace(whole, rounding=ROUND_HALF_UP, rounded_from=Decimal(above))


def _emission(*units: str) -> Quantity:
    """Rounded up, so that it stays in the class of the value that was measured (§ 3a Pkw-EnVKV): their
    limits are whole, and a class begins above the limit."""
    return Quantity(1, most=Decimal(1_999), units=units, rounding=ROUND_CEILING)


VEHICLE_PRICE = _amount(100)
RATE = _amount(10, *_PER_MONTH)
AMOUNT = _amount(10)
"""A down payment of 1,99 € was one of 1.990 €; 0 is said without a doubt."""
PERCENT = Quantity(2, most=Decimal(100), units=("%", "prozent", "% p.a.", "p.a."))
INTEREST = replace(PERCENT, least_but_zero=Decimal("0.1"))
"""0.04 is the fraction of 4 %: an example that named it would promise a hundredth of the interest."""
VAT_RATE = replace(PERCENT, least_but_zero=Decimal(2))
"""0.19 and 1 (a code) are no rates; the lowest one in Europe is 2.1 %."""
CONSUMPTION = _measured(999, *_FUEL)
POWER_CONSUMPTION = _measured(999, *_POWER)
MILEAGE = replace(
    _rounded(9_999_999, *_KM, above=1000), converted=(("tkm", Decimal(1000)), ("tsd. km", Decimal(1000)))
)
POWER = replace(
    _rounded(9_999, "kw", least=1, above=20),
    converted=tuple((unit, KW_PER_PS) for unit in ("ps", "hp", "bhp")),
)
_MINUTES = replace(
    _rounded(9_999, "min.", "min", "minuten", above=10),
    converted=tuple((unit, Decimal(60)) for unit in ("h", "std.", "std", "stunden")),
)
MONTHS = _whole(999, "monate", "monaten", "monat", "mon.", "months")

_KILOGRAMS = replace(
    _rounded(99_999, "kg", above=100),
    converted=tuple((unit, Decimal(1000)) for unit in ("t", "to.", "tonnen")),
)

_PHASES = ("combined", "city", "suburban", "rural", "highway")

QUANTITIES: Mapping[str, Quantity] = {
    "construction_year": _whole(2100, least=1886),
    "mileage": MILEAGE,
    "power": POWER,
    # No engine is as small as a number of litres: `2,0` is not read as 2 cm³.
    "displacement": _rounded(99_999, "cm³", "cm3", "cm^3", "ccm", "cc", least=20, above=40),
    "cylinders": _whole(24, least=1),
    "gears": _whole(24, "gänge", "-gang", "gang", least=1),
    "doors": replace(
        _whole(9, "türen", "-türer", "türer", "-türig", "türig", "trg.", "trg", least=1), spans=True
    ),
    "seats": _whole(255, "sitze", "sitzplätze", "-sitzer", "sitzer", least=1),
    "previous_owners": _whole(99, "vorbesitzer", "vorbes.", "vorhalter", "halter", ". hand", "aus"),
    "tank_volume": _rounded(9_999, "liter", "l", above=10),
    "weight": _KILOGRAMS,
    "trailer_load_braked": _KILOGRAMS,
    "trailer_load_unbraked": _KILOGRAMS,
    "payload": _KILOGRAMS,
    "belted_seats": _whole(255, "sitze", "sitzplätze", least=1),
    "standing_height": _rounded(999, "cm", above=50),
    "prices.selling": VEHICLE_PRICE,
    "prices.promo": VEHICLE_PRICE,
    "prices.dealer": VEHICLE_PRICE,
    "prices.msrp": VEHICLE_PRICE,
    "prices.vat_rate": VAT_RATE,
    **{f"energy.fuel.{phase}": CONSUMPTION for phase in _PHASES},
    **{f"energy.power.{phase}": POWER_CONSUMPTION for phase in _PHASES},
    "energy.weighted_fuel": replace(CONSUMPTION, units=(*_FUEL, *_WEIGHTED)),
    "energy.weighted_power": replace(POWER_CONSUMPTION, units=(*_POWER, *_WEIGHTED)),
    "energy.discharged_fuel": CONSUMPTION,
    "energy.co2": _emission(*_CO2, *_WEIGHTED),
    "energy.co2_discharged": _emission(*_CO2),
    "energy.electric_range": _rounded(9_999, *_KM, *_WEIGHTED, "elektrisch", above=10),
    "energy.energy_costs_per_year": AMOUNT,
    "energy.co2_costs_low": AMOUNT,
    "energy.co2_costs_medium": AMOUNT,
    "energy.co2_costs_high": AMOUNT,
    "energy.vehicle_tax_per_year": AMOUNT,
    "battery.capacity": _measured(999, "kwh"),
    "battery.rental_price": RATE,
    "battery.charging_time": _MINUTES,
    "battery.quick_charging_time": _MINUTES,
    "battery.range_city": _rounded(9_999, *_KM, above=10),
    "financing.monthly_rate": RATE,
    "financing.duration": MONTHS,
    "financing.down_payment": AMOUNT,
    "financing.final_rate": AMOUNT,
    "financing.nominal_interest": INTEREST,
    "financing.effective_interest": INTEREST,
    "financing.net_credit": VEHICLE_PRICE,
    "financing.total_amount": VEHICLE_PRICE,
    "leasing.monthly_rate": RATE,
    "leasing.duration": MONTHS,
    "leasing.down_payment": AMOUNT,
    "leasing.mileage_per_year": _rounded(999_999, *_KM, above=1000),
}
_SLOT = re.compile(r"\.\d+(?=\.)")


def quantity_of(path: str) -> Quantity | None:
    """`financing.0.monthly_rate` is the same quantity in each slot; None for what is no number."""
    return QUANTITIES.get(_SLOT.sub("", path))
