"""What every answer carries, and what a cookie is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Settings
from portal import create_app
from portal.models import LoginSession, User
from portal.web.headers import CSP
from tests.builders import PASSWORD, Build
from tests.conftest import as_htmx

Login = Callable[[User], FlaskClient]
SESSION = "session"
FROM_ONE = {"REMOTE_ADDR": "192.0.2.1"}
FROM_ANOTHER = {"REMOTE_ADDR": "192.0.2.2"}


def log_in(client: FlaskClient, login: str = "alice", password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/login", data={"login": login, "password": password, **more})


@pytest.mark.parametrize("path", ["/login", "/", "/nowhere", "/healthz", "/static/portal.css"])
def test_every_answer_is_guarded(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_policy_starts_from_nothing_and_allows_no_inline_code() -> None:
    assert CSP.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in CSP


def test_pages_are_not_stored_and_differ_for_htmx(client: FlaskClient) -> None:
    headers = client.get("/login").headers
    assert headers["Cache-Control"] == "no-store"
    assert "HX-Request" in headers["Vary"]


def test_the_cookie_is_kept_from_scripts_and_other_sites(build: Build, client: FlaskClient) -> None:
    build.alice(build.dealer())
    cookie = log_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_in_production_the_cookie_is_secure_and_bound_to_the_host(settings: Settings) -> None:
    keys = (Fernet.generate_key().decode(),)
    app = create_app(replace(settings, production=True, secret_key="production", secrets_keys=keys))
    cookie = app.test_client().get("/login", base_url="https://localhost").headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "; Secure" in cookie
    assert "Domain" not in cookie


def test_the_token_lies_in_the_database_only_as_a_hash(build: Build, session: Session, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    row = session.scalars(select(LoginSession)).one()
    with client.session_transaction() as cookie:
        token = cookie["token"]
    assert len(token) >= 43  # 256 bits in base64
    assert token not in row.token_hash
    assert len(row.token_hash) == 64


def test_a_copied_cookie_is_dead_after_the_logout(app: Flask, build: Build, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    copied = client.get_cookie(SESSION)
    assert copied
    thief = app.test_client()
    thief.set_cookie(SESSION, copied.value)
    assert thief.get("/help").status_code == 200
    client.post("/logout")
    assert thief.get("/help").status_code == 303


def test_a_planted_cookie_does_not_survive_the_login(app: Flask, build: Build, login: Login) -> None:
    """Session fixation: the token is new, and the one brought along opens nothing of the victim's."""
    alice, charlie = build.alice(build.dealer()), build.charlie()
    client = login(charlie)
    planted = client.get_cookie(SESSION)
    assert planted
    client.post("/logout")
    assert log_in(client, alice.login).status_code == 303
    fresh = client.get_cookie(SESSION)
    assert fresh
    assert fresh.value != planted.value
    thief = app.test_client()
    thief.set_cookie(SESSION, planted.value)
    assert thief.get("/help").status_code == 303


def test_logging_in_anew_ends_the_old_login_of_this_browser(
    app: Flask, build: Build, session: Session, login: Login
) -> None:
    client = login(build.alice(build.dealer()))
    log_in(client)
    rows = session.scalars(select(LoginSession).order_by(LoginSession.id)).all()
    assert [row.ended_at is not None for row in rows] == [True, False]


def test_unsafe_requests_need_the_token_of_the_page(csrf: None, build: Build, client: FlaskClient) -> None:
    build.alice(build.dealer())
    refused = log_in(client)
    assert refused.status_code == 422
    assert "Die Seite ist veraltet" in refused.text
    token = client.get("/login").text.partition('name="csrf-token" content="')[2].partition('"')[0]
    assert log_in(client, csrf_token=token).status_code == 303


def test_htmx_sends_the_token_in_a_header(csrf: None, build: Build, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    token = client.get("/help").text.partition('name="csrf-token" content="')[2].partition('"')[0]
    assert client.post("/theme", data={"theme": "dark"}, headers=as_htmx()).status_code == 422
    accepted = client.post("/theme", data={"theme": "dark"}, headers=as_htmx(**{"X-CSRFToken": token}))
    assert accepted.status_code == 204


def test_an_address_may_try_ten_times_a_minute(limits: None, build: Build, client: FlaskClient) -> None:
    build.alice(build.dealer())
    wrong = [{"login": f"guess-{number}", "password": "wrong"} for number in range(11)]
    answers = [client.post("/login", data=data, environ_overrides=FROM_ONE).status_code for data in wrong]
    assert answers == [422] * 10 + [429]
    right = {"login": "alice", "password": PASSWORD}
    assert client.post("/login", data=right, environ_overrides=FROM_ONE).status_code == 429
    assert client.post("/login", data=right, environ_overrides=FROM_ANOTHER).status_code == 303
