"""API-Schlüssel: shown once, told apart, revoked at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import ApiKey, AuditEvent, Dealer, User
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]


@pytest.fixture
def browser(build: Build, alices: Dealer, login: Login) -> FlaskClient:
    return login(build.alice(alices))


def make(browser: FlaskClient, name: str = "Werkstatt") -> str:
    page = browser.post("/settings/api-keys", data={"name": name}).text
    found = re.search(r"vex_[\w-]{43}", page)
    assert found, page
    return found.group()


def test_a_new_key_works_and_is_shown_once(
    browser: FlaskClient, client: FlaskClient, session: Session
) -> None:
    plain = make(browser)
    assert client.get("/api/v1/transfers", headers={"Authorization": f"Bearer {plain}"}).status_code == 200
    page = browser.get("/settings/api-keys").text
    assert plain not in page
    assert plain[:8] in page
    [row] = session.scalars(select(ApiKey)).all()
    assert plain not in row.key_hash


def test_a_revoked_key_is_refused_and_gone_from_the_list(
    browser: FlaskClient, client: FlaskClient, session: Session
) -> None:
    plain = make(browser)
    key = session.scalars(select(ApiKey)).one()
    for _double_click in range(2):
        assert browser.post(f"/settings/api-keys/{key.id}/revoke").status_code == 303
    assert client.get("/api/v1/transfers", headers={"Authorization": f"Bearer {plain}"}).status_code == 401
    assert plain[:8] not in browser.get("/settings/api-keys").text
    recorded = session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)).all()
    assert recorded == ["api_key.created", "api_key.revoked"]


def test_a_key_needs_a_name(browser: FlaskClient, session: Session) -> None:
    answer = browser.post("/settings/api-keys", data={"name": "  "})
    assert answer.status_code == 422
    assert "Bitte geben Sie an, wofür der Schlüssel ist." in answer.text
    assert session.scalars(select(ApiKey)).all() == []


def test_there_are_not_endlessly_many(browser: FlaskClient, session: Session) -> None:
    for number in range(20):
        make(browser, f"Programm {number}")
    answer = browser.post("/settings/api-keys", data={"name": "Eines zu viel"})
    assert answer.status_code == 422
    assert len(session.scalars(select(ApiKey)).all()) == 20


def test_the_page_takes_a_fixed_number_of_queries(browser: FlaskClient) -> None:
    def counted() -> int:
        with count_queries() as statements:
            browser.get("/settings/api-keys")
        return len(statements)

    make(browser)
    counted()
    one = counted()
    for number in range(5):
        make(browser, f"Programm {number}")
    assert counted() == one
