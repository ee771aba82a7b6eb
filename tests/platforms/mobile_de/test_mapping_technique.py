from __future__ import annotations

from typing import Any

import pytest

from portal.platforms.contract import Rules
from portal.vehicle_facts.data import Battery, Drive, Equipment, Fuel, HybridKind
from tests.builders import golf
from tests.platforms.mobile_de.conftest import Rig


@pytest.mark.parametrize(
    ("fuel", "hybrid", "choice", "sent"),
    [
        (Fuel.PETROL, HybridKind.NONE, "combustion", "PETROL"),
        (Fuel.PETROL, HybridKind.MILD, "combustion", "PETROL"),
        (Fuel.PETROL, HybridKind.MILD, "hybrid", "HYBRID"),
        (Fuel.HYBRID_PETROL, HybridKind.MILD, "combustion", "PETROL"),
        (Fuel.HYBRID_DIESEL, HybridKind.MILD, "combustion", "DIESEL"),
        (Fuel.DIESEL, HybridKind.MILD, "hybrid", "HYBRID_DIESEL"),
        (Fuel.PETROL, HybridKind.FULL, "combustion", "HYBRID"),
        (Fuel.DIESEL, HybridKind.PLUG_IN, "combustion", "HYBRID_DIESEL"),
        (Fuel.HYBRID_PETROL, HybridKind.NONE, "combustion", "HYBRID"),
        (Fuel.ELECTRIC, HybridKind.NONE, "combustion", "ELECTRICITY"),
        (Fuel.HYDROGEN, HybridKind.NONE, "combustion", "HYDROGENIUM"),
    ],
)
def test_fuel_follows_the_hybrid_and_the_dealers_choice(
    rig: Rig, fuel: Fuel, hybrid: HybridKind, choice: Any, sent: str
) -> None:
    payload = rig.map(golf(fuel=fuel, hybrid=hybrid), Rules(mild_hybrid_as=choice)).payload
    assert payload["fuel"] == sent
    assert payload.get("hybridPlugin") == (True if hybrid is HybridKind.PLUG_IN else None)


def test_enumerations_come_in_the_platforms_own_spelling(rig: Rig) -> None:
    rig.peer.refdata("fuels", ("Petrol", "Benzin"), ("Diesel", "Diesel"))
    rig.peer.refdata("gearboxes", ("G1", "Schaltgetriebe"), ("G2", "Automatik"))
    payload = rig.map(golf()).payload
    assert (payload["fuel"], payload["gearbox"]) == ("Petrol", "G1")


def test_mandatory_value_that_is_not_offered_blocks(rig: Rig) -> None:
    rig.peer.refdata("fuels", ("DIESEL", "Diesel"))
    assert [(p.code, p.field) for p in rig.map(golf()).problems] == [("invalid-reference-data-value", "fuel")]


def test_optional_value_that_is_not_offered_is_left_out_with_a_hint(rig: Rig) -> None:
    rig.peer.refdata("colors", ("BLACK", "Schwarz"))
    prepared = rig.map(golf(colour="Grün"))
    assert "exteriorColor" not in prepared.payload
    assert [(h.code, h.field) for h in prepared.hints] == [("value-left-out", "colour")]


@pytest.mark.parametrize(
    ("colour", "key"),
    [
        ("schwarz", "BLACK"),
        ("Dunkelblau metallic", "BLUE"),
        ("Anthrazit", "GREY"),
        ("WEISS", "WHITE"),
        ("Gruen", "GREEN"),
        ("Türkis", "BLUE"),
        ("SILVER", "SILVER"),
        ("kariert", None),
    ],
)
def test_colour_is_recognised_in_a_dealers_words(rig: Rig, colour: str, key: str | None) -> None:
    assert rig.map(golf(colour=colour)).payload.get("exteriorColor") == key


@pytest.mark.parametrize(
    ("label", "key"),
    [("Euro 6d-TEMP", "EURO6D_TEMP"), ("Euro6", "EURO6"), ("EURO 5", "EURO5"), ("Euro 9", None)],
)
def test_emission_class_is_matched(rig: Rig, label: str, key: str | None) -> None:
    assert rig.map(golf(emission_class=label)).payload.get("emissionClass") == key


@pytest.mark.parametrize(
    ("doors", "key"), [(2, "TWO_OR_THREE"), (5, "FOUR_OR_FIVE"), (7, "SIX_OR_SEVEN"), (1, None)]
)
def test_doors_are_counted_in_classes(rig: Rig, doors: int, key: str | None) -> None:
    assert rig.map(golf(doors=doors)).payload.get("doors") == key


def test_richest_choice_wins(rig: Rig) -> None:
    features = frozenset({"air_conditioning", "climate_control", "cruise_control", "adaptive_cruise_control"})
    payload = rig.map(golf(equipment=Equipment(features=features))).payload
    assert payload["climatisation"] == "AUTOMATIC_CLIMATISATION"
    assert payload["speedControl"] == "ADAPTIVE_CRUISE_CONTROL"


def test_battery_data_go_only_with_electric_cars(rig: Rig) -> None:
    battery = Battery(capacity=58)
    assert rig.map(golf(fuel=Fuel.ELECTRIC, battery=battery)).payload["batteryCapacity"] == 58
    prepared = rig.map(golf(battery=battery))
    assert not [name for name in prepared.payload if name.startswith("battery")]
    assert [h.code for h in prepared.hints] == ["e-car-attributes-left-out"]


def test_no_statement_is_not_sent(rig: Rig) -> None:
    payload = rig.map(golf()).payload
    assert (
        not {"accidentDamaged", "warranty", "metallic", "reserved", "images", "description"} & payload.keys()
    )


def test_reserved_is_sent(rig: Rig) -> None:
    assert rig.map(golf(reserved=True)).payload["reserved"] is True


@pytest.mark.parametrize(
    ("facts", "name", "sent"),
    [
        ({"cylinders": 12}, "cylinder", 12),
        ({"cylinders": 16}, "cylinder", None),
        ({"tank_volume": 99}, "fuelTankVolume", 99),
        ({"tank_volume": 120}, "fuelTankVolume", None),
        ({"tank_volume": 0}, "fuelTankVolume", None),
        ({"trailer_load_braked": 9_999}, "trailerLoadBraked", 9_999),
        ({"trailer_load_unbraked": 10_000}, "trailerLoadUnbraked", None),
        ({"payload": 480}, "payload", 480),
        ({"payload": 12_000}, "payload", None),
        ({"belted_seats": 4}, "seatbeltSeats", 4),
        ({"belted_seats": 53}, "seatbeltSeats", None),
        ({"standing_height": 198}, "standingHeight", 198),
        ({"standing_height": 400}, "standingHeight", None),
    ],
)
def test_an_optional_number_beyond_what_is_taken_is_left_out_and_keeps_nothing_back(
    rig: Rig, facts: dict[str, int], name: str, sent: int | None
) -> None:
    prepared = rig.map(golf(**facts))
    assert prepared.payload.get(name) == sent
    assert prepared.problems == ()
    assert [hint.code for hint in prepared.hints] == ([] if sent else ["value-left-out"])


def test_the_drive_is_never_said_by_the_member_that_counts_for_nothing(rig: Rig) -> None:
    payload = rig.map(golf(drive=Drive.ALL_WHEEL)).payload
    assert payload["driveType"] == "ALL_WHEEL"
    assert "fourWheelDrive" not in payload
