"""Standorte and LMS Grundeinstellungen."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Dealer, Location
from portal.people.inquiries import Forwarding, find_aliases
from tests.blueprints.settings.conftest import logged, save, version_of
from tests.builders import Build, fresh
from tests.conftest import count_queries

LIST, NEW, LMS = "/settings/locations", "/settings/locations/new", "/settings/lms"
HAMBURG = {"code": "HH", "name": "Hamburg", "city": "Hamburg"}
BREMEN = {
    "code": "HB",
    "name": "Autohaus Alice Bremen",
    "street": "Am Wall 1",
    "postal_code": "28195",
    "city": "Bremen",
    "phone": "0421 123-45",
}


def of(location: Location) -> str:
    return f"{LIST}/{location.id}"


def test_a_location_is_added_and_logged(session: Session, house: Dealer, alice: FlaskClient) -> None:
    assert alice.post(NEW, data=BREMEN).location == LIST
    added = session.scalars(select(Location).where(Location.code == "HB")).one()
    assert (added.dealer_id, added.street, added.phone) == (house.id, "Am Wall 1", "0421 123-45")
    assert "Am Wall 1 · 28195 Bremen · 0421 123-45" in alice.get(LIST).text
    [event] = logged(session)
    assert (event.what, event.object_id) == ("settings.changed", added.id)
    assert event.detail == {name: ["", value] for name, value in BREMEN.items()}


def test_name_address_and_telephone_change(session: Session, house: Dealer, alice: FlaskClient) -> None:
    place = house.locations[0]
    save(alice, of(place), **HAMBURG | {"street": " Elbchaussee  7 ", "phone": "040 1"})
    changed = fresh(session, Location, place.id)
    assert (changed.street, changed.phone, changed.name) == ("Elbchaussee 7", "040 1", "Hamburg")
    assert logged(session)[0].detail == {"street": ["", "Elbchaussee 7"], "phone": ["", "040 1"]}


def test_the_code_can_change_until_vehicles_carry_it(
    build: Build, session: Session, house: Dealer, alice: FlaskClient
) -> None:
    place = house.locations[0]
    save(alice, of(place), **HAMBURG | {"code": "HHX"})
    assert fresh(session, Location, place.id).code == "HHX"
    build.vehicle(house)
    assert "readonly" in alice.get(of(place)).text
    save(alice, of(place), **HAMBURG | {"code": "NEU", "name": "Umbenannt"})
    changed = fresh(session, Location, place.id)
    assert (changed.code, changed.name) == ("HHX", "Umbenannt")


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"code": ""}, "Das Kürzel besteht aus"),
        ({"code": "H H"}, "Das Kürzel besteht aus"),
        ({"code": "<b>"}, "Das Kürzel besteht aus"),
        ({"name": " "}, "Bitte geben Sie den Namen"),
        ({"code": "HH"}, "Das Kürzel HH hat schon ein anderer Standort."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    session: Session, house: Dealer, alice: FlaskClient, wrong: dict[str, str], text: str
) -> None:
    refused = alice.post(NEW, data=BREMEN | wrong)
    assert refused.status_code == 422
    assert text in refused.text
    assert 'value="Am Wall 1"' in refused.text
    assert len(session.scalars(select(Location)).all()) == 1
    assert logged(session) == []


def test_a_code_that_another_location_has(
    build: Build, session: Session, house: Dealer, alice: FlaskClient
) -> None:
    build.location(house, "B")
    refused = save(alice, of(house.locations[0]), **HAMBURG | {"code": "B"})
    assert refused.status_code == 422
    assert "Das Kürzel B hat schon ein anderer Standort." in refused.text


def test_another_dealer_may_have_the_same_code(build: Build, alice: FlaskClient) -> None:
    build.dealer("Autohaus Bremen", code="HB")
    assert alice.post(NEW, data=BREMEN).status_code == 303


def test_two_tabs(session: Session, house: Dealer, alice: FlaskClient) -> None:
    place = house.locations[0]
    first = version_of(alice.get(of(place)).text)
    save(alice, of(place), **HAMBURG | {"phone": "040 1"})
    refused = alice.post(of(place), data=HAMBURG | {"version": first, "phone": "040 2"})
    assert refused.status_code == 422
    assert "Telefon: jetzt 040 1, bei Ihnen 040 2" in refused.text
    assert fresh(session, Location, place.id).phone == "040 1"
    again = alice.post(of(place), data=HAMBURG | {"version": version_of(refused.text), "phone": "040 2"})
    assert again.status_code == 303


def test_the_list_asks_few_questions(build: Build, house: Dealer, alice: FlaskClient) -> None:
    for code in ("B", "M", "K"):
        build.location(house, code)
    alice.get(LIST)
    with count_queries() as queries:
        alice.get(LIST)
    assert len(queries) == 3


def test_the_lms_address_before_and_after_it_is_set_up(
    session: Session, house: Dealer, alice: FlaskClient
) -> None:
    assert "noch nicht eingerichtet" in alice.get(LMS).text
    house.lms_address = "alice@dein.auto"
    session.commit()
    page = alice.get(LMS).text
    assert 'data-copy="alice@dein.auto"' in page
    assert 'data-copy="alice@dein.auto"' in alice.get("/appstore/mobile-de").text


def test_inquiries_are_forwarded_where_the_dealer_wants(
    session: Session, house: Dealer, alice: FlaskClient
) -> None:
    save(alice, LMS, lms_forward_to=" verkauf@alice.example ")
    assert fresh(session, Dealer, house.id).lms_forward_to == "verkauf@alice.example"
    assert logged(session)[0].detail == {"lms_forward_to": ["", "verkauf@alice.example"]}
    save(alice, LMS, lms_forward_to="")
    assert fresh(session, Dealer, house.id).lms_forward_to == ""


@pytest.mark.parametrize(
    "wrong", ["alice", "a@b", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "x" * 400]
)
def test_what_is_no_address_is_refused(
    session: Session, house: Dealer, alice: FlaskClient, wrong: Any
) -> None:
    refused = save(alice, LMS, lms_forward_to=wrong)
    assert refused.status_code == 422
    assert "Bitte geben Sie eine einzelne Mailadresse an" in refused.text
    assert fresh(session, Dealer, house.id).lms_forward_to == ""


def test_an_address_does_not_forward_to_itself(session: Session, house: Dealer, alice: FlaskClient) -> None:
    house.lms_address = "alice@dein.auto"
    session.commit()
    assert save(alice, LMS, lms_forward_to="Alice@dein.auto").status_code == 422


def test_two_tabs_of_the_lms(session: Session, house: Dealer, alice: FlaskClient) -> None:
    first = version_of(alice.get(LMS).text)
    save(alice, LMS, lms_forward_to="one@alice.example")
    refused = alice.post(LMS, data={"version": first, "lms_forward_to": "two@alice.example"})
    assert refused.status_code == 422
    assert "Jetzt gespeichert: one@alice.example" in refused.text
    assert fresh(session, Dealer, house.id).lms_forward_to == "one@alice.example"


def test_the_page_says_when_a_change_takes_effect(
    session: Session, house: Dealer, alice: FlaskClient
) -> None:
    assert "sobald Ihre Adresse für Kundenanfragen eingerichtet ist" in alice.get(LMS).text
    house.lms_address = "alice@dein.auto"
    session.commit()
    assert "sobald der Mailserver sie übernommen hat" in alice.get(LMS).text


def test_what_the_page_takes_stands_in_the_map(session: Session, house: Dealer, alice: FlaskClient) -> None:
    """Never a setting without effect."""
    house.lms_address = "alice@dein.auto"
    session.commit()
    for wanted in ("verkauf@alice.example", "|cmd@alice.example", "bob@dein.auto", "a%b.example@c.example"):
        saved = save(alice, LMS, lms_forward_to=wanted)
        session.expire_all()
        found = find_aliases(session)
        assert found.left_out == ()
        assert (saved.status_code == 303) == (Forwarding("alice@dein.auto", wanted) in found.good), wanted
