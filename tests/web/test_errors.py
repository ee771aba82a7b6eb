"""What people see when something does not work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from config import Settings
from portal import create_app
from portal.models import User
from portal.web.errors import TEXTS
from tests.builders import Build
from tests.conftest import as_htmx

Login = Callable[[User], FlaskClient]


@pytest.fixture(scope="module")
def failing(settings: Settings) -> Flask:
    """The portal with a page for each error, and one that breaks."""
    app = create_app(settings)
    app.add_url_rule("/fail/<int:code>", "fail", abort)
    app.add_url_rule("/break", "break", lambda: 1 // 0)
    return app


@pytest.mark.parametrize("code", TEXTS)
def test_every_error_says_what_happened_and_what_to_do(failing: Flask, code: int) -> None:
    answer = failing.test_client().get(f"/fail/{code}")
    assert answer.status_code == code
    with failing.test_request_context():
        title, text = (str(part) for part in TEXTS[code])
    assert title in answer.text
    assert text in answer.text


def test_an_error_stands_in_the_frame_of_those_who_are_logged_in(build: Build, login: Login) -> None:
    answer = login(build.alice(build.dealer())).get("/nowhere")
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text
    assert 'href="/vehicles"' in answer.text


def test_before_the_login_it_has_no_menu(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Hauptmenü" not in answer.text


def test_htmx_gets_the_short_form(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers=as_htmx())
    assert answer.status_code == 404
    assert answer.text.lstrip().startswith('<div class="alert alert-danger" role="alert">')


def test_a_broken_page_admits_it_without_details(failing: Flask) -> None:
    answer = failing.test_client().get("/break")
    assert answer.status_code == 500
    assert "Das hat nicht geklappt" in answer.text
    assert "ZeroDivisionError" not in answer.text


@pytest.fixture
def without_database(settings: Settings) -> Iterator[FlaskClient]:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"
    client = create_app(replace(settings, database_url=nowhere)).test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = "any"
    return client


def test_without_a_database_the_error_page_still_stands(without_database: FlaskClient) -> None:
    answer = without_database.get("/help")
    assert answer.status_code == 503
    assert "Die Datenbank antwortet gerade nicht" in answer.text
    assert answer.headers["Refresh"] == answer.headers["Retry-After"] == "5", "it comes back by itself"


def typed(client: FlaskClient, **more: str) -> dict[str, str]:
    client.application.config["WTF_CSRF_ENABLED"] = False
    return {"note": 'a "quoted"\nsecond line <b>', **more}


def test_without_a_database_a_form_is_kept_to_be_sent_again(without_database: FlaskClient) -> None:
    answer = without_database.post("/theme?x=1", data=typed(without_database))
    assert answer.status_code == 503
    assert 'action="/theme?x=1"' in answer.text
    assert (
        '<textarea hidden name="note">\na &#34;quoted&#34;\nsecond line &lt;b&gt;</textarea>' in answer.text
    )


def test_a_form_with_a_password_is_not_repeated_but_left_to_the_browser(
    without_database: FlaskClient,
) -> None:
    answer = without_database.post("/theme", data=typed(without_database, new_password="hunter2"))
    assert answer.status_code == 503
    assert "hunter2" not in answer.text
    assert "einen Schritt zurück" in answer.text


def test_what_stands_on_a_page_stays_there_while_the_database_is_away(without_database: FlaskClient) -> None:
    answer = without_database.post("/theme", data=typed(without_database), headers=as_htmx())
    assert answer.status_code == 503
    assert answer.headers["HX-Retarget"] == "#outage"
    assert "Bitte gleich noch einmal" in answer.text
    assert 'id="outage"' in without_database.get("/login").text


def test_a_program_is_told_when_to_come_back(without_database: FlaskClient) -> None:
    answer = without_database.get("/api/v1/transfers", headers={"Authorization": "Bearer vex_x"})
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == "5"


def test_without_a_database_the_portal_lives_but_is_not_ready(without_database: FlaskClient) -> None:
    assert without_database.get("/healthz").status_code == 200
    assert without_database.get("/readyz").status_code == 503


def test_with_a_database_it_is_ready_and_names_a_missing_redis(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (
        200,
        "ok, without Redis: the scheduler sends by itself, slower",
    )


def test_an_upload_over_the_limit_is_refused_with_the_reason(build: Build, app: Flask, login: Login) -> None:
    client = login(build.alice(build.dealer()))
    limit = app.config["MAX_CONTENT_LENGTH"]
    app.config["MAX_CONTENT_LENGTH"] = 100
    try:
        answer = client.post("/theme", data={"theme": "x" * 200})
    finally:
        app.config["MAX_CONTENT_LENGTH"] = limit
    assert answer.status_code == 413
    assert "Die Datei ist zu groß" in answer.text
