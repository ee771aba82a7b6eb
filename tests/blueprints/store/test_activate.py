"""The activation form: live check, errors, draft, activation, against the sandbox over HTTP."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.lifecycle.customer_numbers import has_owner
from portal.models import Activation, CustomerNumber, Dealer, Location, Publication, Transfer, User
from portal.models.exports import ActivationState
from portal.platforms import APPS
from tests.blueprints.conftest import LINKED, LINKED_TOO, NOT_LINKED, READ_ONLY, Market
from tests.builders import Build
from tests.conftest import as_htmx
from tests.words import german

Login = Callable[[User], FlaskClient]
PAGE = "/appstore/mobile-de/activate"
DRAFT = "/appstore/mobile-de/draft"


def filled(number: str = LINKED, slug: str = "mobile-de", **changed: Any) -> dict[str, Any]:
    """The form as it stands there on the first visit, with a number."""
    settings: dict[str, Any] = {"customer_number": number}
    for field in APPS[slug].fields:
        if field.type == "choice":
            settings[field.name] = field.default
        if field.type == "kinds":
            settings |= {f"{field.name}-{kind}": "1" for kind in field.default}
    return settings | changed


def activations(session: Session) -> list[Activation]:
    session.rollback()
    return list(session.scalars(select(Activation)))


def test_the_form_has_every_declared_setting_the_number_first_and_the_rest_as_recommended(
    alice: FlaskClient,
) -> None:
    page = alice.get(PAGE).text
    access, rest = page.split('id="step-access"')[1].split('id="step-transfer"')
    for field in APPS["mobile-de"].fields:
        place = access if field.step == "access" else rest
        assert german(field.label) in place
        for option in field.options:
            assert f'value="{option.value}"' in place
    assert german(APPS["mobile-de"].cost_notice) in page
    assert "Zu veröffentlichende Fahrzeuge: alle sofort" in rest
    assert "EnVKV-Werte immer übertragen: Nein" in rest


def test_the_other_settings_stand_open_where_something_in_them_is_wrong(alice: FlaskClient) -> None:
    closed, wrong = alice.get(PAGE).text, alice.post(PAGE, data=filled(**{"kinds-used-days": "bald"})).text
    assert '<details class="card form-card" id="step-transfer">' in closed
    assert '<details class="card form-card" id="step-transfer" open>' in wrong


def test_an_account_that_is_not_ready_can_be_checked_again(alice: FlaskClient, market: Market) -> None:
    def check(number: str) -> str:
        query = {"customer_number": number}
        return alice.get("/appstore/mobile-de/check-customer", query_string=query, headers=as_htmx()).text

    assert "Erneut prüfen" in check(NOT_LINKED)
    assert "Erneut prüfen" not in check(LINKED)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (LINKED, "Autohaus Muster GmbH"),
        (f" {LINKED[:4]} {LINKED[4:]} ", "Autohaus Muster GmbH"),
        (NOT_LINKED, "Datendienstleister"),
        (READ_ONLY, "nur Lesen"),
        ("999", "Kundennummer"),
        ("abc", "Kundennummer ungültig"),
    ],
)
def test_the_live_check_says_what_the_platform_knows(
    alice: FlaskClient, market: Market, number: str, said: str
) -> None:
    answer = alice.get(
        "/appstore/mobile-de/check-customer", query_string={"customer_number": number}, headers=as_htmx()
    )
    assert said in answer.text
    assert "<html" not in answer.text


def test_the_live_check_of_nothing_says_nothing(alice: FlaskClient, market: Market) -> None:
    assert not alice.get("/appstore/mobile-de/check-customer?customer_number=").text.strip()


def test_a_platform_that_does_not_answer_is_named(alice: FlaskClient, app: Flask) -> None:
    answer = alice.get("/appstore/mobile-de/check-customer", query_string={"customer_number": LINKED})
    assert answer.status_code == 200
    assert "antwortet nicht" in answer.text


def test_saving_activates_releases_and_leads_to_the_progress(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    vehicle = build.vehicle(alices)
    answer = alice.post(PAGE, data=filled(equipment_format="grouped", envkv_always="1"))
    (made,) = activations(session)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/apps/{made.id}")
    assert made.state == ActivationState.RECONCILING
    assert made.account["seller_key"] == "1000471"
    assert made.location_id == alices.locations[0].id
    assert made.settings["equipment_format"] == "grouped"
    assert made.settings["envkv_always"] is True
    assert made.settings["kinds"]["used"] == 0
    assert list(session.scalars(select(Publication.vehicle_id))) == [vehicle.id]
    assert list(session.scalars(select(Transfer.vehicle_id))) == [vehicle.id]
    assert 'hx-trigger="every 1s"' in alice.get(answer.headers["Location"]).text


def test_the_sellers_own_key_activates_under_the_customer_number(
    alice: FlaskClient, market: Market, session: Session
) -> None:
    alice.post(PAGE, data=filled("1000471"))
    assert [row.customer_number for row in activations(session)] == [LINKED]


@pytest.mark.parametrize("number", [NOT_LINKED, READ_ONLY, "999", "abc", ""])
def test_only_an_account_that_may_be_used_is_activated(
    alice: FlaskClient, market: Market, session: Session, number: str
) -> None:
    answer = alice.post(PAGE, data=filled(number, number_format="vin"))
    assert answer.status_code == 422
    assert not activations(session)
    assert 'href="#customer_number"' in answer.text
    assert 'id="customer_number-error"' in answer.text
    assert re.search(r'value="vin" checked', answer.text)


def test_errors_stand_beside_their_field_and_on_top(
    alice: FlaskClient, market: Market, session: Session
) -> None:
    answer = alice.post(PAGE, data=filled(equipment_format="gold", **{"kinds-used-days": "-3"}))
    assert answer.status_code == 422
    assert not activations(session)
    for name in ("equipment_format", "kinds"):
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}"' in answer.text
        assert f'id="{name}-error"' in answer.text
    assert 'value="-3"' in answer.text


def test_what_the_app_does_not_declare_is_not_stored(
    alice: FlaskClient, market: Market, session: Session
) -> None:
    alice.post(PAGE, data=filled(state="deactivated", dealer_id="x", **{"kinds-spaceship": "1"}))
    (made,) = activations(session)
    assert set(made.settings) == {
        f.name for f in APPS["mobile-de"].fields if f.type not in ("customer_number", "location")
    }
    assert "spaceship" not in made.settings["kinds"]


def test_while_the_platform_is_silent_a_draft_can_be_kept(
    alice: FlaskClient, app: Flask, session: Session
) -> None:
    refused = alice.post(PAGE, data=filled())
    assert refused.status_code == 422
    assert "Als Entwurf speichern" in refused.text
    assert not activations(session)
    answer = alice.post(DRAFT, data=filled())
    (kept,) = activations(session)
    assert kept.state == ActivationState.DRAFT
    assert answer.headers["Location"] == f"/apps/{kept.id}/settings"
    assert "Jetzt aktivieren" in alice.get(answer.headers["Location"]).text


def test_a_wrong_number_is_no_draft(alice: FlaskClient, market: Market, session: Session) -> None:
    answer = alice.post(DRAFT, data=filled("999"))
    assert answer.status_code == 422
    assert "Als Entwurf speichern" not in answer.text
    assert not activations(session)


def test_two_presses_at_once_make_one_activation(
    build: Build, alices: Dealer, login: Login, market: Market, session: Session
) -> None:
    build.vehicle(alices)
    user = build.alice(alices)
    browsers, answers = [login(user), login(user)], []
    barrier = threading.Barrier(2)

    def press(browser: FlaskClient) -> None:
        barrier.wait()
        answers.append(browser.post(PAGE, data=filled()))

    threads = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (made,) = activations(session)
    assert {answer.headers["Location"] for answer in answers} == {f"/apps/{made.id}"}
    assert len(list(session.scalars(select(Transfer.id)))) == 1


def test_my_own_live_number_is_named_with_a_link(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer
) -> None:
    live = build.activation(alices, customer_number=LINKED)
    answer = alice.post(PAGE, data=filled())
    assert answer.status_code == 422
    assert "haben Sie mobile.de schon aktiviert" in answer.text
    assert f"/apps/{live.id}/settings" in answer.text


def test_a_number_of_another_dealer_is_refused_and_he_is_not_named(
    alice: FlaskClient, market: Market, build: Build, session: Session
) -> None:
    theirs = build.activation(build.dealer("Autohaus Charlie"), customer_number=LINKED)
    answer = alice.post(PAGE, data=filled())
    assert answer.status_code == 422
    assert "von einem anderen Händler" in answer.text
    assert "Charlie" not in answer.text
    assert [row.id for row in activations(session)] == [theirs.id]


def test_with_several_locations_one_is_chosen(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    second = Location(dealer_id=alices.id, code="B", name="Berlin")
    stranger = build.dealer("Autohaus Charlie").locations[0]
    build._add(second)
    assert "Berlin (B)" in alice.get(PAGE).text
    for wrong in ("", str(stranger.id), "x"):
        answer = alice.post(PAGE, data=filled(location=wrong))
        assert answer.status_code == 422
        assert 'href="#location"' in answer.text
    alice.post(PAGE, data=filled(location=str(second.id)))
    assert [row.location_id for row in activations(session)] == [second.id]


def test_a_second_number_is_a_second_activation(alice: FlaskClient, market: Market, session: Session) -> None:
    alice.post(PAGE, data=filled())
    alice.post(PAGE, data=filled(LINKED_TOO))
    assert len(activations(session)) == 2


def test_bob_may_neither_see_nor_send_the_form(
    build: Build, alices: Dealer, login: Login, market: Market, session: Session
) -> None:
    bob = login(build.bob(alices))
    assert bob.get(PAGE).status_code == 403
    assert bob.post(PAGE, data=filled()).status_code == 403
    assert bob.get("/appstore/mobile-de/check-customer?customer_number=1").status_code == 403
    assert bob.post("/appstore/mobile-de/preview", data=filled()).status_code == 403
    assert not activations(session)


def test_sam_has_no_dealer_to_activate_for(build: Build, login: Login) -> None:
    assert login(build.sam()).get(PAGE).status_code == 403


def test_a_full_plan_refuses_a_further_app_and_offers_a_draft(
    session: Session, build: Build, alices: Dealer, alice: FlaskClient, market: Market
) -> None:
    alices.max_active_apps = 1
    build.activation(alices, customer_number="1234567")
    refused = alice.post(PAGE, data=filled())
    assert refused.status_code == 422
    assert "Ihr Tarif enthält 1 aktive Apps." in refused.text
    assert alice.post(DRAFT, data=filled()).status_code == 303
    [draft] = [row for row in activations(session) if row.state == ActivationState.DRAFT]
    page = f"/apps/{draft.id}/settings"
    assert "Ihr Tarif enthält 1 aktive Apps." in alice.post(f"{page}/activate", data=filled()).text
    alices.max_active_apps = 2
    session.commit()
    assert alice.post(page, data=filled()).status_code == 303
    assert alice.post(PAGE, data=filled()).status_code == 303, "a double click is no further app"


def test_what_the_plan_has_no_room_for_is_said(
    session: Session, build: Build, alices: Dealer, alice: FlaskClient, market: Market
) -> None:
    alices.max_exported_vehicles = 1
    for _ in range(3):
        build.vehicle(alices)
    made = alice.post(PAGE, data=filled())
    assert "2 Fahrzeuge wurden nicht freigegeben" in alice.get(made.location).text


def test_a_user_of_one_location_takes_up_no_activation_of_another(
    session: Session, build: Build, alices: Dealer, login: Login, market: Market
) -> None:
    state = ActivationState.DEACTIVATED
    bremen = build.location(alices, "HB")
    former = build.activation(alices, customer_number=LINKED, state=state)
    dora = login(build.user("dora", alices, location_ids=[bremen.id]))
    for address in (PAGE, DRAFT):
        refused = dora.post(address, data=filled(location=str(bremen.id)))
        assert refused.status_code == 422
        assert "Diese Kundennummer wird an einem anderen Standort verwendet." in refused.text
    [kept] = activations(session)
    assert (kept.id, kept.state, kept.location_id) == (former.id, state, alices.locations[0].id)


@pytest.fixture
def charlie(build: Build, alices: Dealer, login: Login) -> FlaskClient:
    """Of another dealer, to whom nobody has bound a number."""
    return login(build.charlie())


@pytest.mark.parametrize("number", [LINKED, READ_ONLY, NOT_LINKED, "999", "123456789"])
def test_of_a_number_that_is_not_theirs_a_dealer_learns_nothing(
    charlie: FlaskClient, market: Market, session: Session, number: str
) -> None:
    """A customer number stands in every listing; what is behind it is for its dealer alone."""
    texts = set()
    for asked in (number, "8150815"):
        said = charlie.get("/appstore/mobile-de/check-customer", query_string={"customer_number": asked}).text
        texts.add(said.replace(asked, "…"))
    assert len(texts) == 1
    assert "noch nicht für Sie freigeschaltet" in texts.pop()
    assert charlie.post(PAGE, data=filled(number)).status_code == 422
    assert charlie.post(DRAFT, data=filled(number)).status_code == 303
    (kept,) = activations(session)
    assert (kept.state, kept.account) == ("draft", {})


OWNED = [slug for slug, app in APPS.items() if has_owner(app)]
"""Apps whose numbers a platform gives, each to one dealer."""
AT_THE_SANDBOX = {"autoscout24": "2142000471", "autoscout24-ch": "4601"}
"""Accounts that exist; of the others \"4711001\" does."""


