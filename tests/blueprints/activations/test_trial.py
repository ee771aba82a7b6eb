"""Testübertragung: the page asks for one vehicle, and shows what came of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.trial_transfer import TrialResult
from portal.models import Activation, AuditEvent, Dealer, Publication, Run, RunVehicle, Transfer, User
from portal.models.exports import RunKind, RunState
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build
from tests.conftest import as_htmx

Login = Callable[[User], FlaskClient]
CUSTOMER = "2142000471"


@pytest.fixture
def as24(build: Build, alices: Dealer) -> Activation:
    return build.activation(
        alices,
        app="autoscout24",
        customer_number=CUSTOMER,
        settings={"mobile_export": "none"},
        account={"customer_number": CUSTOMER, "seller_key": CUSTOMER, "limits": {"tiers": 1}},
    )


def path(activation: Activation) -> str:
    return f"/apps/{activation.id}/trial"


def test_where_the_platform_keeps_trials_apart_one_is_asked_for(
    alice: FlaskClient, build: Build, alices: Dealer, as24: Activation, session: Session
) -> None:
    vehicle = build.vehicle(alices, offer_number="TEST-1")
    page = alice.get(path(as24)).text
    assert "kein Käufer sieht" in page
    assert "TEST-1" in page
    answer = alice.post(path(as24), data={"number": " test-1 "})
    assert answer.status_code in (302, 303)
    run = session.scalars(select(Run)).one()
    assert (run.kind, run.activation_id) == (RunKind.TRIAL, as24.id)
    assert session.scalars(select(RunVehicle.vehicle_id)).one() == vehicle.id
    assert session.scalars(select(AuditEvent.what)).all() == ["run.trial_requested"]
    assert session.scalars(select(Publication)).all() == [], "nothing is released by it"


def test_second_click_shows_the_first_trial(
    alice: FlaskClient, build: Build, alices: Dealer, as24: Activation, session: Session
) -> None:
    build.vehicle(alices, offer_number="TEST-1")
    alice.post(path(as24), data={"number": "TEST-1"})
    alice.post(path(as24), data={"number": "TEST-1"})
    assert len(session.scalars(select(Run)).all()) == 1
    assert "läuft schon" in alice.get(path(as24)).text


def test_part_with_the_result_asks_for_itself_until_there_is_one(
    alice: FlaskClient, build: Build, alices: Dealer, as24: Activation, session: Session
) -> None:
    build.vehicle(alices, offer_number="TEST-1")
    alice.post(path(as24), data={"number": "TEST-1"})
    part = alice.get(path(as24), headers=as_htmx()).text
    assert "every 2s" in part
    assert "<form" not in part
    run = session.scalars(select(Run)).one()
    entry = session.scalars(select(RunVehicle)).one()
    run.state, run.finished_at = RunState.DONE, run.created_at
    entry.result = TrialResult.REJECTED
    entry.feedback = [{"code": "-", "text": "Die Farbe fehlt.", "field": "colour", "platform_text": "color"}]
    session.commit()
    part = alice.get(path(as24), headers=as_htmx()).text
    assert "every 2s" not in part
    assert "Die Farbe fehlt." in part
    assert "abgelehnt" in part


def test_where_it_keeps_none_apart_the_cost_is_said_and_this_vehicle_alone_is_released(
    alice: FlaskClient, build: Build, alices: Dealer, activation: Activation, session: Session
) -> None:
    vehicle, other = build.vehicle(alices, offer_number="TEST-1"), build.vehicle(alices)
    page = alice.get(path(activation)).text
    assert "als echtes Inserat" in page
    assert "Kosten" in page
    answer = alice.post(path(activation), data={"number": "TEST-1"})
    assert answer.headers["Location"].endswith(f"/vehicles/{vehicle.id}")
    (publication,) = session.scalars(select(Publication)).all()
    assert (publication.vehicle_id, publication.released) == (vehicle.id, True)
    waiting = session.scalars(select(Transfer.vehicle_id)).all()
    assert waiting == [vehicle.id]
    assert other.id not in waiting


def test_full_plan_refuses_the_real_one(
    alice: FlaskClient, build: Build, alices: Dealer, activation: Activation, session: Session
) -> None:
    build.release(build.vehicle(alices), activation)
    alices.max_exported_vehicles = 1
    session.commit()
    build.vehicle(alices, offer_number="TEST-1")
    answer = alice.post(path(activation), data={"number": "TEST-1"})
    assert answer.status_code == 422
    assert "Ihr Tarif" in answer.text
    assert len(session.scalars(select(Publication)).all()) == 1


def test_vehicle_of_another_location_is_none(
    alice: FlaskClient, build: Build, alices: Dealer, as24: Activation, session: Session
) -> None:
    elsewhere = build.vehicle(alices, offer_number="TEST-2")
    elsewhere.location_id = build.location(alices, "B").id
    session.commit()
    build.vehicle(build.dealer("Autohaus Charlie"), offer_number="TEST-3")
    for number in ("TEST-2", "TEST-3", "", "\x00", "x" * 10_000):
        answer = alice.post(path(as24), data={"number": number})
        assert answer.status_code == 422
        assert "steht nicht im Bestand" in answer.text
    assert session.scalars(select(Run)).all() == []


def test_app_that_is_stopped_says_why_there_can_be_none(
    alice: FlaskClient, build: Build, alices: Dealer, activation: Activation, session: Session
) -> None:
    activation.state = "stopped"
    session.commit()
    assert "angehalten" in alice.get(path(activation)).text
    build.vehicle(alices, offer_number="TEST-1")
    assert alice.post(path(activation), data={"number": "TEST-1"}).status_code == 422


def test_agent_without_consent_makes_no_real_listing(
    build: Build, login: Login, alices: Dealer, activation: Activation, session: Session
) -> None:
    build.vehicle(alices, offer_number="TEST-1")
    sam = login(build.sam())
    open_support_session(sam, alices, changes=True)
    answer = sam.post(path(activation), data={"number": "TEST-1"})
    assert answer.status_code == 403
    assert session.scalars(select(Publication)).all() == []


def test_strangers_have_no_such_page(build: Build, login: Login, as24: Activation) -> None:
    charlie = build.charlie()
    assert login(charlie).get(path(as24)).status_code == 404
    assert login(charlie).post(path(as24), data={"number": "TEST-1"}).status_code == 404
