"""API-Schlüssel: shown once, told apart, revoked at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Barrier, Thread

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


def make(browser: FlaskClient, name: str = "Werkstatt", **rights: str) -> str:
    page = browser.post("/settings/api-keys", data={"name": name, **rights}).text
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


def test_of_many_who_ask_for_the_last_one_at_once_one_gets_it(
    browser: FlaskClient, login: Login, session: Session
) -> None:
    for number in range(20 - 1):
        make(browser, f"Programm {number}")
    barrier, answers = Barrier(4), []

    def ask(asking: FlaskClient) -> None:
        barrier.wait()
        answers.append(asking.post("/settings/api-keys", data={"name": "Noch eins"}))

    threads = [Thread(target=ask, args=(login(session.scalars(select(User)).one()),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
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


def withdraw(client: FlaskClient, plain: str) -> int:
    """404 where it may: there is no such vehicle."""
    headers = {"Authorization": f"Bearer {plain}"}
    return client.delete("/api/v1/vehicles/HH/none", headers=headers).status_code


def test_a_key_has_no_right_that_its_maker_lacks(
    build: Build, alices: Dealer, login: Login, client: FlaskClient, session: Session
) -> None:
    bobs = login(build.user("bob", alices, rights=("view", "settings")))
    assert bobs.post("/settings/api-keys", data={"name": "x", "edit_vehicles": "1"}).status_code == 422
    assert session.scalars(select(ApiKey)).all() == []
    assert withdraw(client, make(bobs)) == 403


def test_a_key_only_writes_when_it_was_made_to(browser: FlaskClient, client: FlaskClient) -> None:
    assert withdraw(client, make(browser)) == 403
    assert withdraw(client, make(browser, "Zweiter", edit_vehicles="1")) == 404


def test_a_key_loses_what_its_maker_loses(
    build: Build, alices: Dealer, login: Login, client: FlaskClient, session: Session
) -> None:
    maker = build.user("dora", alices)
    plain = make(login(maker), edit_vehicles="1")
    assert withdraw(client, plain) == 404
    maker.rights = ["view", "settings"]
    session.commit()
    assert withdraw(client, plain) == 403
    maker.rights, maker.active = ["view", "edit_vehicles"], False
    session.commit()
    assert withdraw(client, plain) == 403


def test_a_key_sees_only_its_makers_locations(
    build: Build, alices: Dealer, login: Login, client: FlaskClient, session: Session
) -> None:
    elsewhere = build.location(alices, "B")
    maker = build.user("dora", alices)
    plain = make(login(maker), edit_vehicles="1")
    vehicle = build.vehicle(alices)
    maker.location_ids = [elsewhere.id]
    session.commit()
    headers = {"Authorization": f"Bearer {plain}"}
    path = f"/api/v1/vehicles/HH/{vehicle.facts().offer_number}"
    assert client.delete(path, headers=headers).status_code == 404
    maker.location_ids = []
    session.commit()
    assert client.delete(path, headers=headers).status_code == 204


def test_the_list_says_who_made_a_key_and_what_it_may(
    browser: FlaskClient, build: Build, alices: Dealer, login: Login, session: Session
) -> None:
    maker = build.user("dora", alices)
    make(login(maker), edit_vehicles="1")
    page = browser.get("/settings/api-keys").text
    assert "Dora" in page
    assert "Fahrzeuge bearbeiten" in page
    maker.active = False
    session.commit()
    page = browser.get("/settings/api-keys").text
    assert "Dora ist gesperrt" in page
    assert "ruht" in page


@pytest.mark.parametrize("wanted", [True, False])
def test_locking_somebody_out_offers_to_revoke_their_keys(
    browser: FlaskClient, build: Build, alices: Dealer, login: Login, session: Session, wanted: bool
) -> None:
    maker = build.user("dora", alices)
    make(login(maker))
    here = f"/settings/users/{maker.id}"
    assert 'name="revoke_keys"' in browser.get(here).text
    browser.post(f"{here}/deactivate", data={"revoke_keys": "1"} if wanted else {})
    session.expire_all()
    assert (session.scalars(select(ApiKey)).one().revoked_at is not None) == wanted
