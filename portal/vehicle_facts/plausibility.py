"""What is odd about a vehicle's facts: said beside them, never a reason not to send.

A fact that is impossible is refused where it is read, one that the law forbids blocks; this is about facts
that are possible each, and together hardly ever true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import median

from portal.messages import Message, say
from portal.vehicle_facts.data import Fuel, Kind, Taxation, VehicleClass, VehicleData
from portal.vehicle_facts.model_years import first_year
from portal.vehicle_facts.numbers import spell

NEW_CAR_KM = 1_000
"""From here on Google and the marketplaces doubt that a car is new."""
PS_PER_KW = Decimal("1.35962")
KW_PER_LITRE = 160
"""More than any production engine."""
FEWEST_OTHERS = 4
FAR_BELOW, FAR_ABOVE = Decimal("0.4"), Decimal("2.5")
"""Of the median of the same model in the stock."""
INSPECTION_MONTHS = 37
MOST_LITRES, MOST_KWH = Decimal(30), Decimal(60)
"""Per 100 km: more than any passenger car; kilograms of gas are fewer still."""

SENTENCES: Mapping[str, Message] = {
    "new-with-mileage": say(
        "Ein Neuwagen mit {value} km? Vielleicht ist es ein Vorführwagen oder ein Gebrauchtwagen."
    ),
    "new-with-registration": say(
        "Ein Neuwagen, der schon zugelassen war? Vielleicht ist es eine Tageszulassung oder ein Vorführwagen."
    ),
    "consumption-high": say(
        "{value} {unit} sind ungewöhnlich viel. Vielleicht fehlt ein Komma: {tenth} {unit}?"
    ),
    "vat-of-zero": say(
        "Bei 0 Prozent gibt es keine MwSt. auszuweisen. "
        "Vielleicht ist die Differenzbesteuerung (§ 25a) gemeint."
    ),
    "power-in-ps": say(
        "{value} kW sind {ps} PS, im Text stehen {value} PS. Vielleicht steht die Leistung in PS im Feld."
    ),
    "power-against-text": say("{value} kW passen nicht zu {ps} PS im Text."),
    "power-high": say("{value} kW aus {displacement} cm³ sind ungewöhnlich viel. Vielleicht sind es PS."),
    "registration-in-future": say("Die Erstzulassung liegt in der Zukunft."),
    "registration-before-model": say("{value} gibt es erst seit {year}. Stimmen Modell und Erstzulassung?"),
    "built-after-registration": say("Das Baujahr liegt nach der Erstzulassung."),
    "registered-kind-without-registration": say("Diese Fahrzeugart war schon zugelassen: Wann zuerst?"),
    "promo-above-selling": say("Der Aktionspreis ist nicht niedriger als der Verkaufspreis. Er geht vor."),
    "promo-far-below-selling": say(
        "Der Aktionspreis, der vorgeht, ist nicht halb so hoch wie der Verkaufspreis."
    ),
    "price-far-below": say(
        "{value} € ist viel weniger als bei {others} ähnlichen Fahrzeugen Ihres Bestands (in "
        "der Mitte {median} €)."
    ),
    "price-far-above": say(
        "{value} € ist viel mehr als bei {others} ähnlichen Fahrzeugen Ihres Bestands (in der "
        "Mitte {median} €)."
    ),
    "electric-with-displacement": say(
        "Ein Elektrofahrzeug hat keinen Hubraum. Vielleicht ist es ein Hybrid."
    ),
    "inspection-far-ahead": say("Die HU gilt höchstens 36 Monate."),
}


OF_MANY: Mapping[str, Message] = {
    "new-with-mileage": say(
        "Ein Neuwagen mit mehr als 1.000 km? Vielleicht ist es ein Vorführwagen oder ein Gebrauchtwagen."
    ),
    "consumption-high": say("Der Verbrauch ist ungewöhnlich hoch. Vielleicht fehlt ein Komma."),
    "power-in-ps": say("Im Feld für kW steht, was im Text PS sind."),
    "power-against-text": say("Die Leistung passt nicht zu den PS im Text."),
    "power-high": say("Die Leistung ist für den Hubraum ungewöhnlich hoch. Vielleicht sind es PS."),
    "registration-before-model": say("Das Modell gab es zur Erstzulassung noch nicht."),
}
"""Without the values of one vehicle, where several are counted together."""


@dataclass(frozen=True)
class Oddity:
    """`place` is the fact that is probably wrong."""

    code: str
    place: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> Message:
        return SENTENCES[self.code].filled(**self.values)

    @property
    def of_many(self) -> Message:
        return OF_MANY.get(self.code) or self.text


def oddities(vehicle: VehicleData, today: date, others: Sequence[Decimal] = ()) -> tuple[Oddity, ...]:
    """`others` are the asking prices of the same make, model and age in the dealer's stock."""
    return (
        *_of_kind(vehicle, today),
        *_of_power(vehicle),
        *_of_consumption(vehicle),
        *_of_age(vehicle, today),
        *_of_prices(vehicle, others),
    )


