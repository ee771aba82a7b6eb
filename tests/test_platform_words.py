"""A platform that happens to use our very words: nobody translates them for it, wherever they are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal.blueprints.api.keys import OFFERED, make_key
from portal.catalogue import in_language
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import DeliveryStep, EgressPolicy, ServerRefusal, Target
from portal.delivery.reasons import failure
from portal.exports.planning.outcome import serialize_feedback
from portal.exports.stock_files.publish import note_undelivered
from portal.models import Activation, Dealer, Transfer, User
from portal.models.notifications import Mail
from portal.models.runs import Run
from portal.notifications.notify import notify_all
from portal.platforms.mobile_de import errors
from tests.builders import Build
from tests.words import letter

Login = Callable[[User], FlaskClient]
PLAIN = "Die Marke fehlt."
WITH_VALUES = "CO₂-Klasse fehlt: mobile.de verlangt diese Angabe."
OURS = {PLAIN: "The make is missing.", WITH_VALUES: "CO₂ class missing: mobile.de requires this detail."}
"""Sentences of ours, word by word, as a platform might say them; and what we would say in English."""


def answer(text: str) -> list[dict[str, Any]]:
    """What the history keeps of a refusal with this text, and of one that an earlier version stored."""
    [told] = errors.rejection({"errors": [{"key": "quite-unknown", "message": text}]})
    return [*serialize_feedback([told]), {"code": "old", "text": text, "field": None, "platform_text": text}]


@pytest.fixture
def alice(build: Build, dealer: Dealer) -> User:
    return build.user("alice", dealer, language="en", email="alice@example.org")


@pytest.fixture
def activation(build: Build, dealer: Dealer) -> Activation:
    return build.activation(dealer)


@pytest.fixture(params=OURS)
def planted(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def transfer(build: Build, dealer: Dealer, activation: Activation, planted: str) -> Transfer:
    vehicle = build.vehicle(dealer)
    build.release(vehicle, activation)
    said = answer(planted)
    build.listing(vehicle, activation, last_result="rejected", last_feedback=said)
    attempt = {"at": datetime.now(UTC).isoformat(), "outcome": "rejected", "detail": planted, "exchanges": []}
    return build.transfer(
        vehicle, activation, state="rejected", action="create", feedback=said, attempts=[attempt]
    )


def test_the_sentences_are_ours_and_would_be_translated() -> None:
    assert in_language(errors.known("missing-field", "energy.co2_class").text, "en") == OURS[WITH_VALUES]
    assert str(errors.known("missing-field", "energy.co2_class").text) == WITH_VALUES


def test_the_english_pages_show_them_as_they_came(
    alice: User, login: Login, transfer: Transfer, activation: Activation, planted: str
) -> None:
    client = login(alice)
    pages = (
        f"/apps/{activation.id}/history/{transfer.id}",
        f"/apps/{activation.id}?result=all",
        f"/vehicles/{transfer.vehicle_id}/publication",
        f"/vehicles/{transfer.vehicle_id}/history",
        "/problems",
    )
    for address in pages:
        page = client.get(address, follow_redirects=True).text
        assert planted in page, address
        assert OURS[planted] not in page, address


def test_the_table_for_a_spreadsheet_has_them_as_they_came(
    alice: User, login: Login, transfer: Transfer, activation: Activation, planted: str
) -> None:
    table = login(alice).get(f"/apps/{activation.id}/history.csv").text
    assert f"mobile.de reports: “{planted}”. | {planted}" in table
    assert OURS[planted] not in table


def test_the_interface_hands_them_on_as_they_came(
    build: Build, client: FlaskClient, alice: User, transfer: Transfer, planted: str
) -> None:
    _key, plain = make_key(build.session, alice, "Werkstatt", OFFERED)
    build.session.commit()
    headers = {"Authorization": f"Bearer {plain}", "Accept-Language": "en"}
    [found] = client.get("/api/v1/transfers", headers=headers).get_json()["transfers"]
    assert [item["text"] for item in found["feedback"]] == [f"mobile.de reports: “{planted}”.", planted]


def test_a_mail_quotes_them_as_they_came(
    app: Flask, session: Session, alice: User, activation: Activation, planted: str
) -> None:
    """A server that refuses a file with our words: the app stops, and people are told why."""
    attempt = DeliveryAttempt(Target("sftp", host="files.example"), EgressPolicy(), 60)
    attempt.at(DeliveryStep.FOLDER)
    run = Run(activation_id=activation.id, kind="file")
    session.add(run)
    session.flush()
    note_undelivered(session, activation, run, failure(ServerRefusal(planted), attempt).undelivered())
    session.commit()
    notify_all(sessionmaker(session.get_bind()), app.extensions["settings"])
    [mail] = session.scalars(select(Mail).where(Mail.user_id == alice.id))
    assert f"the server reports: “{planted}”" in letter(mail)
    assert OURS[planted] not in letter(mail)
