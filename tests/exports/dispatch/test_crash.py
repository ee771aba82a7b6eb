"""A worker that is killed at any moment loses nothing and doubles nothing, at whatever platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from portal.exports.core.runtime import Runtime
from portal.models import Listing, Publication, Vehicle
from portal.models.exports import ListingState, TransferState
from portal.platforms import APPS
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.exports.killing import kill_once_it_sends
from tests.marketplace import Marketplace
from tests.programs import WHOLE_MACHINE

VEHICLES = 60
ROUNDS = 4
"""Looks after the last crash: what is in doubt is asked of the platform's list before it is sent again."""
pytestmark = WHOLE_MACHINE
API_APPS = tuple(slug for slug, app in APPS.items() if app.connect)


@dataclass(frozen=True)
class Field:
    """Where it happens: `books` and `list_member` of the sandbox, and the `key` of a vehicle in them."""

    activation: dict[str, Any]
    books: str
    list_member: str
    key: Callable[[Vehicle], str]
    key_in: Callable[[dict[str, Any]], str]


def account(number: str, seller: str = "", **limits: int) -> dict[str, Any]:
    return {"customer_number": number, "seller_key": seller or number, "limits": limits}


FIELDS = {
    "mobile-de": Field(
        {}, "ads?seller=4711001", "ads", lambda v: v.offer_number, lambda it: it["body"]["internalNumber"]
    ),
    "autoscout24": Field(
        {
            "customer_number": "2142000471",
            "settings": {"mobile_export": "none"},
            "account": account("2142000471", tiers=1),
        },
        "autoscout24/listings?customer=2142000471",
        "listings",
        lambda v: str(v.id),
        lambda it: it["crossReferenceId"],
    ),
    "autoscout24-ch": Field(
        {"customer_number": "4601", "settings": {}, "account": account("4601")},
        "autoscout24-ch/listings?seller=4601",
        "listings",
        lambda v: str(v.id),
        lambda it: it["externalId"],
    ),
}


class Crash(Stage):
    def __init__(self, build: Build, runtime: Runtime, slug: str) -> None:
        super().__init__(build, runtime, app=slug, **FIELDS[slug].activation)
        self.field = FIELDS[slug]

    def priced(self) -> Vehicle:
        """Released, with a price of its own where the platform has another currency."""
        vehicle = self.vehicle()
        with self.runtime.sessions.begin() as session:
            here = Publication.activation_id == self.activation.id, Publication.vehicle_id == vehicle.id
            session.execute(update(Publication).where(*here).values(price="15900.00"))
        return vehicle

    def shown(self, marketplace: Marketplace) -> list[dict[str, Any]]:
        """Everything that was ever created there."""
        answer = httpx.get(f"{marketplace.url}/control/{self.field.books}", timeout=60, trust_env=False)
        return list(answer.raise_for_status().json()[self.field.list_member])


@pytest.fixture(params=API_APPS)
def stage(request: pytest.FixtureRequest, build: Build, runtime: Runtime) -> Crash:
    return Crash(build, runtime, request.param)


def test_every_vehicle_is_online_exactly_once_after_workers_were_killed_in_the_middle(
    stage: Crash, marketplace: Marketplace
) -> None:
    vehicles = [stage.priced() for _ in range(VEHICLES)]
    marketplace.fault("slow", delayMs=60)
    marketplace.fault("reset-after-commit", "create", probability=0.1, count=5)
    for round_number in range(3):
        seen = len(marketplace.requests("create", "update", "delete"))
        kill_once_it_sends(stage.worker(), marketplace, seen)
        stage.outlive_the_dead()
        stage.change(vehicles[round_number], mileage=77_000 + round_number)
    marketplace.heal()
    for _look in range(ROUNDS):
        stage.make_due()
        stage.drain_all()
    created = stage.shown(marketplace)
    assert len(created) == VEHICLES, "a listing was created twice, or one is missing"
    online = {stage.field.key_in(listing): listing["body"] for listing in created}
    assert online.keys() == {stage.field.key(vehicle) for vehicle in vehicles}
    for round_number in range(3):
        body = online[stage.field.key(vehicles[round_number])]
        assert body["mileage"] == 77_000 + round_number
    assert not [row for row in stage.transfers() if row.state in (TransferState.WAITING, "sending")]
    assert set(stage.session.scalars(select(Listing.state))) == {ListingState.ONLINE}


def test_every_api_platform_of_the_registry_is_crashed_into() -> None:
    assert set(FIELDS) == set(API_APPS)
