"""Facts that are possible each, and together hardly ever true: a hint, never a block."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.vehicle_facts.data import (
    ConsumptionByPhase,
    Energy,
    Fuel,
    Kind,
    Prices,
    Taxation,
    VehicleClass,
    VehicleData,
)
from portal.vehicle_facts.model_years import first_year
from portal.vehicle_facts.plausibility import oddities
from tests.words import german

TODAY = date(2026, 11, 28)


def found(others: tuple[int, ...] = (), **facts: Any) -> list[tuple[str, str]]:
    usual: dict[str, Any] = {
        "offer_number": "A1",
        "make": "VW",
        "model": "Golf",
        "first_registration": "2018-05",
        "mileage": 64500,
        "power": 92,
        "displacement": 1395,
        "prices": Prices(selling=Decimal(12990)),
    }
    vehicle = VehicleData(**usual | facts)
    return [(one.code, one.place) for one in oddities(vehicle, TODAY, tuple(map(Decimal, others)))]


def test_an_ordinary_car_is_not_odd() -> None:
    assert found((11990, 12490, 13990, 14990)) == []


@pytest.mark.parametrize(("mileage", "odd"), [(64500, True), (1000, True), (999, False), (None, False)])
def test_a_new_car_with_mileage(mileage: int | None, odd: bool) -> None:
    assert (("new-with-mileage", "kind") in found(kind=Kind.NEW, mileage=mileage)) is odd


@pytest.mark.parametrize(
    ("facts", "odd"),
    [
        ({"kind": Kind.NEW, "mileage": 1_500, "vehicle_class": VehicleClass.MOTOR_HOME}, True),
        ({"kind": Kind.NEW, "mileage": 12_000, "first_registration": None}, True),
        ({"kind": Kind.ONE_DAY_REGISTRATION, "mileage": 5_000}, False),
        ({"kind": Kind.DEMONSTRATOR, "mileage": 64_500}, False),
        ({"kind": Kind.EMPLOYEES_CAR, "mileage": 1_000}, False),
    ],
)
def test_mileage_is_odd_of_what_is_sold_as_new_alone(facts: dict[str, Any], odd: bool) -> None:
    """Google and Meta are told "new" of these alone, and compare the mileage."""
    assert (("new-with-mileage", "kind") in found(**facts)) is odd


@pytest.mark.parametrize(
    ("facts", "odd"),
    [
        ({"kind": Kind.NEW, "first_registration": "2026-10"}, True),
        ({"kind": Kind.NEW, "first_registration": None}, False),
        ({"kind": Kind.ONE_DAY_REGISTRATION, "first_registration": "2026-10"}, False),
    ],
)
def test_a_new_car_was_never_registered(facts: dict[str, Any], odd: bool) -> None:
    assert (("new-with-registration", "kind") in found(mileage=10, **facts)) is odd


@pytest.mark.parametrize(
    ("energy", "place"),
    [
        (Energy(fuel=ConsumptionByPhase(combined=Decimal(57))), "energy.fuel.combined"),
        (Energy(fuel=ConsumptionByPhase(combined=Decimal("24.1"))), None),
        (Energy(discharged_fuel=Decimal(64)), "energy.discharged_fuel"),
        (Energy(power=ConsumptionByPhase(combined=Decimal(154))), "energy.power.combined"),
        (Energy(power=ConsumptionByPhase(combined=Decimal("36.4"))), None),
    ],
)
def test_a_consumption_that_has_lost_its_comma(energy: Energy, place: str | None) -> None:
    assert found(energy=energy) == ([("consumption-high", place)] if place else [])


def test_lorries_consume_more() -> None:
    energy = Energy(fuel=ConsumptionByPhase(combined=Decimal(35)))
    assert found(energy=energy, vehicle_class=VehicleClass.TRUCK) == []


def test_a_vat_of_nothing_cannot_be_shown() -> None:
    def prices(rate: int, taxation: Taxation) -> Prices:
        return Prices(selling=Decimal(12990), vat_rate=Decimal(rate), taxation=taxation)

    assert found(prices=prices(0, Taxation.VAT_DEDUCTIBLE)) == [("vat-of-zero", "prices.taxation")]
    assert found(prices=prices(19, Taxation.VAT_DEDUCTIBLE)) == []
    assert found(prices=prices(0, Taxation.MARGIN_SCHEME)) == []


def test_power_in_ps_is_seen_by_the_text() -> None:
    assert found(power=150, displacement=1968, model_description="2.0 TDI 150 PS") == [
        ("power-in-ps", "power")
    ]
    assert found(power=110, displacement=1968, model_description="2.0 TDI 150 PS") == []
    assert found(power=85, model_description="2.0 TDI 150 PS") == [("power-against-text", "power")]
    assert found(power=92, description="125PS, auch als 150 PS") == []


def test_more_power_than_the_engine_can_have() -> None:
    assert found(power=320, displacement=1395) == [("power-high", "power")]


def test_a_registration_before_the_model_existed() -> None:
    place = "first_registration"
    assert found(make="VW", model="ID.3", first_registration="2015-03") == [
        ("registration-before-model", place)
    ]
    assert found(make="Volkswagen", model="ID.3", first_registration="2021-03") == []
    assert first_year("VW", "Käfer") is None


def test_years_that_cannot_follow_each_other() -> None:
    assert found(construction_year=2019) == [("built-after-registration", "construction_year")]
    for future in ("2026-12", "2027-01"):
        assert found(first_registration=future) == [("registration-in-future", "first_registration")]
    assert found(kind=Kind.DEMONSTRATOR, mileage=900, first_registration=f"{TODAY:%Y-%m}") == []


def test_a_demonstrator_without_registration() -> None:
    assert found(kind=Kind.DEMONSTRATOR, first_registration=None) == [
        ("registered-kind-without-registration", "first_registration")
    ]


@pytest.mark.parametrize(
    ("price", "code"), [(1299, "price-far-below"), (129900, "price-far-above"), (9000, None), (19000, None)]
)
def test_a_price_far_from_those_of_the_same_model(price: int, code: str | None) -> None:
    odd = found((11990, 12490, 13990, 14990), prices=Prices(selling=Decimal(price)))
    assert odd == ([(code, "prices.selling")] if code else [])


def test_three_others_are_too_few_to_compare() -> None:
    assert found((11990, 12490, 13990), prices=Prices(selling=Decimal(1299))) == []


def test_a_promo_price_that_is_none() -> None:
    prices = Prices(selling=Decimal(12990), promo=Decimal(13990))
    assert found(prices=prices) == [("promo-above-selling", "prices.promo")]
    assert found(prices=Prices(selling=Decimal(12990), promo=Decimal(1199))) == [
        ("promo-far-below-selling", "prices.promo")
    ]


def test_an_electric_car_with_displacement() -> None:
    assert found(fuel=Fuel.ELECTRIC) == [("electric-with-displacement", "displacement")]


def test_an_inspection_that_would_hold_too_long() -> None:
    assert found(inspection_due="2031-01") == [("inspection-far-ahead", "inspection_due")]
    assert found(inspection_due="2029-12") == []


def test_every_oddity_has_its_sentence() -> None:
    vehicle = VehicleData(
        offer_number="A1", kind=Kind.NEW, mileage=64500, prices=Prices(selling=Decimal(12990))
    )
    assert [german(one.text) for one in oddities(vehicle, TODAY)] == [
        "Ein Neuwagen mit 64.500 km? Vielleicht ist es ein Vorführwagen oder ein Gebrauchtwagen."
    ]
