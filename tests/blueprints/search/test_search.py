"""The search for everything: what Alice finds, and what Bob, Charlie and Sam do not."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.models import Dealer, User
from portal.models.exports import ActivationState
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]


def hits(client: FlaskClient, text: str = "") -> dict[str, str]:
    """Title → address, as the palette gets them."""
    answer = client.get("/search", query_string={"q": text}, headers=as_htmx())
    assert answer.status_code == 200
    found = re.findall(r'href="([^"]+)" role="option".*?<span>(.*?)(?:<small>.*?)?</span>', answer.text, re.S)
    return {title: url for url, title in found}


@pytest.fixture
def stock(build: Build, alices: Dealer) -> None:
    build.vehicle(alices, offer_number="SO4711")
    build.activation(alices, customer_number="4711001")


def test_without_a_text_it_offers_apps_actions_and_pages(alice: FlaskClient, stock: None) -> None:
    found = hits(alice)
    assert {"mobile.de", "Fahrzeug anlegen", "Nutzer einladen", "Übersicht", "Hilfe"} <= found.keys()
    assert not [title for title in found if "Golf" in title]


def test_a_vehicle_an_app_a_page_and_an_action_are_found_by_what_people_call_them(
    alice: FlaskClient, stock: None
) -> None:
    assert "VW Golf 1.4 TSI Comfortline" in hits(alice, "so4711")
    assert hits(alice, "mobile vorschau")["mobile.de: Vorschau"].endswith("/preview")
    assert {"mobile.de"} <= hits(alice, "4711001").keys()
    assert hits(alice, "passwort")["Mein Zugang"] == "/account"
    assert "Webhooks" in hits(alice, "webh")
    assert list(hits(alice, "nichts dergleichen")) == ["Alle Fahrzeuge mit „nichts dergleichen“"]


def test_what_is_typed_is_shown_as_text(alice: FlaskClient) -> None:
    page = alice.get("/search", query_string={"q": '"><script>alert(1)</script>\0'}).text
    assert "<script>alert" not in page
    assert alice.get("/search", query_string={"q": "x" * 5_000}).status_code == 200


def test_bob_finds_what_his_rights_allow(login: Login, build: Build, alices: Dealer, stock: None) -> None:
    found = hits(login(build.bob(alices)))
    assert "Übersicht" in found
    assert not {"Fahrzeug anlegen", "Nutzer einladen", "App aktivieren"} & found.keys()
    at_app = hits(login(build.user("carol", alices, rights=("view",))), "mobile")
    assert "mobile.de: Inserate" in at_app
    assert not [title for title in at_app if "Deaktivieren" in title or "Komplett" in title]
    assert "API-Schlüssel" not in hits(login(build.user("dora", alices, rights=("view",))), "api")


def test_who_sees_one_location_finds_nothing_of_the_others(
    login: Login, build: Build, alices: Dealer, stock: None
) -> None:
    there = build.location(alices, "SO")
    limited = login(build.user("erik", alices, location_ids=[there.id]))
    assert "VW Golf 1.4 TSI Comfortline" not in hits(limited, "so4711")
    assert not [title for title in hits(limited, "mobile") if title.startswith("mobile.de")]
    assert "Nutzer einladen" not in hits(limited)


def test_charlie_finds_nothing_of_alice(login: Login, build: Build, stock: None) -> None:
    found = hits(login(build.charlie()), "4711")
    assert list(found) == ["Alle Fahrzeuge mit „4711“"]


def test_sam_finds_it_while_he_is_there_and_has_no_search_elsewhere(
    login: Login, build: Build, alices: Dealer, stock: None
) -> None:
    agent = login(build.sam())
    assert agent.get("/search?q=so4711", headers=as_htmx()).status_code == 403
    assert "data-palette-open" not in agent.get("/support").text
    open_support_session(agent, alices)
    found = hits(agent, "so4711")
    assert "VW Golf 1.4 TSI Comfortline" in found
    assert "Nutzer einladen" not in hits(agent)
    assert "data-palette-open" in agent.get("/").text


def test_without_script_it_is_a_page_of_links(alice: FlaskClient, stock: None) -> None:
    page = alice.get("/search?q=so4711").text
    assert 'role="option"' not in page
    assert "VW Golf 1.4 TSI Comfortline" in page
    assert 'href="/search"' in alice.get("/").text


def test_an_app_that_ended_is_not_offered(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session
) -> None:
    build.activation(alices, state=ActivationState.DEACTIVATED)
    assert "mobile.de" not in hits(alice, "mobile")


def test_it_takes_the_same_queries_for_many_as_for_one(
    alice: FlaskClient, build: Build, alices: Dealer, stock: None
) -> None:
    hits(alice, "so4711")
    with count_queries() as one:
        hits(alice, "so4711")
    for number in range(8):
        build.vehicle(alices, offer_number=f"SO4711-{number}")
        build.activation(alices, customer_number=f"47110{number}9")
    with count_queries() as many:
        hits(alice, "so4711")
    assert len(many) <= len(one) <= 9
