"""The list and the tabs: who sees them, what they show, how many queries they take."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy.orm import Session

from portal.models.exports import ActivationState, ListingState
from tests.blueprints.vehicles.conftest import Yard
from tests.builders import Build
from tests.conftest import as_htmx, count_queries, just_before

TABS = ("", "/publication", "/figures", "/history", "/standing")
PROBLEM = {"code": "envkv", "text": "Die CO₂-Klasse fehlt.", "field": "energy.co2_class"}
SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_colleagues_see_the_list_and_every_tab(yard: Yard, who: str, request: Any) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    assert yard.vehicle.offer_number in client.get("/vehicles").text
    for tab in TABS:
        response = client.get(yard.url + tab)
        assert response.status_code == 200, tab
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("tab", [*TABS, "/location", "/withdraw"])
def test_a_stranger_finds_no_vehicle(yard: Yard, charlie: FlaskClient, tab: str) -> None:
    assert charlie.get(yard.url + tab).status_code == 404
    assert yard.vehicle.offer_number not in charlie.get("/vehicles").text


@pytest.mark.parametrize("tab", [*TABS, "/location", "/withdraw"])
def test_support_without_a_session_sees_nothing(yard: Yard, sam: FlaskClient, tab: str) -> None:
    assert sam.get(yard.url + tab).status_code == 403
    assert sam.get("/vehicles").status_code == 403


def test_without_a_login_one_is_led_there(yard: Yard, client: FlaskClient) -> None:
    assert client.get(yard.url).status_code == 303
    assert client.get("/vehicles").status_code == 303


def test_an_unknown_vehicle_is_not_found(alice: FlaskClient) -> None:
    assert alice.get(f"/vehicles/{uuid4()}").status_code == 404


def test_htmx_gets_the_results_alone_and_a_clean_address(alice: FlaskClient) -> None:
    response = alice.get("/vehicles?q=golf&kind=&sort=newest", headers=as_htmx())
    assert "<html" not in response.text
    assert 'id="results"' in response.text
    assert response.headers["HX-Push-Url"] == "/vehicles?q=golf"
    restored = alice.get("/vehicles?q=golf", headers=as_htmx(**{"HX-History-Restore-Request": "true"}))
    assert "<html" in restored.text


def test_bob_has_nothing_to_press(yard: Yard, bob: FlaskClient) -> None:
    page = bob.get("/vehicles").text
    assert "Freigeben" not in page
    assert "/vehicles/new" not in page
    assert "<fieldset disabled>" in bob.get(yard.url).text
    assert "<fieldset disabled>" in bob.get(yard.url + "/publication").text
    for tab in ("", "/publication"):
        assert "Speichern" not in bob.get(yard.url + tab).text
    assert bob.get(yard.url + "/withdraw").status_code == 403


def test_texts_of_a_vehicle_are_never_markup(build: Build, yard: Yard, alice: FlaskClient) -> None:
    car = build.vehicle(
        yard.dealer,
        offer_number="X<b>1",
        model_description=SCRIPT,
        description=SCRIPT,
        colour=SCRIPT[:40],
        highlights=(SCRIPT,),
    )
    problem = {"code": "x", "text": SCRIPT, "field": '"><b>'}
    build.release(car, yard.activation, problems=[problem])
    build.not_taken(car, yard.activation, problem)
    for url in ("/vehicles", *(f"/vehicles/{car.id}{tab}" for tab in (*TABS, "/withdraw", "/location"))):
        page = alice.get(url).text
        assert SCRIPT not in page, url
        assert "X<b>1" not in page, url


def test_the_badge_says_how_it_stands(build: Build, yard: Yard, alice: FlaskClient) -> None:
    assert "mobile.de offen" in alice.get("/vehicles").text
    listing = build.listing(yard.vehicle, yard.activation)
    assert "mobile.de online" in alice.get("/vehicles").text
    listing.last_result = "rejected"
    build.session.commit()
    assert "mobile.de online mit altem Stand" in alice.get("/vehicles").text
    listing.state = ListingState.ABSENT
    build.session.commit()
    assert "mobile.de Fehler" in alice.get("/vehicles").text


def test_signs_are_red_orange_or_grey_with_their_reasons(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    build.release(build.vehicle(yard.dealer), yard.activation, problems=[PROBLEM])
    red = build.vehicle(yard.dealer)
    red.problems = [PROBLEM | {"text": "Das Modell fehlt."}]
    build.vehicle(yard.dealer, online=False)
    page = alice.get("/vehicles").text
    assert [page.count(f"reasons-{level}") for level in ("red", "orange", "grey")] == [1, 1, 1]
    assert "Nicht veröffentlichbar: Das Modell fehlt." in page
    assert "Nicht überall veröffentlichbar: Die CO₂-Klasse fehlt." in page
    assert "Nicht online: Das Fahrzeug ist nicht online geschaltet." in page


def test_the_panel_links_the_field_that_hinders(build: Build, yard: Yard, alice: FlaskClient) -> None:
    car = build.vehicle(yard.dealer)
    build.release(car, yard.activation, problems=[PROBLEM])
    page = alice.get(f"/vehicles/{car.id}").text
    assert "Warum ist dieses Fahrzeug nicht online?" in page
    assert f'<a href="/vehicles/{car.id}#field-energy.co2_class">Die CO₂-Klasse fehlt.</a>' in page
    assert 'id="field-energy.co2_class"' in page


def test_the_panel_says_so_when_only_one_platform_lacks_it(
    build: Build, yard: Yard, alice: FlaskClient
) -> None:
    build.listing(yard.vehicle, yard.activation)
    second = build.activation(yard.dealer, customer_number="4711002")
    build.release(yard.vehicle, second, problems=[PROBLEM])
    assert "Nicht überall online" in alice.get(yard.url).text


def test_no_app_is_said_with_the_way_to_the_store(build: Build, yard: Yard, alice: FlaskClient) -> None:
    kiel = build.location(yard.dealer, "KI")
    car = build.vehicle(yard.dealer)
    car.location_id = kiel.id
    build.session.commit()
    page = alice.get(f"/vehicles/{car.id}").text
    assert "Für diesen Standort ist keine App aktiviert." in page
    assert 'href="/appstore"' in page


def test_the_panel_polls_while_something_moves_and_then_stops(
    session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    transfer = build.transfer(yard.vehicle, yard.activation)
    moving = alice.get(yard.url + "/standing").text
    assert "Wird an mobile.de übertragen" in moving
    assert "every 1s" in moving
    build.listing(yard.vehicle, yard.activation, confirmed_at=func.now())
    transfer.state, transfer.action, transfer.finished_at = "ok", "create", func.now()
    session.commit()
    done = alice.get(yard.url + "/standing").text
    assert "An mobile.de übertragen" in done
    assert "every 1s" not in done


def test_what_ends_while_the_panel_is_made_is_looked_at_once_more(
    app: Flask, session: Session, build: Build, yard: Yard, alice: FlaskClient
) -> None:
    """It is read from one moment: else neither what is under way nor its end would be on the page."""
    transfer, listing = (
        build.transfer(yard.vehicle, yard.activation),
        build.listing(yard.vehicle, yard.activation),
    )

    def refuse() -> None:
        transfer.state, transfer.action, transfer.finished_at = "rejected", "update", func.now()
        listing.refused_hash, listing.last_result = "other", "rejected"
        session.commit()

    with just_before(app, "FROM transfer", refuse):
        assert "every 1s" in alice.get(yard.url + "/standing").text
    assert "online mit altem Stand" in alice.get(yard.url + "/standing").text


@pytest.mark.parametrize("state", [ActivationState.STOPPED, "paused", "retry", "old"])
def test_the_panel_does_not_poll_for_what_takes_long(
    session: Session, build: Build, yard: Yard, alice: FlaskClient, state: str
) -> None:
    hour = func.make_interval(0, 0, 0, 0, 1)
    given: dict[str, dict[str, Any]] = {
        "retry": {"not_before": func.now() + hour},
        "old": {"created_at": func.now() - hour},
    }
    build.transfer(yard.vehicle, yard.activation, **given.get(state, {}))
    if state == "paused":
        yard.activation.paused_until = func.now() + hour
    if state == ActivationState.STOPPED:
        yard.activation.state = state
    session.commit()
    assert "every 1s" not in alice.get(yard.url + "/standing").text


def test_a_withdrawn_vehicle_is_readable_only(session: Session, yard: Yard, alice: FlaskClient) -> None:
    yard.vehicle.withdrawn_at = func.now()
    session.commit()
    page = alice.get(yard.url).text
    assert "nicht mehr im Bestand" in page
    assert "<fieldset disabled>" in page
    assert alice.post(yard.url, data={"version": "x"}).status_code == 404


def test_filters_narrow_and_say_what_they_hide(build: Build, yard: Yard, alice: FlaskClient) -> None:
    assert "Kein Fahrzeug passt" in alice.get("/vehicles?q=nothing-like-it").text
    address = "/vehicles?problem=envkv&field=energy.co2_class"
    assert "Nur Fahrzeuge mit dieser Ursache: inzwischen behoben" in alice.get(address).text
    cause = {"code": "envkv", "field": "energy.co2_class", "text": "CO₂-Klasse fehlt"}
    build.vehicle(yard.dealer).problems = [cause]
    build.session.commit()
    assert "Nur Fahrzeuge mit dieser Ursache: CO₂-Klasse fehlt" in alice.get(address).text
    assert alice.get("/vehicles?page=999999&state=what&location=no").status_code == 200


def test_pages_take_the_same_queries_for_one_vehicle_and_for_many(
    build: Build, yard: Yard, alice: FlaskClient
) -> None:
    alice.get("/vehicles")
    with count_queries() as one:
        alice.get("/vehicles")
    for _ in range(8):
        car = build.vehicle(yard.dealer)
        build.release(car, yard.activation)
        build.listing(car, yard.activation, state=ListingState.ONLINE)
        build.transfer(car, yard.activation, state="ok")
        build.transfer(car, yard.activation)
    with count_queries() as many:
        alice.get("/vehicles?state=problem&q=golf&online=yes")
    assert len(one) <= 16
    assert len(many) <= len(one)


@pytest.mark.parametrize(
    ("tab", "most"), [("", 14), ("/publication", 15), ("/history", 16), ("/standing", 12)]
)
def test_a_tab_takes_a_fixed_number_of_queries(
    build: Build, yard: Yard, alice: FlaskClient, tab: str, most: int
) -> None:
    for number in range(3):
        app = build.activation(yard.dealer, customer_number=f"471200{number}")
        build.release(yard.vehicle, app)
        build.listing(yard.vehicle, app)
        for _ in range(4):
            build.transfer(yard.vehicle, app, state="ok")
    alice.get(yard.url + tab)
    with count_queries() as statements:
        assert alice.get(yard.url + tab).status_code == 200
    assert len(statements) <= most


def test_the_list_says_that_an_app_waits_for_a_decision_also_when_it_is_renewed(
    alice: FlaskClient, yard: Yard, session: Session
) -> None:
    assert "gesperrt oder angehalten" not in alice.get("/vehicles").text
    yard.activation.state = ActivationState.STOPPED
    yard.activation.stop_cause = "credentials"
    session.commit()
    for page in (alice.get("/vehicles"), alice.get("/vehicles?live=1", headers=as_htmx())):
        assert "Eine App ist gesperrt oder angehalten." in page.text


def test_a_refused_change_of_what_is_online_is_an_older_state_and_no_alarm(
    build: Build, yard: Yard, alice: FlaskClient
) -> None:
    build.not_taken(yard.vehicle, yard.activation, state=ListingState.ONLINE, listing_id="4711")
    page = alice.get(yard.url).text
    assert "Online mit altem Stand" in page
    assert "Nicht überall online" not in page
    assert "mobile.de online mit altem Stand" in alice.get("/vehicles").text
