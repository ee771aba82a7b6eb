"""Vehicles of every kind that the mapping must get right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from portal.vehicle_facts.data import (
    Battery,
    BodyType,
    ConsumptionByPhase,
    Drive,
    Energy,
    Equipment,
    Financing,
    Fuel,
    Gearbox,
    HybridKind,
    Kind,
    Leasing,
    Prices,
    Taxation,
    VehicleClass,
    VehicleData,
)
from tests.builders import golf


def used_petrol(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "A10001",
        "hsn": "0603",
        "tsn": "BGU",
        "trim_line": "Comfortline",
        "model_range": "Golf VII",
        "construction_year": 2018,
        "cylinders": 4,
        "gears": 6,
        "drive": Drive.FRONT,
        "doors": 5,
        "seats": 5,
        "tank_volume": 50,
        "weight": 1249,
        "trailer_load_braked": 1400,
        "trailer_load_unbraked": 620,
        "colour": "Silber",
        "colour_name": "Reflexsilber",
        "metallic": True,
        "interior_colour": "Schwarz",
        "interior_type": "Stoff",
        "emission_class": "Euro 6",
        "emission_sticker": "green",
        "inspection_due": "2027-05",
        "inspection_new": True,
        "service_new": False,
        "previous_owners": 1,
        "accident": False,
        "roadworthy": True,
        "warranty": True,
        "non_smoker": True,
        "service_history": True,
        "country_version": "DE",
        "prices": Prices(selling=Decimal(12990), dealer=Decimal("11500.50"), taxation=Taxation.MARGIN_SCHEME),
        "energy": Energy(fuel=ConsumptionByPhase(combined=Decimal("5.4")), co2=123, co2_class="D"),
        "equipment": Equipment(
            features=frozenset(
                {
                    "abs",
                    "airbags_front_side",
                    "climate_control_2_zones",
                    "parking_sensors_front",
                    "parking_sensors_rear",
                    "radio",
                    "radio_dab",
                    "cruise_control",
                    "headlights_led",
                    "trailer_coupling_detachable",
                }
            ),
            other=("Winterräder",),
        ),
        "highlights": ("1. Hand", "Scheckheft"),
        "description": "Gepflegtes Fahrzeug.\nBesichtigung nach Absprache.",
    }
    return golf(**(plausible | facts))


def new_diesel(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "N20001",
        "kind": Kind.NEW,
        "model": "Passat",
        "model_description": "Variant 2.0 TDI Business",
        "body_type": BodyType.ESTATE,
        "first_registration": None,
        "mileage": None,
        "power": 110,
        "displacement": 1968,
        "fuel": Fuel.DIESEL,
        "gearbox": Gearbox.AUTOMATIC,
        "particulate_filter": True,
        "country_version": "DE",
        "prices": Prices(selling=Decimal(41990), taxation=Taxation.VAT_DEDUCTIBLE),
        "energy": Energy(
            fuel=ConsumptionByPhase(
                combined=Decimal("5.0"), city=Decimal("6.2"), suburban=Decimal("5.0"), highway=Decimal("5.2")
            ),
            co2=131,
            co2_class="D",
        ),
    }
    return golf(**(plausible | facts))


def electric(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "E30001",
        "kind": Kind.NEW,
        "model": "ID.3",
        "model_description": "Pro 150 kW",
        "first_registration": None,
        "mileage": 12,
        "power": 150,
        "displacement": None,
        "fuel": Fuel.ELECTRIC,
        "gearbox": Gearbox.AUTOMATIC,
        "country_version": "DE",
        "energy": Energy(
            power=ConsumptionByPhase(combined=Decimal("15.8")), co2_class="A", electric_range=426
        ),
        "battery": Battery(
            capacity=Decimal(58),
            ownership="included",
            charging_time=375,
            quick_charging_time=35,
            range_city=560,
            plug_types=("Typ 2", "CCS"),
            warranty=True,
        ),
    }
    return golf(**(plausible | facts))


def plug_in(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "P40001",
        "kind": Kind.NEW,
        "model_description": "GTE",
        "first_registration": None,
        "mileage": 0,
        "power": 180,
        "fuel": Fuel.PETROL,
        "hybrid": HybridKind.PLUG_IN,
        "gearbox": Gearbox.AUTOMATIC,
        "country_version": "DE",
        "energy": Energy(
            weighted_fuel=Decimal("0.9"),
            weighted_power=Decimal("14.2"),
            discharged_fuel=Decimal("5.6"),
            power=ConsumptionByPhase(combined=Decimal("17.1")),
            co2=21,
            co2_class="B",
            co2_discharged=128,
            co2_class_discharged="D",
            electric_range=62,
        ),
        "battery": Battery(capacity=Decimal("10.4")),
    }
    return golf(**(plausible | facts))


def demonstrator(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "D50001",
        "kind": Kind.DEMONSTRATOR,
        "first_registration": "2024-03",
        "mileage": 4800,
        "energy": Energy(fuel=ConsumptionByPhase(combined=Decimal("5.9")), co2=134, co2_class="D"),
    }
    return golf(**(plausible | facts))


def damaged(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "U60001",
        "damaged": True,
        "accident": True,
        "roadworthy": False,
    }
    return golf(**(plausible | facts))


def convertible(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "C70001",
        "make": "Mercedes",
        "model": "SLK",
        "model_description": "SLK 200 Kompressor",
        "body_type": BodyType.CONVERTIBLE,
        "first_registration": "2009-06",
        "doors": 2,
        "seats": 2,
        "power": 135,
        "displacement": 1796,
        "colour": "Obsidianschwarz metallic",
        "drive": Drive.REAR,
    }
    return golf(**(plausible | facts))


def van(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "T80001",
        "vehicle_class": VehicleClass.VAN,
        "model": "Transporter",
        "model_description": "T5 Kasten 2.0 TDI",
        "body_type": None,
        "category_label": "Kastenwagen",
        "fuel": Fuel.DIESEL,
        "displacement": 1968,
        "prices": Prices(selling=Decimal(15900), taxation=Taxation.VAT_DEDUCTIBLE),
    }
    return golf(**(plausible | facts))


def motorbike(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "M90001",
        "vehicle_class": VehicleClass.MOTORBIKE,
        "make": "BMW",
        "model": "R 1200 GS",
        "model_description": "R 1200 GS Adventure",
        "body_type": None,
        "category_label": "Enduro/Reiseenduro",
        "power": 92,
        "displacement": 1170,
        "mileage": 28_000,
    }
    return golf(**(plausible | facts))


def motor_home(**facts: Any) -> VehicleData:
    plausible: dict[str, Any] = {
        "offer_number": "W10001",
        "vehicle_class": VehicleClass.MOTOR_HOME,
        "make": "Hymer",
        "model": "B 544",
        "model_description": "Hymer B 544 Fiat Ducato",
        "body_type": None,
        "category_label": "Integrierter",
        "fuel": Fuel.DIESEL,
        "power": 94,
        "displacement": 2800,
        "prices": Prices(selling=Decimal(36900)),
    }
    return golf(**(plausible | facts))


def financed(**facts: Any) -> VehicleData:
    """With two financing examples and a leasing example."""
    first = Financing(
        bank="Muster Bank",
        monthly_rate=Decimal(149),
        duration=48,
        down_payment=Decimal(2000),
        final_rate=Decimal(5000),
        nominal_interest=Decimal("3.92"),
        effective_interest=Decimal("3.99"),
        net_credit=Decimal(10990),
        total_amount=Decimal(12152),
    )
    second = first.model_copy(update={"bank": "Zweite Bank", "monthly_rate": Decimal(99)})
    leasing = Leasing(
        bank="Muster Leasing", monthly_rate=Decimal(119), duration=36, mileage_per_year=10_000, target="both"
    )
    return used_petrol(**({"financing": (first, second), "leasing": leasing} | facts))


def leasing_only(**facts: Any) -> VehicleData:
    """To be leased, not bought."""
    prices = Prices(msrp=Decimal(31_500), on_request=True, taxation=Taxation.VAT_DEDUCTIBLE)
    return financed(prices=prices, **facts)
