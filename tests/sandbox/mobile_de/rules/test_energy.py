from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box, Json, golf, keys, paths

COMBUSTION: Json = {
    "emissions": {"combined": {"co2": 121, "co2Class": "D"}},
    "consumptions": {"fuel": {"combined": 5.3}},
}
ELECTRIC: Json = {
    "emissions": {"combined": {"co2": 0, "co2Class": "A"}},
    "consumptions": {"power": {"combined": 15.8}},
}
PLUG_IN: Json = {
    "emissions": {"combined": {"co2": 26, "co2Class": "B"}, "discharged": {"co2Class": "D"}},
    "consumptions": {"fuel": {"combined": 5.1}, "weightedCombinedFuel": 1.1, "weightedCombinedPower": 14.9},
}


def new(**changes: Any) -> Json:
    return golf(condition="NEW", firstRegistration=None, mileage=0, countryVersion="DE", **changes)


def electric(**changes: Any) -> Json:
    return new(fuel="ELECTRICITY", cubicCapacity=None, **changes)


def test_a_new_car_with_its_values_is_taken(sandbox: Box) -> None:
    assert sandbox.create(new(**COMBUSTION)).status_code == 201
    assert sandbox.create(electric(**ELECTRIC)).status_code == 201
    assert sandbox.create(new(fuel="HYBRID", hybridPlugin=True, **PLUG_IN)).status_code == 201


def test_a_new_car_without_country_is_refused(sandbox: Box) -> None:
    answer = sandbox.create(new(**COMBUSTION) | {"countryVersion": ""})
    assert keys(answer) == ["countryversion-missing"]


def test_a_new_car_without_envkv_values_is_refused_for_each_of_them(sandbox: Box) -> None:
    answer = sandbox.create(new())
    assert set(keys(answer)) == {"envkv-values-required"}
    assert paths(answer) == [
        "ad.vehicle.consumptions.fuel.combined",
        "ad.vehicle.emissions.combined.co2",
        "ad.vehicle.emissions.combined.co2Class",
    ]


def test_each_drive_needs_its_own_values(sandbox: Box) -> None:
    assert paths(sandbox.create(electric(**COMBUSTION))) == ["ad.vehicle.consumptions.power.combined"]
    answer = sandbox.create(new(fuel="HYBRID", hybridPlugin=True, **COMBUSTION))
    assert paths(answer) == [
        "ad.vehicle.consumptions.weightedCombinedFuel",
        "ad.vehicle.consumptions.weightedCombinedPower",
        "ad.vehicle.emissions.discharged.co2Class",
    ]


def test_a_new_van_needs_no_envkv_values(sandbox: Box) -> None:
    van = new(vehicleClass="VanUpTo7500", category="BoxTypeDeliveryVan", model="Caddy")
    assert sandbox.create(van).status_code == 201


@pytest.mark.parametrize("value", ["H", "AB", "", "a", 5])
def test_an_unknown_co2_class_is_refused(sandbox: Box, value: Any) -> None:
    answer = sandbox.create(golf(emissions={"combined": {"co2Class": value}}))
    assert keys(answer) == ["invalid-reference-data-value"]


@pytest.mark.parametrize("fuel", ["ELECTRICITY", "HYBRID", "HYBRID_DIESEL", "HYDROGENIUM"])
def test_electric_drives_may_have_e_car_attributes(sandbox: Box, fuel: str) -> None:
    ad = golf(fuel=fuel, batteryCapacity=58, plugTypes=["CCS"], electricRange=420)
    assert sandbox.create(ad).status_code == 201


@pytest.mark.parametrize("fuel", ["PETROL", "DIESEL", "LPG"])
def test_other_drives_may_not(sandbox: Box, fuel: str) -> None:
    answer = sandbox.create(golf(fuel=fuel, batteryCapacity=58, plugTypes=["CCS"]))
    assert set(keys(answer)) == {"vehicle-not-eligible-for-e-car-attributes"}
    assert paths(answer) == ["ad.vehicle.batteryCapacity", "ad.vehicle.plugTypes"]
