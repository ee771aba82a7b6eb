"""From a vehicle that is saved to the dealer's tool that is told of it, at work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal import audit
from portal.exports import jobs
from portal.models import WebhookMessage
from portal.platforms import read_environment
from portal.webhooks import endpoints
from tests.builders import Build
from tests.conftest import Work, count_queries
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.webhooks.conftest import Receiver

Told = tuple[Stage, str]


@pytest.fixture
def told(
    build: Build,
    at_work: Work,
    marketplace: Marketplace,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Told]:
    """A dealer with mobile.de and a webhook, and its secret."""
    platforms = read_environment({}, marketplace.url)
    runtime = at_work(platforms=platforms, delivery_allow_private=("127.0.0.0/8",))
    stage = Stage(build, runtime)
    alice = build.alice(stage.dealer)
    chosen = {
        "name": "DMS",
        "url": receiver.url,
        "events": ("listing.online", "listing.gone", "listing.refused"),
    }
    _endpoint, secret = endpoints.create(build.session, runtime.vault, audit.PORTAL, alice, **chosen)
    build.session.commit()
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: runtime)
    jobs.webhook_loop.cache_clear()
    yield stage, secret
    jobs.webhook_loop.cache_clear()


def pulse() -> None:
    """What the scheduler does each second, until all is told."""
    while jobs.look_for_webhooks():
        jobs.webhook_loop().wait()


def test_a_tool_hears_of_a_vehicle_that_comes_is_refused_and_goes(
    told: Told, marketplace: Marketplace, receiver: Receiver
) -> None:
    stage, secret = told
    stage.others_online(3)
    pulse()
    receiver.got.clear()
    vehicle = stage.vehicle()
    stage.drain_all()
    pulse()
    stage.change(vehicle, mileage=99_000)
    marketplace.fault("reject", "update")
    stage.drain_all()
    marketplace.heal()
    pulse()
    stage.take_offline(vehicle)
    stage.drain_all()
    pulse()
    messages = receiver.told(secret)
    assert [message["type"] for message in messages] == ["listing.online", "listing.refused", "listing.gone"]
    assert {message["data"]["offer_number"] for message in messages} == {vehicle.facts().offer_number}
    assert messages[0]["data"]["listing_id"] == messages[2]["data"]["listing_id"]
    assert all(reason["text"] for reason in messages[1]["data"]["reasons"])
    assert stage.session.query(WebhookMessage).filter_by(state="waiting").count() == 0


def test_without_anything_to_tell_a_look_is_one_statement(told: Told) -> None:
    pulse()
    with count_queries() as statements:
        assert jobs.look_for_webhooks() == 0
    assert len([one for one in statements if one.startswith("SELECT webhook")]) == len(statements) == 1
