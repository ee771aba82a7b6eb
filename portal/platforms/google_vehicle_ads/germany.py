"""What Google asks of vehicles in Germany beside the facts of an offer (docs/protocols.md, "Google")."""

from __future__ import annotations

from collections.abc import Iterator

from portal.messages import say
from portal.platforms.common.energy import (
    discharged_fuel,
    fitting_class,
    is_plug_in,
    sold_as,
    stated_fuel,
    stated_power,
    whole_co2,
)
from portal.platforms.common.feed import FeedCell, measured
from portal.platforms.common.vehicle_view import VehicleView
from portal.vehicle_facts.data import BodyType, Fuel, Kind, VehicleData

CERTIFICATION = "certification(certification_authority:certification_name:certification_value)"
ENGINES = {
    Fuel.PETROL: "gasoline",
    Fuel.DIESEL: "diesel",
    Fuel.ELECTRIC: "electric",
    Fuel.HYBRID_PETROL: "hybrid",
    Fuel.HYBRID_DIESEL: "hybrid",
    Fuel.LPG: "lpg",
    Fuel.CNG: "natural_gas",
}
SOLD_BY_WEIGHT = (Fuel.CNG, Fuel.HYDROGEN)
BURNS = frozenset({"gasoline", "diesel", "hybrid", "plug-in_hybrid"})
"""Engines whose consumption of fuel has to be stated for new cars."""
BODIES = {
    BodyType.SMALL_CAR: "city_car",
    BodyType.SALOON: "sedan",
    BodyType.ESTATE: "station_wagon",
    BodyType.CONVERTIBLE: "convertible",
    BodyType.COUPE: "coupe",
    BodyType.OFF_ROAD: "suv",
    BodyType.MPV: "minivan",
}
STANDARDS = ("1", "2", "3", "4", "5", "5b", "6", "6c", "6d", "6d-TEMP", "6e")


def check(view: VehicleView) -> None:
    """A duty that is missing keeps the vehicle out; what the EnVKV already asked for is not said twice."""
    said = {problem.field for problem in view.problems}
    for place in _missing(view):
        if place == "first_registration" and view.vehicle.registration_year:
            text = say("Der Monat der Erstzulassung fehlt: Google verlangt Monat und Jahr.")
            view.block("registration-month-missing", text, place)
        elif place not in said:
            view.missing(place)


def _missing(view: VehicleView) -> Iterator[str]:
    vehicle, new, engine = view.vehicle, view.vehicle.kind is Kind.NEW, engine_of(view)
    values = vehicle.energy
    duties = (
        ("fuel", True, vehicle.fuel),
        ("first_registration", not new, vehicle.first_registration),
        ("energy.co2", engine != "electric", co2(vehicle)),
        ("energy.weighted_power", engine == "plug-in_hybrid", values.weighted_power),
        ("energy.power.combined", engine == "electric", values.power.combined),
        ("energy.electric_range", new and engine in ("electric", "plug-in_hybrid"), values.electric_range),
        ("energy.weighted_fuel", new and engine == "plug-in_hybrid", values.weighted_fuel),
        ("energy.discharged_fuel", new and engine == "plug-in_hybrid", discharged_fuel(values)),
        (
            "energy.fuel.combined",
            new and engine in BURNS and engine != "plug-in_hybrid",
            values.fuel.combined,
        ),
        ("energy.co2_class", new, fitting_class(vehicle, "co2_class")),
        (
            "energy.co2_class_discharged",
            new and engine == "plug-in_hybrid",
            fitting_class(vehicle, "co2_class_discharged"),
        ),
    )
    return (place for place, owed, value in duties if owed and value in (None, ""))


def engine_of(view: VehicleView) -> str:
    if view.vehicle.fuel is None:
        return ""
    if is_plug_in(view.vehicle):
        return "plug-in_hybrid"
    sold = sold_as(view.vehicle, view.context.rules.mild_hybrid_as)
    return ENGINES.get(sold, "other") if sold else ""


def co2(vehicle: VehicleData) -> int | None:
    """g/km; a fuel cell emits none."""
    stated = whole_co2(vehicle.energy.co2)
    return 0 if stated is None and vehicle.fuel is Fuel.HYDROGEN else stated


def certification(view: VehicleView) -> str:
    """The CO₂ classes of the energy label; a plug-in hybrid has two."""
    named = [("Vehicle_CO2_Class", fitting_class(view.vehicle, "co2_class"))]
    if is_plug_in(view.vehicle):
        discharged = fitting_class(view.vehicle, "co2_class_discharged")
        named.append(("Vehicle_CO2_Class_Discharged_Battery", discharged))
    return ",".join(f"BMWK:{name}:{letter}" for name, letter in named if letter)


def emissions_standard(view: VehicleView) -> str:
    """Empty for what Google has no value for."""
    if view.vehicle.fuel is Fuel.ELECTRIC and not is_plug_in(view.vehicle):
        return "zero_emissions"
    stated = "".join(view.vehicle.emission_class.split()).casefold()
    return next((f"euro{name}" for name in STANDARDS if stated == f"euro{name}".casefold()), "")


CELLS: dict[str, FeedCell] = {
    "engine": engine_of,
    "date_first_registered": lambda view: view.vehicle.first_registration or "",
    CERTIFICATION: certification,
    "co2_emissions": lambda view: measured(co2(view.vehicle), "g/km"),
    "fuel_consumption": lambda view: measured(
        stated_fuel(view.vehicle), "kg/100km" if view.vehicle.fuel in SOLD_BY_WEIGHT else "l/100km"
    ),
    "fuel_consumption_discharged_battery": lambda view: measured(
        discharged_fuel(view.vehicle.energy) if is_plug_in(view.vehicle) else None, "l/100km"
    ),
    "energy_consumption": lambda view: measured(stated_power(view.vehicle), "kWh/100km"),
    "electric_range": lambda view: measured(view.vehicle.energy.electric_range or None, "km"),
    "emissions_standard": emissions_standard,
    "body_style": lambda view: BODIES.get(view.vehicle.body_type, "") if view.vehicle.body_type else "",
}
