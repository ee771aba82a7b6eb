"""A day: a dealer's system drops a zip in a layout of its own at night, and by noon all of it is online."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.exports import jobs
from portal.exports.core.runtime import Runtime
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.models import Activation, Dealer, Listing, StockPickup, Transfer
from portal.platforms import read_environment
from portal.vehicles.stock_layouts import save_layout
from portal.webhooks import endpoints
from tests.blueprints.api.conftest import Tool, tool_of
from tests.builders import Build
from tests.conftest import Work
from tests.drop_folders.conftest import Access, make_access, serving, sftp_client
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, surveyed, text_file, zipped
from tests.marketplace import Marketplace
from tests.waiting import until
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
PACKED = zipped(FILE)
EVENTS = ("listing.online", "listing.refused")


@dataclass
class Day:
    """Autohaus Alice at three platforms, its drop folder, and its tool."""

    session: Session
    runtime: Runtime
    marketplace: Marketplace
    dealer: Dealer
    activations: list[Activation]
    folder: Access
    port: int
    tool: Tool
    secret: str

    def drop_a_zip(self) -> None:
        """As the dealer's system does at night, by SFTP, under a name that it changes when all is there."""
        with sftp_client(self.port, self.folder) as client:
            with client.open("bestand.zip.part", "wb") as file:
                file.write(PACKED)
            client.posix_rename("bestand.zip.part", "bestand.zip")

    def pickups(self) -> list[str]:
        """What became of the files that came."""
        self.session.rollback()
        ended = select(StockPickup.state).where(StockPickup.finished_at.is_not(None))
        return list(self.session.scalars(ended.order_by(StockPickup.id)))

    def send(self) -> None:
        """Workers send what waits, and the file whose hour has come; the scheduler tells the webhook."""
        by_file = Activation.app == "mobile-de-csv"
        self.session.execute(update(Activation).where(by_file).values(next_run_at=func.now()))
        self.session.commit()
        for activation in self.activations:
            jobs.run_activation(self.runtime, activation.id)
        while jobs.look_for_webhooks():
            jobs.webhook_loop().wait()

    def online(self) -> dict[str, set[str]]:
        """Offer numbers by platform, as the platforms have them."""
        as24 = f"{self.marketplace.url}/control/autoscout24/listings"
        listed = self.tool_http(as24, customer=CUSTOMER)["listings"]
        there = {one["offerReferenceId"] for one in listed if one["deletedAt"] is None}
        by_file = set(self.marketplace.file_stock())
        return {"mobile-de": set(self.marketplace.online()), "autoscout24": there, "mobile-de-csv": by_file}

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
    tmp_path: Path,
) -> Iterator[Day]:
    private = ("127.0.0.0/8", "::1/128")
    runtime = at_work(platforms=read_environment({}, marketplace.url), delivery_allow_private=private)
    dealer = build.dealer()
    account = {"customer_number": CUSTOMER, "seller_key": CUSTOMER, "limits": {"tiers": 1}}
    as24 = {"app": "autoscout24", "customer_number": CUSTOMER, "account": account}
    target = marketplace.target("sftp")
    place = {"transport": "sftp", "host": target.host, "port": target.port, "user": target.username}
    by_file = build.activation(
        dealer,
        app="mobile-de-csv",
        settings=PRESETS | place | {"pictures": "none"},
        host_key=target.host_key,
    )
    by_file.secrets = runtime.vault.seal(by_file.id, {"password": target.password})
    activations = [
        by_file,
        build.activation(dealer, settings=PRESETS),
        build.activation(dealer, settings=PRESETS | {"mobile_export": "none"}, **as24),
    ]
    survey = surveyed(FILE)
    save_layout(build.session, dealer.id, "DMS", suggested_layout(survey), survey)
    alice = build.alice(dealer)
    folder = make_access(build, dealer, alice)
    chosen = {"name": "DMS", "url": receiver.url, "events": EVENTS}
    _endpoint, secret = endpoints.create(build.session, runtime.vault, audit.PORTAL, alice, **chosen)
    tool = tool_of(build, client, dealer)
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: runtime)
    jobs.webhook_loop.cache_clear()
    build.session.commit()
    with serving(replace(runtime.settings, data_dir=tmp_path, drop_port=0)) as port:
        yield Day(build.session, runtime, marketplace, dealer, activations, folder, port, tool, secret)
    jobs.webhook_loop.cache_clear()


def told(receiver: Receiver, day: Day, event: str) -> list[tuple[str, str]]:
    """App and offer number, of all that the dealer's tool has heard."""
    heard = [message["data"] for message in receiver.told(day.secret) if message["type"] == event]
    return sorted((data["app"], data["offer_number"]) for data in heard)


def test_a_zip_at_night_is_online_by_noon(day: Day, receiver: Receiver) -> None:
    # At night: the file is dropped and taken, three platforms get it, mobile.de refuses one of two cars.
    day.marketplace.fault("reject", "create", internalNumber="A2", seller="1000471")
    day.drop_a_zip()
    until(lambda: day.pickups() == ["taken"])
    day.send()
    everything = {"A1", "A2"}
    assert day.online() == {"mobile-de": {"A1"}, "autoscout24": everything, "mobile-de-csv": everything}

    # The dealer's tool hears of it, and reads why.
    assert told(receiver, day, "listing.refused") == [("mobile-de", "A2")]
    assert told(receiver, day, "listing.online") == [
        ("autoscout24", "A1"),
        ("autoscout24", "A2"),
        ("mobile-de", "A1"),
        ("mobile-de-csv", "A1"),
        ("mobile-de-csv", "A2"),
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
    assert day.online() == dict.fromkeys(("mobile-de", "autoscout24", "mobile-de-csv"), everything)
    assert ("mobile-de", "A2") in told(receiver, day, "listing.online")
    assert day.session.scalar(select(func.count()).select_from(Listing).where(Listing.state == "online")) == 6

    # The next night the file is the same: nothing is imported, and what the tool corrected stays.
    before = day.session.scalar(select(func.count()).select_from(Transfer))
    day.drop_a_zip()
    until(lambda: day.pickups() == ["taken", "unchanged"])
    assert day.session.scalar(select(func.count()).select_from(Transfer)) == before
