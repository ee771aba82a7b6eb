"""mobile.de as a peer describes it: its sellers and its reference data, keys of its own spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from portal.platforms import get_app
from portal.platforms.contract import Account, ApiAccess, Client, Mapper, Prepared, Rules, Stores, Subject
from portal.platforms.contract.environment import read_variables
from portal.platforms.mobile_de.platform import MobileDe, connect
from portal.vehicle_facts.data import VehicleData
from tests.platforms.peer import Peer, Says
from tests.platforms.stores import MemoryImages, MemoryReferences, memory_stores

ACCOUNT = Account("4711001", "1000471", "Autohaus Alice", limits={"max_images": 3, "max_highlights": 2})
SELLER = {
    "mobileSellerId": "1000471",
    "customerNumber": "4711001",
    "companyName": "Autohaus Alice GmbH",
    "readonly": False,
    "settings": {"maxImages": 30, "maxHighlights": 3, "leasing": True, "videoUrl": False},
}


@dataclass
class Rig:
    peer: Peer
    platform: MobileDe
    stores: Stores
    images: MemoryImages
    references: MemoryReferences
    opened: list[Client] = field(default_factory=list)

    def mapper(self, rules: Rules | None = None, account: Account = ACCOUNT, **settings: object) -> Mapper:
        return self.platform.mapper(settings, account, rules or Rules(), self.stores)

    def map(self, vehicle: VehicleData, rules: Rules | None = None, **settings: object) -> Prepared:
        return self.mapper(rules, **settings)(Subject(vehicle, "HH"))

    def client(self) -> Client:
        """A connection that is closed after the test."""
        self.opened.append(self.platform.open(ACCOUNT, self.stores))
        return self.opened[-1]


def offer_reference_data(peer: Peer) -> None:
    """Makes and models with keys that no rule of ours could guess."""
    peer.refdata("classes/Car/makes", ("M-VW", "VW"), ("M-MB", "Mercedes-Benz"), ("M-BMW", "BMW"))
    peer.refdata(
        "classes/Car/makes/M-VW/models",
        ("m1", "Golf"),
        ("m2", "Golf Plus"),
        ("m3", "Passat"),
        ("m4", "ID.3"),
        ("OTHER", "Andere"),
    )
    peer.refdata("classes/Car/makes/M-MB/models", ("slk", "SLK"), ("c", "C-Klasse"), ("OTHER", "Andere"))
    peer.refdata("classes/Car/makes/M-BMW/models", ("b3", "3er"))
    peer.refdata("classes/VanUpTo7500/makes", ("V-VW", "Volkswagen"))
    peer.refdata("classes/VanUpTo7500/makes/V-VW/models", ("v1", "Transporter"))
    peer.refdata("classes/VanUpTo7500/categories", ("BoxVan", "Kastenwagen"), ("OtherVan", "Andere"))
    peer.refdata("classes/Motorbike/makes", ("K-BMW", "BMW"))
    peer.refdata("classes/Motorbike/makes/K-BMW/models", ("gs", "R 1200 GS"))
    peer.refdata("classes/Motorbike/categories", ("Enduro", "Enduro/Reiseenduro"), ("OtherBike", "Andere"))
    peer.refdata("classes/Motorhome/makes", ("H", "Hymer / Eriba"), ("HY", "Hymer"))
    peer.refdata("classes/Motorhome/makes/HY/models", ("OTHER", "Andere"))
    peer.refdata("classes/Motorhome/categories", ("Integrated", "Integrierter"))
    peer.refdata(
        "plugtypes", ("TYPE_2", "Typ2-Stecker"), ("TYPE2", "Typ 2"), ("CCS", "Combined Charging System")
    )
    peer.refdata("batteries", ("OWNED", "Inklusive"), ("LEASED", "Miete"))


def mobile_de_access(url: str, **environ: str) -> ApiAccess:
    return ApiAccess(read_variables(get_app("mobile-de").environment, environ, url), "Export-Portal")


@pytest.fixture
def rig(peer: Peer) -> Iterator[Rig]:
    offer_reference_data(peer)
    peer.tell("GET", "/seller-api/sellers", Says(body={"sellers": [SELLER]}))
    access = mobile_de_access(peer.url, MOBILE_DE_USERNAME="operator", MOBILE_DE_PASSWORD="geheim-4711")
    stores, images, references = memory_stores()
    rig = Rig(peer, connect(access), stores, images, references)
    yield rig
    for client in rig.opened:
        client.close()
