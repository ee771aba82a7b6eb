"""Konto: own facts, password, logins."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, User
from tests.builders import PASSWORD, Build, fresh

Login = Callable[[User], FlaskClient]
NEW = "rote Ampel am Hafen"


@pytest.fixture
def alice(build: Build) -> User:
    return build.user("alice", build.dealer(), email="alice@example.org")


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


def change(
    browser: FlaskClient, current: str = PASSWORD, password: str = NEW, again: str | None = None
) -> int:
    data = {"current": current, "password": password, "again": password if again is None else again}
    return browser.post("/account/password", data=data).status_code


def test_name_and_mail_address_are_saved_and_recorded(
    browser: FlaskClient, session: Session, alice: User
) -> None:
    browser.post(
        "/account", data={"name": " Alice  Muster ", "email": "a@example.org", "email_password": PASSWORD}
    )
    saved = fresh(session, User, alice.id)
    assert (saved.name, saved.email) == ("Alice Muster", "a@example.org")
    [event] = session.scalars(select(AuditEvent)).all()
    assert event.detail == {
        "name": ["Alice", "Alice Muster"],
        "email": ["alice@example.org", "a@example.org"],
    }


@pytest.mark.parametrize(
    "data",
    [{"name": "", "email": ""}, {"name": "A", "email": "no"}, {"name": "A", "email": "a@b\nBcc: c@d.de"}],
)
def test_wrong_facts_are_refused(
    browser: FlaskClient, session: Session, alice: User, data: dict[str, str]
) -> None:
    assert browser.post("/account", data=data).status_code == 422
    assert fresh(session, User, alice.id).email == "alice@example.org"


def test_a_new_password_ends_all_other_logins(
    app: Flask, browser: FlaskClient, login: Login, alice: User
) -> None:
    other = login(alice)
    assert change(browser) == 303
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("current", "password", "again"), [("wrong", NEW, NEW), (PASSWORD, "kurz", "kurz"), (PASSWORD, NEW, "x")]
)
def test_the_old_password_stays_when_something_is_wrong(
    app: Flask, browser: FlaskClient, current: str, password: str, again: str
) -> None:
    assert change(browser, current, password, again) == 422
    client = app.test_client()
    assert client.post("/login", data={"login": "alice", "password": PASSWORD}).status_code == 303


def test_the_old_password_cannot_be_tried_through(browser: FlaskClient) -> None:
    for _ in range(5):
        change(browser, "wrong")
    assert change(browser) == 422


def test_logging_out_everywhere_ends_this_login_too(browser: FlaskClient, login: Login, alice: User) -> None:
    other = login(alice)
    browser.post("/account/logout-everywhere")
    assert (browser.get("/account").status_code, other.get("/account").status_code) == (303, 303)


def test_it_shows_where_one_is_logged_in(browser: FlaskClient, login: Login, alice: User) -> None:
    login(alice)
    assert browser.get("/account").text.count("dieser Browser") == 1


def test_support_agents_have_an_account_too(build: Build, login: Login) -> None:
    assert login(build.sam()).get("/account").status_code == 200


@pytest.mark.parametrize("given", [{}, {"email_password": "wrong"}])
def test_another_mail_address_asks_for_the_password(
    browser: FlaskClient, session: Session, alice: User, given: dict[str, str]
) -> None:
    """An unattended browser would have a new password sent there."""
    data = {"name": "Alice", "email": "mallory@example.org"} | given
    answer = browser.post("/account", data=data)
    assert answer.status_code == 422
    assert 'href="#email_password"' in answer.text
    assert fresh(session, User, alice.id).email == "alice@example.org"
    assert browser.post("/account", data={"name": "Alice A", "email": "alice@example.org"}).status_code == 303


@pytest.mark.parametrize("path", ["/account/second-factor/off", "/account/second-factor/codes", "/account"])
def test_the_password_is_not_guessed_anywhere_in_the_account(
    app: Flask, browser: FlaskClient, session: Session, alice: User, path: str
) -> None:
    """Failures count for the account, like those of the login."""
    alice.totp_confirmed_at = func.now()
    session.commit()

    def guess(password: str) -> int:
        fields = dict.fromkeys(("factor_password", "email_password"), password)
        data = {"name": "Alice", "email": "a@example.org", **fields}
        return browser.post(path, data=data).status_code

    assert [guess("wrong") for _ in range(5)] == [422] * 5
    assert guess(PASSWORD) == 422
