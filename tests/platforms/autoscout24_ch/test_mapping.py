"""Vehicle and settings → listing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.platforms.contract import Rules
from portal.vehicle_facts.data import Equipment, HybridKind, Kind, Prices, VehicleClass
from tests.builders import golf
from tests.platforms.autoscout24_ch.conftest import Market
from tests.platforms.mobile_de import kinds


def codes(notes: Any) -> set[str]:
    return {note.code for note in notes}


def test_price_is_the_dealers_own_in_francs_and_never_converted(market: Market) -> None:
    own = market.prepared(golf(), platform_price="15900.50")
    assert own.payload["price"] == 15900.5
    without = market.prepared(golf(), platform_price=None)
    assert "price" not in without.payload
    assert [problem.code for problem in without.problems] == ["price-in-francs-missing"]
    assert without.problems[0].field == "platform_price"
    off = market.prepared(golf(), Rules(platform_prices=False))
    assert codes(off.problems) == {"platform-prices-off"}


def test_promotional_price_in_euros_changes_nothing(market: Market) -> None:
    prices = Prices(selling=Decimal(12990), promo=Decimal(9990), on_request=True)
    assert market.prepared(golf(prices=prices)).payload["price"] == 15900


def test_energy_label_is_found_by_the_type_certificate(market: Market) -> None:
    payload = market.prepared(golf(type_certificate="1VD512")).payload
    assert payload["energyLabel"] == "c"
    assert payload["co2Emission"] == 128
    assert payload["consumptionCombined"] == 5.6
    assert payload["certificationNumber"] == "1VD512"
    assert payload["versionIdentificationMethod"] == "certification-number"


def test_stated_values_stand_before_those_found(market: Market) -> None:
    car = kinds.new_diesel(type_certificate="1VD512")
    payload = market.prepared(car).payload
    assert payload["co2Emission"] == car.energy.co2
    assert payload["energyLabel"] == "c"


def test_european_class_is_no_swiss_label(market: Market) -> None:
    prepared = market.prepared(kinds.new_diesel())
    assert "energyLabel" not in prepared.payload
    assert "energy-label-unknown" in codes(prepared.hints)
    unknown = market.prepared(kinds.new_diesel(type_certificate="9ZZ999"))
    assert "energyLabel" not in unknown.payload
    assert unknown.problems == ()


def test_detection_is_asked_once_for_all_vehicles_of_a_certificate(market: Market) -> None:
    asked = len(market.requests())
    for _ in range(3):
        market.prepared(golf(type_certificate="1MB777"))
    detections = [row for row in market.requests()[asked:] if row["path"].endswith("/detect")]
    assert len(detections) == 1


@pytest.mark.parametrize(
    ("settings", "warranty", "expected"),
    [
        ({}, True, {"warrantyType": "from-delivery"}),
        (
            {"warranty_type": "from-first-registration", "warranty_months": 24, "warranty_mileage": 60_000},
            True,
            {
                "warrantyType": "from-first-registration",
                "warrantyDuration": 24,
                "warrantyMileage": 60_000,
            },
        ),
        ({"warranty_months": 24}, False, {"warrantyType": "none"}),
        ({"warranty_type": "none", "warranty_months": 24}, True, {"warrantyType": "none"}),
    ],
)
def test_warranty(market: Market, settings: dict[str, Any], warranty: bool, expected: dict[str, Any]) -> None:
    payload = market.prepared(golf(warranty=warranty), settings=settings).payload
    assert {name: value for name, value in payload.items() if name.startswith("warranty")} == expected


@pytest.mark.parametrize(
    ("hybrid", "mild", "fuel"),
    [
        (HybridKind.NONE, "combustion", "petrol"),
        (HybridKind.MILD, "combustion", "petrol"),
        (HybridKind.MILD, "hybrid", "mhev-petrol"),
        (HybridKind.FULL, "combustion", "hev-petrol"),
        (HybridKind.PLUG_IN, "combustion", "phev-petrol"),
    ],
)
def test_hybrids_by_their_kind(market: Market, hybrid: HybridKind, mild: Any, fuel: str) -> None:
    assert market.prepared(golf(hybrid=hybrid), Rules(mild_hybrid_as=mild)).payload["fuelType"] == fuel


def test_unknown_model_is_left_to_the_version_name(market: Market) -> None:
    prepared = market.prepared(golf(model="Erlkönig", model_description=""))
    assert "modelKey" not in prepared.payload
    assert prepared.payload["versionFullName"] == "VW Erlkönig"
    assert "model-other" in codes(prepared.hints)
    assert codes(market.prepared(golf(make="Tatra-Eigenbau")).problems) == {"unknown-make"}


def test_classes_that_are_not_taken_are_said(market: Market) -> None:
    prepared = market.prepared(golf(vehicle_class=VehicleClass.FORKLIFT))
    assert codes(prepared.problems) == {"vehicle-type-not-supported"}


def test_duties_are_problems_before_anything_is_sent(market: Market) -> None:
    prepared = market.prepared(golf(first_registration=None))
    assert [(one.code, one.field) for one in prepared.problems] == [("missing-field", "first_registration")]
    new = market.prepared(golf(kind=Kind.NEW, first_registration=None, mileage=None))
    assert new.problems == ()
    assert new.payload["mileage"] == 0
    assert "registration-in-future" in codes(market.prepared(golf(first_registration="2199-01")).problems)


def test_settings_reach_the_listing(market: Market) -> None:
    car = golf(equipment=Equipment(features=frozenset({"climate_control_2_zones", "heated_seats"})))
    settings = {"language": "fr", "direct_import": True, "equipment_format": "criteria_only"}
    payload = market.prepared(car, settings=settings).payload
    assert payload["language"] == "fr"
    assert payload["directImport"] is True
    assert "description" not in payload
    assert payload["equipment"] == ["air-condition", "automatic-air-condition", "heated-seats"]
    assert (
        "Sitzheizung" in market.prepared(car, settings={"equipment_format": "lines"}).payload["description"]
    )


def test_top_list_only_where_it_is_wished_and_transferred(market: Market) -> None:
    wish = frozenset({"TOP-LIST"})
    assert "topList" not in market.prepared(golf(), bookings=wish).payload
    assert "topList" not in market.prepared(golf(), settings={"bookings": "vehicle"}).payload
    wished = market.prepared(golf(), bookings=wish, settings={"bookings": "vehicle"})
    assert wished.payload["topList"] is True
    assert wished.bookings == wish


def test_payload_is_sent_as_far_as_the_document_takes_it(market: Market) -> None:
    assert market.prepared(golf(payload=480)).payload["payload"] == 480
    beyond = market.prepared(golf(payload=30_000))
    assert "payload" not in beyond.payload
    assert "value-left-out" in codes(beyond.hints)
