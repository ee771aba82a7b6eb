"""A platform that confirms a create by a question, and takes prices in another currency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from portal.exports.core.runtime import Runtime
from portal.models import Publication, Vehicle
from portal.models.exports import AccessToken, ListingState, TransferState
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

SELLER = "4601"


class ChBooks:
    """What AutoScout24 Schweiz would have seen and holds."""

    def __init__(self, marketplace: Marketplace) -> None:
        self.marketplace = marketplace
        self._http = httpx.Client(base_url=f"{marketplace.url}/control/autoscout24-ch", timeout=60)

    def close(self) -> None:
        self._http.close()

    def online(self) -> list[dict[str, Any]]:
        return list(self._http.get("/listings", params={"online": "1"}).json()["listings"])

    def requests(self, kind: str) -> list[dict[str, Any]]:
        return list(self._http.get("/requests", params={"kind": kind}).json()["requests"])


@pytest.fixture
def books(marketplace: Marketplace) -> Iterator[ChBooks]:
    books = ChBooks(marketplace)
    yield books
    books.close()


class ChStage(Stage):
    def __init__(self, build: Build, runtime: Runtime) -> None:
        super().__init__(build, runtime)
        self.activation = build.activation(
            self.dealer,
            app="autoscout24-ch",
            customer_number=SELLER,
            settings={},
            account={"customer_number": SELLER, "seller_key": SELLER},
        )

    def priced(self, price: str = "15900.00") -> Vehicle:
        """A released vehicle with a price of its own on this platform."""
        vehicle = self.vehicle()
        with self.runtime.sessions.begin() as session:
            session.execute(
                update(Publication)
                .where(Publication.activation_id == self.activation.id, Publication.vehicle_id == vehicle.id)
                .values(price=price)
            )
        return vehicle

    def some_online(self) -> set[str]:
        """Keys of vehicles that stay: without them a deletion would empty the stock."""
        vehicles = [self.priced() for _ in range(3)]
        self.drain()
        return {str(vehicle.id) for vehicle in vehicles}


@pytest.fixture
def stage(build: Build, runtime: Runtime) -> ChStage:
    return ChStage(build, runtime)


def test_released_vehicle_is_listed_in_francs_under_our_key(stage: ChStage, books: ChBooks) -> None:
    vehicle = stage.priced()
    stage.drain()
    (listing,) = books.online()
    assert listing["externalId"] == str(vehicle.id)
    assert listing["body"]["price"] == 15900
    assert [row.state for row in stage.transfers()] == [TransferState.OK]


def test_vehicle_without_a_price_in_francs_waits_for_one(stage: ChStage, books: ChBooks) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    assert books.online() == []
    assert books.requests("create") == []
    found = stage.session.get_one(Publication, (vehicle.id, stage.activation.id))
    stage.session.refresh(found)
    assert [problem["field"] for problem in found.problems] == ["platform_price"]


@pytest.mark.parametrize("effect", ["error-after-commit", "reset-after-commit"])
def test_create_without_a_clear_answer_makes_one_listing(stage: ChStage, books: ChBooks, effect: str) -> None:
    stage.priced()
    books.marketplace.fault(effect, "create", count=1)
    stage.drain()
    assert stage.build.only_listing().state == ListingState.CREATING
    stage.make_due()
    stage.drain()
    assert len(books.online()) == 1
    assert len(books.requests("create")) == 1
    assert stage.build.only_listing().state == ListingState.ONLINE


def test_vehicle_withdrawn_after_an_unclear_create_leaves_nothing_behind(
    stage: ChStage, books: ChBooks
) -> None:
    """The list alone does not name our key."""
    stayed = stage.some_online()
    vehicle = stage.priced()
    books.marketplace.fault("error", "patch", count=1)
    stage.drain()
    stage.take_offline(vehicle)
    stage.make_due()
    stage.drain()
    stage.make_due()
    stage.drain()
    assert {row["externalId"] for row in books.online()} == stayed
    rows = books._http.get("/listings").json()["listings"]
    assert [row["status"] for row in rows if row["externalId"] == str(vehicle.id)] == ["removed"]


def test_vehicle_that_is_withdrawn_is_removed(stage: ChStage, books: ChBooks) -> None:
    stayed = stage.some_online()
    vehicle = stage.priced()
    stage.drain()
    stage.take_offline(vehicle)
    stage.drain()
    assert {row["externalId"] for row in books.online()} == stayed
    assert [row["path"].rsplit("/", 1)[-1] for row in books.requests("delete")] == ["remove"]


def test_token_is_kept_sealed_and_shared(stage: ChStage, books: ChBooks) -> None:
    stage.priced()
    stage.drain()
    stage.priced()
    stage.drain()
    with stage.runtime.sessions() as session:
        (row,) = session.scalars(select(AccessToken)).all()
    held = stage.runtime.stores("autoscout24-ch").tokens.get()
    assert held is not None
    assert held.text not in row.sealed
    assert held.expires_at == row.expires_at
    assert books._http.get("/tokens").json()["tokens"] == 1
    assert len(books.online()) == 2
