"""A day: a dealer's system leaves a zip in a layout of its own at night, and by noon all of it is online."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import audit, delivery
from portal.exports import intake_jobs, jobs
from portal.exports.core.runtime import Runtime
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.models import Activation, Dealer, Listing, StockPickup, StockSource, Transfer
from portal.platforms import read_environment
from portal.sources import control
from portal.sources.control import SourceFacts
from portal.sources.pickups import due_sources
from portal.vehicles.stock_layouts import save_layout
from portal.webhooks import endpoints
from tests.blueprints.api.conftest import Tool, tool_of
from tests.builders import Build
from tests.conftest import Work
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, surveyed, text_file
from tests.marketplace import Marketplace
from tests.webhooks.conftest import Receiver

CUSTOMER = "2142000471"
"""At AutoScout24."""
PRESETS = {"kinds": {"used": 0}}
"""New vehicles are released by themselves."""
COLUMNS = (
    *HEADER,
    "Karosserieform",
    "Leistung kW",
    "Beschädigt",
    "Fahrtauglich",
    "Farbe",
    "Modellbezeichnung",
)
FILE = text_file(
    COLUMNS,
    (*GOLF, "Limousine", "92", "nein", "ja", "Silber", "Golf 1.4 TSI"),
    (*A3, "Limousine", "110", "nein", "ja", "Schwarz", "A3 2.0 TDI"),
)
EVENTS = ("listing.online", "listing.refused")


@dataclass
class Day:
    """Autohaus Alice at two platforms, its source, its tool, and the clock."""

    session: Session
    runtime: Runtime
    marketplace: Marketplace
    dealer: Dealer
    activations: list[Activation]
    source: StockSource
    tool: Tool
    secret: str

    def leave_a_zip(self) -> None:
        """As the dealer's system does at night."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("export.csv", FILE)
        packed.seek(0)
        place = self.marketplace.target("sftp", file_name="bestand.zip")
        policy = self.marketplace.egress_policy()
        assert isinstance(delivery.deliver(place, packed, policy), delivery.Delivered)

    def strike_the_hour(self) -> None:
        """The scheduler finds the source due, and workers turn to it until the file is in."""
        self.session.execute(update(StockSource).values(next_at=func.now()))
        self.session.commit()
        while due := self.session.scalars(due_sources()).all():
            for key in due:
                intake_jobs.take_from_source(str(key))
            self.session.execute(update(StockPickup).values(not_before=func.now()))
            self.session.commit()

    def send(self) -> None:
        """Workers send what waits, and the scheduler tells the webhook."""
        for activation in self.activations:
            jobs.run_activation(self.runtime, activation.id)
        while jobs.look_for_webhooks():
            jobs.webhook_loop().wait()

    def online(self) -> dict[str, set[str]]:
        """Offer numbers by platform, as the platforms have them."""
        as24 = f"{self.marketplace.url}/control/autoscout24/listings"
        listed = self.tool_http(as24, customer=CUSTOMER)["listings"]
        there = {one["offerReferenceId"] for one in listed if one["deletedAt"] is None}
        return {"mobile-de": set(self.marketplace.online()), "autoscout24": there}

    def tool_http(self, url: str, **query: str) -> dict[str, Any]:
        return dict(httpx.get(url, params=query, timeout=60).raise_for_status().json())


@pytest.fixture
def day(
    build: Build,
    client: FlaskClient,
    at_work: Work,
    marketplace: Marketplace,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Day]:
    private = ("127.0.0.0/8", "::1/128")
    runtime = at_work(platforms=read_environment({}, marketplace.url), delivery_allow_private=private)
    dealer = build.dealer()
    account = {"customer_number": CUSTOMER, "seller_key": CUSTOMER, "limits": {"tiers": 1}}
    as24 = {"app": "autoscout24", "customer_number": CUSTOMER, "account": account}
    activations = [
        build.activation(dealer, settings=PRESETS),
        build.activation(dealer, settings=PRESETS | {"mobile_export": "none"}, **as24),
    ]
    survey = surveyed(FILE)
    save_layout(build.session, dealer.id, "DMS", suggested_layout(survey), survey)
    target = marketplace.target("sftp")
    settings = {
        "transport": "sftp",
        "host": target.host,
        "port": target.port,
        "user": target.username,
        "file_name": "bestand.zip",
        "schedule": ["03:00"],
    }
    facts = SourceFacts(
        "DMS", dealer.locations[0].id, False, settings, target.host_key, {"password": target.password}
    )
    source = control.create(build.session, runtime.vault, audit.PORTAL, dealer.id, facts)
    chosen = {"name": "DMS", "url": receiver.url, "events": EVENTS}
    _endpoint, secret = endpoints.create(
        build.session, runtime.vault, audit.PORTAL, build.alice(dealer), **chosen
    )
    tool = tool_of(build, client, dealer)
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: runtime)
    monkeypatch.setattr(intake_jobs, "runtime_from_environment", lambda: runtime)
    jobs.webhook_loop.cache_clear()
    yield Day(build.session, runtime, marketplace, dealer, activations, source, tool, secret)
    jobs.webhook_loop.cache_clear()


def told(receiver: Receiver, day: Day, event: str) -> list[tuple[str, str]]:
    """App and offer number, of all that the dealer's tool has heard."""
    heard = [message["data"] for message in receiver.told(day.secret) if message["type"] == event]
    return sorted((data["app"], data["offer_number"]) for data in heard)


def test_a_zip_at_night_is_online_by_noon(day: Day, receiver: Receiver) -> None:
    # At night: the file lies there, the hour strikes, mobile.de refuses one of two cars.
    day.leave_a_zip()
    day.marketplace.fault("reject", "create", internalNumber="A2", seller="1000471")
    day.strike_the_hour()
    assert [row.state for row in day.session.scalars(select(StockPickup))] == ["taken"]
    day.send()
    assert day.online() == {"mobile-de": {"A1"}, "autoscout24": {"A1", "A2"}}

    # The dealer's tool hears of it, and reads why.
    assert told(receiver, day, "listing.refused") == [("mobile-de", "A2")]
    assert told(receiver, day, "listing.online") == [
        ("autoscout24", "A1"),
        ("autoscout24", "A2"),
        ("mobile-de", "A1"),
    ]
    known = day.tool("GET", "/vehicles/HH/A2").get_json()
    refused = next(one for one in known["platforms"] if one["app"] == "mobile-de")
    assert refused["reasons"]

    # It corrects the car by the interface, and the car is online there too.
    day.marketplace.heal()
    facts = known["facts"] | {"location": "HH", "mileage": 44_600}
    answer = day.tool("POST", "/vehicles", json={"vehicles": [facts]}).get_json()
    assert [result["result"] for result in answer["results"]] == ["changed"]
    day.send()
    assert day.online() == {"mobile-de": {"A1", "A2"}, "autoscout24": {"A1", "A2"}}
    assert ("mobile-de", "A2") in told(receiver, day, "listing.online")
    assert day.session.scalar(select(func.count()).select_from(Listing).where(Listing.state == "online")) == 4

    # The next night the file is the same: nothing is imported, and what the tool corrected stays.
    before = day.session.scalar(select(func.count()).select_from(Transfer))
    day.strike_the_hour()
    assert [row.state for row in day.session.scalars(select(StockPickup).order_by(StockPickup.id))] == [
        "taken",
        "unchanged",
    ]
    assert day.session.scalar(select(func.count()).select_from(Transfer)) == before
