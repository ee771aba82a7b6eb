"""AutoScout24 Schweiz as a peer describes it, and as a sandbox that runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from portal.platforms import get_app
from portal.platforms.autoscout24_ch.client import AutoScout24ChClient
from portal.platforms.autoscout24_ch.platform import AutoScout24Ch, connect
from portal.platforms.autoscout24_ch.tokens import PATH
from portal.platforms.contract import Accepted, Account, ApiAccess, Prepared, Rules, Stores, Subject
from portal.platforms.contract.environment import read_variables
from portal.sandbox import SandboxSettings
from portal.sandbox.server import running
from portal.vehicle_facts.data import VehicleData
from tests.platforms.peer import Peer, Says
from tests.platforms.stores import memory_stores

SELLER = "4601"
ACCOUNT = Account(SELLER, SELLER, "Garage Muster AG")
LISTINGS = f"/public/v1/sellers/{SELLER}/listings"
MAKES = {"volkswagen": ("Volkswagen", ("golf", "passat", "id-3")), "bmw": ("BMW", ("320",))}


def page(content: list[object]) -> Says:
    return Says(body={"content": content, "totalElements": len(content), "last": True})


def offer_references(peer: Peer) -> None:
    peer.tell("POST", PATH, Says(body={"access_token": "t-1", "token_type": "Bearer", "expires_in": 86400}))
    query = "vehicleCategory=car&page=0&size=2000"
    peer.tell(
        "GET",
        f"/public/v1/makes?{query}",
        page([{"key": key, "name": name} for key, (name, _) in MAKES.items()]),
    )
    for key, (_, models) in MAKES.items():
        named = [{"key": model, "name": model.replace("-", ".").title()} for model in models]
        peer.tell("GET", f"/public/v1/makes/key/{key}/models?{query}", page(list(named)))


def offer_listing(peer: Peer, listing_id: str) -> None:
    """One that is shown, without pictures."""
    body = {"id": int(listing_id), "status": "activated", "images": []}
    peer.tell("GET", f"{LISTINGS}/{listing_id}", Says(body=body))


class Market:
    """The sandbox, the platform that reaches it, and a client for one seller. `variables` as in the
    environment."""

    def __init__(self, url: str, variables: Mapping[str, str] = MappingProxyType({})) -> None:
        access = read_variables(get_app("autoscout24-ch").environment, variables, url)
        self.platform: AutoScout24Ch = connect(ApiAccess(access, "Export-Portal"))
        self.http = httpx.Client(base_url=f"{url}/control", trust_env=False)
        self.http.post("/reset", json={})
        self.stores, self.images, _ = memory_stores()
        self.opened: list[AutoScout24ChClient] = []
        self.client = self.of(SELLER)

    def of(self, seller: str, stores: Stores | None = None) -> AutoScout24ChClient:
        client = self.platform.open(Account(seller, seller), stores or self.stores)
        self.opened.append(client)
        return client

    def close(self) -> None:
        for client in self.opened:
            client.close()
        self.http.close()

    def prepared(self, vehicle: VehicleData, rules: Rules | None = None, **more: Any) -> Prepared:
        """`settings` of the activation; everything else belongs to the subject."""
        settings = more.pop("settings", {})
        mapper = self.platform.mapper(settings, ACCOUNT, rules or Rules(), self.stores)
        return mapper(Subject(vehicle, "ZH", **{"platform_price": "15900.00", "key": "key-1"} | more))

    def created(self, vehicle: VehicleData, **more: Any) -> Accepted:
        outcome = self.client.create(self.prepared(vehicle, **more).payload, "creation").outcome
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def books(self) -> list[dict[str, Any]]:
        return list(self.http.get("/autoscout24-ch/listings").json()["listings"])

    def change(self, listing: str, **facts: Any) -> None:
        assert self.http.put(f"/autoscout24-ch/listings/{listing}", json=facts).status_code == 204

    def seller(self, number: str = SELLER, **facts: Any) -> None:
        assert self.http.put(f"/autoscout24-ch/sellers/{number}", json=facts).status_code == 204

    def requests(self, kind: str = "") -> list[dict[str, Any]]:
        params = {"kind": kind} if kind else {}
        return list(self.http.get("/autoscout24-ch/requests", params=params).json()["requests"])

    def tokens(self) -> int:
        return int(self.http.get("/autoscout24-ch/tokens").json()["tokens"])

    def fault(self, **facts: Any) -> None:
        assert self.http.post("/faults", json=facts).status_code == 201


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
