"""Nutzer: invited, changed, locked out; nobody beyond his own dealer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEvent, Dealer, Mail, User
from portal.models.accounts import RIGHTS
from tests.builders import Build, fresh
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]
DORA: dict[str, Any] = {
    "login": "dora",
    "name": "Dora Neu",
    "email": "dora@example.org",
    "rights": ["edit_vehicles"],
}


@pytest.fixture
def alices(build: Build) -> Dealer:
    return build.dealer()


@pytest.fixture
def alice(build: Build, alices: Dealer) -> User:
    return build.alice(alices)


@pytest.fixture
def browser(login: Login, alice: User) -> FlaskClient:
    return login(alice)


def invite(browser: FlaskClient, **changed: Any) -> int:
    return browser.post("/settings/users/new", data=DORA | changed).status_code


def dora(session: Session) -> User:
    session.expire_all()
    return session.scalars(select(User).where(User.login == "dora")).one()


def test_an_invited_user_sets_a_password_by_the_mail_and_is_in(
    app: Flask, browser: FlaskClient, session: Session, alices: Dealer
) -> None:
    assert invite(browser) == 303
    assert "eingeladen" in browser.get("/settings/users").text
    [mail] = session.scalars(select(Mail)).all()
    assert (mail.recipient, "dora" in mail.plain) == ("dora@example.org", True)
    found = re.search(r"/password/\S+", mail.plain)
    assert found
    client = app.test_client()
    password = "rote Ampel am Hafen"
    client.post(found.group(), data={"password": password, "again": password})
    client.post("/login", data={"login": "dora", "password": password})
    assert client.get("/vehicles").status_code == 200
    assert client.get("/settings/users").status_code == 403
    user = dora(session)
    assert (user.dealer_id, user.rights) == (alices.id, ["view", "edit_vehicles"])


def test_a_login_exists_once_in_the_whole_portal(
    browser: FlaskClient, build: Build, session: Session
) -> None:
    build.user("dora", build.dealer("Autohaus Charlie", code="CH"))
    answer = browser.post("/settings/users/new", data=DORA)
    assert answer.status_code == 422
    assert "gibt es im Portal schon" in answer.text
    assert session.scalars(select(Mail)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("login", ""), ("login", "mit leer"), ("name", ""), ("email", ""), ("email", "x"), ("rights", [])],
)
def test_what_is_wrong_stands_beside_its_field(
    browser: FlaskClient, session: Session, field: str, value: Any
) -> None:
    answer = browser.post("/settings/users/new", data=DORA | {field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert len(session.scalars(select(User)).all()) == 1


def test_the_plan_limits_how_many(browser: FlaskClient, session: Session, alices: Dealer) -> None:
    session.get_one(Dealer, alices.id).max_users = 1
    session.commit()
    answer = browser.post("/settings/users/new", data=DORA)
    assert answer.status_code == 422
    assert "Ihr Tarif enthält 1 Nutzer" in answer.text


def test_rights_and_locations_are_changed_and_recorded(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    place = build.location(alices, "HB")
    bob = build.bob(alices)
    data = {
        "name": "Bob",
        "email": "bob@example.org",
        "rights": ["unlock"],
        "scope": "some",
        "locations": [str(place.id)],
    }
    browser.post(f"/settings/users/{bob.id}", data=data)
    saved = fresh(session, User, bob.id)
    assert (saved.rights, saved.location_ids) == (["view", "unlock"], [place.id])
    event = session.scalars(select(AuditEvent)).one()
    assert event.what == "user.changed"
    assert event.detail["rights"] == [["view"], ["view", "unlock"]]


def test_another_dealers_location_cannot_be_given(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    theirs = build.dealer("Autohaus Charlie", code="CH").locations[0]
    build.location(alices, "HB")
    assert invite(browser, scope="some", locations=[str(theirs.id)]) == 422


def test_nobody_takes_the_right_to_manage_from_himself(
    browser: FlaskClient, session: Session, alice: User
) -> None:
    data = {"name": "Alice", "email": "alice@example.org", "rights": ["view"]}
    assert browser.post(f"/settings/users/{alice.id}", data=data).status_code == 422
    browser.post(f"/settings/users/{alice.id}/deactivate")
    saved = fresh(session, User, alice.id)
    assert (saved.active, saved.rights) == (True, list(RIGHTS))


def test_a_locked_out_user_is_out_at_the_next_request(
    browser: FlaskClient, build: Build, login: Login, alices: Dealer
) -> None:
    bob = build.bob(alices)
    his = login(bob)
    assert his.get("/vehicles").status_code == 200
    browser.post(f"/settings/users/{bob.id}/deactivate")
    assert his.get("/vehicles").status_code == 303
    browser.post(f"/settings/users/{bob.id}/activate")
    assert his.get("/vehicles").status_code == 303, "the old login stays dead"
    assert login(bob).get("/vehicles").status_code == 200


def test_an_invitation_can_be_sent_again_until_it_is_used(
    browser: FlaskClient, build: Build, session: Session, alices: Dealer
) -> None:
    invite(browser)
    browser.post(f"/settings/users/{dora(session).id}/invite")
    assert len(session.scalars(select(Mail)).all()) == 2
    browser.post(f"/settings/users/{build.bob(alices).id}/invite")
    assert len(session.scalars(select(Mail)).all()) == 2


def test_the_list_takes_a_fixed_number_of_queries(browser: FlaskClient, build: Build, alices: Dealer) -> None:
    def counted() -> int:
        with count_queries() as statements:
            browser.get("/settings/users")
        return len(statements)

    counted()
    one = counted()
    for number in range(5):
        build.user(f"user-{number}", alices)
    assert counted() == one
