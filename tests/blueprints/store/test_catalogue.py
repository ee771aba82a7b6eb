"""The store: finding an app, reading what it does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from portal.models import Dealer, User
from portal.models.exports import ActivationState
from portal.vehicle_facts.data import Energy, Kind, Prices
from portal.vehicles.readiness import as_problems
from tests.builders import Build
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
CARD = 'href="/appstore/mobile-de"'


@pytest.mark.parametrize("text", ["mobile", "MOBILE.DE", "mobile de", "api", " mobile  api "])
def test_the_search_finds_an_app_as_a_dealer_types_it(alice: FlaskClient, text: str) -> None:
    assert CARD in alice.get("/appstore", query_string={"q": text}).text


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("autoscout", ("autoscout24", "autoscout24-ch")),
        ("AS24", ("autoscout24", "autoscout24-ch")),
        ("auto scout schweiz", ("autoscout24-ch",)),
        ("ebay kleinanzeigen", ("kleinanzeigen",)),
        ("facebook", ("meta-catalog",)),
    ],
)
def test_the_search_knows_what_dealers_call_an_app_besides(
    alice: FlaskClient, text: str, slugs: tuple[str, ...]
) -> None:
    shown = alice.get("/appstore", query_string={"q": text}).text
    assert all(f'href="/appstore/{slug}"' in shown for slug in slugs)
    assert CARD not in shown.split('id="apps"')[1]


@pytest.mark.parametrize(
    "query",
    [{"q": "zeppelin"}, {"q": "zeppelin", "kind": "file"}, {"q": "zeppelin", "kind": "api", "country": "DE"}],
)
def test_an_empty_result_says_so(alice: FlaskClient, query: dict[str, str]) -> None:
    page = alice.get("/appstore", query_string=query).text
    assert CARD not in page
    assert "Keine App gefunden" in page
    assert 'href="/appstore"' in page


def test_the_kind_narrows(alice: FlaskClient) -> None:
    page = alice.get("/appstore?kind=file").text
    assert CARD not in page
    assert 'href="/appstore/mobile-de-csv"' in page


def test_kleinanzeigen_is_shown_as_part_of_mobile_de(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    assert "über mobile.de enthalten" in alice.get("/appstore?q=kleinanzeigen").text
    assert "noch nicht aktiviert" in alice.get("/appstore/kleinanzeigen").text
    build.activation(alices, customer_number="4711001")
    page = alice.get("/appstore/kleinanzeigen").text
    assert "Ob Sie es dort gebucht haben, sehen Sie bei mobile.de." in page
    for about_mobile_de in ("4711001", "state-green", "noch nicht aktiviert"):
        assert about_mobile_de not in page
    card = alice.get("/appstore?q=kleinanzeigen").text.split('id="apps"')[1]
    assert "state-green" not in card
    assert "/appstore/kleinanzeigen/activate" not in page
    for method, path in (("get", "activate"), ("post", "activate"), ("post", "preview")):
        assert getattr(alice, method)(f"/appstore/kleinanzeigen/{path}").status_code == 404


@pytest.mark.parametrize("query", [{"kind": "pigeon"}, {"country": "XX"}, {"q": "\x00"}])
def test_what_is_not_on_offer_is_left_out(alice: FlaskClient, query: dict[str, str]) -> None:
    assert CARD in alice.get("/appstore", query_string=query).text


def test_the_url_is_the_state_of_the_search(alice: FlaskClient) -> None:
    page = alice.get("/appstore", query_string={"q": "mob", "kind": "api"}).text
    assert 'value="mob"' in page
    assert 'value="api" id="kind-api" checked' in page


def test_htmx_gets_the_cards_alone(alice: FlaskClient) -> None:
    fragment = alice.get("/appstore?q=mobile", headers=as_htmx()).text
    assert fragment.startswith('<div id="apps">')
    assert "<html" not in fragment


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (ActivationState.ACTIVE, "aktiv"),
        (ActivationState.STOPPED, "angehalten"),
        (ActivationState.DRAFT, "Entwurf"),
        (ActivationState.DEACTIVATED, "deaktiviert"),
    ],
)
def test_a_card_shows_how_it_stands_with_me(
    build: Build, alices: Dealer, alice: FlaskClient, state: ActivationState, word: str
) -> None:
    build.activation(alices, state=state)
    assert word in alice.get("/appstore").text.split("card-footer")[1]


def test_another_dealers_activation_is_not_mine(build: Build, alice: FlaskClient) -> None:
    build.activation(build.dealer("Autohaus Charlie"))
    assert "Nicht aktiviert" in alice.get("/appstore").text
    assert "Sie haben diese App noch nicht aktiviert" in alice.get("/appstore/mobile-de").text


def test_an_unknown_app_does_not_exist(alice: FlaskClient) -> None:
    assert alice.get("/appstore/zeppelin").status_code == 404


def test_details_count_what_the_stock_lacks(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    labelled = Energy.model_validate({"fuel": {"combined": "5.1"}, "co2": 120, "co2_class": "D"})
    build.vehicle(alices, online=False)
    build.vehicle(alices, kind=Kind.NEW, mileage=10)
    build.vehicle(alices, mileage=900, energy=labelled)
    unpriced = build.vehicle(alices, prices=Prices(promo=Decimal(1)))
    unpriced.problems = as_problems(unpriced.facts())
    build.session.commit()
    page = alice.get("/appstore/mobile-de").text
    assert "1 Standort ist angelegt" in page
    assert "4 Fahrzeuge im Bestand" in page
    assert "3 von 4 Fahrzeugen sind online geschaltet" in page
    assert "1 von 2 Fahrzeugen mit EnVKV-Pflicht ohne Verbrauchswerte" in page
    assert "1 von 4 Fahrzeugen ohne Preis" in page
    assert "4 von 4 Fahrzeugen ohne Bild" in page
    assert "1 von 4 Fahrzeugen lassen sich so nirgends veröffentlichen" in page


def test_details_of_an_empty_stock_lead_to_the_import(alice: FlaskClient) -> None:
    page = alice.get("/appstore/mobile-de").text
    assert 'href="/vehicles/import">Kein Fahrzeug im Bestand' in page


def test_the_lms_address_is_shown_once_it_exists(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    assert "noch nicht eingerichtet" in alice.get("/appstore/mobile-de").text
    alices.lms_address = "muster@dein.auto"
    build.session.commit()
    page = alice.get("/appstore/mobile-de").text
    assert 'data-copy="muster@dein.auto"' in page
    assert "noch nicht eingerichtet" not in page


def test_bob_reads_but_has_no_button(build: Build, alices: Dealer, login: Login) -> None:
    bob = login(build.bob(alices))
    assert "/activate" not in bob.get("/appstore/mobile-de").text
    assert bob.get("/appstore/mobile-de/activate").status_code == 403


def test_the_number_of_queries_does_not_grow(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    counts = []
    for number in range(2):
        build.activation(alices, customer_number=str(number))
        for _ in range(3):
            build.vehicle(alices)
        with count_queries() as store:
            alice.get("/appstore")
        with count_queries() as details:
            alice.get("/appstore/mobile-de")
        counts.append((len(store), len(details)))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 4
    assert counts[0][1] <= 6