@pytest.mark.parametrize("slug", OWNED)
def test_at_every_app_a_strangers_number_is_answered_like_one_that_does_not_exist(
    charlie: FlaskClient, market: Market, session: Session, slug: str
) -> None:
    """Neither the check nor the activation tells one from the other, and neither is served."""
    said = set()
    for number in (AT_THE_SANDBOX.get(slug, LINKED), "8150815"):
        data = filled(number, slug, transport="pull", schedule="02:00")
        checked = charlie.get(f"/appstore/{slug}/check-customer", query_string={"customer_number": number})
        answer = charlie.post(f"/appstore/{slug}/activate", data=data)
        assert answer.status_code == 422
        assert ("noch nicht für Sie freigeschaltet" in checked.text) == (APPS[slug].connect is not None)
        tokens = re.compile(r'name="csrf[_-]token" (value|content)="[^"]+"')
        said.add(tokens.sub("", checked.text + answer.text).replace(number, "…"))
    assert len(said) == 1
    assert activations(session) == []


def test_a_dealer_asks_the_operator_for_a_number_and_keeps_what_was_filled_in(
    charlie: FlaskClient, market: Market, session: Session
) -> None:
    answer = charlie.post(
        "/appstore/mobile-de/request-number", data=filled(LINKED, equipment_format="grouped")
    )
    assert "gebeten" in answer.text
    assert 'value="grouped" checked' in answer.text or 'value="grouped" selected' in answer.text
    (asked,) = session.scalars(select(CustomerNumber).where(CustomerNumber.state == "requested"))
    assert (asked.platform, asked.number) == ("mobile-de", LINKED)
