"""Each kind of vehicle, its whole listing; duties and bans by type of vehicle."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.platforms.autoscout24.fields import BY_PATH, FIELDS, TYPES, Member
from portal.platforms.autoscout24.vocabulary import VEHICLE_TYPES
from portal.platforms.contract import ImageRef, Prepared, Rules
from portal.vehicle_facts.data import (
    ConsumptionByPhase,
    Energy,
    Equipment,
    Fuel,
    HybridKind,
    Kind,
    Prices,
    Taxation,
    VehicleClass,
    VehicleData,
)
from tests.builders import golf
from tests.platforms.autoscout24.conftest import Rig
from tests.platforms.mobile_de import kinds
from tests.words import german

GOLDEN = Path(__file__).parent / "golden"
KINDS = (
    "used_petrol",
    "new_diesel",
    "electric",
    "plug_in",
    "demonstrator",
    "damaged",
    "convertible",
    "van",
    "motorbike",
    "motor_home",
    "financed",
)
PROHIBITED = "attribute-contains-prohibited-content"
SEPARATE = {"financing_example": "separate", "leasing_example": "separate"}


def listing(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def found(prepared: Prepared) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.field) for problem in prepared.problems]


@pytest.mark.parametrize("name", KINDS)
def test_kind_is_mapped_whole_and_without_problems(rig: Rig, name: str) -> None:
    prepared = rig.prepared(getattr(kinds, name)(), **SEPARATE)
    assert prepared.payload == listing(name)
    assert prepared.problems == ()
    assert prepared.internal_number == listing(name)["offerReferenceId"]


def test_every_golden_listing_belongs_to_a_kind() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(KINDS)


def by_type(kind: str, **facts: Any) -> VehicleData:
    builds = {"C": kinds.used_petrol, "B": kinds.motorbike, "X": kinds.van, "N": kinds.motor_home}
    return builds[kind](**facts)


def members(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path}
    return {name for key, one in value.items() for name in members(one, f"{path}.{key}".strip("."))} | {path}


RICH: dict[str, Any] = {
    "metallic": True,
    "non_smoker": True,
    "emission_sticker": "green",
    "emission_class": "Euro 4",
    "interior_type": "Stoff",
    "interior_colour": "Schwarz",
    "trailer_load_braked": 1800,
    "payload": 750,
    "weight": 1500,
    "equipment": Equipment(features=frozenset({"abs", "taxi", "massage_seats"})),
}


@pytest.mark.parametrize("kind", VEHICLE_TYPES.values())
def test_nothing_that_is_banned_for_a_type_is_sent(rig: Rig, kind: str) -> None:
    sent = members(rig.prepared(by_type(kind, **RICH), envkv_always=True).payload)
    assert not [member.path for member in FIELDS if kind in member.banned and member.path in sent]
    assert ("maximumTowingWeight" in sent) == (kind in "XN")
    assert ("payload" in sent) == (kind in "XNL")
    assert ("germanEmissionsSticker" in sent) == (kind != "B")
    assert ("wasCabOrRental" in sent) == (kind in "CX")


DUTIES = [
    (kind, member)
    for kind in VEHICLE_TYPES.values()
    for member in FIELDS
    if kind in member.must_registered or (kind in member.must and member.place in ("make", "model"))
]


@pytest.mark.parametrize(("kind", "member"), DUTIES, ids=lambda given: getattr(given, "path", given))
def test_what_is_due_for_a_type_blocks_when_it_is_missing(rig: Rig, kind: str, member: Member) -> None:
    empty: dict[str, Any] = {"make": "", "model": "", "first_registration": None, "mileage": None}
    problems = found(rig.prepared(by_type(kind, **{member.place: empty[member.place]})))
    assert ("mandatory-attribute-missing", member.place) in problems


def test_registration_and_mileage_of_a_motor_home_may_be_missing(rig: Rig) -> None:
    assert found(rig.prepared(kinds.motor_home(first_registration=None, mileage=None))) == []


def test_no_type_is_forgotten_in_the_table() -> None:
    for member in FIELDS:
        assert set(member.banned + member.must + member.must_registered) <= set(TYPES)
        assert not set(member.banned) & set(member.must + member.must_registered)
        assert member.label
        assert member.place


@pytest.mark.parametrize(
    ("stated", "sent"), [("5.45", 5.5), ("5.44", 5.4), ("5.4", 5.4), ("5.0", 5), ("5.95", 6)]
)
def test_numbers_are_rounded_to_the_decimals_that_are_kept(rig: Rig, stated: str, sent: float) -> None:
    energy = Energy(fuel=ConsumptionByPhase(combined=Decimal(stated)), co2=123, co2_class="D")
    payload = rig.prepared(kinds.new_diesel(energy=energy)).payload
    assert payload["wltp"]["consumptionCombined"] == sent


def test_nedc_values_are_never_sent(rig: Rig) -> None:
    for name in KINDS:
        payload = rig.prepared(getattr(kinds, name)(), envkv_always=True).payload
        assert not {"consumption", "co2Emissions", "efficiencyClass"} & payload.keys()


def test_tax_of_nought_is_no_statement(rig: Rig) -> None:
    values = kinds.electric().energy.model_copy(
        update={"vehicle_tax_per_year": Decimal(0), "energy_costs_per_year": Decimal("820.50")}
    )
    payload = rig.prepared(kinds.electric(energy=values)).payload
    assert payload["costModel"] == {"consumptionCosts": 820.5}


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"prices": Prices()}, ("mandatory-attribute-missing", "prices.selling")),
        ({"prices": Prices(on_request=True)}, ("price-on-request", "prices.on_request")),
        ({"prices": Prices(selling=Decimal("0.40"))}, ("invalid-price-value", "prices.selling")),
        ({"body_type": None}, ("mandatory-attribute-missing", "body_type")),
        ({"make": "Wartburg"}, ("invalid-make", "make")),
        ({"first_registration": "2099-01"}, ("registration-in-future", "first_registration")),
        ({"model_description": "Mail info@autohaus.de"}, (PROHIBITED, "model_description")),
        ({"sold": True}, ("sold", "sold")),
        ({"kind": Kind.NEW, "mileage": 64_500}, ("invalid-mileage", "mileage")),
    ],
)
def test_refusal_is_foreseen_with_its_field(
    rig: Rig, facts: dict[str, Any], problem: tuple[str, str]
) -> None:
    prepared = rig.prepared(golf(**facts))
    assert problem in found(prepared)
    assert all(german(note.text).endswith((".", ").")) for note in prepared.problems)


def test_what_is_not_allowed_is_shown_where_it_stands(rig: Rig) -> None:
    prepared = rig.prepared(golf(model_description="Golf, Mail an info@autohaus-müller.de genügt"))
    [told] = [german(one.text) for one in prepared.problems if one.code == PROHIBITED]
    assert "Gefunden: Golf, Mail an »info@autohaus-müller.de« genügt" in told


@pytest.mark.parametrize(
    ("kind", "registered", "offer"),
    [
        (Kind.EMPLOYEES_CAR, "2026-01", "J"),
        (Kind.EMPLOYEES_CAR, "2020-01", "U"),
        (Kind.ONE_DAY_REGISTRATION, "2020-01", "U"),
        (Kind.CLASSIC, "1975-06", "O"),
        (Kind.CLASSIC, "2015-06", "U"),
        (Kind.DEMONSTRATOR, "2025-06", "D"),
    ],
)
def test_car_too_old_or_too_young_for_its_kind_is_a_used_one(
    rig: Rig, kind: Kind, registered: str, offer: str
) -> None:
    energy = Energy(fuel=ConsumptionByPhase(combined=Decimal("5.4")), co2=123, co2_class="D")
    prepared = rig.prepared(golf(kind=kind, first_registration=registered, energy=energy))
    assert prepared.payload["offerType"] == offer
    assert ("offer-type-changed" in [hint.code for hint in prepared.hints]) == (
        offer == "U" and kind is not Kind.USED
    )


def test_description_is_cut_by_bytes_and_the_legal_text_stays(rig: Rig) -> None:
    long = kinds.financed().model_copy(update={"description": "Größe und Übersicht. " * 700})
    prepared = rig.prepared(long, financing_example="text_end")
    text = prepared.payload["description"]
    assert len(text.encode()) <= 10_000
    assert "Effektiver Jahreszins" in text
    assert "description-cut" in [hint.code for hint in prepared.hints]


def test_equipment_entries_have_an_escaped_asterisk_and_real_breaks(rig: Rig) -> None:
    text = rig.prepared(kinds.used_petrol(), equipment_format="lines").payload["description"]
    assert "\n\\* ABS" in text
    assert "**Ausstattung**" in text


def test_one_automatic_air_conditioning_is_sent(rig: Rig) -> None:
    both = Equipment(features=frozenset({"climate_control", "climate_control_2_zones"}))
    assert rig.prepared(golf(equipment=both)).payload["equipment"] == [241]


def test_tier_is_sent_only_where_it_is_wished(rig: Rig) -> None:
    wish = {"bookings": frozenset({"T30", "T20", "BOOST"})}
    assert "requestedTier" not in rig.prepared(golf(), subject=wish).payload["marketing"]["mia"]
    booked = rig.prepared(golf(), subject=wish, bookings="vehicle")
    assert booked.payload["marketing"]["mia"]["requestedTier"] == "T30"
    assert booked.payload["marketing"]["listingBoost"] == {"requested": True}
    assert booked.bookings == {"T30", "BOOST"}
    ended = rig.prepared(golf(), subject={"ending": frozenset({"BOOST"})}, bookings="vehicle")
    assert ended.payload["marketing"]["listingBoost"] == {"requested": False}


@pytest.mark.parametrize(
    ("setting", "channels"),
    [("none", ["AS24"]), ("kept", ["AS24"]), ("selected", ["AS24", "mobile_de"]), ("all", ["AS24"])],
)
def test_channel_of_mobile_de_follows_the_answer(rig: Rig, setting: str, channels: list[str]) -> None:
    payload = rig.prepared(golf(), mobile_export=setting).payload
    assert [channel["id"] for channel in payload["publication"]["channels"]] == channels


def test_pictures_are_fifty_at_most_and_none_twice(rig: Rig) -> None:
    images = tuple(ImageRef(f"{number % 55:064}", 1) for number in range(60))
    prepared = rig.prepared(golf(), subject={"images": images})
    assert [entry["sha256"] for entry in prepared.payload["images"]] == [f"{n:064}" for n in range(50)]
    assert {"picture-twice", "images-cut"} <= {hint.code for hint in prepared.hints}


def test_vat_is_stated_where_it_can_be_reclaimed(rig: Rig) -> None:
    prices = Prices(selling=Decimal(11900), taxation=Taxation.VAT_DEDUCTIBLE)
    assert rig.prepared(golf(prices=prices)).payload["prices"]["public"] == {
        "price": 11900,
        "currency": "EUR",
        "isTaxDeductible": True,
        "vatRate": 19,
        "netPrice": 10000,
    }
    dealer = Prices(selling=Decimal(11900), dealer=Decimal(12000), taxation=Taxation.MARGIN_SCHEME)
    assert "dealer" not in rig.prepared(golf(prices=dealer)).payload["prices"]


def test_number_of_a_series_finds_its_engine(rig: Rig) -> None:
    series = golf(make="BMW", model="3er", model_description="320d Touring")
    assert rig.prepared(series).payload["model"] == 1641
    assert rig.prepared(golf(make="BMW", model="320d")).payload["model"] == 1641


def test_vin_and_trade_ins_follow_the_dealers_rules(rig: Rig) -> None:
    assert "vin" not in rig.prepared(golf(), Rules(export_vin=False)).payload
    assert found(rig.prepared(golf(trade_in=True), Rules(trade_ins=False))) == [("trade-in", "trade_in")]


def test_paths_of_messages_lead_to_our_facts() -> None:
    assert BY_PATH["prices.public.price"].place == "prices.selling"
    assert VEHICLE_TYPES[VehicleClass.VAN] == "X"


def test_highlights_with_what_could_be_mark_up_are_left_out(rig: Rig) -> None:
    prepared = rig.prepared(golf(highlights=("1. Hand", "<b>neu</b>", "< 5 l", "www.autohaus.de")))
    assert prepared.payload["highlights"] == ["1. Hand"]
    assert "highlights-cut" in [hint.code for hint in prepared.hints]


def test_a_text_of_brackets_alone_is_no_text(rig: Rig) -> None:
    assert "bodyColorName" not in rig.prepared(golf(colour_name="<>")).payload


@pytest.mark.parametrize(
    "changes",
    [
        {"duration": 0},
        {"duration": 1000},
        {"monthly_rate": Decimal(0)},
        {"effective_interest": Decimal(100)},
        {"bank": ""},
    ],
)
def test_financing_beyond_the_bounds_is_left_out_and_keeps_nothing_back(
    rig: Rig, changes: dict[str, Any]
) -> None:
    first, second = kinds.financed().financing
    assert first is not None
    vehicle = kinds.financed(financing=(first.model_copy(update=changes), second))
    prepared = rig.prepared(vehicle, financing_example="separate")
    assert "financingOffer" not in prepared.payload
    assert prepared.problems == ()
    assert "financing-left-out" in [hint.code for hint in prepared.hints]


def test_a_dealer_price_that_is_rounded_to_the_public_one_is_left_out(rig: Rig) -> None:
    prices = Prices(selling=Decimal(10_000), dealer=Decimal("9999.60"))
    assert "dealer" not in rig.prepared(golf(prices=prices)).payload["prices"]


def test_a_net_price_is_below_the_public_one_or_not_there(rig: Rig) -> None:
    prices = Prices(selling=Decimal(2), taxation=Taxation.VAT_DEDUCTIBLE, vat_rate=Decimal("1"))
    vehicle = golf(prices=prices, confirmed=("prices.selling=2",))
    assert "netPrice" not in rig.prepared(vehicle).payload["prices"]["public"]


def test_a_plug_in_of_a_fuel_that_cannot_be_one_is_not_called_one(rig: Rig) -> None:
    payload = rig.prepared(golf(fuel=Fuel.LPG, hybrid=HybridKind.PLUG_IN)).payload
    assert payload["fuelCategory"] == "L"
    assert "isPluginHybrid" not in payload


def test_a_registration_before_the_first_car_is_no_registration(rig: Rig) -> None:
    prepared = rig.prepared(golf(first_registration="1880-01"))
    assert [problem.code for problem in prepared.problems] == ["first-registration-date-too-old"]


def test_co2_goes_out_with_its_decimal(rig: Rig) -> None:
    energy = kinds.new_diesel().energy.model_copy(update={"co2": Decimal("115.2"), "co2_class": "D"})
    prepared = rig.prepared(kinds.new_diesel(energy=energy))
    assert prepared.problems == ()
    assert prepared.payload["wltp"]["co2EmissionsCombined"] == 115.2
