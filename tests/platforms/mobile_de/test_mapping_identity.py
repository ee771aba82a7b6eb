from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.platforms.common.offer import usable_number
from portal.platforms.common.texts import shorten
from portal.platforms.contract import Prepared, Rules
from portal.vehicle_facts.data import BodyType, VehicleClass
from tests.builders import golf
from tests.platforms.mobile_de.conftest import Rig
from tests.words import german


def codes(prepared: Prepared) -> list[str]:
    return [note.code for note in (*prepared.problems, *prepared.hints)]


@pytest.mark.parametrize(
    ("form", "number"),
    [("offer", "A7"), ("code_offer", "HH-A7"), ("vin", "WVWZZZ1KZAW000001"), ("vin7", "W000001")],
)
def test_number_follows_the_setting(rig: Rig, form: str, number: str) -> None:
    prepared = rig.map(golf(offer_number="A7"), number_format=form)
    assert prepared.payload["internalNumber"] == prepared.internal_number == number


def test_number_without_vin_is_the_offer_number_and_says_so(rig: Rig) -> None:
    prepared = rig.map(golf(offer_number="A7", vin=""), number_format="vin")
    assert prepared.internal_number == "A7"
    assert "number-without-vin" in codes(prepared)


def test_foreign_characters_in_the_number_are_replaced_and_stay_apart(rig: Rig) -> None:
    slash, dot = rig.map(golf(offer_number="A/7 ü")), rig.map(golf(offer_number="A.7 ü"))
    assert slash.internal_number != dot.internal_number
    assert slash.internal_number.startswith("A-7--")
    assert "number-changed" in codes(slash)


@given(st.text(min_size=1, max_size=80))
def test_any_number_becomes_one_that_the_platform_takes(number: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", usable_number(number))


def test_vin_is_sent_only_when_the_dealer_exports_it(rig: Rig) -> None:
    assert rig.map(golf()).payload["vin"] == "WVWZZZ1KZAW000001"
    assert "vin" not in rig.map(golf(), Rules(export_vin=False)).payload


@pytest.mark.parametrize(
    ("make", "key"),
    [
        ("VW", "M-VW"),
        ("vw", "M-VW"),
        ("Volkswagen", "M-VW"),
        ("Mercedes", "M-MB"),
        ("MERCEDES BENZ", "M-MB"),
        ("Mercedes-Benz", "M-MB"),
        ("M-MB", "M-MB"),
    ],
)
def test_make_is_found_in_any_spelling(rig: Rig, make: str, key: str) -> None:
    assert rig.map(golf(make=make, model="Andere")).payload["make"] == key


def test_unknown_make_is_a_problem(rig: Rig) -> None:
    prepared = rig.map(golf(make="Wartburg"))
    assert [(p.code, p.field) for p in prepared.problems] == [("invalid-reference-data-value", "make")]
    assert "Wartburg" in german(prepared.problems[0].text)


@pytest.mark.parametrize(
    ("make", "model", "key", "hint"),
    [
        ("VW", "GOLF", "m1", None),
        ("VW", "VW Golf", "m1", None),
        ("VW", "golf plus", "m2", None),
        ("VW", "Golf VII Variant", "m1", "model-simplified"),
        ("VW", "Käfer", "OTHER", "model-other"),
        ("VW", "Andere", "OTHER", None),
        ("Mercedes", "C Klasse", "c", None),
        ("BMW", "3ER", "b3", None),
        ("BMW", "3er Reihe", "b3", None),
    ],
)
def test_model_is_found_or_other_with_a_hint(
    rig: Rig, make: str, model: str, key: str, hint: str | None
) -> None:
    prepared = rig.map(golf(make=make, model=model))
    assert prepared.payload["model"] == key
    assert [h.code for h in prepared.hints] == ([hint] if hint else [])


def test_model_that_a_list_without_other_lacks_is_a_problem(rig: Rig) -> None:
    prepared = rig.map(golf(make="BMW", model="Isetta"))
    assert [p.code for p in prepared.problems] == ["invalid-model-for-make"]


def test_empty_make_and_model_are_problems(rig: Rig) -> None:
    assert [p.code for p in rig.map(golf(make="", model="")).problems] == ["make-empty"]
    assert [p.code for p in rig.map(golf(model="")).problems] == ["model-empty"]


def test_headline_is_cut_at_a_word_with_a_hint(rig: Rig) -> None:
    prepared = rig.map(golf(model_description="1.4 TSI Comfortline mit sehr vielen Extras und Winterreifen"))
    assert prepared.payload["modelDescription"] == "1.4 TSI Comfortline mit sehr vielen Extras und"
    assert codes(prepared) == ["modeldescription-cut"]


def test_headline_without_description_is_make_and_model(rig: Rig) -> None:
    assert rig.map(golf(model_description="")).payload["modelDescription"] == "VW Golf"


@given(st.text(alphabet="abc äöü,-/", max_size=200), st.integers(min_value=1, max_value=80))
@example(text="  a", longest=1)
def test_shortened_text_fits_and_begins_the_same(text: str, longest: int) -> None:
    short = shorten(text, longest)
    assert len(short) <= longest
    assert text.startswith(short) or text.lstrip().startswith(short.lstrip())


def test_category_label_helps_where_the_body_type_is_unknown(rig: Rig) -> None:
    labelled = golf(body_type=None, category_label="Kombi")
    assert rig.map(labelled).payload["category"] == "EstateCar"
    assert rig.map(golf(body_type=BodyType.OTHER)).payload["category"] == "OtherCar"


def test_unknown_category_of_a_van_is_other_with_a_hint(rig: Rig) -> None:
    vehicle = golf(
        vehicle_class=VehicleClass.VAN, model="Transporter", category_label="Kranwagen", body_type=None
    )
    prepared = rig.map(vehicle)
    assert prepared.payload["category"] == "OtherVan"
    assert codes(prepared) == ["category-other"]


def test_category_that_the_platform_does_not_offer_blocks(rig: Rig) -> None:
    rig.peer.refdata("classes/Car/categories", ("Limousine", "Limousine"))
    prepared = rig.map(golf(body_type=BodyType.CONVERTIBLE))
    assert [(p.code, p.field) for p in prepared.problems] == [("invalid-reference-data-value", "body_type")]


def test_last_maintenance_is_sent_as_a_month(rig: Rig) -> None:
    assert rig.map(golf(last_maintenance="2026-03")).payload["lastMaintenanceDate"] == "202603"
    assert "lastMaintenanceDate" not in rig.map(golf()).payload
