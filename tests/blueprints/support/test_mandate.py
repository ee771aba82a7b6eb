"""What an agent may cause at a dealer, whichever way leads to it: nothing that costs without the dealer's
consent, and never where the dealer's data, mails and secrets go."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from config import Settings
from portal.audit import PORTAL, Who
from portal.blueprints.api.keys import OFFERED, make_key
from portal.exports.drift import control as drift_control
from portal.exports.full_transfer import control as full_transfer
from portal.exports.lifecycle import activation as life
from portal.exports.mass_change.lock import ShownNumbers, approve_lock, discard_lock
from portal.mandate import FULL, MANDATE, Mandate, RefusalCause, Refused
from portal.models import Activation, Dealer, Vehicle
from portal.models.exports import ActivationState, Trigger
from portal.people.inquiries import forward_inquiries
from portal.platforms import get_app
from portal.platforms.contract import Account
from portal.security.vault import Vault, vault_of
from portal.vehicles.publication import Choice, publish
from portal.webhooks import endpoints
from portal.webhooks.messages import EVENTS
from tests.blueprints.settings.conftest import version_of
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build, fresh
from tests.conftest import as_htmx

AGENT = Mandate(may_cost=False, is_dealer=False)
SFTP = {"transport": "sftp", "host": "upload.example.org", "user": "alice"}


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return vault_of(settings)


@pytest.fixture
def live(build: Build, alices: Dealer) -> Activation:
    found: Activation = build.activation(alices)
    return found


@pytest.fixture
def car(build: Build, alices: Dealer) -> Vehicle:
    return build.vehicle(alices)


@pytest.fixture
def agents(session: Session) -> Session:
    session.info[MANDATE] = lambda: AGENT
    return session


def request(dealer: Dealer, app: str = "mobile-de", **settings: Any) -> life.ActivationRequest:
    return life.ActivationRequest(dealer.id, get_app(app), "4711002", dealer.locations[0].id, settings)


def cause_of(refused: pytest.ExceptionInfo[Refused]) -> RefusalCause:
    return refused.value.cause


def test_every_way_to_costs_asks_for_the_consent(
    agents: Session, alices: Dealer, live: Activation, car: Vehicle
) -> None:
    booked = {live.id: Choice(released=True, bookings=("eye_catcher",))}
    account = Account("4711002", "")
    ways = {
        "settings": lambda: life.change(agents, live, {"bookings": "vehicle"}),
        "another number for the vehicles": lambda: life.change(agents, live, {"number_format": "vin"}),
        "activation": lambda: life.activate(agents, request(alices, bookings="vehicle"), account),
        "vehicle": lambda: publish(agents, car, True, booked),
        "deletion of listings": lambda: life.close(agents, live),
        "listings anew": lambda: drift_control.publish_anew(agents, live, [car.id], Trigger.SUPPORT),
        "full transfer": lambda: full_transfer.start(
            agents, live, full_transfer.FullTransferReason.NOT_REGISTERED, Who()
        ),
        "lock": lambda: approve_lock(agents, uuid4(), ShownNumbers(0, 0), Who()),
        "lock discarded": lambda: discard_lock(agents, uuid4(), Who()),
    }
    for name, way in ways.items():
        with pytest.raises(Refused) as refused:
            way()
        assert cause_of(refused) == RefusalCause.CONSENT, name
        agents.rollback()


def test_what_costs_nothing_needs_no_consent(agents: Session, live: Activation, car: Vehicle) -> None:
    assert life.change(agents, live, {"equipment_format": "lines"})
    assert publish(agents, car, True, {live.id: Choice(released=True)})


@pytest.mark.parametrize("consent", [True, False])
def test_nobody_else_says_where_the_dealers_files_go(
    session: Session, alices: Dealer, build: Build, consent: bool
) -> None:
    draft = build.activation(alices, app="mobile-de-csv", state=ActivationState.DRAFT, settings=SFTP)
    session.info[MANDATE] = lambda: Mandate(may_cost=consent, is_dealer=False)
    for setting in ("transport", "host", "port", "user", "folder", "file_name", "upload_url"):
        with pytest.raises(Refused) as refused:
            life.change(session, draft, {setting: "other"})
        assert cause_of(refused) == RefusalCause.DEALER, setting
        session.rollback()
    with pytest.raises(Refused):
        life.save_draft(session, request(alices, "mobile-de-csv", **SFTP))


def test_nobody_else_says_where_events_and_inquiries_go(
    agents: Session, alices: Dealer, build: Build, vault: Vault
) -> None:
    alice = build.alice(alices)
    chosen = {"name": "DMS", "url": "https://example.org", "events": EVENTS}
    agents.info[MANDATE] = lambda: FULL
    hook, _secret = endpoints.create(agents, vault, PORTAL, alice, **chosen)
    agents.info[MANDATE] = lambda: Mandate(may_cost=True, is_dealer=False)
    for do in (
        lambda: endpoints.create(agents, vault, PORTAL, alice, **chosen),
        lambda: endpoints.change(agents, PORTAL, hook, name="other", events=()),
        lambda: endpoints.rotate(agents, vault, PORTAL, hook),
        lambda: endpoints.switch_on(agents, PORTAL, hook, alice),
        lambda: endpoints.send_test(agents, hook),
        lambda: endpoints.remove(agents, PORTAL, hook),
        lambda: forward_inquiries(agents, alices, "mallory@example.org"),
    ):
        with pytest.raises(Refused) as refused:
            do()
        assert cause_of(refused) == RefusalCause.DEALER


FORWARD = "/settings/lms"


@pytest.mark.parametrize("headers", [{}, as_htmx()], ids=["form", "htmx"])
@pytest.mark.parametrize("consent", [True, False])
def test_an_agent_does_not_say_where_inquiries_are_forwarded(
    agent: FlaskClient, session: Session, alices: Dealer, consent: bool, headers: dict[str, str]
) -> None:
    alices.support_may_act = consent
    alices.lms_forward_to = "verkauf@alice.example"
    session.commit()
    open_support_session(agent, alices, changes=True)
    page = agent.get(FORWARD).text
    for target in ("mallory@example.org", ""):
        data = {"version": version_of(page), "lms_forward_to": target}
        assert agent.post(FORWARD, data=data, headers=headers).status_code == 403
    assert fresh(session, Dealer, alices.id).lms_forward_to == "verkauf@alice.example"


def test_no_program_says_where_inquiries_are_forwarded(
    app: Flask, agent: FlaskClient, session: Session, alices: Dealer, build: Build, client: FlaskClient
) -> None:
    """The interface has no such field, its keys open no page, and an agent makes none and is none."""
    open_support_session(agent, alices, changes=True)
    data = {"lms_forward_to": "mallory@example.org"}
    _key, plain = make_key(build.session, build.alice(alices), "Werkstatt", OFFERED)
    session.commit()
    bearer = {"Authorization": f"Bearer {plain}"}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and not rule.arguments and "POST" in (rule.methods or ()):
            assert agent.post(rule.rule, json=data).status_code == 401
            assert client.post(rule.rule, json=data, headers=bearer).status_code >= 400
    assert client.post(FORWARD, data=data, headers=bearer).location.startswith("/login")
    assert agent.post("/settings/api-keys", data={"name": "x", "rights": "view"}).status_code == 403
    assert fresh(session, Dealer, alices.id).lms_forward_to == ""


def test_the_page_says_who_may(
    agent: FlaskClient, session: Session, alices: Dealer, live: Activation
) -> None:
    open_support_session(agent, alices, changes=True)
    form = {"bookings": "vehicle", "number_format": "offer", "confirmed": "bookings=vehicle"}
    refused = agent.post(f"/apps/{live.id}/settings", data=form)
    assert refused.status_code == 403
    assert "Dafür fehlt die Zustimmung des Händlers" in refused.text
    assert fresh(session, Activation, live.id).settings.get("bookings", "none") == "none"
    session.execute(update(Dealer).values(support_may_act=True))
    session.commit()
    assert agent.post(f"/apps/{live.id}/settings", data=form).status_code == 303
    assert fresh(session, Activation, live.id).settings["bookings"] == "vehicle"