def _of_kind(vehicle: VehicleData, today: date) -> Iterator[Oddity]:
    if vehicle.kind is Kind.NEW and vehicle.mileage and vehicle.mileage >= NEW_CAR_KM:
        yield Oddity("new-with-mileage", "kind", {"value": f"{vehicle.mileage:,}".replace(",", ".")})
    registered = vehicle.first_registration
    if vehicle.kind is Kind.NEW and registered and registered <= today.isoformat()[:7]:
        yield Oddity("new-with-registration", "kind")
    if vehicle.kind in (Kind.DEMONSTRATOR, Kind.ONE_DAY_REGISTRATION) and not vehicle.first_registration:
        yield Oddity("registered-kind-without-registration", "first_registration")
    due = vehicle.inspection_due
    if due and (int(due[:4]) - today.year) * 12 + int(due[5:7]) - today.month > INSPECTION_MONTHS:
        yield Oddity("inspection-far-ahead", "inspection_due")


_PS = re.compile(r"([0-9](?<![\d.,]\d)\d{1,3})\s?-?(?:PS|HP)\b", re.IGNORECASE)
"""Begins with a digit, so that one is looked for first: ten times as fast in a text of 700 characters."""


def _of_power(vehicle: VehicleData) -> Iterator[Oddity]:
    if not vehicle.power:
        return
    power = vehicle.power
    told = {int(found) for found in _PS.findall(f"{vehicle.model_description} {vehicle.description}")}
    ps = int((power * PS_PER_KW).to_integral_value())
    if told and not any(abs(ps - one) <= max(2, one // 50) for one in told):
        if power in told:
            yield Oddity("power-in-ps", "power", {"value": str(power), "ps": str(ps)})
        elif len(told) == 1:
            yield Oddity("power-against-text", "power", {"value": str(power), "ps": str(min(told))})
    if vehicle.fuel is Fuel.ELECTRIC:
        if vehicle.displacement:
            yield Oddity("electric-with-displacement", "displacement")
    elif vehicle.displacement and power * 1000 > KW_PER_LITRE * vehicle.displacement:
        values = {"value": str(power), "displacement": str(vehicle.displacement)}
        yield Oddity("power-high", "power", values)


def _of_consumption(vehicle: VehicleData) -> Iterator[Oddity]:
    if vehicle.vehicle_class is not VehicleClass.CAR:
        return
    energy = vehicle.energy
    stated = (
        ("energy.fuel.combined", energy.fuel.combined, MOST_LITRES, "l/100 km"),
        ("energy.weighted_fuel", energy.weighted_fuel, MOST_LITRES, "l/100 km"),
        ("energy.discharged_fuel", energy.discharged_fuel, MOST_LITRES, "l/100 km"),
        ("energy.power.combined", energy.power.combined, MOST_KWH, "kWh/100 km"),
        ("energy.weighted_power", energy.weighted_power, MOST_KWH, "kWh/100 km"),
    )
    for place, value, most, unit in stated:
        if value and value > most:
            values = {"value": spell(value), "tenth": spell(value / 10), "unit": unit}
            yield Oddity("consumption-high", place, values)


def _of_age(vehicle: VehicleData, today: date) -> Iterator[Oddity]:
    registered = vehicle.first_registration
    if not registered:
        return
    if registered > today.isoformat()[:7]:
        yield Oddity("registration-in-future", "first_registration")
    if vehicle.construction_year and vehicle.construction_year > int(registered[:4]):
        yield Oddity("built-after-registration", "construction_year")
    since = first_year(vehicle.make, vehicle.model)
    if since and int(registered[:4]) < since:
        values = {"value": f"{vehicle.make} {vehicle.model}", "year": str(since)}
        yield Oddity("registration-before-model", "first_registration", values)


def _of_prices(vehicle: VehicleData, others: Sequence[Decimal]) -> Iterator[Oddity]:
    selling, promo = vehicle.prices.selling, vehicle.prices.promo
    if vehicle.prices.taxation is Taxation.VAT_DEDUCTIBLE and not vehicle.prices.vat_rate:
        yield Oddity("vat-of-zero", "prices.taxation")
    if selling and promo:
        if promo >= selling:
            yield Oddity("promo-above-selling", "prices.promo")
        elif promo * 2 < selling:
            yield Oddity("promo-far-below-selling", "prices.promo")
    price = promo or selling
    if not price or len(others) < FEWEST_OTHERS:
        return
    middle = median(others)
    values = {"value": spell(price), "others": str(len(others)), "median": spell(middle.quantize(Decimal(1)))}
    if price < middle * FAR_BELOW:
        yield Oddity("price-far-below", "prices.selling", values)
    elif price > middle * FAR_ABOVE:
        yield Oddity("price-far-above", "prices.selling", values)
