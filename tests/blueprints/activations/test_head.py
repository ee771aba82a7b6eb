"""Since when a platform does not answer, wherever its app appears; what a stop says of the next look."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from portal.models import Activation, Dealer, User
from portal.models.exports import ActivationState
from portal.platforms.contract import StopCause
from portal.web.templating import since
from tests.builders import Build

Login = Callable[[User], FlaskClient]


def failing(build: Build, dealer: Dealer, **columns: object) -> Activation:
    now = datetime.now(UTC)
    plausible = {
        "failing_since": now - timedelta(minutes=8),
        "failures": 3,
        "paused_until": now + timedelta(minutes=2),
        "pause_reason": "mobile.de wird gewartet (503)",
    }
    return build.activation(dealer, **(plausible | columns))


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(
    "address", ["/", "/apps", "/appstore", "/appstore/mobile-de", "/apps/{id}", "/apps/{id}/listings"]
)
def test_every_page_of_the_app_says_since_when_and_when_next(
    build: Build, alices: Dealer, alice: FlaskClient, address: str
) -> None:
    broken = failing(build, alices)
    page = plain(alice.get(address.format(id=broken.id)).text)
    began, following = since(broken.failing_since), since(broken.paused_until)
    assert f"mobile.de antwortet seit {began} nicht, nächster Versuch {following}." in page


def test_the_apps_page_names_the_last_reason(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    page = plain(alice.get(f"/apps/{failing(build, alices).id}").text)
    assert "Zuletzt: mobile.de wird gewartet (503)." in page


def test_when_the_pause_is_over_the_next_attempt_is_under_way(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    failing(build, alices, paused_until=datetime.now(UTC) - timedelta(seconds=5))
    assert "der nächste Versuch läuft." in plain(alice.get("/apps").text)


@pytest.mark.parametrize("state", [ActivationState.STOPPED, ActivationState.DEACTIVATED])
def test_an_app_that_does_not_send_is_not_waiting_for_the_platform(
    build: Build, alices: Dealer, alice: FlaskClient, state: str
) -> None:
    failing(build, alices, state=state, stopped_at=datetime.now(UTC))
    assert "antwortet seit" not in alice.get("/apps").text + alice.get("/").text


def test_a_failing_app_comes_before_those_that_are_well(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    build.activation(alices, customer_number="111")
    failing(build, alices, customer_number="222")
    for address in ("/", "/apps"):
        assert re.findall(r"Kd-Nr. (\d+)", alice.get(address).text)[:2] == ["222", "111"]


def test_a_stop_says_when_it_looks_by_itself_and_keeps_its_button(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    now = datetime.now(UTC)
    stopped = build.activation(
        alices,
        state=ActivationState.STOPPED,
        stop_cause=StopCause.UNREACHABLE,
        stopped_at=now,
        recheck_at=now + timedelta(minutes=15, seconds=30),
    )
    page = plain(alice.get(f"/apps/{stopped.id}").text)
    assert "Die Plattform hat tagelang nichts angenommen." in page
    assert "Nächste Prüfung: in 15 Minuten." in page
    assert "Erneut prüfen" in page
    assert "Nächste Prüfung:" in plain(alice.get("/problems").text)
