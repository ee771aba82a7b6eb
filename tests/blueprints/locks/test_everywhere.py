"""A lock wherever it appears: overview, my apps, store, Handlungsbedarf, progress, vehicle, history."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.exports.mass_change.clearance import COSTLY_ONLY, SCOPE
from portal.models import Activation, Lock, User
from portal.models.exports import ActivationState, LockEnd, LockRule, TransferState
from portal.models.realm import Realm
from portal.web import attention
from portal.web.states import lock_text
from tests.blueprints.locks.conftest import Hall
from tests.blueprints.locks.test_panel import plain
from tests.builders import Build
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
SHORT = "8 Löschungen, mehr als die üblichen 6."


@pytest.fixture
def alice(build: Build, hall: Hall, login: Login) -> FlaskClient:
    return login(build.alice(hall.dealer))


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"rule": LockRule.DELETIONS}, "8 Löschungen, mehr als die üblichen 6"),
        (
            {"rule": LockRule.DELETIONS, "deletions": 1, "deletion_limit": 0},
            "1 Löschung, mehr als die üblichen 0",
        ),
        ({"rule": LockRule.CREATIONS}, "1.025 Neuanlagen, mehr als die üblichen 12"),
        ({"rule": LockRule.EMPTIED}, "Ihr Bestand dort wäre leer"),
        ({"rule": LockRule.TRUNCATED}, "Ihr letzter Import war vermutlich abgeschnitten"),
    ],
)
def test_each_rule_in_a_few_words(app: Flask, columns: dict[str, Any], text: str) -> None:
    numbers = {"deletions": 8, "creations": 1025, "deletion_limit": 6, "creation_limit": 12}
    with app.test_request_context():
        assert lock_text(Lock(**(numbers | columns))) == text


def test_the_overview_says_it_first_and_leads_there(alice: FlaskClient, build: Build, hall: Hall) -> None:
    stopped = {"state": ActivationState.STOPPED, "stop_cause": "not_linked", "stopped_at": datetime.now(UTC)}
    build.activation(hall.dealer, customer_number="1", **stopped)
    lock = hall.lock()
    lock.opened_at = datetime.now(UTC) - timedelta(days=1)
    build.session.commit()
    page = alice.get("/").text
    sentences = re.findall(r'sentence">(.*?)</div>\s*</div>', page, re.DOTALL)
    assert len(sentences) == 2
    opened = lock.opened_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"mobile.de ist seit {opened:%d.%m.%Y}" in plain(sentences[0])
    assert f"gesperrt: {SHORT} Prüfen" in plain(sentences[0])
    assert f'href="{hall.path}#lock"' in sentences[0]
    first, second = page.split("<article")[1:]
    assert "gesperrt" in first
    assert SHORT not in plain(first)  # the sentence above says it
    assert "8 Übertragungen zurückgehalten" in plain(first)
    assert "Sperre prüfen" in first
    assert "angehalten" in second


def test_my_apps_put_it_first_with_the_button(alice: FlaskClient, build: Build, hall: Hall) -> None:
    stopped = {"state": ActivationState.STOPPED, "stop_cause": "not_linked", "stopped_at": datetime.now(UTC)}
    build.activation(hall.dealer, customer_number="1", **stopped)
    build.activation(hall.dealer, customer_number="2")
    hall.lock()
    page = alice.get("/apps").text
    assert re.findall(r"Kd-Nr. (\d+)", page) == ["4711001", "1", "2"]
    first = page.split("<article")[1]
    assert SHORT in plain(first)
    assert "Sperre prüfen" in first
    assert f'href="{hall.path}#lock"' in first


def test_the_store_shows_it_on_card_and_details(alice: FlaskClient, hall: Hall) -> None:
    hall.lock()
    for path in ("/appstore", "/appstore/mobile-de"):
        assert "gesperrt</span>" in alice.get(path).text


def test_it_needs_attention_and_is_counted(alice: FlaskClient, app: Flask, hall: Hall) -> None:
    hall.lock()
    page = alice.get("/problems").text
    assert "mobile.de (Kd-Nr. 4711001) ist gesperrt" in page
    assert SHORT in plain(page)
    assert f'href="{hall.path}#lock"' in page
    assert "Kein Handlungsbedarf" not in page
    with app.app_context():
        assert attention.current(Realm(hall.dealer.id)).badge == "1"


def test_a_lock_that_is_over_is_shown_nowhere(alice: FlaskClient, hall: Hall) -> None:
    hall.lock(delete=1, closed_at=datetime.now(UTC), closed_how=LockEnd.HEALED)
    for path in ("/", "/apps", "/problems", hall.path):
        page = plain(alice.get(path).text)
        assert "esperrt" not in page, path
        assert "Sperre" not in page, path


def test_another_dealers_lock_is_shown_nowhere(build: Build, hall: Hall, login: Login) -> None:
    hall.lock()
    charlie = login(build.charlie())
    for path in ("/", "/apps", "/problems", "/appstore"):
        assert "gesperrt" not in charlie.get(path).text, path


def test_the_lists_need_no_query_for_each_lock(alice: FlaskClient, build: Build, hall: Hall) -> None:
    paths, counts = ("/", "/apps", "/problems"), {}
    for path in paths:
        with count_queries() as few:
            alice.get(path)
        counts[path] = len(few)
    hall.lock()
    for number in range(3):
        other = build.activation(hall.dealer, customer_number=str(number), state=ActivationState.LOCKED)
        numbers = {"deletions": 8, "creations": 0, "deletions_done": 0, "creations_done": 0}
        limits = {"online": 60, "deletion_limit": 6, "creation_limit": 12}
        build._add(Lock(activation_id=other.id, rule=LockRule.DELETIONS, **numbers, **limits))
    for path in paths:
        with count_queries() as many:
            alice.get(path)
        assert len(many) == counts[path], path


# Progress


def progress(client: FlaskClient, activation: Activation) -> str:
    return client.get(f"/apps/{activation.id}/progress", headers=as_htmx()).text


def test_progress_counts_what_is_held_and_does_not_poll(alice: FlaskClient, hall: Hall) -> None:
    hall.lock()
    fragment = progress(alice, hall.activation)
    assert "hx-trigger" not in fragment
    assert "8 Übertragungen werden zurückgehalten, bis die Sperre geprüft ist." in plain(fragment)
    assert f'href="{hall.path}?result=held&amp;period=120"' in fragment
    assert "Änderungen warten" not in fragment
    shown = alice.get(f"{hall.path}?result=held&period=120").text
    assert "8 von 8 Übertragungen" in shown


def test_changes_that_pass_a_lock_run(alice: FlaskClient, build: Build, hall: Hall) -> None:
    hall.activation.settings = {SCOPE: COSTLY_ONLY}
    hall.lock(delete=2)
    for state in (TransferState.SENDING, TransferState.WAITING):
        build.transfer(build.vehicle(hall.dealer), hall.activation, state=state)
    fragment = progress(alice, hall.activation)
    assert "2 Übertragungen werden zurückgehalten" in plain(fragment)
    assert '<progress class="progress" value="0" max="2"' in fragment
    assert "every 2s" in fragment


# Vehicle


def test_a_vehicle_says_why_it_is_held_back(alice: FlaskClient, build: Build, hall: Hall) -> None:
    hall.lock(delete=1)
    vehicle = build.vehicle(hall.dealer)
    build.release(vehicle, hall.activation)
    build.transfer(vehicle, hall.activation, held=True)
    page = alice.get(f"/vehicles/{vehicle.id}").text
    assert "Neuanlage zurückgehalten, weil die Übertragung gesperrt ist" in page
    assert "wegen einer großen Bestandsabweichung gesperrt" in page
    assert "every 1s" not in page
    history = alice.get(f"/vehicles/{vehicle.id}/history").text
    assert "zurückgehalten</span>" in history


def test_sending_again_says_that_it_waits(alice: FlaskClient, build: Build, hall: Hall) -> None:
    hall.lock(delete=1)
    vehicle = build.vehicle(hall.dealer)
    build.release(vehicle, hall.activation)
    row = build.not_taken(vehicle, hall.activation)
    answer = alice.post(f"{hall.path}/history/{row.last_transfer_id}/resend", follow_redirects=True)
    assert "wird erneut gesendet, sobald die Sperre aufgehoben ist" in answer.text


# The setting


def test_the_setting_is_offered_and_kept(alice: FlaskClient, hall: Hall) -> None:
    page = alice.get(f"{hall.path}/settings").text
    assert "Bei einer Sperre" in page
    assert "Nur Löschungen und neue Inserate zurückhalten" in page
    assert re.search(r'name="lock_scope" value="all" checked|<option value="all" selected', page)


def test_the_help_page_defines_it(alice: FlaskClient) -> None:
    page = alice.get("/help").text
    assert "Wegen Sperre nicht gesendet." in page
    assert "zurückgehalten</span>" in page
    assert "Eine App ist gesperrt" in page


def test_an_open_panel_follows_and_loses_its_buttons_once_somebody_decided(
    alice: FlaskClient, hall: Hall, build: Build, login: Login
) -> None:
    lock = hall.lock()
    page = alice.get(hall.path).text
    assert f'hx-get="{hall.path}/lock" hx-trigger="every 5s, live"' in page
    panel = alice.get(f"{hall.path}/lock", headers=as_htmx()).text
    assert "<html" not in panel
    assert "8 Inserate löschen und weiter übertragen" in panel
    bob = login(build.user("bob", hall.dealer))
    numbers = {"lock_id": lock.id, "deletions": lock.deletions, "creations": lock.creations}
    bob.post(f"{hall.path}/lock/approve", data=numbers)
    over = alice.get(f"{hall.path}/lock", headers=as_htmx()).text
    assert 'id="lock"' in over
    assert "<button" not in over
    assert "aufgehoben (von Bob)" in plain(over)
    assert "Ihr Klick" not in over
