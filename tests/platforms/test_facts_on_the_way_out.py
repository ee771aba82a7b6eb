"""Facts that must not go wrong, at every platform alike: CO₂ classes, what is no car, VINs, texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portal.platforms import get_app
from portal.platforms.contract import Account, Rules
from portal.platforms.contract.fields import validate
from portal.platforms.contract.files import Doubles
from portal.vehicle_facts.data import (
    ConsumptionByPhase,
    Energy,
    Equipment,
    Fuel,
    HybridKind,
    Kind,
    VehicleClass,
    VehicleData,
)
from portal.vehicle_facts.identity import class_of
from tests.platforms.file_rig import AROUND, FILE_APPS, FileRig, file_rig, golf, read
from tests.platforms.filled import filled
from tests.platforms.mobile_de.kinds import electric, new_diesel, plug_in
from tests.words import german

COMBINED = ConsumptionByPhase(combined=Decimal("5.7"))
VIN = "WVWZZZ1KZAW000001"


@pytest.fixture(params=FILE_APPS)
def rig(request: pytest.FixtureRequest) -> FileRig:
    return file_rig(request.param)


def blocked(rig: FileRig, vehicle: VehicleData) -> set[tuple[str, str | None]]:
    return {(problem.code, problem.field) for problem in rig.entry(vehicle).problems}


@pytest.mark.parametrize(
    ("vehicle", "field"),
    [
        (new_diesel(energy=Energy(fuel=COMBINED, co2=131, co2_class="A")), "energy.co2_class"),
        (
            electric(
                energy=Energy(
                    power=ConsumptionByPhase(combined=Decimal("16.9")),
                    co2=0,
                    co2_class="B",
                    electric_range=420,
                )
            ),
            "energy.co2_class",
        ),
        (
            plug_in(energy=plug_in().energy.model_copy(update={"co2_class_discharged": "B"})),
            "energy.co2_class_discharged",
        ),
        (plug_in(energy=plug_in().energy.model_copy(update={"co2_class": "D"})), "energy.co2_class"),
        (plug_in(fuel=Fuel.ELECTRIC), "fuel"),
        (plug_in(fuel=Fuel.ELECTRIC, hybrid=HybridKind.NONE), "fuel"),
        (
            new_diesel(fuel=Fuel.HYDROGEN, energy=Energy(fuel=COMBINED, co2=0, co2_class="B")),
            "energy.co2_class",
        ),
    ],
)
def test_a_class_that_contradicts_its_value_blocks_at_its_field(
    rig: FileRig, vehicle: VehicleData, field: str
) -> None:
    assert field in {place for _code, place in blocked(rig, vehicle)}


@pytest.mark.parametrize(
    "vehicle",
    [
        new_diesel(),
        electric(),
        plug_in(),
        new_diesel(fuel=Fuel.HYDROGEN, energy=Energy(fuel=COMBINED, co2_class="A")),
    ],
)
def test_classes_that_fit_block_nothing(rig: FileRig, vehicle: VehicleData) -> None:
    assert not [code for code, field in blocked(rig, vehicle) if field and field.startswith("energy")]


def test_a_contradicting_class_of_a_used_car_is_left_out_of_a_table() -> None:
    rig = file_rig("email")
    vehicle = golf(energy=Energy(co2=131, co2_class="A"))
    assert blocked(rig, vehicle) == set()
    [row] = read(rig, rig.file(vehicle))
    assert "A" not in row


@pytest.mark.parametrize(
    ("energy", "field"),
    [
        (Energy(fuel=COMBINED, co2=0, co2_class="A"), "energy.co2"),
        (
            Energy(fuel=ConsumptionByPhase(combined=Decimal(0)), co2=131, co2_class="D"),
            "energy.fuel.combined",
        ),
    ],
)
def test_what_burns_fuel_neither_emits_nor_consumes_nothing(rig: FileRig, energy: Energy, field: str) -> None:
    """0 g/km and class A of a petrol car is what tools send that have no value: a false label (Pkw-EnVKV)."""
    assert ("envkv-values-required", field) in blocked(rig, new_diesel(energy=energy))


OTHERS = {"Anhänger": "trailer", "LKW": "truck", "Reisebus": "bus", "Sonderfahrzeug": "other"}


@pytest.mark.parametrize("word", OTHERS)
@pytest.mark.parametrize("stated", [True, False])
def test_what_is_no_passenger_car_has_no_duty_and_no_place_in_feeds_for_cars(word: str, stated: bool) -> None:
    """Also where nobody chose the class and only the dealer's word says so."""
    facts: dict[str, Any] = {"vehicle_class": VehicleClass(OTHERS[word])} if stated else {}
    vehicle = golf(category_label=word, body_type=None, mileage=0, kind=Kind.NEW, **facts)
    assert class_of(vehicle) == OTHERS[word]
    for slug in FILE_APPS:
        assert "envkv-values-required" not in {code for code, _field in blocked(file_rig(slug), vehicle)}
    for slug in ("google-vehicle-ads", "meta-catalog", "tiktok-automotive", "microsoft-autos"):
        assert ("class-not-taken", "vehicle_class") in blocked(file_rig(slug), vehicle)


