"""`/metrics`: the figures of an operator, and who may read them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from config import Settings
from portal.models import PlatformBreaker
from portal.models.exports import ActivationState, TransferState
from tests.builders import Build
from tests.conftest import count_queries

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def figures(client: FlaskClient) -> Figures:
    """The values by name and labels, as a monitoring system reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_it_tells_what_waits_and_how_transfers_ended(build: Build, client: FlaskClient) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    now = datetime.now(UTC)
    build.transfer(build.vehicle(dealer), activation, created_at=now - timedelta(minutes=5))
    build.transfer(build.vehicle(dealer), activation, held=True)
    for state in (TransferState.OK, TransferState.OK, TransferState.REJECTED):
        build.transfer(build.vehicle(dealer), activation, state=state, finished_at=now)
    found = figures(client)
    app = ("app", "mobile-de")
    assert found["portal_transfers_open", (app, ("state", "waiting"))] == 1
    assert found["portal_transfers_open", (app, ("state", "held"))] == 1
    assert found["portal_transfers_ended_recently", (app, ("result", "ok"))] == 2
    assert found["portal_transfers_ended_recently", (app, ("result", "rejected"))] == 1
    assert found["portal_activations", (app, ("state", "active"))] == 1
    assert 290 < found["portal_oldest_waiting_seconds", ()] < 900


def test_what_may_not_be_sent_is_not_late(build: Build, client: FlaskClient) -> None:
    dealer = build.dealer()
    stopped = build.activation(dealer, state=ActivationState.STOPPED)
    build.transfer(build.vehicle(dealer), stopped, created_at=datetime.now(UTC) - timedelta(hours=5))
    assert figures(client)["portal_oldest_waiting_seconds", ()] == 0


def test_it_says_that_the_doorbell_is_out_of_order(client: FlaskClient) -> None:
    """The tests run without Redis."""
    assert figures(client)["portal_redis_up", ()] == 0


def test_all_figures_take_one_query(client: FlaskClient) -> None:
    with count_queries() as statements:
        figures(client)
    assert len(statements) == 1


def test_other_machines_are_refused(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code == 403


@pytest.mark.parametrize(("header", "status"), [("Bearer right", 200), ("Bearer wrong", 401), ("", 401)])
def test_with_a_token_only_who_knows_it_is_let_in(
    app: Flask, client: FlaskClient, settings: Settings, header: str, status: int
) -> None:
    app.extensions["settings"] = replace(settings, metrics_token="right")
    try:
        elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
        answer = client.get("/metrics", headers={"Authorization": header}, environ_base=elsewhere)
        assert answer.status_code == status
    finally:
        app.extensions["settings"] = settings


@pytest.mark.parametrize("address", ["unknown", "", "127.0.0.1:99999x", "::ffff:203.0.113.7"])
def test_what_is_no_address_of_this_machine_is_refused(client: FlaskClient, address: str) -> None:
    """A proxy may hand on anything."""
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 403


def test_names_and_types_are_as_prometheus_wants_them(client: FlaskClient) -> None:
    """What `promtool check metrics` finds fault with: no help, wrong endings, no base units."""
    text = client.get("/metrics").text
    for family in text_string_to_metric_families(text):
        assert family.documentation.endswith("."), family.name
        assert re.fullmatch(r"portal_[a-z_]+", family.name), family.name
        assert not family.name.endswith(BASE_UNITS_OF_NOBODY), family.name
        assert (f"{family.name}_total " in text) == (family.type == "counter"), family.name
    assert text.endswith("\n")


BASE_UNITS_OF_NOBODY = (
    "_hour",
    "_hours",
    "_minutes",
    "_days",
    "_ms",
    "_milliseconds",
    "_megabytes",
    "_percent",
)


def test_it_tells_which_platform_is_left_alone_and_who_waits_in_which_line(
    build: Build, client: FlaskClient, session: Session
) -> None:
    dealer = build.dealer()
    activation = build.activation(dealer)
    build.transfer(build.vehicle(dealer), activation)
    build.transfer(build.vehicle(dealer), activation, bulk=True)
    session.add(PlatformBreaker(app="mobile-de", failing_since=datetime.now(UTC)))
    session.add(PlatformBreaker(app="autoscout24"))
    session.commit()
    found = figures(client)
    assert found["portal_platform_breaker_open", (("app", "mobile-de"),)] == 1
    assert found["portal_platform_breaker_open", (("app", "autoscout24"),)] == 0
    assert found["portal_waiting_by_line", (("line", "people"),)] == 1
    assert found["portal_waiting_by_line", (("line", "bulk"),)] == 1
