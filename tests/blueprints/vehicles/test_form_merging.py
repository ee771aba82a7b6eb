"""Two tabs or two people with one vehicle: both keep what they changed, and are asked where they disagree."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.blueprints.vehicles.form_merging import base_in, base_text, merged_form
from portal.models import Location, Vehicle
from portal.vehicle_facts.data import Equipment, Leasing, Prices, VehicleData
from tests.blueprints.vehicles.conftest import Yard, base, hidden, save, waiting
from tests.blueprints.vehicles.test_form import FULL, as_form, facts_of
from tests.builders import Build, fresh, golf

KEPT = "bleibt erhalten: {}"
ASKED = "Dieses Fahrzeug wurde inzwischen geändert"


def rows(page: str) -> list[tuple[str, str, str]]:
    """Label, stored and typed value of each conflict on the page."""
    found = re.findall(
        r'#field-[^>]*>([^<]*)</a></td><td><div class="conflict-value">([^<]*)</div></td>'
        r'<td><div class="conflict-value">([^<]*)</div>',
        page,
    )
    return [(label, stored, typed) for label, stored, typed in found]


def test_two_people_with_different_fields_keep_both(session: Session, yard: Yard, alice: FlaskClient) -> None:
    stale = base(alice, yard.url)
    save(alice, yard.url, **{"prices.selling": "11000"})
    response = alice.post(yard.url, data={"base": stale, "prices.selling": "12990", "mileage": "70.000"})
    assert (response.status_code, response.location) == (303, yard.url)
    facts = facts_of(session, yard)
    assert (facts.prices.selling, facts.mileage) == (Decimal(11000), 70_000)
    page = alice.get(yard.url).text
    assert "Die Änderungen sind gespeichert." in page
    assert KEPT.format("Verkaufspreis brutto") in page
    assert len(waiting(session)) == 1


def test_where_both_changed_a_field_the_second_is_asked_and_decides(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    stale = base(alice, yard.url)
    save(alice, yard.url, **{"prices.selling": "11000", "mileage": "70000"})
    response = alice.post(yard.url, data={"base": stale, "prices.selling": "9.000", "gears": "6"})
    assert response.status_code == 422
    assert ASKED in response.text
    assert rows(response.text) == [("Verkaufspreis brutto", "11000", "9.000")]
    assert KEPT.format("Kilometerstand") in response.text
    for value in ("9.000", "70000", "6"):
        assert f'value="{value}"' in response.text
    assert (facts_of(session, yard).prices.selling, facts_of(session, yard).gears) == (Decimal(11000), None)

    again = {"base": hidden(response.text, "base"), "prices.selling": "9.000", "gears": "6"}
    assert alice.post(yard.url, data=again).status_code == 303
    facts = facts_of(session, yard)
    assert (facts.prices.selling, facts.mileage, facts.gears) == (Decimal(9000), 70_000, 6)
    assert "bleibt erhalten" not in alice.get(yard.url).text


def test_a_third_change_while_somebody_decides_is_asked_again(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    stale = base(alice, yard.url)
    save(alice, yard.url, **{"prices.selling": "11000"})
    page = alice.post(yard.url, data={"base": stale, "prices.selling": "9000"}).text
    save(alice, yard.url, **{"prices.selling": "10000"})
    response = alice.post(yard.url, data={"base": hidden(page, "base"), "prices.selling": "9000"})
    assert response.status_code == 422
    assert rows(response.text) == [("Verkaufspreis brutto", "10000", "9000")]
    assert facts_of(session, yard).prices.selling == 10000


def test_the_same_change_twice_is_no_conflict(session: Session, yard: Yard, alice: FlaskClient) -> None:
    typed = {"base": base(alice, yard.url), "prices.selling": "11.000"}
    assert alice.post(yard.url, data=typed).status_code == 303
    alice.get(yard.url)
    assert alice.post(yard.url, data=typed).status_code == 303
    page = alice.get(yard.url).text
    assert "Es war nichts zu ändern." in page
    assert "bleibt erhalten" not in page
    assert facts_of(session, yard).prices.selling == 11000


def test_a_mistake_beside_another_persons_change_loses_neither(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    stale = base(alice, yard.url)
    save(alice, yard.url, **{"prices.selling": "11000"})
    response = alice.post(yard.url, data={"base": stale, "mileage": "viel"})
    assert response.status_code == 422
    assert ASKED not in response.text
    assert KEPT.format("Verkaufspreis brutto") in response.text
    assert 'id="mileage-error"' in response.text
    for value in ("viel", "11000"):
        assert f'value="{value}"' in response.text
    again = {"base": hidden(response.text, "base"), "mileage": "70000"}
    assert alice.post(yard.url, data=again).status_code == 303
    assert (facts_of(session, yard).prices.selling, facts_of(session, yard).mileage) == (
        Decimal(11000),
        70_000,
    )


def test_a_mistake_where_both_changed_a_field_shows_both(
    session: Session, yard: Yard, alice: FlaskClient
) -> None:
    stale = base(alice, yard.url)
    save(alice, yard.url, **{"mileage": "70000"})
    page = alice.post(yard.url, data={"base": stale, "mileage": "viel"}).text
    assert rows(page) == [("Kilometerstand", "70000", "viel")]
    assert 'id="mileage-error"' in page


def test_half_of_an_example_that_somebody_took_away_is_asked(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    leasing = Leasing(monthly_rate=Decimal(150), duration=36, mileage_per_year=10_000)
    car = build.vehicle(yard.dealer, leasing=leasing)
    url = f"/vehicles/{car.id}"
    stale = base(alice, url)
    gone = dict.fromkeys(("monthly_rate", "duration", "down_payment", "mileage_per_year", "target"), "")
    assert save(alice, url, **{f"leasing.{name}": "" for name in gone}).status_code == 303
    response = alice.post(url, data={"base": stale, "leasing.bank": "Hausbank"})
    assert response.status_code == 422
    assert 'id="leasing.monthly_rate-error"' in response.text
    assert "Monatliche Rate" in response.text.split("bleibt erhalten: ")[1].split("<")[0]
    assert fresh(session, Vehicle, car.id).facts().leasing is None


@pytest.mark.parametrize(
    "broken",
    [
        *("", "x", "[]", "{}", "null", '{"offer_number": ""}', '{"offer_number": "A1", "wings": 2}'),
        *('{"offer_number": "A1", "mileage": "viel"}', '{"offer_number": "\\ud800"}', "[" * 10_000),
    ],
)
def test_a_form_of_unknown_origin_is_asked_about_everything_that_differs(
    session: Session, yard: Yard, alice: FlaskClient, broken: str
) -> None:
    response = alice.post(yard.url, data={"base": broken, "prices.selling": "9000", "mileage": "64.500"})
    assert response.status_code == 409
    assert rows(response.text) == [("Verkaufspreis brutto", "12990", "9000")]
    assert facts_of(session, yard).prices.selling == 12990
    again = {"base": hidden(response.text, "base"), "prices.selling": "9000"}
    assert alice.post(yard.url, data=again).status_code == 303
    assert facts_of(session, yard).prices.selling == 9000


def test_a_form_of_before_the_last_update_of_the_portal_says_when_nothing_differs(
    yard: Yard, alice: FlaskClient
) -> None:
    response = alice.post(yard.url, data={"version": "of old"})
    assert response.status_code == 409
    assert "Ihre Eingaben sind dieselben" in response.text


def test_another_location_makes_no_form_stale(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    before, branch = base(alice, yard.url), build.location(yard.dealer, "B")
    moved = alice.post(f"{yard.url}/location", data={"location": str(branch.id), "confirmed": "yes"})
    assert moved.status_code == 303
    assert alice.post(yard.url, data={"base": before, "mileage": "70000"}).status_code == 303
    car = fresh(session, Vehicle, yard.vehicle.id)
    assert (car.location_id, car.facts().mileage) == (fresh(session, Location, branch.id).id, 70_000)


@pytest.mark.parametrize("facts", [FULL, golf(), VehicleData(offer_number="A1", description="\"<&'\n\\")])
def test_the_base_comes_back_as_it_went(facts: VehicleData) -> None:
    assert base_in(MultiDict({"base": base_text(facts)})) == facts


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    "stored",
    [
        golf(offer_number="B2", prices=Prices(selling=Decimal("10490.5"), taxation="margin_scheme")),
        VehicleData(offer_number="A1"),
        FULL,
    ],
)
def test_a_form_in_which_nothing_was_typed_changes_nothing(
    app_context: None, stored: VehicleData, language: str
) -> None:
    with force_locale(language):
        merged = merged_form(as_form(FULL), FULL, stored)
    assert (merged.reading.facts, merged.conflicts) == (stored, None)


def test_what_a_browser_takes_from_a_text_is_no_change(app_context: None) -> None:
    odd = golf(model_description=" 1.4 TSI\nComfortline ", description="\n Erste Zeile\r\nZweite ")
    form = as_form(golf(offer_number=odd.offer_number, model_description="1.4 TSIComfortline"))
    form["description"] = "Erste Zeile\r\nZweite"
    assert merged_form(form, odd, odd).reading.facts == odd


@pytest.mark.parametrize(("language", "typed"), [("de", "11.500,50"), ("en", "11,500.50")])
def test_numbers_are_compared_in_the_language_of_the_form(
    app_context: None, language: str, typed: str
) -> None:
    """The other one typed the same price, and another one for trade."""
    base_facts = golf()
    theirs = base_facts.model_copy(
        update={"prices": Prices(selling=Decimal("11500.5"), dealer=Decimal(9000))}
    )
    with force_locale(language):
        form = as_form(base_facts)
        form["prices.selling"] = typed
        merged = merged_form(form, base_facts, theirs)
    assert (merged.conflicts, merged.reading.facts) == (None, theirs)


def test_criteria_are_told_by_what_the_other_side_lacks(app_context: None) -> None:
    def car(*codes: str) -> VehicleData:
        return golf(offer_number="A1", equipment=Equipment(features=frozenset(codes)))

    merged = merged_form(as_form(car("abs", "esp", "old-code")), car("abs"), car("abs", "isofix"))
    assert [(row.stored, row.typed) for row in merged.conflicts or ()] == [
        ("zusätzlich: Isofix", "zusätzlich: ESP, old-code")
    ]
