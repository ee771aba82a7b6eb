"""The page of what an app may have cost: numbers, the vehicles behind them, CSV."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from portal.models import Activation, Dealer, User, Vehicle
from tests.builders import Build
from tests.conftest import count_queries

Login = Callable[[User], FlaskClient]


@pytest.fixture
def active(build: Build, alices: Dealer) -> Activation:
    return build.activation(alices)


def created(build: Build, active: Activation, alices: Dealer, count: int = 1) -> list[Vehicle]:
    vehicles = [build.vehicle(alices) for _ in range(count)]
    for vehicle in vehicles:
        build.transfer(
            vehicle, active, action="create", state="ok", finished_at=datetime.now(UTC), bookings=["topAd"]
        )
    build.session.commit()
    return vehicles


def here(active: Activation) -> str:
    return f"/apps/{active.id}/costs"


def test_each_number_leads_to_its_vehicles(
    build: Build, alice: FlaskClient, active: Activation, alices: Dealer
) -> None:
    (vehicle,) = created(build, active, alices)
    page = alice.get(here(active)).text
    assert "neu eingestellt" in page
    assert vehicle.offer_number in page
    assert vehicle.offer_number in alice.get(here(active) + "?kind=created").text
    assert "In diesem Monat nichts" in alice.get(here(active) + "?kind=deleted").text


def test_as_csv_for_the_bill(build: Build, alice: FlaskClient, active: Activation, alices: Dealer) -> None:
    (vehicle,) = created(build, active, alices)
    answer = alice.get(here(active) + ".csv?kind=created")
    assert answer.mimetype == "text/csv"
    lines = answer.text.splitlines()
    assert len(lines) == 2
    assert "neu eingestellt" in lines[1]
    assert vehicle.offer_number in lines[1]


def test_the_queries_do_not_grow_with_the_lines_and_pages_follow(
    build: Build, alice: FlaskClient, active: Activation, alices: Dealer
) -> None:
    created(build, active, alices)
    with count_queries() as one:
        alice.get(here(active) + "?kind=created")
    created(build, active, alices, 60)
    with count_queries() as many:
        first = alice.get(here(active) + "?kind=created").text
    assert len(many) == len(one)
    assert first.count("<tr>") == 51
    second = alice.get(here(active) + "?kind=created&page=2").text
    assert second.count("<tr>") == 12


@pytest.mark.parametrize("query", ["?month=1999-01", "?month=x", "?month=2026-13"])
def test_a_month_that_is_not_kept_is_not_found(alice: FlaskClient, active: Activation, query: str) -> None:
    assert alice.get(here(active) + query).status_code == 404


def test_neither_strangers_nor_apps_without_costs_have_the_page(
    build: Build, alice: FlaskClient, login: Login, active: Activation, alices: Dealer
) -> None:
    file_app = build.activation(alices, app="mobile-de-csv", customer_number="csv")
    build.session.commit()
    assert login(build.charlie()).get(here(active)).status_code == 404
    assert alice.get(here(file_app)).status_code == 404
    assert "Kosten" in alice.get(f"/apps/{active.id}/listings").text
    assert f"/apps/{file_app.id}/costs" not in alice.get(f"/apps/{file_app.id}").text
