"""All that could not be delivered to one account is sent again, with one button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.blueprints.history import transfers
from portal.exports.history import pages
from portal.models import Activation, Dealer, Transfer, User
from portal.models.exports import TransferState
from tests.builders import Build

Login = Callable[[User], FlaskClient]


def troubled(build: Build, dealer: Dealer, activation: Activation, *results: str) -> list[str]:
    """A released vehicle for each result; returns their numbers."""
    numbers = []
    for result in results:
        vehicle = build.vehicle(dealer)
        build.release(vehicle, activation)
        build.not_taken(vehicle, activation, {"code": "x", "text": "y"}, result=result)
        numbers.append(vehicle.offer_number)
    return numbers


def waiting(build: Build) -> list[str]:
    build.session.expire_all()
    rows = build.session.scalars(select(Transfer).where(Transfer.state == TransferState.WAITING))
    return sorted(row.vehicle.offer_number for row in rows)


def test_only_what_failed_here_is_sent_again(
    build: Build, dealer: Dealer, activation: Activation, login: Login
) -> None:
    failed = troubled(build, dealer, activation, "failed", "failed", "rejected", "ok")[:2]
    troubled(build, dealer, build.activation(dealer, customer_number="222"), "failed")
    alice = login(build.alice(dealer))
    assert "Alle fehlgeschlagenen erneut senden (2)" in alice.get(f"/apps/{activation.id}").text
    answer = alice.post(f"/apps/{activation.id}/history/resend-failed", follow_redirects=True)
    assert "2 Fahrzeuge werden erneut gesendet." in answer.text
    assert waiting(build) == sorted(failed)
    assert "fehlgeschlagenen erneut senden" not in alice.get(f"/apps/{activation.id}").text


def test_a_second_click_sends_nothing_twice(
    build: Build, dealer: Dealer, activation: Activation, login: Login
) -> None:
    troubled(build, dealer, activation, "failed")
    alice = login(build.alice(dealer))
    assert "Alle fehlgeschlagenen erneut senden (1)" in alice.get(f"/apps/{activation.id}").text
    for _ in range(2):
        answer = alice.post(f"/apps/{activation.id}/history/resend-failed", follow_redirects=True)
    assert "Es gibt nichts erneut zu senden." in answer.text
    assert len(waiting(build)) == 1


def test_who_may_not_edit_vehicles_has_no_button_and_no_effect(
    build: Build, dealer: Dealer, activation: Activation, login: Login
) -> None:
    troubled(build, dealer, activation, "failed")
    bob = login(build.bob(dealer))
    assert "erneut senden" not in bob.get(f"/apps/{activation.id}").text
    assert bob.post(f"/apps/{activation.id}/history/resend-failed").status_code == 403
    assert waiting(build) == []


def test_counting_stops_where_it_helps_nobody(
    build: Build,
    dealer: Dealer,
    activation: Activation,
    login: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    troubled(build, dealer, activation, "failed", "failed", "failed")
    for module in (pages, transfers):
        monkeypatch.setattr(module, "MOST_COUNTED", 2)
    page = login(build.alice(dealer)).get(f"/apps/{activation.id}").text
    assert "Alle fehlgeschlagenen erneut senden (mehr als 2)" in page
