"""AutoScout24 as a peer describes it: its customers, makes and references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from portal.platforms.autoscout24.client import AutoScout24Client
from portal.platforms.autoscout24.platform import AutoScout24, connect
from portal.platforms.contract import Account, ApiAccess, ImageRef, Prepared, Rules, Stores, Subject
from portal.sandbox.autoscout24.references import References, reference_json
from portal.vehicle_facts.data import VehicleData
from tests.platforms.peer import Peer, Says
from tests.platforms.stores import MemoryImages, MemoryReferences, memory_stores

CUSTOMER = "2142000471"
SECRET = "geheim-4711"
ACCOUNT = Account(CUSTOMER, CUSTOMER, "Autohaus Alice", limits={"tiers": 1})
GERMANY = {"culture": "de-DE", "marketplace": "de"}
LISTINGS = f"/customers/{CUSTOMER}/listings"
LIST = f"{LISTINGS}?include=overwriteProtection"
MAKES: dict[str, tuple[int, dict[str, tuple[tuple[int, str], ...]]]] = {
    "Volkswagen": (74, {"C": ((2084, "Golf"), (2089, "Passat"), (2190, "ID.3"), (2000, "Andere")), "X": ()}),
    "Mercedes-Benz": (47, {"C": ((1900, "SLK 200"), (1901, "C 220"), (1999, "Andere"))}),
    "BMW": (13, {"C": ((1641, "320"), (1699, "Andere")), "B": ((50001, "R 1200 GS"), (50099, "Andere"))}),
    "Hymer": (16361, {"N": ()}),
}


@dataclass
class Rig:
    peer: Peer
    platform: AutoScout24
    stores: Stores
    images: MemoryImages
    references: MemoryReferences
    opened: list[AutoScout24Client] = field(default_factory=list)

    def prepared(
        self, vehicle: VehicleData, rules: Rules | None = None, subject: Any = None, **settings: object
    ) -> Prepared:
        given = {"mobile_export": "none", **settings}
        mapper = self.platform.mapper(given, ACCOUNT, rules or Rules(), self.stores)
        return mapper(Subject(vehicle, "HH", key="key-1", **(subject or {})))

    def client(self, *, testmode: bool = False) -> AutoScout24Client:
        """A connection that is closed after the test."""
        opener = self.platform.open_for_trials if testmode else self.platform.open
        self.opened.append(opener(ACCOUNT, self.stores))
        return self.opened[-1]

    def picture(self, name: str, content: bytes) -> ImageRef:
        return self.images.add(name, content)


def make_json(name: str) -> dict[str, Any]:
    number, models = MAKES[name]
    entries = [
        {"id": key, "name": label, "vehicleType": kind}
        for kind, ours in models.items()
        for key, label in ours
    ]
    return {"id": number, "name": name, "vehicleTypes": list(models), "models": entries}


def offer_references(peer: Peer) -> None:
    shown = [make_json(name) for name in MAKES]
    peer.tell("GET", f"/makes?{urlencode(GERMANY)}", Says(body={"makes": shown}))
    for make in shown:
        query = urlencode({"makeId": make["id"], **GERMANY})
        peer.tell("GET", f"/makes?{query}", Says(body={"makes": [make]}))
    for kind, values in References().lists.items():
        query = urlencode({"referenceType": kind, **GERMANY})
        body = {"references": [reference_json(kind, one, german=True) for one in values]}
        peer.tell("GET", f"/references?{query}", Says(body=body))


def as24_access(url: str, password: str = SECRET) -> ApiAccess:
    return ApiAccess({"api_url": url, "username": "operator", "password": password}, "Export-Portal")


@pytest.fixture
def rig(peer: Peer) -> Iterator[Rig]:
    offer_references(peer)
    stores, images, references = memory_stores()
    rig = Rig(peer, connect(as24_access(peer.url)), stores, images, references)
    yield rig
    for client in rig.opened:
        client.close()
