"""Facts that must not go wrong, at AutoScout24: CO₂ classes, what is no car, VINs, texts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.vehicle_facts.data import (
    ConsumptionByPhase,
    Energy,
    Fuel,
    HybridKind,
    Kind,
    VehicleClass,
    VehicleData,
)
from tests.builders import golf
from tests.platforms.autoscout24.conftest import Rig
from tests.platforms.autoscout24.test_mapping import found
from tests.platforms.mobile_de.kinds import electric, new_diesel, plug_in

COMBINED = ConsumptionByPhase(combined=Decimal("5.7"))
VIN = "WVWZZZ1KZAW000001"


@pytest.mark.parametrize(
    ("vehicle", "field"),
    [
        (new_diesel(energy=Energy(fuel=COMBINED, co2=131, co2_class="A")), "energy.co2_class"),
        (
            plug_in(energy=plug_in().energy.model_copy(update={"co2_class_discharged": "B"})),
            "energy.co2_class_discharged",
        ),
        (plug_in(fuel=Fuel.ELECTRIC, hybrid=HybridKind.NONE), "fuel"),
        (
            electric(energy=electric().energy.model_copy(update={"co2_class": "B", "co2": 0})),
            "energy.co2_class",
        ),
    ],
)
def test_a_class_that_contradicts_its_value_blocks_at_its_field(
    rig: Rig, vehicle: VehicleData, field: str
) -> None:
    assert field in {place for _code, place in found(rig.prepared(vehicle))}


def test_a_contradicting_class_of_a_used_car_blocks_where_it_would_be_sent(rig: Rig) -> None:
    used = golf(energy=Energy(fuel=COMBINED, co2=131, co2_class="A"))
    assert found(rig.prepared(used)) == []
    assert found(rig.prepared(used, envkv_always=True)) == [("co2-class-contradicts", "energy.co2_class")]


@pytest.mark.parametrize("stated", [True, False])
def test_a_new_caravan_is_a_caravan_and_has_no_duty_to_state_consumption(rig: Rig, stated: bool) -> None:
    """Also where nobody chose the class and only the dealer's word says so."""
    vehicle_class = VehicleClass.CARAVAN if stated else VehicleClass.CAR
    caravan = golf(
        make="Hymer",
        vehicle_class=vehicle_class,
        category_label="Wohnwagen",
        body_type=None,
        kind=Kind.NEW,
        mileage=None,
        fuel=None,
        first_registration=None,
    )
    prepared = rig.prepared(caravan)
    assert prepared.problems == ()
    assert prepared.payload["vehicleType"] == "N"
    assert prepared.payload["bodyType"] == 208
    assert "wltp" not in prepared.payload


@pytest.mark.parametrize("word", ["Anhänger", "LKW", "Reisebus", "Amphibienfahrzeug"])
def test_what_autoscout24_does_not_take_from_us_is_no_car_there(rig: Rig, word: str) -> None:
    prepared = rig.prepared(golf(category_label=word, body_type=None))
    assert found(prepared) == [("vehicle-type-not-supported", "vehicle_class")]
    assert "vehicleType" not in prepared.payload


@pytest.mark.parametrize("written", ["wvwzzz1kzaw000001", VIN])
def test_a_stored_vin_goes_out_in_its_normal_form(rig: Rig, written: str) -> None:
    assert rig.prepared(golf(vin=written)).payload["vin"] == VIN


@pytest.mark.parametrize("written", ["123", "WVWZZZ1KZAWO00001", "00000000000000000"])
def test_what_cannot_be_a_vin_is_left_out_and_said(rig: Rig, written: str) -> None:
    prepared = rig.prepared(golf(vin=written))
    assert "vin" not in prepared.payload
    assert "vin-left-out" in {hint.code for hint in prepared.hints}


def test_a_short_number_of_before_the_standard_is_not_sent(rig: Rig) -> None:
    old = golf(vin="1182345", first_registration="1968-05")
    assert "vin" not in rig.prepared(old).payload
    assert "vin-left-out" not in {hint.code for hint in rig.prepared(old).hints}


def test_html_becomes_the_mark_up_of_the_platform(rig: Rig) -> None:
    text = "<b>Top</b><br>Sitzheizung &amp; Navi<ul><li>Klima</li></ul>*** Gepflegt ***<br>Verbrauch < 6 l"
    shown = rig.prepared(golf(description=text), equipment_format="criteria_only").payload["description"]
    assert shown == "Top\nSitzheizung & Navi\n\\* Klima\nGepflegt\nVerbrauch < 6 l"


def test_what_nobody_could_read_is_left_out_of_the_description_and_said(rig: Rig) -> None:
    prepared = rig.prepared(golf(description="gepr\ufffdft"), equipment_format="criteria_only")
    assert prepared.payload["description"] == "geprft"
    assert "characters-lost" in {hint.code for hint in prepared.hints}