def test_an_unknown_category_is_neither_freed_nor_shown_as_a_car() -> None:
    vehicle = golf(category_label="Amphibienfahrzeug", body_type=None, mileage=0, kind=Kind.NEW)
    google = blocked(file_rig("google-vehicle-ads"), vehicle)
    assert {"class-not-taken", "envkv-values-required"} <= {code for code, _field in google}


def test_a_new_caravan_is_not_blocked() -> None:
    caravan = golf(category_label="Wohnwagen", body_type=None, fuel=None, mileage=None, kind=Kind.NEW)
    assert blocked(file_rig("dealer-website"), caravan) == set()


@pytest.mark.parametrize("vin", ["wvwzzz1kzaw000001", "WVW ZZZ 1KZ AW 000001"[:17]])
def test_a_stored_vin_goes_out_in_its_normal_form_or_not_at_all(vin: str) -> None:
    rig = file_rig("google-vehicle-ads")
    entry = rig.entry(golf(vin=vin))
    shown = dict(zip(["id", "vin"], entry.values, strict=False))["vin"]
    assert shown == (VIN if len(vin.replace(" ", "")) == 17 else "")
    assert ("vin-left-out" in {hint.code for hint in entry.hints}) == (shown == "")


def test_one_vin_in_two_spellings_is_one_vehicle_in_a_feed() -> None:
    rig, doubles = file_rig("google-vehicle-ads"), Doubles()
    first = doubles(rig.entry(golf(offer_number="VL1", vin=VIN.lower())))
    second = doubles(rig.entry(golf(offer_number="VL2", vin=VIN)))
    assert first.problems == ()
    assert [problem.code for problem in second.problems] == ["number-double"]


@pytest.mark.parametrize("slug", ["meta-catalog", "google-vehicle-ads", "dealer-website"])
def test_html_and_what_nobody_could_read_never_reach_a_buyer(slug: str) -> None:
    rig = file_rig(slug)
    text = "<b>Top</b><br>Sitzheizung &amp; Navi<ul><li>Klima</li></ul>gepr\ufffdft, Verbrauch < 6 l"
    shown = " ".join(map(str, rig.entry(golf(description=text)).values))
    assert "Sitzheizung & Navi" in shown
    assert "Verbrauch < 6 l" in shown
    assert not any(odd in shown for odd in ("<b>", "<br>", "&amp;", "<li>", "\ufffd"))


def test_meta_is_told_no_telephone_number_without_a_word() -> None:
    entry = file_rig("meta-catalog").entry(golf(description="Anruf unter 0172 1234567 genügt"))
    assert [german(hint.text) for hint in entry.hints if hint.code == "description-contains-contact"] == [
        "Meta erlaubt in der Beschreibung weder Links noch Kontaktdaten. "
        "Gefunden: Anruf unter »0172 1234567« genügt."
    ]


def test_a_website_with_umlauts_is_taken_and_its_file_is_called_by_the_ascii_name() -> None:
    app = get_app("dealer-website")
    given = filled(app) | {"customer_number": "www.autohaus-müller.de"}
    assert [error.name for error in validate(app.fields, given)[1]] == []
    assert app.file
    account = Account("www.autohaus-müller.de", "")
    writer = app.file.writer(filled(app), account, Rules(), AROUND)
    assert writer.file_name.startswith("www.xn--autohaus-mller-psb.de.")
    wrong = validate(app.fields, given | {"customer_number": "https://autohaus.de"})[1]
    assert [error.name for error in wrong] == ["customer_number"]


