"""Forgotten passwords and links that set one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings
from portal.blueprints.auth.passwords import SLOWEST
from portal.models import AuditEvent, LoginSession, Mail, User
from portal.security.links import INVITATION_LIFETIME, RESET_LIFETIME, password_link, password_user
from tests.builders import PASSWORD, Build, fresh
from tests.words import letter

NEW = "rote Ampel am Hafen"


@pytest.fixture
def alice(build: Build) -> User:
    return build.user("alice", build.dealer(), email="alice@example.org")


def path(settings: Settings, user: User, *, invitation: bool = False) -> str:
    return password_link(settings, user, invitation=invitation).removeprefix(settings.portal_url)


def set_new(client: FlaskClient, url: str, password: str = NEW) -> int:
    return client.post(url, data={"password": password, "again": password}).status_code


def can_log_in(app: Flask, password: str) -> bool:
    answer = app.test_client().post("/login", data={"login": "alice", "password": password})
    return answer.status_code == 303


def test_whoever_forgot_gets_a_mail_with_a_link_that_works_once(
    app: Flask, client: FlaskClient, session: Session, alice: User
) -> None:
    client.post("/password/forgotten", data={"login": "alice"})
    [mail] = session.scalars(select(Mail)).all()
    assert mail.recipient == "alice@example.org"
    found = re.search(r"/password/\S+", letter(mail))
    assert found
    assert "alice" in client.get(found.group()).text
    assert set_new(client, found.group()) == 303
    assert can_log_in(app, NEW)
    assert not can_log_in(app, PASSWORD)
    assert set_new(client, found.group(), "ein anderer Satz") == 410
    assert can_log_in(app, NEW)


def test_unknown_names_get_the_same_answer_and_no_mail(
    client: FlaskClient, session: Session, alice: User
) -> None:
    known = client.post("/password/forgotten", data={"login": "alice"})
    unknown = client.post("/password/forgotten", data={"login": "nobody"})
    token = re.compile(r'(csrf[^"]*" (?:content|value)=")[^"]*')
    assert token.sub("", known.text) == token.sub("", unknown.text)
    assert len(session.scalars(select(Mail)).all()) == 1


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("name", ["alice", "nobody", ""])
def test_no_name_is_told_by_how_long_the_answer_takes(client: FlaskClient, name: str) -> None:
    """Each waits for the same moment, which is later than the work for any of them."""
    began = monotonic()
    client.post("/password/forgotten", data={"login": name})
    assert monotonic() - began >= SLOWEST


def test_one_name_is_not_flooded_with_mails(client: FlaskClient, session: Session, alice: User) -> None:
    for _ in range(9):
        client.post("/password/forgotten", data={"login": "alice"})
    assert len(session.scalars(select(Mail)).all()) == 5


def test_a_locked_out_user_gets_no_mail(client: FlaskClient, session: Session, alice: User) -> None:
    alice.active = False
    session.commit()
    client.post("/password/forgotten", data={"login": "alice"})
    assert session.scalars(select(Mail)).all() == []


def test_a_look_at_the_page_changes_nothing(
    client: FlaskClient, session: Session, settings: Settings, alice: User
) -> None:
    url = path(settings, alice)
    for method in ("GET", "HEAD", "GET"):
        assert client.open(url, method=method).status_code == 200
    assert fresh(session, User, alice.id).password_changed_at is None


def test_every_login_ends_with_the_old_password(
    app: Flask, client: FlaskClient, session: Session, settings: Settings, alice: User
) -> None:
    thief = app.test_client()
    thief.post("/login", data={"login": "alice", "password": PASSWORD})
    assert thief.get("/account").status_code == 200
    set_new(client, path(settings, alice))
    assert thief.get("/account").status_code == 303
    assert session.scalars(select(LoginSession.ended_at)).one() is not None
    assert session.scalars(select(AuditEvent.what)).all() == ["user.password_set"]


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [("kurz", "kurz", "password"), (NEW, "anders", "again"), ("alice-alice", "alice-alice", "password")],
)
def test_a_password_that_will_not_do_is_refused_beside_its_field(
    app: Flask, client: FlaskClient, settings: Settings, alice: User, password: str, again: str, field: str
) -> None:
    answer = client.post(path(settings, alice), data={"password": password, "again": again})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert can_log_in(app, PASSWORD)


@pytest.mark.parametrize("invitation", [False, True])
def test_a_link_lives_as_long_as_it_says(
    session: Session, settings: Settings, alice: User, invitation: bool
) -> None:
    token = path(settings, alice, invitation=invitation).rpartition("/")[2]
    life = INVITATION_LIFETIME if invitation else RESET_LIFETIME
    now = datetime.now(UTC)
    assert password_user(settings, token, session, now + life - timedelta(minutes=1)) is not None
    assert password_user(settings, token, session, now + life + timedelta(minutes=1)) is None


@pytest.mark.parametrize("token", ["x", "WzFd.aaaa.bbbb", "%00", "a" * 3000])
def test_what_was_never_ours_leads_to_a_new_link(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/password/{token}")
    assert answer.status_code == 410
    assert "Dieser Link gilt nicht mehr" in answer.text


def test_the_page_is_not_told_to_others(client: FlaskClient, settings: Settings, alice: User) -> None:
    answer = client.get(path(settings, alice))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_invited_user_cannot_log_in_before(app: Flask, session: Session, alice: User) -> None:
    alice.password_hash = ""
    session.commit()
    for password in ("", "nobody has this password"):
        assert not can_log_in(app, password)


@pytest.mark.parametrize("invitation", [True, False])
def test_a_link_dies_when_the_mail_address_is_corrected(
    client: FlaskClient, session: Session, settings: Settings, alice: User, invitation: bool
) -> None:
    """It went to somebody else."""
    url = path(settings, alice, invitation=invitation)
    alice.email = "alice@alice.example"
    session.commit()
    assert client.get(url).status_code == 410
    assert set_new(client, url) == 410
