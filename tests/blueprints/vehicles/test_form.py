"""The data form: German input, errors beside their field, two people at once, nothing sent for nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles.form import read, typed_from
from portal.blueprints.vehicles.form_cards import FIELDS, all_fields
from portal.blueprints.vehicles.parsing import parse_number
from portal.models import Vehicle
from portal.vehicle_facts.data import Battery, Energy, Equipment, Financing, Leasing, Prices, VehicleData
from portal.vehicle_facts.quantities import VEHICLE_PRICE
from tests.blueprints.vehicles.conftest import Yard, save, waiting
from tests.builders import Build, fresh, golf

FULL = golf(
    hsn="0603",
    tsn="BFG",
    inspection_due="2027-05",
    metallic=False,
    prices=Prices(selling=Decimal("12990.50"), promo=Decimal(0), vat_rate=Decimal(7), on_request=True),
    energy=Energy(co2=0, co2_class="A"),
    battery=Battery(plug_types=("Typ 2", "CCS"), warranty=False),
    financing=(
        None,
        Financing(
            monthly_rate=Decimal("199.9"),
            duration=48,
            nominal_interest=Decimal("3.92"),
            effective_interest=Decimal("3.99"),
            net_credit=Decimal(9000),
        ),
    ),
    leasing=Leasing(monthly_rate=Decimal(150), duration=36, mileage_per_year=10_000, target="both"),
    equipment=Equipment(features=frozenset({"abs", "unknown-code"}), standard=("Radio", "Tempomat")),
    highlights=("Scheckheft", "Garantie"),
    description="Erste Zeile\n\nDritte Zeile",
    reserved=True,
    stock_date="2026-01-31",
)


KEPT_BESIDE = {"confirmed", "unread"}
"""What somebody confirmed, and what was not read: nothing that is typed into a field."""


def leaves(model: type[BaseModel], prefix: str = "") -> set[str]:
    parts: dict[str, type[BaseModel]] = {
        "prices": Prices,
        "energy": Energy,
        "energy.fuel": Energy.model_fields["fuel"].annotation,  # type: ignore[dict-item]
        "energy.power": Energy.model_fields["power"].annotation,  # type: ignore[dict-item]
        "battery": Battery,
        "financing": Financing,
        "leasing": Leasing,
        "equipment": Equipment,
    }
    found: set[str] = set()
    for name in model.model_fields:
        path = prefix + name
        if path == "financing":
            found |= leaves(Financing, "financing.0.") | leaves(Financing, "financing.1.")
        elif path in parts:
            found |= leaves(parts[path], f"{path}.")
        else:
            found.add(path)
    return found


def test_the_form_has_every_field_of_a_vehicle_once() -> None:
    names = [field.name for field in all_fields()]
    assert len(names) == len(set(names))
    assert set(names) == leaves(VehicleData) - KEPT_BESIDE


def as_form(facts: VehicleData) -> MultiDict[str, str]:
    form: MultiDict[str, str] = MultiDict()
    for name, value in typed_from(facts).items():
        form.setlist(name, sorted(value) if FIELDS[name].type == "features" else [value])
    return form


@pytest.mark.parametrize("facts", [FULL, golf(), VehicleData(offer_number="A1")])
def test_what_the_form_shows_is_what_it_reads(facts: VehicleData) -> None:
    reading = read(as_form(facts), None)
    assert reading.errors == {}
    assert reading.facts == facts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.345,67", "12345.67"),
        ("12345.67", "12345.67"),
        ("12345,67", "12345.67"),
        ("12.345", "12345"),
        ("12,345.67", "12345.67"),
        ("12'345.67", "12345.67"),
        ("12.345,-", "12345"),
        ("1.234.567", "1234567"),
        ("5.6", "5.6"),
        ("5,6", "5.6"),
        (" 12 345 € ", "12345"),
        ("0", "0"),
        ("-5", "-5"),
    ],
)
def test_numbers_as_germans_and_as_keyboards_write_them(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["zwölf", "1,2,3", "1.23,4", "", ",", ".", "١٢", "1e5", "NaN"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Zahl"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12,345.67", "12345.67"),
        ("16,500", "16500"),
        ("5.6", "5.6"),
        ("1,234,567", "1234567"),
        ("€900", "900"),
    ],
)
def test_numbers_as_the_english_write_them(app_context: None, text: str, number: str) -> None:
    with force_locale("en"):
        assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1,23,456", "."])
def test_what_is_no_number_in_english_either_is_refused(app_context: None, text: str) -> None:
    with force_locale("en"), pytest.raises(ValueError, match=r"12,345\.67"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "number"), [("5,6", "5.6"), ("16.500,00", "16500"), ("16 500,00 €", "16500")]
)
def test_a_german_number_that_can_mean_one_thing_is_read_in_an_english_form(
    app_context: None, text: str, number: str
) -> None:
    with force_locale("en"):
        assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(("language", "text"), [("de", "12,990"), ("en", "12.990")])
def test_a_price_that_may_be_a_thousandth_is_refused_with_both_readings(
    app_context: None, language: str, text: str
) -> None:
    with force_locale(language), pytest.raises(ValueError, match=r"12990 (oder|or) 12,99"):
        parse_number(text, VEHICLE_PRICE)


def test_the_english_form_reads_what_it_shows(app_context: None) -> None:
    with force_locale("en"):
        form = as_form(FULL)
        assert form["prices.selling"] == "12990.5"
        assert read(form, None).facts == FULL


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=30), max_size=12))
def test_whatever_is_typed_gives_facts_or_errors(app_context: None, typed: dict[str, str]) -> None:
    reading = read(MultiDict({"offer_number": "A1"} | typed), None)
    assert (reading.facts is None) == bool(reading.errors)


def facts_of(session: Session, yard: Yard) -> VehicleData:
    return fresh(session, Vehicle, yard.vehicle.id).facts()  # type: ignore[no-any-return]


def test_saving_keeps_the_rest_and_notes_one_transfer(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    before = facts_of(session, yard)
    response = save(alice, yard.url, **{"prices.selling": "11.990,50"})
    assert (response.status_code, response.location) == (303, yard.url)
    after = facts_of(session, yard)
    assert after.prices.selling == Decimal("11990.50")
    assert after.model_copy(update={"prices": before.prices}) == before
    assert [row.vehicle_id for row in waiting(session)] == [yard.vehicle.id]
    page = alice.get(yard.url).text
    assert "Die Änderungen sind gespeichert." in page
    assert "Wird an mobile.de übertragen" in page


def test_saving_without_a_change_says_so_and_sends_nothing(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    assert save(alice, yard.url).status_code == 303
    assert waiting(session) == []
    assert "Es war nichts zu ändern." in alice.get(yard.url).text


def test_five_quick_saves_leave_one_waiting_transfer(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    for price in range(5):
        assert save(alice, yard.url, **{"prices.selling": f"1{price}000"}).status_code == 303
    assert len(waiting(session)) == 1


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("prices.selling", "zwölf", "Verkaufspreis brutto: Bitte eine Zahl eingeben"),
        ("prices.selling", "-1", "mindestens 0"),
        ("prices.selling", "1,234", "„1,234“ ist nicht eindeutig: 1234 oder 1,234?"),
        ("prices.selling", "12990,555", "Höchstens 2 Stellen"),
        ("prices.selling", "12,99", "12,99 € ist ungewöhnlich wenig"),
        ("leasing.monthly_rate", "1,25", "1,25 € ist ungewöhnlich wenig"),
        ("vin", "123", "lassen Sie das Feld leer"),
        ("vin", "WVWZZZ1KZAWO00001", "enthält O"),
        ("first_registration", "2021", "MM.JJJJ"),
        ("first_registration", "13.2021", "MM.JJJJ"),
        ("stock_date", "31.02.2026", "TT.MM.JJJJ"),
        ("seats", "999", "höchstens 255"),
        ("mileage", "1,5", "ganze Zahl"),
        ("vin", "X" * 18, "Sie hat 17 Zeichen"),
        ("fuel", "holz", "eine der Möglichkeiten"),
        ("damaged", "vielleicht", "eine der Möglichkeiten"),
        ("offer_number", "", "Bitte ausfüllen"),
        ("leasing.bank", "Bank ohne Rate", "Bitte ausfüllen"),
    ],
)
def test_an_error_stands_beside_its_field_and_on_top(
    session: Session, yard: Yard, alice: FlaskClient, name: str, typed: str, message: str
) -> None:
    before = facts_of(session, yard)
    response = save(alice, yard.url, **{name: typed})
    assert response.status_code == 422
    assert message in response.text
    wrong = "leasing.monthly_rate" if name == "leasing.bank" else name
    assert f'href="#{wrong}"' in response.text
    assert f'id="{wrong}-error"' in response.text
    assert facts_of(session, yard) == before
    assert waiting(session) == []


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 404), ("sam", 403)])
@pytest.mark.parametrize("path", ["", "/publication", "/location", "/withdraw", "/images"])
def test_others_change_nothing(
    session: Session, yard: Yard, who: str, status: int, path: str, request: Any
) -> None:
    before = fresh(session, Vehicle, yard.vehicle.id)
    state = (before.data, before.online, before.withdrawn_at, before.updated_at)
    client: FlaskClient = request.getfixturevalue(who)
    assert client.post(yard.url + path, data={"version": "x", "offer_number": "Z9"}).status_code == status
    after = fresh(session, Vehicle, yard.vehicle.id)
    assert (after.data, after.online, after.withdrawn_at, after.updated_at) == state
    assert waiting(session) == []


def test_a_new_vehicle_is_created_with_its_number_only(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    data = {"location": str(yard.vehicle.location_id), "offer_number": "NEU-1", "kind": "used"}
    response = alice.post("/vehicles/new", data=data)
    made = session.scalars(select(Vehicle).where(Vehicle.offer_number == "NEU-1")).one()
    assert response.location == f"/vehicles/{made.id}"
    assert "Die Marke fehlt." in alice.get(response.location).text


def test_a_number_is_unique_at_its_location(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    taken = yard.vehicle.offer_number
    data = {"location": str(yard.vehicle.location_id), "offer_number": taken}
    assert "schon ein anderes Fahrzeug" in alice.post("/vehicles/new", data=data).text
    other = build.vehicle(yard.dealer)
    response = save(alice, f"/vehicles/{other.id}", offer_number=taken)
    assert response.status_code == 422
    assert "schon ein anderes Fahrzeug" in response.text


def test_a_number_that_was_taken_a_moment_ago_is_told_and_nothing_typed_is_lost(
    build: Build, yard: Yard, alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = build.vehicle(yard.dealer)
    monkeypatch.setattr("portal.blueprints.vehicles.edit.number_is_free", lambda *_: True)
    changes = {"offer_number": yard.vehicle.offer_number, "model_description": "Just typed"}
    response = save(alice, f"/vehicles/{other.id}", **changes)
    assert response.status_code == 422
    assert "schon ein anderes Fahrzeug" in response.text
    assert "Just typed" in response.text


def test_no_vehicle_at_a_strangers_location(
    session: Session, yard: Yard, charlie: FlaskClient, bob: FlaskClient
) -> None:
    data = {"location": str(yard.vehicle.location_id), "offer_number": "NEU-1"}
    assert charlie.post("/vehicles/new", data=data).status_code == 404
    assert bob.post("/vehicles/new", data=data).status_code == 403
    assert session.scalars(select(Vehicle).where(Vehicle.offer_number == "NEU-1")).all() == []


@pytest.mark.parametrize("typed", ["wvwzzz1kzaw000001", "WVW ZZZ 1KZ AW 000001", "WVW-ZZZ-1KZ-AW-000001"])
def test_a_vin_is_saved_in_its_normal_form(
    session: Session, yard: Yard, alice: FlaskClient, typed: str
) -> None:
    assert save(alice, yard.url, vin=typed).status_code == 303
    assert facts_of(session, yard).vin == "WVWZZZ1KZAW000001"


def test_a_low_price_is_saved_once_it_is_confirmed(session: Session, yard: Yard, alice: FlaskClient) -> None:
    asked = save(alice, yard.url, **{"prices.selling": "49,90"})
    assert asked.status_code == 422
    assert 'name="confirmed" value="prices.selling=49.9"' in asked.text
    assert (
        save(alice, yard.url, **{"prices.selling": "49,90", "confirmed": "prices.selling=49.9"}).status_code
        == 303
    )
    assert facts_of(session, yard).prices.selling == Decimal("49.90")
    assert save(alice, yard.url, colour="Rot").status_code == 303
    assert save(alice, yard.url, **{"prices.selling": "39,90"}).status_code == 422


def test_the_co2_class_is_reckoned_and_offered(session: Session, yard: Yard, alice: FlaskClient) -> None:
    assert save(alice, yard.url, **{"energy.co2": "131", "energy.co2_class": "A"}).status_code == 303
    page = alice.get(yard.url).text
    assert "Zu 131 g/km gehört die Klasse D" in page
    assert 'name="take" value="energy.co2_class=D"' in page
    assert save(alice, yard.url, take="energy.co2_class=D").status_code == 303
    assert facts_of(session, yard).energy.co2_class == "D"


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("emission_class", "EURO6", "Euro 6"),
        ("emission_class", "36AP", "36AP"),
        ("country_version", "de", "DE"),
        ("model_range", "-", ""),
        ("power", "110 kW (150 PS)", "110"),
        ("doors", "4/5", "5"),
    ],
)
def test_a_value_is_saved_as_it_is_known_and_else_as_it_was_typed(
    session: Session, yard: Yard, alice: FlaskClient, field: str, typed: str, kept: str
) -> None:
    assert save(alice, yard.url, **{field: typed}).status_code == 303
    assert str(getattr(facts_of(session, yard), field)) == kept


def test_html_becomes_lines_and_a_spoilt_text_is_repaired_by_a_tick(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    save(alice, yard.url, description="<b>Top</b><br>Sitzheizung &amp; GrÃ¼n")
    assert facts_of(session, yard).description == "Top\nSitzheizung & GrÃ¼n"
    assert 'name="take" value="repair=description"' in alice.get(yard.url).text
    save(alice, yard.url, take="repair=description")
    assert facts_of(session, yard).description == "Top\nSitzheizung & Grün"


def test_what_is_odd_stands_beside_its_field_and_blocks_nothing(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    assert save(alice, yard.url, kind="new").status_code == 303
    assert "Ein Neuwagen mit 64.500 km?" in alice.get(yard.url).text
