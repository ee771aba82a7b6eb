"""The demo's vehicles: always the same, all valid, with the mistakes that are meant to be there."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from portal.demo.catalogue import catalogue
from portal.demo.inventory import DemoVehicle, inventory
from portal.demo.values import co2_class
from portal.vehicle_facts.data import Fuel, HybridKind, Kind, VehicleClass, VehicleData
from portal.vehicle_facts.equipment import BY_CODE

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def stock() -> list[DemoVehicle]:
    return inventory(300, "SO", "Bernd Sonnenschein", TODAY, "sonnenschein")


def test_the_same_seed_and_day_give_the_same_stock(stock: list[DemoVehicle]) -> None:
    assert inventory(300, "SO", "Bernd Sonnenschein", TODAY, "sonnenschein") == stock


def test_another_seed_gives_another_stock(stock: list[DemoVehicle]) -> None:
    assert inventory(300, "SO", "Bernd Sonnenschein", TODAY, "other") != stock


def test_every_vehicle_survives_validation(stock: list[DemoVehicle]) -> None:
    """Vehicles are changed by copies, which pydantic does not check by itself."""
    for vehicle in stock:
        stored = vehicle.facts.model_dump(mode="json", exclude_defaults=True)
        assert VehicleData.model_validate(stored) == vehicle.facts


def test_numbers_and_vins_are_unique_and_well_formed(stock: list[DemoVehicle]) -> None:
    assert len({vehicle.facts.offer_number for vehicle in stock}) == len(stock)
    assert len({vehicle.facts.vin for vehicle in stock}) == len(stock)
    assert all(re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", vehicle.facts.vin) for vehicle in stock)


def test_all_kinds_classes_and_drives_are_there(stock: list[DemoVehicle]) -> None:
    assert {vehicle.facts.kind for vehicle in stock} == set(Kind)
    classes = {VehicleClass.CAR, VehicleClass.MOTORBIKE, VehicleClass.VAN, VehicleClass.MOTOR_HOME}
    assert {vehicle.facts.vehicle_class for vehicle in stock} >= classes
    assert {HybridKind.PLUG_IN, HybridKind.FULL, HybridKind.MILD} <= {v.facts.hybrid for v in stock}
    assert {Fuel.PETROL, Fuel.DIESEL, Fuel.ELECTRIC} <= {v.facts.fuel for v in stock}
    assert any(v.facts.damaged for v in stock)
    assert any(v.facts.trade_in for v in stock)
    assert any(v.facts.reserved for v in stock)


def test_stock_dates_spread_over_200_days(stock: list[DemoVehicle]) -> None:
    days = [(TODAY - vehicle.facts.stock_date).days for vehicle in stock if vehicle.facts.stock_date]
    assert len(days) == len(stock)
    assert min(days) >= 0
    assert 150 < max(days) <= 200


def test_headlines_fit_and_features_are_known(stock: list[DemoVehicle]) -> None:
    for vehicle in stock:
        assert vehicle.facts.equipment.features <= BY_CODE.keys()
    too_long = [v for v in stock if len(v.facts.model_description) > 48]
    assert len(too_long) == 1, "only the one that is meant to be too long"


def test_a_vehicle_has_one_of_each_choice(stock: list[DemoVehicle]) -> None:
    for vehicle in stock:
        choices = Counter(BY_CODE[code].choice for code in vehicle.facts.equipment.features)
        del choices[""]
        assert max(choices.values(), default=0) <= 1, (vehicle.facts.offer_number, choices)


def test_registrations_lie_in_the_past_but_for_one(stock: list[DemoVehicle]) -> None:
    later = [v for v in stock if (v.facts.first_registration or "") > f"{TODAY:%Y-%m}"]
    assert len(later) == 1


def test_mistakes_are_few_and_of_every_sort(stock: list[DemoVehicle]) -> None:
    cars = [v.facts for v in stock if v.facts.vehicle_class is VehicleClass.CAR]
    assert sum(facts.kind is Kind.NEW and facts.energy.co2_class is None for facts in cars) == 3
    assert sum("Tel." in facts.model_description for facts in cars) == 1
    assert sum(facts.damaged is None for facts in cars) == 1
    assert sum(facts.prices.selling is None for facts in cars) == 1
    assert sum(facts.power is None for facts in cars) == 1
    assert sum(not vehicle.pictures for vehicle in stock) == 1
    assert len({facts.make for facts in cars} - {model.make for model in catalogue()}) == 1


def test_new_cars_carry_what_the_energy_label_needs(stock: list[DemoVehicle]) -> None:
    new = [v.facts for v in stock if v.facts.kind is Kind.NEW and v.facts.energy.co2_class]
    assert new
    for facts in new:
        assert facts.country_version
        assert facts.first_registration is None
        assert facts.prices.msrp > facts.prices.selling
        if facts.hybrid is HybridKind.PLUG_IN:
            assert facts.energy.weighted_fuel < facts.energy.discharged_fuel
            assert facts.energy.co2_discharged > facts.energy.co2


def test_prices_fall_with_age(stock: list[DemoVehicle]) -> None:
    used = [
        v.facts for v in stock if v.facts.kind is Kind.USED and v.facts.prices.selling and not v.facts.damaged
    ]
    lists = {(m.make, m.model, m.kw): m.list_price for m in catalogue()}

    def kept(facts: VehicleData) -> float:
        return float(facts.prices.selling or 0) / lists[facts.make, facts.model, facts.power or 0]

    known = [f for f in used if (f.make, f.model, f.power) in lists and f.vehicle_class is VehicleClass.CAR]
    young = [kept(f) for f in known if (f.first_registration or "") >= "2023"]
    old = [kept(f) for f in known if (f.first_registration or "9") < "2018"]
    assert sum(young) / len(young) > 1.5 * sum(old) / len(old)


def test_financing_examples_add_up(stock: list[DemoVehicle]) -> None:
    examples = [(v.facts.financing[0], v.facts.prices.selling) for v in stock if v.facts.financing[0]]
    assert examples
    for example, _price in examples:
        assert example is not None
        paid = example.monthly_rate * example.duration + example.final_rate
        assert example.total_amount == paid
        assert paid > example.net_credit


@pytest.mark.parametrize(
    ("grams", "letter"),
    [(0, "A"), (1, "B"), (95, "B"), (96, "C"), (115, "C"), (116, "D"), (136, "E"), (156, "F"), (176, "G")],
)
def test_co2_classes_follow_the_german_label(grams: int, letter: str) -> None:
    assert co2_class(grams) == letter


def test_the_stock_ages_with_the_day() -> None:
    later = inventory(60, "MU", "Anna", TODAY + timedelta(days=400), "muster")
    assert all((v.facts.stock_date or TODAY) > TODAY for v in later)
