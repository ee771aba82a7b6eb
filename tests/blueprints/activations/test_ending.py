"""Resume after a stop, deactivate, delete the listings, discard a draft: engine and sandbox included."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.exports.core.runtime import Runtime, make_runtime
from portal.exports.jobs import run_activation
from portal.models import Activation, Dealer, Listing, Transfer, User
from portal.models.exports import ActivationState, TransferState
from tests.blueprints.conftest import LINKED, NOT_LINKED, Market
from tests.blueprints.store.test_activate import filled
from tests.builders import Build, fresh

Login = Callable[[User], FlaskClient]


@pytest.fixture
def engine(app: Flask, market: Market) -> Iterator[Runtime]:
    """A worker's view of the same database and marketplace."""
    runtime = make_runtime(app.extensions["settings"], lambda *_: None)
    yield runtime
    runtime.engine.dispose()


def state_of(session: Session, activation: Activation) -> str:
    return str(fresh(session, Activation, activation.id).state)


def test_from_the_form_to_the_marketplace_and_back(
    alice: FlaskClient, market: Market, engine: Runtime, build: Build, alices: Dealer, session: Session
) -> None:
    """Activated: online. Deactivated with deletion: gone. Activated again: new listings."""
    for _ in range(3):
        build.vehicle(alices)
    alice.post("/appstore/mobile-de/activate", data=filled())
    made = session.scalars(select(Activation)).one()
    run_activation(engine, made.id)
    assert len(market.ads()) == 3
    page = alice.get(f"/apps/{made.id}/progress").text
    assert "<strong>3</strong> von 3 online" in page
    assert "3 Inserate" in alice.get(f"/apps/{made.id}/listings").text

    asked = alice.get(f"/apps/{made.id}/deactivate").text
    assert "3 Inserate dieser App" in asked
    assert "3 Inserate löschen" in asked
    alice.post(f"/apps/{made.id}/deactivate", data={"listings": "delete"})
    assert state_of(session, made) == ActivationState.CLOSING
    run_activation(engine, made.id)
    assert state_of(session, made) == ActivationState.DEACTIVATED
    assert not market.ads()

    alice.post("/appstore/mobile-de/activate", data=filled())
    run_activation(engine, made.id)
    assert len(market.ads()) == 3
    assert state_of(session, made) == ActivationState.ACTIVE


def test_stopped_only_and_activated_again_nothing_is_listed_twice(
    alice: FlaskClient, market: Market, engine: Runtime, build: Build, alices: Dealer, session: Session
) -> None:
    build.vehicle(alices)
    alice.post("/appstore/mobile-de/activate", data=filled())
    made = session.scalars(select(Activation)).one()
    run_activation(engine, made.id)
    alice.post(f"/apps/{made.id}/deactivate", data={"listings": "stop"})
    assert state_of(session, made) == ActivationState.DEACTIVATED
    assert "1 Inserat blieb stehen" in alice.get("/apps").text
    alice.post("/appstore/mobile-de/activate", data=filled())
    run_activation(engine, made.id)
    assert len(market.ads()) == 1
    assert len(session.scalars(select(Listing.id)).all()) == 1


def test_without_a_choice_nothing_happens(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session
) -> None:
    active = build.activation(alices)
    for choice in ({}, {"listings": "burn"}):
        answer = alice.post(f"/apps/{active.id}/deactivate", data=choice)
        assert answer.status_code == 422
        assert 'href="#listings"' in answer.text
    assert state_of(session, active) == ActivationState.ACTIVE


def test_stopping_only_is_the_default(alice: FlaskClient, build: Build, alices: Dealer) -> None:
    page = alice.get(f"/apps/{build.activation(alices).id}/deactivate").text
    assert 'value="stop" checked' in page
    assert page.count(" checked") == 1


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (ActivationState.STOPPED, "nicht mehr angehalten ist"),
        (ActivationState.LOCKED, "über die Sperre entschieden ist"),
        (ActivationState.RECONCILING, "der Bestandsabgleich abgeschlossen ist"),
    ],
)
def test_it_is_said_what_has_to_be_over_before_listings_can_be_deleted(
    alice: FlaskClient, build: Build, alices: Dealer, state: ActivationState, why: str
) -> None:
    held = build.activation(alices, state=state)
    assert f"Das geht erst, wenn {'die App ' if state == 'stopped' else ''}{why}." in (
        alice.get(f"/apps/{held.id}/deactivate").text
    )


@pytest.mark.parametrize("state", [ActivationState.STOPPED, ActivationState.CLOSING])
def test_what_cannot_send_cannot_delete_but_can_end(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session, state: ActivationState
) -> None:
    held = build.activation(alices, state=state)
    build.transfer(build.vehicle(alices), held)
    assert 'value="delete" disabled' in alice.get(f"/apps/{held.id}/deactivate").text
    assert alice.post(f"/apps/{held.id}/deactivate", data={"listings": "delete"}).status_code == 422
    assert state_of(session, held) == state
    alice.post(f"/apps/{held.id}/deactivate", data={"listings": "stop"})
    assert state_of(session, held) == ActivationState.DEACTIVATED
    assert session.scalars(select(Transfer.state)).all() == [TransferState.DISCARDED]


def test_checked_again_and_in_order_it_runs_again(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    stopped = build.activation(
        alices, customer_number=NOT_LINKED, state=ActivationState.STOPPED, stop_cause="not_linked"
    )
    refused = alice.post(f"/apps/{stopped.id}/resume", follow_redirects=True)
    assert "Noch nicht behoben" in refused.text
    assert "Tragen Sie Export-Portal im Händlerbereich von mobile.de" in refused.text
    assert state_of(session, stopped) == ActivationState.STOPPED
    market.seller(NOT_LINKED, linked=True)
    done = alice.post(f"/apps/{stopped.id}/resume", follow_redirects=True)
    assert "Die Übertragung läuft wieder" in done.text
    assert "Erneut prüfen" not in done.text
    assert state_of(session, stopped) == ActivationState.ACTIVE


def test_what_is_not_stopped_cannot_be_resumed(
    alice: FlaskClient, market: Market, build: Build, alices: Dealer, session: Session
) -> None:
    ended = build.activation(alices, customer_number=LINKED, state=ActivationState.DEACTIVATED)
    alice.post(f"/apps/{ended.id}/resume")
    assert state_of(session, ended) == ActivationState.DEACTIVATED


def test_a_draft_is_discarded_and_nothing_else_is(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session
) -> None:
    kept = build.activation(alices, state=ActivationState.DRAFT, customer_number="1")
    active = build.activation(alices, customer_number="2")
    assert alice.post(f"/apps/{kept.id}/discard").headers["Location"] == "/apps"
    alice.post(f"/apps/{active.id}/discard")
    assert fresh(session, Activation, kept.id) is None
    assert state_of(session, active) == ActivationState.ACTIVE


def test_bob_and_charlie_end_nothing(build: Build, alices: Dealer, login: Login, session: Session) -> None:
    active = build.activation(alices)
    for user, status in ((build.bob(alices), 403), (build.charlie(), 404)):
        client = login(user)
        for path in ("deactivate", "resume", "discard"):
            url = f"/apps/{active.id}/{path}"
            assert client.post(url, data={"listings": "delete"}).status_code == status
        assert client.get(f"/apps/{active.id}/deactivate").status_code == status
    assert state_of(session, active) == ActivationState.ACTIVE
