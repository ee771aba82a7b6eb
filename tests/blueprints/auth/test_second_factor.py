"""The second step of a login."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.models import User
from portal.people import accounts, second_factor
from tests.builders import PASSWORD, Build

Login = Callable[[User], FlaskClient]


@pytest.fixture
def alice(build: Build) -> User:
    return build.alice(build.dealer())


@pytest.fixture
def secret(app: Flask, session: Session, alice: User) -> str:
    """Alice's factor, set up an hour ago."""
    secret = second_factor.new_secret()
    before = datetime.now(UTC) - timedelta(hours=1)
    second_factor.turn_on(alice, app.extensions["vault"], secret, pyotp.TOTP(secret).at(before), before)
    session.commit()
    return secret


def give_password(client: FlaskClient, **more: str) -> str:
    return client.post("/login", data={"login": "alice", "password": PASSWORD, **more}).headers["Location"]


def give_code(client: FlaskClient, code: str):  # type: ignore[no-untyped-def]
    return client.post("/login/code", data={"code": code})


def test_the_password_alone_opens_nothing(client: FlaskClient, secret: str) -> None:
    assert give_password(client) == "/login/code"
    assert client.get("/").status_code == 303
    assert client.get("/account").status_code == 303


def test_the_code_lets_in_and_leads_to_where_one_wanted(client: FlaskClient, secret: str) -> None:
    give_password(client, next="/vehicles")
    answer = give_code(client, pyotp.TOTP(secret).now())
    assert answer.headers["Location"] == "/vehicles"
    assert client.get("/account").status_code == 200


def test_a_code_that_was_seen_is_worth_nothing(app: Flask, client: FlaskClient, secret: str) -> None:
    give_password(client)
    code = pyotp.TOTP(secret).now()
    give_code(client, code)
    other = app.test_client()
    give_password(other)
    assert give_code(other, code).status_code == 422


def test_codes_cannot_be_tried_through(client: FlaskClient, secret: str) -> None:
    give_password(client)
    for _ in range(5):
        assert give_code(client, "000000").status_code == 422
    answer = give_code(client, pyotp.TOTP(secret).now())
    assert "Zu viele Versuche" in answer.text


def test_without_the_password_there_is_no_second_step(client: FlaskClient, secret: str) -> None:
    assert client.get("/login/code").headers["Location"] == "/login"
    assert give_code(client, pyotp.TOTP(secret).now()).headers["Location"] == "/login"
    assert client.get("/account").status_code == 303


def test_setting_it_up_shows_recovery_codes_once(login: Login, alice: User) -> None:
    browser = login(alice)
    browser.get("/account/second-factor")
    with browser.session_transaction() as cookie:
        secret = cookie["new_second_factor"]
    assert browser.post("/account/second-factor", data={"code": "123"}).status_code == 422
    shown = browser.post("/account/second-factor", data={"code": pyotp.TOTP(secret).now()})
    assert shown.text.count("<code>") == second_factor.RECOVERY_CODES
    assert "8 Wiederherstellungscodes" in browser.get("/account").text


def test_taking_it_off_asks_for_the_password(login: Login, alice: User, secret: str) -> None:
    browser = login(alice)
    refused = browser.post("/account/second-factor/off", data={"factor_password": "wrong"})
    assert refused.status_code == 422
    browser.post("/account/second-factor/off", data={"factor_password": PASSWORD})
    assert give_password(browser.application.test_client()) == "/"


def test_a_dealer_can_require_it_of_everybody(login: Login, session: Session, alice: User) -> None:
    alice.dealer.require_second_factor = True
    session.commit()
    browser = login(alice)
    for url in ("/", "/vehicles", "/settings/users"):
        assert browser.get(url).headers["Location"] == "/account/second-factor"
    assert browser.get("/account/second-factor").status_code == 200
    assert browser.post("/logout").status_code == 303


def test_a_password_that_was_changed_meanwhile_lets_nobody_on(
    app: Flask, client: FlaskClient, session: Session, alice: User, secret: str
) -> None:
    """Whoever gave the stolen one waits at the second step."""
    give_password(client)
    accounts.set_password(alice, "rote Ampel am Hafen")
    session.commit()
    assert give_code(client, pyotp.TOTP(secret).now()).headers["Location"] == "/login"
    assert client.get("/account").status_code == 303


def test_whoever_was_logged_in_here_before_is_out(
    app: Flask, build: Build, login: Login, alice: User, secret: str
) -> None:
    """Also in a copy of the cookie."""
    browser = login(build.user("bob", alice.dealer))
    copy = app.test_client()
    cookie = browser.get_cookie("session")
    assert cookie
    copy.set_cookie("session", cookie.value)
    assert copy.get("/account").status_code == 200
    give_password(browser)
    assert copy.get("/account").status_code == 303
