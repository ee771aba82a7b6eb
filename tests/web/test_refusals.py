"""Each refused request is one line of the log: who, for which dealer, which route."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.blueprints.api.keys import make_key
from portal.models import Dealer, User
from portal.security.links import UNLOCK_PATH
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build
from tests.conftest import as_htmx

Login = Callable[[User], FlaskClient]
Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Told:
    """The lines since it was asked last."""
    caplog.set_level(logging.INFO, "portal.events")

    def lines() -> list[dict[str, Any]]:
        records = [vars(one) for one in caplog.records if one.name == "portal.events"]
        caplog.clear()
        return [one for one in records if one["event"] == "access refused"]

    return lines


def test_a_page_without_the_right(build: Build, login: Login, alices: Dealer, told: Told) -> None:
    bob = build.bob(alices)
    login(bob).get("/settings/users?secret=canary")
    [line] = told()
    assert (line["user"], line["dealer"], line["status"]) == (str(bob.id), str(alices.id), 403)
    assert (line["method"], line["route"], line["address"]) == ("GET", "/settings/users", "127.0.0.1")
    assert "canary" not in str(line)


def test_the_object_of_another_dealer(build: Build, login: Login, alices: Dealer, told: Told) -> None:
    charlie, car = build.charlie(), build.vehicle(alices)
    login(charlie).post(f"/vehicles/{car.id}/withdraw")
    [line] = told()
    assert (line["user"], line["dealer"]) == (str(charlie.id), str(charlie.dealer_id))
    assert (line["status"], line["object"]) == (404, str(car.id))
    assert line["route"] == "/vehicles/<uuid:vehicle_id>/withdraw"


def test_an_agent_who_only_reads(build: Build, login: Login, alices: Dealer, told: Told) -> None:
    sam, car = build.sam(), build.vehicle(alices)
    agent = login(sam)
    open_support_session(agent, alices)
    agent.post(f"/vehicles/{car.id}/withdraw")
    [line] = told()
    assert (line["user"], line["dealer"]) == (str(sam.id), str(alices.id)), "for whom, and who"
    assert line["support_session"]


def test_what_the_function_refuses_that_would_cost(
    build: Build, login: Login, alices: Dealer, told: Told
) -> None:
    activation, agent = build.activation(alices), login(build.sam())
    open_support_session(agent, alices, changes=True)
    assert agent.post(f"/apps/{activation.id}/full-transfer").status_code == 403
    [line] = told()
    assert (line["object"], line["dealer"]) == (str(activation.id), str(alices.id))


def test_somebody_who_may_more_is_not_changed(build: Build, login: Login, alices: Dealer, told: Told) -> None:
    """Explained on the list of users instead of 403."""
    alice = build.alice(alices)
    manager = build.user("manager", alices, rights=("view", "manage_users"))
    assert login(manager).post(f"/settings/users/{alice.id}/deactivate").status_code == 303
    [line] = told()
    assert (line["user"], line["object"], line["status"]) == (str(manager.id), str(alice.id), 403)


def test_a_key_without_the_right_and_one_that_is_none(
    build: Build, client: FlaskClient, alices: Dealer, told: Told
) -> None:
    key, plain = make_key(build.session, build.alice(alices), "Werkstatt", ("view",))
    build.session.commit()
    for bearer in (plain, "vex_canary"):
        client.post("/api/v1/vehicles", json=[], headers={"Authorization": f"Bearer {bearer}"})
    known, unknown = told()
    assert (known["key"], known["dealer"], known["status"]) == (str(key.id), str(alices.id), 403)
    assert (unknown["route"], unknown["status"]) == ("/api/v1/vehicles", 401)
    assert "vex_" not in str([known, unknown])


@pytest.mark.parametrize("path", ["/feeds/canary/stock.csv", f"{UNLOCK_PATH}canary", "/password/canary"])
def test_a_forged_link_without_its_token(client: FlaskClient, told: Told, path: str) -> None:
    client.get(path)
    [line] = told()
    assert "<token>" in line["route"]
    assert "canary" not in str(line)


def test_what_is_let_in_or_is_no_try_is_no_refusal(
    build: Build, client: FlaskClient, login: Login, alices: Dealer, told: Told
) -> None:
    car, browser = build.vehicle(alices), login(build.alice(alices))
    assert browser.get(f"/vehicles/{car.id}").status_code == 200
    assert browser.get("/nowhere").status_code == 404
    assert client.get("/", headers=as_htmx()).status_code == 401
    assert client.get("/").status_code == 303
    assert told() == []
