"""The whole platform side against the sandbox marketplace, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from portal.formats.mobile_de_csv.reader import StockReader
from portal.platforms import get_app
from portal.platforms.autoscout24.client import AutoScout24Client
from portal.platforms.autoscout24.platform import AutoScout24, connect
from portal.platforms.contract import (
    Accepted,
    Account,
    ApiAccess,
    Gone,
    Mapper,
    Pending,
    Prepared,
    Protected,
    Rejected,
    Retry,
    Rules,
    Subject,
)
from portal.platforms.contract.environment import read_variables
from portal.sandbox import SandboxSettings
from portal.sandbox.server import running
from tests.builders import golf
from tests.platforms.mobile_de import kinds
from tests.platforms.stores import a_jpeg, memory_stores
from tests.waiting import until
from tests.words import german

MUSTER = "2142000471"


class Market:
    """The sandbox, the platform that reaches it, and a client for one customer."""

    def __init__(self, url: str) -> None:
        access = read_variables(get_app("autoscout24").environment, {}, url)
        self.platform: AutoScout24 = connect(ApiAccess(access, "Export-Portal"))
        self.http = httpx.Client(base_url=f"{url}/control", trust_env=False)
        self.http.post("/reset", json={})
        self.stores, self.images, _ = memory_stores()
        self.account = self.checked(MUSTER)
        self.client: AutoScout24Client = self.platform.open(self.account, self.stores)

    def close(self) -> None:
        self.client.close()
        self.http.close()

    def checked(self, number: str) -> Account:
        check = self.platform.check_customer(number)
        assert check.account is not None, check
        return check.account

    def mapper(self, **settings: Any) -> Mapper:
        given = {"mobile_export": "none", **settings}
        return self.platform.mapper(given, self.account, Rules(), self.stores)

    def tell(self, **settings: Any) -> None:
        self.http.put(f"/autoscout24/customers/{MUSTER}", json=settings)

    def books(self) -> list[dict[str, Any]]:
        return list(self.http.get("/autoscout24/listings").json()["listings"])

    def requests(self, kind: str) -> int:
        return len(self.http.get("/autoscout24/requests", params={"kind": kind}).json()["requests"])

    def fault(self, **facts: Any) -> None:
        assert self.http.post("/faults", json=facts).status_code == 201

    def accepted(self, prepared: Prepared) -> Accepted:
        outcome = self.client.create(prepared.payload, "creation").outcome
        assert isinstance(outcome, Accepted), (prepared.payload, outcome)
        return outcome


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sandbox")
    with running(SandboxSettings(folder / "sandbox.sqlite", port=0, smtp_port=0)) as server:
        yield server.url


@pytest.fixture
def market(url: str) -> Iterator[Market]:
    market = Market(url)
    yield market
    market.close()


EVERYTHING = {
    "envkv_always": True,
    "financing_example": "separate",
    "leasing_example": "separate",
    "bookings": "vehicle",
}
ALL = {
    "used_petrol": kinds.used_petrol(),
    "new_diesel": kinds.new_diesel(),
    "electric": kinds.electric(),
    "plug_in": kinds.plug_in(),
    "demonstrator": kinds.demonstrator(),
    "damaged": kinds.damaged(),
    "convertible": kinds.convertible(),
    "van": kinds.van(),
    "motorbike": kinds.motorbike(),
    "motor_home": kinds.motor_home(),
    "financed": kinds.financed(),
}


def test_customers_are_told_apart(market: Market) -> None:
    numbers = (MUSTER, "892471", "2142000474", "99", "keine")
    told = {number: market.platform.check_customer(number).status for number in numbers}
    assert list(told.values()) == ["ok", "ok", "not_linked", "unknown", "unknown"]
    assert market.checked("892471") == market.checked(MUSTER)


@pytest.mark.parametrize("name", ALL)
def test_every_kind_is_taken_as_mapped(market: Market, name: str) -> None:
    prepared = market.mapper(**EVERYTHING)(Subject(ALL[name], "HH", bookings=frozenset({"T30", "BOOST"})))
    assert prepared.problems == ()
    outcome = market.accepted(prepared)
    assert (outcome.booked, outcome.look_again) == (("BOOST", "T30"), None)
    (listing,) = market.client.details([outcome.listing_id]).values()  # type: ignore[union-attr]
    comparable = market.platform.comparable
    ours, theirs = comparable(prepared.payload), comparable(listing.data)
    assert {name: theirs.get(name) for name in ours} == ours
    assert listing.facts == prepared.facts
    assert httpx.get(outcome.url).status_code == 200


def test_life_of_a_listing(market: Market) -> None:
    pictures = tuple(
        market.images.add(colour, a_jpeg(400, 300, colour=colour)) for colour in ("navy", "teal")
    )
    subject = Subject(golf(), "HH", pictures, key="key-1")
    first = market.accepted(market.mapper()(subject))
    turned = market.mapper()(replace(subject, images=pictures[::-1]))
    assert isinstance(market.client.update(first.listing_id, turned.payload).outcome, Accepted)
    assert market.requests("image") == 2, "each picture once"
    (listed,) = market.client.remote_listings().listings
    assert (listed.listing_id, listed.our_key, listed.protected) == (first.listing_id, "key-1", False)
    assert isinstance(market.client.delete(first.listing_id).outcome, Accepted)
    assert market.client.update(first.listing_id, turned.payload).outcome == Gone()
    assert market.client.delete(first.listing_id).outcome == Gone()


def test_locked_listing_is_neither_gone_nor_an_error(market: Market) -> None:
    prepared = market.mapper()(Subject(golf(), "HH"))
    listing_id = market.accepted(prepared).listing_id
    market.http.put(f"/autoscout24/listings/{listing_id}", json={"protected": True})
    for answer in (market.client.update(listing_id, prepared.payload), market.client.delete(listing_id)):
        assert isinstance(answer.outcome, Protected)
        assert german(answer.outcome.feedback.text).startswith("Vom Händler auf AutoScout24 gesperrt")
        assert [exchange.method for exchange in answer.exchanges][-2:] == [answer.exchanges[0].method, "GET"]
    assert [one.protected for one in market.client.remote_listings().listings] == [True]


def test_upload_that_fails_leaves_the_listing_as_it_was(market: Market) -> None:
    first = market.images.add("red", a_jpeg(400, 300, colour="red"))
    second = market.images.add("blue", a_jpeg(400, 300, colour="blue"))
    subject = Subject(golf(), "HH", (first,))
    listing_id = market.accepted(market.mapper()(subject)).listing_id
    market.fault(effect="error", kinds=["image"], count=1)
    both = market.mapper()(replace(subject, images=(first, second)))
    assert isinstance(market.client.update(listing_id, both.payload).outcome, Retry)
    assert [(one["revision"], len(one["body"]["images"])) for one in market.books()] == [(1, 1)]
    assert isinstance(market.client.update(listing_id, both.payload).outcome, Accepted)


def test_picture_that_is_refused_is_left_out_and_said(market: Market) -> None:
    small = market.images.add("small", a_jpeg(64, 48))
    large = market.images.add("large", a_jpeg(400, 300))
    outcome = market.accepted(market.mapper()(Subject(golf(), "HH", (small, large))))
    assert [note.code for note in outcome.warnings] == ["image-left-out"]
    assert [len(one["body"]["images"]) for one in market.books()] == [1]


def test_pictures_that_the_platform_has_dropped_are_uploaded_again(market: Market) -> None:
    subject = Subject(golf(), "HH", (market.images.add("red", a_jpeg(400, 300, colour="red")),))
    prepared = market.mapper()(subject)
    listing_id = market.accepted(prepared).listing_id
    market.http.delete("/autoscout24/images")
    assert isinstance(market.client.update(listing_id, prepared.payload).outcome, Retry)
    assert isinstance(market.client.update(listing_id, prepared.payload).outcome, Accepted)


def test_all_pictures_broken_keep_those_that_are_shown(market: Market) -> None:
    subject = Subject(golf(), "HH", (market.images.add("red", a_jpeg(400, 300, colour="red")),))
    listing_id = market.accepted(market.mapper()(subject)).listing_id
    broken = market.images.add("broken", b"no picture")
    prepared = market.mapper()(replace(subject, images=(broken,)))
    outcome = market.client.update(listing_id, prepared.payload).outcome
    assert isinstance(outcome, Accepted)
    assert [len(one["body"]["images"]) for one in market.books()] == [1]


def test_pictures_that_are_refused_never_shorten_the_list(market: Market) -> None:
    red, blue = (market.images.add(name, a_jpeg(400, 300, colour=name)) for name in ("red", "blue"))
    subject = Subject(golf(), "HH", (red, blue))
    listing_id = market.accepted(market.mapper()(subject)).listing_id
    before = market.books()[0]["body"]["images"]
    small = market.images.add("small", a_jpeg(64, 48))
    outcome = market.client.update(
        listing_id, market.mapper()(replace(subject, images=(blue, small))).payload
    ).outcome
    assert isinstance(outcome, Accepted)
    assert [note.code for note in outcome.warnings] == ["image-left-out", "images-kept"]
    assert market.books()[0]["body"]["images"] == before


def test_what_the_listing_shows_is_not_uploaded_again(market: Market) -> None:
    """As with a listing that another program made: a second upload would be refused as a duplicate."""
    red, blue = (market.images.add(name, a_jpeg(400, 300, colour=name)) for name in ("red", "blue"))
    subject = Subject(golf(), "HH", (red,))
    listing_id = market.accepted(market.mapper()(subject)).listing_id
    before = market.books()[0]["body"]["images"]
    market.images.refs.clear()
    uploads = market.requests("image")
    both = market.mapper()(replace(subject, images=(red, blue)))
    assert isinstance(market.client.update(listing_id, both.payload).outcome, Accepted)
    assert market.requests("image") == uploads + 1
    assert market.books()[0]["body"]["images"][:1] == before


@pytest.mark.parametrize(
    ("enrichment", "meaning"), [("success", Accepted), ("fail", Rejected), ("silent", Pending)]
)
def test_listing_that_waits_is_asked_about(market: Market, enrichment: str, meaning: type) -> None:
    market.tell(enrichment=enrichment, enrichmentSeconds=0.3)
    prepared = market.mapper()(Subject(golf(), "HH"))
    outcome = market.client.create(prepared.payload, "creation").outcome
    assert isinstance(outcome, Pending)
    answers = []

    def answered() -> bool:
        asked = {outcome.listing_id: prepared.payload}
        answers.append(market.client.poll(asked)[outcome.listing_id].outcome)
        return meaning is Pending or not isinstance(answers[-1], Pending)

    until(answered)
    answer = answers[-1]
    assert isinstance(answer, meaning)
    if isinstance(answer, Rejected):
        assert answer.feedback[0].code == "enrichment-failed"


def test_what_vanished_while_it_waited_is_gone(market: Market) -> None:
    assert market.client.poll({"0b5e0000-0000-4000-8000-000000000000": {}}) != {}
    (answer,) = market.client.poll({"0b5e0000-0000-4000-8000-000000000000": {}}).values()
    assert answer.outcome == Gone()


def test_tier_that_is_ignored_is_said_when_it_is_looked_at(market: Market) -> None:
    prepared = market.mapper(bookings="vehicle")(Subject(golf(), "HH", bookings=frozenset({"T30"})))
    market.tell(canSetMiaRequestedTier=False)
    outcome = market.accepted(prepared)
    assert outcome.booked == ()
    assert outcome.look_again is not None
    looked = market.client.poll({outcome.listing_id: prepared.payload})[outcome.listing_id].outcome
    assert isinstance(looked, Accepted)
    assert [note.code for note in looked.blocked] == ["booking-not-applied"]


def test_customer_who_may_not_book_is_told_before(market: Market) -> None:
    account = market.checked("2142000472")
    settings = {"mobile_export": "none", "bookings": "vehicle"}
    mapper = market.platform.mapper(settings, account, Rules(), market.stores)
    prepared = mapper(Subject(golf(), "HH", bookings=frozenset({"T30"})))
    assert "tier-not-allowed" in [hint.code for hint in prepared.hints]
    assert "requestedTier" not in prepared.payload["marketing"]["mia"]


def test_test_transfer_is_never_seen_by_buyers(market: Market) -> None:
    client = market.platform.open_for_trials(market.account, market.stores)
    prepared = market.mapper()(Subject(golf(), "HH"))
    outcome = client.create(prepared.payload, "test").outcome
    assert isinstance(outcome, Accepted)
    assert httpx.get(outcome.url).status_code == 404
    assert market.client.remote_listings().listings == ()
    assert isinstance(client.delete(outcome.listing_id).outcome, Accepted)
    client.close()


def test_real_inventory_goes_there_without_a_refusal_that_was_not_foreseen(
    market: Market, shared_inventory: Path
) -> None:
    with shared_inventory.open("rb") as stream:
        vehicles = [row.vehicle for row in StockReader(stream) if row.vehicle]
    mapper = market.mapper()
    prepared = [mapper(Subject(vehicle, "HH")) for vehicle in vehicles]
    ready = [one for one in prepared if not one.problems]
    assert len(ready) > len(prepared) // 2
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: market.client.create(one.payload, "real"), ready))
    refused = [
        (one.payload, answer.outcome)
        for one, answer in zip(ready, answers, strict=True)
        if not isinstance(answer.outcome, Accepted)
    ]
    assert refused == []
