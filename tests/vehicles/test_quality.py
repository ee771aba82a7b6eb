"""Our own hints: what buyers look for, and only where it can be."""

from __future__ import annotations

import pytest

from portal.vehicle_facts.data import Battery, Energy, Fuel, Kind, VehicleClass, VehicleData
from portal.vehicles.quality import ENOUGH_PICTURES, ENOUGH_TEXT, FILTERED_BY, quality_hints
from tests.words import german


def fields(facts: VehicleData, pictures: int = ENOUGH_PICTURES) -> list[str]:
    return [hint.field for hint in quality_hints(facts, pictures)]


def car(**facts: object) -> VehicleData:
    return VehicleData.model_validate({"offer_number": "1", "description": "x" * ENOUGH_TEXT, **facts})


def test_a_bare_car_lacks_everything_that_buyers_filter_by() -> None:
    assert fields(car(), pictures=0) == ["", *FILTERED_BY]


def test_counts_are_said() -> None:
    first, second, *_ = quality_hints(VehicleData(offer_number="1", description="abc"), 4)
    assert german(first.text) == "4 von mindestens 10 Bildern"
    assert german(second.text) == "Die Beschreibung hat 3 von mindestens 500 Zeichen"


def test_a_fact_that_is_there_is_not_asked_for() -> None:
    assert "doors" not in fields(car(doors=5))
    assert "mileage" not in fields(car(mileage=0)), "nought is a statement"


def test_a_new_car_needs_no_mileage() -> None:
    assert "mileage" not in fields(car(kind=Kind.NEW))


@pytest.mark.parametrize("fuel", [Fuel.ELECTRIC, Fuel.HYDROGEN])
def test_what_emits_nothing_has_no_emission_class(fuel: Fuel) -> None:
    assert not {"emission_class", "emission_sticker"} & set(fields(car(fuel=fuel)))


def test_an_electric_car_is_asked_for_its_battery() -> None:
    assert "battery.capacity" in fields(car(fuel=Fuel.ELECTRIC))
    assert "battery.capacity" not in fields(car(fuel=Fuel.PETROL))
    full = car(
        fuel=Fuel.ELECTRIC,
        battery=Battery(capacity=77, charging_time=360),
        energy=Energy(electric_range=500),
    )
    assert not [name for name in fields(full) if name.startswith(("battery", "energy"))]


def test_a_trailer_is_asked_for_pictures_and_text_only() -> None:
    trailer = car(vehicle_class=VehicleClass.TRAILER)
    assert fields(trailer, pictures=0) == [""]
