"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.models import Dealer, LoginSession, User
from portal.security import passwords
from tests.builders import PASSWORD, Build
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]


def log_in(client: FlaskClient, login: str = "alice", password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/login", data={"login": login, "password": password, **more})


def test_a_dealer_lands_on_the_overview(build: Build, client: FlaskClient) -> None:
    build.alice(build.dealer())
    answer = log_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_support_agent_lands_in_the_support_area(build: Build, client: FlaskClient) -> None:
    sam = build.user("sam", None, rights=(), role="support", totp_confirmed_at=None)
    assert log_in(client, "sam").headers["Location"] == "/support"
    sam.totp_confirmed_at = datetime.now(UTC)
    build.session.commit()
    assert client.get("/support").status_code == 200
    refused = client.get("/")
    assert refused.status_code == 403
    assert '<a class="btn btn-primary" href="/support">' in refused.text


def test_an_agent_sets_up_a_second_factor_before_anything_else(
    build: Build, client: FlaskClient, alices: Dealer
) -> None:
    build.user("sam", None, rights=(), role="support", totp_confirmed_at=None)
    log_in(client, "sam")
    for path in ("/support", "/support/audit", f"/support/dealers/{alices.id}", "/vehicles"):
        assert client.get(path).headers["Location"] == "/account/second-factor", path
    answer = client.post(f"/support/dealers/{alices.id}", data={"reason": "Ein Fahrzeug fehlt"})
    assert answer.headers["Location"] == "/account/second-factor"
    assert "Für den Support ist ein zweiter Faktor Pflicht" in client.get("/account/second-factor").text


def test_an_agent_does_not_turn_it_off(build: Build, login: Login) -> None:
    sam = build.sam()
    answer = login(sam).post("/account/second-factor/off", data={"factor_password": PASSWORD})
    assert "ist ein zweiter Faktor Pflicht" in answer.text
    build.session.refresh(sam)
    assert sam.totp_confirmed_at


@pytest.mark.parametrize(
    ("login", "password"), [("alice", "wrong"), ("nobody", PASSWORD), ("", ""), ("a\0b", "x")]
)
def test_every_refusal_reads_the_same(build: Build, client: FlaskClient, login: str, password: str) -> None:
    build.alice(build.dealer())
    answer = log_in(client, login, password)
    assert answer.status_code == 422
    assert "Benutzername oder Passwort stimmt nicht." in answer.text
    assert client.get("/help").status_code == 303


class Noting(PasswordHasher):
    """Remembers what each of its checks costs."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.costs: list[Parameters] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.costs.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


def test_an_unknown_account_takes_as_long_as_a_known_one(
    build: Build, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.alice(build.dealer())
    hasher = Noting()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    log_in(client, "alice", "wrong")
    log_in(client, "nobody", "wrong")
    known, unknown = hasher.costs
    assert known == unknown


def test_a_deactivated_user_is_refused(build: Build, client: FlaskClient) -> None:
    build.user("alice", build.dealer(), active=False)
    assert log_in(client).status_code == 422


def test_a_user_deactivated_meanwhile_is_out_at_the_next_request(
    build: Build, session: Session, login: Login
) -> None:
    alice = build.alice(build.dealer())
    client = login(alice)
    alice.active = False
    session.commit()
    assert client.get("/help").status_code == 303


@pytest.mark.parametrize("wanted", ["/help", "/vehicles?page=2"])
def test_after_the_login_the_wanted_page_follows(build: Build, client: FlaskClient, wanted: str) -> None:
    build.alice(build.dealer())
    assert log_in(client, next=wanted).headers["Location"] == wanted


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "///evil.example",
        "help",
        "http:/help",
        "/\n/evil.example",
        "http://[evil.example/",
        "//[evil.example/",
    ],
)
def test_the_login_leads_to_no_foreign_page(build: Build, client: FlaskClient, elsewhere: str) -> None:
    build.alice(build.dealer())
    assert log_in(client, next=elsewhere).headers["Location"] == "/"
    client.post("/logout")
    assert "evil" not in client.get("/login", query_string={"next": elsewhere}).text


def test_a_page_that_needs_a_login_asks_for_it_and_comes_back(client: FlaskClient) -> None:
    answer = client.get("/help?part=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/help?part%3D1")


def test_a_login_lost_during_htmx_leads_the_whole_page_to_the_login(client: FlaskClient) -> None:
    headers = as_htmx(**{"HX-Current-URL": "http://localhost/help?part=1"})
    answer = client.get("/", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/help?part%3D1"


def test_someone_logged_in_does_not_see_the_login_page(build: Build, login: Login) -> None:
    assert login(build.alice(build.dealer())).get("/login").headers["Location"] == "/"


def test_logging_out_is_a_post_and_ends_the_session(build: Build, session: Session, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").headers["Location"] == "/login"
    assert session.scalars(select(LoginSession)).one().ended_at is not None
    assert client.get("/help").status_code == 303


def test_a_logout_ends_only_this_login(build: Build, login: Login) -> None:
    alice = build.alice(build.dealer())
    at_work, at_home = login(alice), login(alice)
    at_work.post("/logout")
    assert at_home.get("/help").status_code == 200


@pytest.mark.parametrize(
    ("created", "seen", "status"),
    [
        (timedelta(0), timedelta(0), 200),
        (timedelta(hours=20), timedelta(hours=11, minutes=59), 200),
        (timedelta(hours=20), timedelta(hours=12, minutes=1), 303),
        (timedelta(days=6, hours=23), timedelta(0), 200),
        (timedelta(days=7, minutes=1), timedelta(0), 303),
    ],
)
def test_a_login_ends_by_idleness_and_by_age(
    build: Build, session: Session, login: Login, created: timedelta, seen: timedelta, status: int
) -> None:
    client = login(build.alice(build.dealer()))
    now = datetime.now(UTC)
    session.execute(update(LoginSession).values(created_at=now - created, last_seen_at=now - seen))
    session.commit()
    assert client.get("/help").status_code == status


def test_the_last_sign_of_life_is_written_once_a_minute(build: Build, session: Session, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    with count_queries() as sent:
        client.get("/help")
    assert not [statement for statement in sent if statement.startswith("UPDATE")]
    old = datetime.now(UTC) - timedelta(minutes=2)
    session.execute(update(LoginSession).values(last_seen_at=old))
    session.commit()
    client.get("/help")
    assert session.scalars(select(LoginSession.last_seen_at)).one() > old + timedelta(minutes=1)


def test_a_login_remembers_when_and_from_where(build: Build, session: Session, client: FlaskClient) -> None:
    build.alice(build.dealer())
    client.post("/login", data={"login": "alice", "password": PASSWORD}, headers={"User-Agent": "x" * 500})
    row = session.scalars(select(LoginSession)).one()
    assert (row.address, row.user_agent) == ("127.0.0.1", "x" * 300)
    assert session.scalars(select(User.last_login_at)).one() is not None


def test_old_logins_are_forgotten_after_a_month(build: Build, session: Session, login: Login) -> None:
    alice, charlie = build.alice(build.dealer()), build.charlie()
    login(alice)
    login(charlie)
    session.execute(update(LoginSession).values(created_at=datetime.now(UTC) - timedelta(days=31)))
    session.commit()
    login(alice)
    owners = session.scalars(select(LoginSession.user_id).order_by(LoginSession.created_at)).all()
    assert owners == [charlie.id, alice.id]


def test_a_forged_cookie_opens_nothing(client: FlaskClient) -> None:
    client.set_cookie("session", "eyJ0b2tlbiI6ImZvcmdlZCJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/help").status_code == 303
    with client.session_transaction() as cookie:
        cookie["token"] = "guessed"
    assert client.get("/help").status_code == 303
