from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box, golf, keys, paths

REQUIRED = {
    "vehicleClass": "missing-field",
    "category": "missing-field",
    "make": "make-empty",
    "model": "model-empty",
    "modelDescription": "missing-field",
    "condition": "missing-field",
    "firstRegistration": "missing-field",
    "mileage": "missing-field",
    "fuel": "missing-field",
    "gearbox": "missing-field",
    "power": "missing-field",
    "damageUnrepaired": "damageunrepaired-empty",
    "price": "missing-field",
}


@pytest.mark.parametrize(("field", "key"), REQUIRED.items())
@pytest.mark.parametrize("empty", [None, ""])
def test_a_missing_mandatory_field_is_refused(sandbox: Box, field: str, key: str, empty: Any) -> None:
    ad = golf(**{field: None})
    answer = sandbox.create(ad if empty is None else {**ad, field: empty})
    assert answer.status_code == 400
    assert key in keys(answer)
    assert f"ad.{field}" in paths(answer) or f"ad.vehicle.{field}" in paths(answer)


def test_all_errors_are_told_at_once(sandbox: Box) -> None:
    answer = sandbox.create(golf(fuel=None, mileage=-5, model="GOLF"))
    assert sorted(paths(answer)) == ["ad.vehicle.fuel", "ad.vehicle.mileage", "ad.vehicle.model"]


def test_missing_displacement_only_warns(sandbox: Box) -> None:
    answer = sandbox.create(golf(cubicCapacity=None))
    assert answer.status_code == 201
    assert keys(answer, "warnings") == ["missing-field"]
    assert paths(answer, "warnings") == ["ad.vehicle.cubicCapacity"]
    ad_id = answer.json()["mobileAdId"]
    assert keys(sandbox.update(ad_id, golf(cubicCapacity=None)), "warnings") == ["missing-field"]
    assert "warnings" not in sandbox.update(ad_id, golf()).json()


def test_an_electric_car_needs_no_displacement(sandbox: Box) -> None:
    answer = sandbox.create(golf(fuel="ELECTRICITY", cubicCapacity=None))
    assert answer.status_code == 201
    assert "warnings" not in answer.json()


def test_a_motorbike_needs_no_fuel_or_gearbox(sandbox: Box) -> None:
    bike = golf(vehicleClass="Motorbike", category="NakedBike", make="YAMAHA", model="MT-07")
    assert sandbox.create(bike | {"fuel": "PETROL"}).status_code == 201
    del bike["fuel"], bike["gearbox"], bike["power"]
    assert sandbox.create(bike).status_code == 201