@pytest.mark.parametrize("slug", ["meta-catalog", "google-vehicle-ads"])
def test_a_feed_carries_addresses_in_ascii(slug: str) -> None:
    page = "https://www.autohaus-müller.de/gebraucht/größe/{number}"
    rig = file_rig(slug, vehicle_url=page)
    vehicle = golf(offer_number="U1")
    shown = [str(value) for value in rig.entry(vehicle).values]
    assert "https://www.xn--autohaus-mller-psb.de/gebraucht/gr%C3%B6%C3%9Fe/U1" in shown


ON_THE_EDGE = Energy(fuel=COMBINED, co2=Decimal("95.4"), co2_class="C")
"""With 95 g/km it would be B: fields of whole numbers get the next one, never another class."""


def test_a_class_is_that_of_the_value_with_its_decimal(rig: FileRig) -> None:
    assert "energy.co2_class" not in {field for _code, field in blocked(rig, new_diesel(energy=ON_THE_EDGE))}
    wrong = ON_THE_EDGE.model_copy(update={"co2_class": "B"})
    assert "energy.co2_class" in {field for _code, field in blocked(rig, new_diesel(energy=wrong))}


def test_co2_goes_out_with_its_decimal_or_as_the_next_whole_number() -> None:
    vehicle = new_diesel(energy=ON_THE_EDGE)
    assert "CO₂-Emissionen kombiniert: 95,4 g/km" in str(file_rig("email").entry(vehicle).values)
    assert "96 g/km" in file_rig("google-vehicle-ads").entry(vehicle).values
    layout = file_rig("mobile-de-csv")
    assert read(layout, layout.file(vehicle))[0][99] == "96"
    every = file_rig("generic", format="json", columns="all")
    assert "95.4" in str(read(every, every.file(vehicle)))


@pytest.mark.parametrize("slug", ["google-vehicle-ads", "email", "mobile-de-csv"])
def test_a_fuel_cell_that_can_be_charged_is_labelled_as_a_fuel_cell(slug: str) -> None:
    label = Energy(fuel=ConsumptionByPhase(combined=Decimal("0.8")), co2=0, co2_class="A", electric_range=600)
    cell = new_diesel(fuel=Fuel.HYDROGEN, colour="Silber", energy=label)
    rig = file_rig(slug)
    chargeable = rig.entry(cell.model_copy(update={"hybrid": HybridKind.PLUG_IN}))
    assert [problem.code for problem in chargeable.problems] == []
    assert blocked(rig, cell) == set()


def test_spoilt_equipment_keeps_a_vehicle_back_everywhere() -> None:
    """It stands in the description of every file."""
    vehicle = golf(equipment=Equipment(other=("KlimaanlÃ¤ge",)))
    for slug in FILE_APPS:
        assert ("text-spoilt", "equipment.other.0") in blocked(file_rig(slug), vehicle)


FEEDS = ("google-vehicle-ads", "meta-catalog", "tiktok-automotive", "microsoft-autos")


@pytest.mark.parametrize("slug", FEEDS)
def test_what_a_feed_does_not_take_is_asked_for_nothing_else(slug: str) -> None:
    """Nobody shall fill in the mileage of a trailer in vain."""
    facts: dict[str, Any] = {"mileage": None, "fuel": None, "power": None, "gearbox": None}
    trailer = golf(category_label="Anhänger", body_type=None, energy=Energy(), **facts)
    assert blocked(file_rig(slug), trailer) == {("class-not-taken", "vehicle_class")}


@pytest.mark.parametrize("slug", FEEDS)
def test_a_registration_to_come_is_the_year_of_no_car(slug: str) -> None:
    assert blocked(file_rig(slug), golf(first_registration="2026-12")) == {
        ("first-registration-in-future", "first_registration")
    }
    assert blocked(file_rig(slug), golf(first_registration="2026-11")) == set()
