"""Language and light."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.models import User
from tests.builders import Build, fresh
from tests.conftest import as_htmx

Login = Callable[[User], FlaskClient]


def test_dark_stays_dark(build: Build, session: Session, login: Login) -> None:
    alice = build.alice(build.dealer())
    client = login(alice)
    assert 'data-bs-theme="light"' in client.get("/help").text
    answer = client.post("/theme", data={"theme": "dark"}, headers={"Referer": "http://localhost/help?a=1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help?a=1")
    assert 'data-bs-theme="dark"' in client.get("/help").text
    assert fresh(session, User, alice.id).theme == "dark"


def test_the_theme_is_that_of_the_system_until_somebody_chooses(build: Build, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    page = client.get("/help").text
    assert 'data-theme="auto"' in page
    assert "theme.js" in page
    client.post("/theme", data={"theme": "light"})
    chosen = client.get("/help").text
    assert "theme.js" not in chosen
    assert "Darstellung wie das System" in chosen


def test_the_language_is_the_users(build: Build, session: Session, login: Login) -> None:
    alice = build.alice(build.dealer())
    client = login(alice)
    client.post("/language", data={"language": "en"})
    assert '<html lang="en"' in client.get("/help").text
    assert fresh(session, User, alice.id).language == "en"


@pytest.mark.parametrize(("path", "field"), [("/theme", "theme"), ("/language", "language")])
def test_an_unknown_choice_changes_nothing(
    build: Build, session: Session, login: Login, path: str, field: str
) -> None:
    alice = build.alice(build.dealer())
    assert login(alice).post(path, data={field: "<x>"}).status_code == 303
    assert getattr(fresh(session, User, alice.id), field) in ("auto", "de")


def test_a_foreign_page_before_is_not_returned_to(build: Build, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    answer = client.post("/theme", data={"theme": "dark"}, headers={"Referer": "https://evil.example/x"})
    assert answer.headers["Location"] == "/"


def test_htmx_is_led_on_by_its_own_header(build: Build, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    answer = client.post("/theme", data={"theme": "dark"}, headers=as_htmx())
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")


@pytest.mark.parametrize(("accepted", "language"), [("en-GB,en;q=0.9", "en"), ("fr", "de"), ("de-AT", "de")])
def test_before_the_login_the_browser_says_the_language(
    client: FlaskClient, accepted: str, language: str
) -> None:
    page = client.get("/login", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{language}"' in page
