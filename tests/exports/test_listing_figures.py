"""Once a day the platform is asked how the listings do; no trouble with it keeps a transfer back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.exports import listing_figures
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import tick
from portal.models import Activation, Listing, ListingDay, Vehicle
from portal.models.exports import ActivationState, TransferState
from portal.platforms import APPS
from tests.builders import Build, fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace


def online(stage: Stage, number: int) -> list[Vehicle]:
    vehicles = [stage.vehicle() for _ in range(number)]
    stage.drain()
    return vehicles


def make_figures_due(stage: Stage) -> None:
    with stage.runtime.sessions.begin() as session:
        past = datetime.now(UTC) - timedelta(minutes=1)
        session.execute(
            update(Activation).where(Activation.id == stage.activation.id).values(next_figures_at=past)
        )


def days(stage: Stage) -> list[ListingDay]:
    stage.session.expire_all()
    return list(stage.session.scalars(select(ListingDay).order_by(ListingDay.day, ListingDay.id)))


def next_at(stage: Stage) -> datetime | None:
    found: datetime | None = fresh(stage.session, Activation, stage.activation.id).next_figures_at
    return found


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(APPS, "mobile-de", replace(APPS["mobile-de"], figures_at_once=1))


def test_an_activation_that_begins_is_asked_later(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 2)
    assert marketplace.requests("figures") == []
    planned = next_at(stage)
    assert planned is not None
    assert planned > datetime.now(UTC) + timedelta(minutes=20)


def test_each_listing_gets_a_row_of_the_day(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 3)
    make_figures_due(stage)
    stage.drain()
    rows = days(stage)
    assert len(rows) == 3
    assert {row.impressions for row in rows} == {0}
    assert {row.views for row in rows} == {None}, "mobile.de does not tell them"
    assert len(marketplace.requests("figures")) == 6
    listings = stage.session.scalars(select(Listing)).all()
    assert all(listing.figures_at.year > 1970 for listing in listings)
    assert {listing.price_label for listing in listings} == {row.price_label for row in rows} != {""}


def test_on_one_day_nobody_is_asked_twice(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 2)
    make_figures_due(stage)
    stage.drain()
    stage.vehicle()
    stage.drain()
    make_figures_due(stage)
    stage.drain()
    assert len(marketplace.requests("figures")) == 6, "the new one was asked about, the others not again"
    make_figures_due(stage)
    stage.drain()
    planned = next_at(stage)
    assert planned is not None
    tomorrow = datetime.now(listing_figures.BERLIN).date() + timedelta(days=1)
    there = planned.astimezone(listing_figures.BERLIN)
    assert there.date() == tomorrow
    assert 2 <= there.hour < 6


def test_another_day_is_another_row(stage: Stage) -> None:
    online(stage, 1)
    make_figures_due(stage)
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        session.execute(update(ListingDay).values(day=yesterday.date()))
        session.execute(update(Listing).values(figures_at=yesterday))
    make_figures_due(stage)
    stage.drain()
    first, second = days(stage)
    assert first.day < second.day


def test_a_turn_ends_by_the_clock_and_the_next_goes_on(
    stage: Stage, marketplace: Marketplace, one_at_a_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    online(stage, 3)
    monkeypatch.setattr(listing_figures, "TURN_SECONDS", 0.001)
    make_figures_due(stage)
    stage.drain()
    assert len(days(stage)) == 1
    assert tick(stage.runtime) == 1, "it is rung for again"
    stage.drain()
    stage.drain()
    assert len(days(stage)) == 3
    assert len(marketplace.requests("figures")) == 6


@pytest.mark.parametrize(
    ("fault", "more"),
    [
        ("error", {"status": 500}),
        ("error", {"status": 503}),
        ("error", {"status": 403}),
        ("rate-limit", {"retryAfter": 60}),
        ("reset", {}),
        ("garbage", {}),
    ],
)
def test_whatever_happens_there_transfers_go_on(
    stage: Stage, marketplace: Marketplace, fault: str, more: dict[str, Any]
) -> None:
    [vehicle] = online(stage, 1)
    marketplace.fault(fault, "figures", **more)
    make_figures_due(stage)
    stage.drain()
    stage.change(vehicle, mileage=77_000)
    stage.drain()
    [*_, last] = stage.transfers(vehicle)
    assert last.state == TransferState.OK
    activation = fresh(stage.session, Activation, stage.activation.id)
    assert (activation.state, activation.failing_since) == (ActivationState.ACTIVE, None)
    assert activation.next_figures_at > datetime.now(UTC)


def test_what_was_told_before_the_failure_is_not_asked_for_again(
    stage: Stage, marketplace: Marketplace, one_at_a_time: None
) -> None:
    vehicles = online(stage, 3)
    marketplace.fault("error", "figures", internalNumber=vehicles[1].offer_number)
    make_figures_due(stage)
    stage.drain()
    assert len(days(stage)) == 1
    marketplace.heal()
    make_figures_due(stage)
    stage.drain()
    assert len(days(stage)) == 3
    asked = [row["internalNumber"] for row in marketplace.requests("figures")]
    assert asked.count(vehicles[0].offer_number) == 2


def test_a_platform_that_does_not_tell_is_never_asked(build: Build, runtime: Runtime) -> None:
    account = {"customer_number": "4601", "seller_key": "4601", "limits": {}}
    stage = Stage(build, runtime, app="autoscout24-ch", customer_number="4601", settings={}, account=account)
    make_figures_due(stage)
    with runtime.sessions() as session:
        assert session.scalars(listing_figures.figures_due()).all() == []


def test_one_snapshot_serves_a_whole_customer(
    build: Build, runtime: Runtime, marketplace: Marketplace
) -> None:
    number = "2142000471"
    stage = Stage(
        build,
        runtime,
        app="autoscout24",
        customer_number=number,
        settings={"mobile_export": "none"},
        account={"customer_number": number, "seller_key": number, "limits": {"tiers": 1}},
    )
    online(stage, 3)
    make_figures_due(stage)
    stage.drain()
    assert len(days(stage)) == 3
    assert {row.views for row in days(stage)} == {0}
    assert len(marketplace.requests("figures")) == 1
