"""Konto: own facts, password, logins."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Dealer, LoginSession, SupportSession, User
from tests.blueprints.support.conftest import open_support_session
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
    browser.post("/account/logout-everywhere", data={"logins_password": PASSWORD})
    assert (browser.get("/account").status_code, other.get("/account").status_code) == (303, 303)


def test_it_shows_where_one_is_logged_in(browser: FlaskClient, login: Login, alice: User) -> None:
    login(alice)
    assert browser.get("/account").text.count("dieser Browser") == 1


def login_of(session: Session, user: User) -> LoginSession:
    """The latest."""
    mine = select(LoginSession).where(LoginSession.user_id == user.id)
    return session.scalars(mine.order_by(LoginSession.created_at.desc())).first()


def whats(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.what)))


def test_one_login_of_many_ends(browser: FlaskClient, login: Login, session: Session, alice: User) -> None:
    stays, lost = login(alice), login(alice)
    data = {"login": str(login_of(session, alice).id), "logins_password": PASSWORD}
    assert data["login"] in browser.get("/account").text
    assert browser.post("/account/logins/end", data=data).status_code == 303
    assert [one.get("/account").status_code for one in (browser, stays, lost)] == [200, 200, 303]
    assert data["login"] not in browser.get("/account").text
    browser.post("/account/logins/end", data=data)
    assert whats(session) == ["user.login_ended"], "what is over does not end again"


def test_all_other_logins_end_and_this_one_stays(
    browser: FlaskClient, login: Login, session: Session, alice: User
) -> None:
    others = [login(alice), login(alice)]
    browser.post("/account/logins/end-others", data={"logins_password": PASSWORD})
    assert [one.get("/account").status_code for one in (browser, *others)] == [200, 303, 303]
    assert whats(session) == ["user.other_logins_ended"]


@pytest.mark.parametrize("way", ["logins/end", "logins/end-others", "logout-everywhere"])
@pytest.mark.parametrize("given", ["", "wrong"])
def test_logins_end_only_with_the_password(
    browser: FlaskClient, login: Login, session: Session, alice: User, way: str, given: str
) -> None:
    other = login(alice)
    data = {"login": str(login_of(session, alice).id), "logins_password": given}
    answer = browser.post(f"/account/{way}", data=data)
    assert answer.status_code == 422
    assert 'href="#logins_password"' in answer.text
    assert (browser.get("/account").status_code, other.get("/account").status_code) == (200, 200)


@pytest.mark.parametrize("named", ["", "no id", "another's"])
def test_nobody_ends_the_login_of_another(
    browser: FlaskClient, login: Login, build: Build, session: Session, alice: User, named: str
) -> None:
    bob = build.bob(session.get_one(Dealer, alice.dealer_id))
    bobs, own = login(bob), login(alice)
    key = str(login_of(session, bob).id) if named == "another's" else named
    browser.post("/account/logins/end", data={"login": key, "logins_password": PASSWORD})
    assert [one.get("/account").status_code for one in (browser, bobs, own)] == [200, 200, 200]
    assert whats(session) == []


def test_the_support_session_of_a_login_ends_with_it(build: Build, login: Login, session: Session) -> None:
    """From wherever the login is ended."""
    sam, dealer = build.sam(), build.dealer()
    desk, laptop = login(sam), login(sam)
    open_support_session(laptop, dealer)
    desk.post("/account/logins/end-others", data={"logins_password": PASSWORD})
    ended = session.scalars(select(SupportSession)).one()
    assert (ended.ended_at is not None, ended.ended_how) == (True, "logout")


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


@pytest.mark.parametrize(
    "path",
    ["/account/second-factor/off", "/account/second-factor/codes", "/account", "/account/logins/end-others"],
)
def test_the_password_is_not_guessed_anywhere_in_the_account(
    app: Flask, browser: FlaskClient, session: Session, alice: User, path: str
) -> None:
    """Failures count for the account, like those of the login."""
    alice.totp_confirmed_at = func.now()
    session.commit()

    def guess(password: str) -> int:
        fields = dict.fromkeys(("factor_password", "email_password", "logins_password"), password)
        data = {"name": "Alice", "email": "a@example.org", **fields}
        return browser.post(path, data=data).status_code

    assert [guess("wrong") for _ in range(5)] == [422] * 5
    assert guess(PASSWORD) == 422
