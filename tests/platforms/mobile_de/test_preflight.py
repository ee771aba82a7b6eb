"""What the platform would refuse is found before, each with its field."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.calendar import today
from portal.platforms.contract import Prepared, Rules, Subject
from portal.vehicle_facts.data import Energy, Fuel, HybridKind, Kind, Prices, VehicleClass
from tests.builders import golf
from tests.platforms.mobile_de.conftest import Rig
from tests.platforms.mobile_de.kinds import demonstrator, electric, new_diesel, plug_in, van
from tests.words import german


def found(prepared: Prepared) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.field) for problem in prepared.problems]


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"body_type": None}, "missing-field", "body_type"),
        ({"power": None}, "missing-field", "power"),
        ({"fuel": None}, "missing-field", "fuel"),
        ({"gearbox": None}, "missing-field", "gearbox"),
        ({"mileage": None}, "missing-field", "mileage"),
        ({"first_registration": None}, "missing-field", "first_registration"),
        ({"first_registration": "2099-01"}, "first-registration-in-future", "first_registration"),
        ({"damaged": None}, "damageunrepaired-empty", "damaged"),
        ({"prices": Prices()}, "missing-field", "prices.selling"),
        ({"prices": Prices(selling=Decimal(0))}, "consumer-price-not-in-range", "prices.selling"),
        (
            {"prices": Prices(selling=Decimal("0.50")), "confirmed": ("prices.selling=0.5",)},
            "consumer-price-not-in-range",
            "prices.selling",
        ),
        ({"prices": Prices(selling=Decimal("12.99"))}, "amount-implausible", "prices.selling"),
        ({"sold": True, "prices": Prices(selling=Decimal("12990"))}, "sold", "sold"),
        ({"colour_name": "GrÃ¼n"}, "text-spoilt", "colour_name"),
        ({"prices": Prices(selling=Decimal(99_999_999))}, "consumer-price-not-in-range", "prices.selling"),
        ({"model_description": "Anruf 0171 2345678"}, "modeldescription-contains-phone", "model_description"),
        ({"model_description": "Tel. 040/123456"}, "modeldescription-contains-phone", "model_description"),
        ({"model_description": "+49 171 234 56 78"}, "modeldescription-contains-phone", "model_description"),
        ({"model_description": "info@autohaus.de"}, "modeldescription-contains-email", "model_description"),
        ({"model_description": "www.autohaus.de"}, "modeldescription-contains-url", "model_description"),
        ({"model_description": "autohaus-alice.de"}, "modeldescription-contains-url", "model_description"),
        ({"sold": True}, "sold", "sold"),
    ],
)
def test_problem_is_named_with_its_field(rig: Rig, facts: dict[str, Any], code: str, field: str) -> None:
    prepared = rig.map(golf(**facts))
    assert found(prepared) == [(code, field)]
    assert german(prepared.problems[0].text).endswith((".", ")."))


def test_what_is_not_transferred_for_its_class_is_asked_for_nothing_else(rig: Rig) -> None:
    trailer = golf(
        category_label="Anhänger", body_type=None, mileage=None, fuel=None, power=None, damaged=None
    )
    assert found(rig.map(trailer)) == [("class-not-supported", "vehicle_class")]


def test_the_first_registration_may_be_this_month_but_not_the_next(rig: Rig) -> None:
    this_month = today().replace(day=1)
    next_month = this_month + timedelta(days=31)
    assert found(rig.map(golf(first_registration=f"{this_month:%Y-%m}"))) == []
    assert found(rig.map(golf(first_registration=f"{next_month:%Y-%m}"))) == [
        ("first-registration-in-future", "first_registration")
    ]


@pytest.mark.parametrize(
    "headline",
    [
        "1.4 TSI 2018 150 PS",
        "320d xDrive 01/2018",
        "C 220 d 4MATIC 9G",
        "0-100 in 4.5s",
        "2.0 TDI DSG 7-Sitzer",
    ],
)
def test_ordinary_headline_is_no_contact(rig: Rig, headline: str) -> None:
    assert found(rig.map(golf(model_description=headline))) == []


def test_missing_displacement_is_only_a_hint(rig: Rig) -> None:
    prepared = rig.map(golf(displacement=None))
    assert prepared.problems == ()
    assert [(h.code, h.field, german(h.text)) for h in prepared.hints] == [
        ("missing-field", "displacement", "Hubraum fehlt: mobile.de empfiehlt diese Angabe.")
    ]
    assert rig.map(golf(displacement=None, fuel=Fuel.ELECTRIC)).hints == ()


def test_trade_ins_follow_the_dealers_rule(rig: Rig) -> None:
    assert found(rig.map(golf(trade_in=True))) == []
    assert found(rig.map(golf(trade_in=True), Rules(trade_ins=False))) == [("trade-in", "trade_in")]


def test_new_vehicle_needs_country_version_but_no_registration(rig: Rig) -> None:
    assert found(rig.map(new_diesel(country_version=""))) == [("countryversion-missing", "country_version")]


def test_price_on_request_needs_no_price(rig: Rig) -> None:
    assert found(rig.map(golf(prices=Prices(on_request=True)))) == []


def test_own_price_out_of_range_names_the_own_price(rig: Rig) -> None:
    prepared = rig.mapper()(Subject(golf(), "HH", platform_price="0.10"))
    assert found(prepared) == [("consumer-price-not-in-range", "platform_price")]


@pytest.mark.parametrize("build", [new_diesel, demonstrator])
def test_combustion_without_envkv_values_is_blocked(rig: Rig, build: Any) -> None:
    assert found(rig.map(build(energy=Energy()))) == [
        ("envkv-values-required", "energy.fuel.combined"),
        ("envkv-values-required", "energy.co2"),
        ("envkv-values-required", "energy.co2_class"),
    ]


def test_nearly_new_car_needs_envkv_values(rig: Rig) -> None:
    assert len(found(rig.map(golf(mileage=999)))) == 3
    assert found(rig.map(golf(mileage=1000))) == []
    assert found(rig.map(golf(mileage=999, kind=Kind.CLASSIC))) == []
    assert found(rig.map(van(mileage=10))) == []


def test_electric_car_needs_power_consumption_class_and_range(rig: Rig) -> None:
    assert [field for _, field in found(rig.map(electric(energy=Energy())))] == [
        "energy.power.combined",
        "energy.co2_class",
        "energy.electric_range",
    ]


def test_plug_in_needs_weighted_and_discharged_values(rig: Rig) -> None:
    assert [field for _, field in found(rig.map(plug_in(energy=Energy())))] == [
        "energy.weighted_fuel",
        "energy.weighted_power",
        "energy.discharged_fuel",
        "energy.co2",
        "energy.co2_class",
        "energy.co2_class_discharged",
        "energy.electric_range",
    ]


def test_envkv_values_of_other_cars_follow_the_setting(rig: Rig) -> None:
    energy = Energy(co2=123, co2_class="D")
    assert "emissions" not in rig.map(golf(energy=energy)).payload
    sent = rig.map(golf(energy=energy), envkv_always=True).payload
    assert sent["emissions"] == {"combined": {"co2": 123, "co2Class": "D"}}


def test_several_problems_are_all_named(rig: Rig) -> None:
    prepared = rig.map(golf(power=None, damaged=None, prices=Prices(), make="Wartburg"))
    assert {field for _, field in found(prepared)} == {"power", "damaged", "prices.selling", "make"}


def test_class_that_the_platform_does_not_offer_has_no_makes(rig: Rig) -> None:
    rig.peer.refdata("classes/Motorbike/makes")
    vehicle = golf(vehicle_class=VehicleClass.MOTORBIKE, hybrid=HybridKind.NONE)
    assert ("invalid-reference-data-value", "make") in found(rig.map(vehicle))


def test_a_class_that_contradicts_its_value_blocks(rig: Rig) -> None:
    wrong = new_diesel(energy=new_diesel().energy.model_copy(update={"co2_class": "A"}))
    assert found(rig.map(wrong)) == [("co2-class-contradicts", "energy.co2_class")]
    assert "Zu 131 g/km gehört die Klasse D" in german(rig.map(wrong).problems[0].text)
    used = golf(energy=Energy(co2=131, co2_class="A"))
    assert found(rig.map(used)) == []
    assert found(rig.map(used, envkv_always=True)) == [("co2-class-contradicts", "energy.co2_class")]


def test_a_trailer_and_a_truck_are_not_transferred_and_a_new_caravan_is(rig: Rig) -> None:
    for word in ("Anhänger", "LKW", "Reisebus"):
        prepared = rig.map(golf(category_label=word, body_type=None))
        assert ("class-not-supported", "vehicle_class") in found(prepared)
        assert "envkv-values-required" not in {code for code, _field in found(prepared)}
    caravan = golf(
        category_label="Wohnwagen",
        body_type=None,
        make="Hymer",
        model="B 544",
        kind=Kind.NEW,
        country_version="DE",
        fuel=None,
        gearbox=None,
        power=None,
        mileage=None,
    )
    prepared = rig.map(caravan)
    assert found(prepared) == []
    assert prepared.payload["vehicleClass"] == "Motorhome"


def test_the_place_of_a_telephone_number_is_marked(rig: Rig) -> None:
    [problem] = rig.map(golf(model_description="1.4 TSI, Anruf 0171 2345678")).problems
    assert german(problem.text).endswith("Gefunden: 1.4 TSI, Anruf »0171 2345678«.")


def test_what_cannot_be_a_vin_is_left_out(rig: Rig) -> None:
    prepared = rig.map(golf(vin="123"))
    assert "vin" not in prepared.payload
    assert ("vin-left-out", "vin") in [(hint.code, hint.field) for hint in prepared.hints]
    assert rig.map(golf(vin="wvwzzz1kzaw000001")).payload["vin"] == "WVWZZZ1KZAW000001"


@pytest.mark.parametrize(
    ("damaged", "accident", "roadworthy", "warned"),
    [
        (False, False, True, False),
        (False, True, True, False),
        (True, False, True, False),
        (True, True, True, False),
        (True, True, False, False),
        (True, None, None, False),
        (False, None, None, False),
        (False, False, False, True),
    ],
)
def test_damages_are_sent_as_stated_and_what_the_table_lacks_is_asked_about(
    rig: Rig, damaged: bool, accident: bool | None, roadworthy: bool | None, warned: bool
) -> None:
    prepared = rig.map(golf(damaged=damaged, accident=accident, roadworthy=roadworthy))
    names = ("damageUnrepaired", "accidentDamaged", "roadworthy")
    assert tuple(prepared.payload.get(name) for name in names) == (damaged, accident, roadworthy)
    assert [hint.code for hint in prepared.hints] == (["damage-contradicts"] if warned else [])
    assert prepared.problems == ()
