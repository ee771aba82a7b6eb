"""Settings of a live app and of a draft: changed, confirmed when they cost, activated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, Dealer, Transfer, User
from portal.models.exports import ActivationState
from portal.platforms import APPS
from portal.platforms.contract.fields import defaults
from tests.blueprints.conftest import LINKED, NOT_LINKED, Market
from tests.blueprints.store.test_activate import filled
from tests.builders import Build, fresh
from tests.conftest import as_htmx

Login = Callable[[User], FlaskClient]


@pytest.fixture
def active(build: Build, alices: Dealer) -> Activation:
    found: Activation = build.activation(alices, settings=defaults(APPS["mobile-de"].fields))
    vehicle = build.vehicle(alices)
    build.release(vehicle, found)
    build.listing(vehicle, found)
    return found


def here(activation: Activation) -> str:
    return f"/apps/{activation.id}/settings"


def form(**changed: Any) -> dict[str, Any]:
    return filled(**changed)


def settings_of(session: Session, activation: Activation) -> dict[str, Any]:
    found: dict[str, Any] = fresh(session, Activation, activation.id).settings
    return found


def waiting(session: Session) -> int:
    return len(session.scalars(select(Transfer.id)).all())


def test_a_change_is_saved_and_every_vehicle_noted(
    alice: FlaskClient, session: Session, active: Activation
) -> None:
    answer = alice.post(here(active), data=form(equipment_format="lines"))
    assert (answer.status_code, answer.headers["Location"]) == (303, here(active))
    assert settings_of(session, active)["equipment_format"] == "lines"
    assert waiting(session) == 1


def test_saving_what_stands_there_already_notes_nothing(
    alice: FlaskClient, session: Session, active: Activation
) -> None:
    alice.post(here(active), data=form())
    assert waiting(session) == 0
    assert "nichts zu ändern" in alice.get(here(active)).text


def test_a_change_that_may_cost_is_asked_first_with_the_number(
    alice: FlaskClient, session: Session, active: Activation
) -> None:
    asked = alice.post(here(active), data=form(number_format="vin", equipment_format="lines"))
    assert "Diese Änderung betrifft 1 Inserat" in asked.text
    assert "Angebotsnummer → Fahrgestellnummer" in asked.text
    assert 'value="vin" checked' in asked.text
    assert settings_of(session, active)["number_format"] == "offer"
    assert waiting(session) == 0
    alice.post(
        here(active),
        data=form(number_format="vin", equipment_format="lines", confirmed="number_format=vin"),
    )
    assert settings_of(session, active)["number_format"] == "vin"
    assert settings_of(session, active)["equipment_format"] == "lines"
    assert waiting(session) == 1


def test_a_confirmation_is_for_the_value_that_was_shown(
    alice: FlaskClient, session: Session, active: Activation
) -> None:
    confirmed = ["number_format=vin", "bookings=vehicle"]
    changed = form(number_format="vin7", bookings="vehicle", confirmed=confirmed)
    asked = alice.post(here(active), data=changed)
    assert "Diese Änderung betrifft" in asked.text
    assert settings_of(session, active)["number_format"] == "offer"


def test_account_and_location_stay_whatever_is_sent(
    alice: FlaskClient, session: Session, active: Activation
) -> None:
    alice.post(here(active), data=form(customer_number="999", location="x", equipment_format="lines"))
    now = fresh(session, Activation, active.id)
    assert (now.customer_number, now.location_id) == ("4711001", active.location_id)
    assert now.settings["equipment_format"] == "lines"


def test_errors_stand_beside_their_field(alice: FlaskClient, session: Session, active: Activation) -> None:
    answer = alice.post(here(active), data=form(**{"kinds-used-days": "bald"}))
    assert answer.status_code == 422
    assert 'href="#kinds"' in answer.text
    assert 'value="bald"' in answer.text
    assert waiting(session) == 0


def test_the_preview_of_a_live_app_shows_what_the_change_would_send(
    alice: FlaskClient, market: Market, session: Session, active: Activation
) -> None:
    page = alice.post(f"{here(active)}/preview", data=form(), headers=as_htmx()).text
    assert "<strong>1</strong> geändert" in page
    assert waiting(session) == 0


def test_a_draft_is_checked_and_activated(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    build.vehicle(alices)
    kept = build.activation(alices, state=ActivationState.DRAFT, activated_at=None, account={})
    answer = alice.post(f"{here(kept)}/activate", data=filled(equipment_format="lines"))
    assert answer.headers["Location"] == f"/apps/{kept.id}"
    now = fresh(session, Activation, kept.id)
    assert (now.state, now.settings["equipment_format"]) == (ActivationState.RECONCILING, "lines")
    assert now.account["seller_key"] == "1000471"
    assert waiting(session) == 1


def test_a_draft_for_the_sellers_key_ends_in_its_customer_number(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    kept = build.activation(alices, state=ActivationState.DRAFT, customer_number="1000471")
    alice.post(f"{here(kept)}/activate", data=filled())
    assert [(row.customer_number, row.state) for row in session.scalars(select(Activation))] == [
        (LINKED, ActivationState.RECONCILING)
    ]


def test_a_draft_that_may_not_be_used_stays_one(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    kept = build.activation(alices, state=ActivationState.DRAFT, customer_number=NOT_LINKED)
    answer = alice.post(f"{here(kept)}/activate", data=filled())
    assert answer.status_code == 422
    assert "Datendienstleister" in answer.text
    assert fresh(session, Activation, kept.id).state == ActivationState.DRAFT


def test_a_draft_is_saved_without_asking_anybody(
    alice: FlaskClient, app: Flask, build: Build, alices: Dealer, session: Session
) -> None:
    build.vehicle(alices)
    kept = build.activation(alices, state=ActivationState.DRAFT)
    alice.post(here(kept), data=form(number_format="vin"))
    assert settings_of(session, kept)["number_format"] == "vin"
    assert waiting(session) == 0


def test_what_is_deactivated_is_only_read(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session
) -> None:
    ended = build.activation(alices, state=ActivationState.DEACTIVATED)
    assert 'id="preview"' not in alice.get(here(ended)).text
    alice.post(here(ended), data=form(number_format="vin"))
    assert settings_of(session, ended) == {}


def test_bob_and_charlie_change_nothing(
    build: Build, alices: Dealer, login: Login, session: Session, active: Activation
) -> None:
    for user, status in ((build.bob(alices), 403), (build.charlie(), 404)):
        client = login(user)
        for path in (here(active), f"{here(active)}/preview"):
            assert client.post(path, data=form(equipment_format="lines")).status_code == status
    assert settings_of(session, active)["equipment_format"] == "comma"
