"""Financing and leasing as values of their own, by the names, types and obligations of the schemas."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.platforms.contract import Prepared
from portal.vehicle_facts.data import Prices, VehicleData
from tests.platforms.mobile_de.conftest import Rig
from tests.platforms.mobile_de.kinds import financed, leasing_only

SEPARATE: dict[str, object] = {"financing_example": "separate", "leasing_example": "separate"}


def changed(vehicle: VehicleData, place: str, **values: Any) -> VehicleData:
    """The vehicle with other values in its example."""
    if place == "leasing":
        assert vehicle.leasing is not None
        return vehicle.model_copy(update={"leasing": vehicle.leasing.model_copy(update=values)})
    first, second = vehicle.financing
    assert first is not None
    return vehicle.model_copy(update={"financing": (first.model_copy(update=values), second)})


def codes(prepared: Prepared) -> list[str]:
    return [hint.code for hint in prepared.hints]


@pytest.mark.parametrize("place", ["financing", "leasing"])
@pytest.mark.parametrize("missing", [{"bank": ""}, {"duration": 0}, {"monthly_rate": Decimal(0)}])
def test_an_example_without_what_is_obligatory_is_left_out_with_a_hint(
    rig: Rig, place: str, missing: dict[str, Any]
) -> None:
    prepared = rig.map(changed(financed(), place, **missing), **SEPARATE)
    assert place not in prepared.payload
    assert prepared.problems == ()
    assert codes(prepared) == [f"{place}-left-out"]


def test_cents_of_rates_are_rounded_and_the_dealer_is_told(rig: Rig) -> None:
    prepared = rig.map(changed(financed(), "financing", monthly_rate=Decimal("149.50")), **SEPARATE)
    assert prepared.payload["financing"]["monthlyInstallment"] == 150
    assert codes(prepared) == ["amounts-rounded"]


def test_no_price_beside_a_leasing_offer_is_leasing_only(rig: Rig) -> None:
    assert rig.map(leasing_only(), **SEPARATE).payload["price"] == {"currency": "EUR", "type": "LEASING_ONLY"}
    as_text = rig.map(leasing_only(), leasing_example="text_end").payload
    assert as_text["price"] == {"currency": "EUR", "type": "ON_REQUEST"}


def test_leasing_only_falls_back_where_the_platform_does_not_offer_it(rig: Rig) -> None:
    rig.peer.refdata("pricetypes", ("FIXED", "Festpreis"), ("ON_REQUEST", "Auf Anfrage"))
    assert rig.map(leasing_only(), **SEPARATE).payload["price"]["type"] == "ON_REQUEST"


def test_a_price_stays_beside_a_leasing_offer(rig: Rig) -> None:
    vehicle = financed(prices=Prices(selling=Decimal(12_990)))
    assert rig.map(vehicle, **SEPARATE).payload["price"]["consumerPriceGross"] == "12990.00"
