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
from portal.platforms.contract import (
    Accepted,
    Account,
    Client,
    Gone,
    Mapper,
    Prepared,
    Rules,
    Stores,
    Subject,
)
from portal.platforms.mobile_de import reference_xml
from portal.platforms.mobile_de.platform import MobileDe, connect
from portal.sandbox import SandboxSettings
from portal.sandbox.server import running
from portal.vehicle_facts.data import VehicleData
from tests.builders import golf
from tests.platforms.mobile_de import kinds
from tests.platforms.mobile_de.conftest import mobile_de_access
from tests.platforms.stores import MemoryImages, a_jpeg, memory_stores
from tests.words import german


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sandbox")
    with running(SandboxSettings(folder / "sandbox.sqlite", port=0, smtp_port=0)) as server:
        yield server.url


@pytest.fixture
def platform(url: str) -> MobileDe:
    return connect(mobile_de_access(url))


@pytest.fixture
def stores() -> Stores:
    return memory_stores()[0]


@pytest.fixture
def account(platform: MobileDe) -> Account:
    check = platform.check_customer("4711001")
    assert check.account is not None, check
    return check.account


@pytest.fixture
def client(platform: MobileDe, account: Account, stores: Stores) -> Iterator[Client]:
    client = platform.open(account, stores)
    yield client
    client.close()


@pytest.fixture
def mapper(platform: MobileDe, account: Account, stores: Stores) -> Mapper:
    settings = {
        "envkv_always": True,
        "financing_example": "separate",
        "leasing_example": "separate",
        "bookings": "vehicle",
    }
    return platform.mapper(settings, account, Rules(), stores)


def accepted(client: Client, prepared: Prepared, creation: str) -> Accepted:
    outcome = client.create(prepared.payload, creation).outcome
    assert isinstance(outcome, Accepted), (prepared.payload, outcome)
    return outcome


def test_customers_are_told_apart(platform: MobileDe) -> None:
    told = {
        number: platform.check_customer(number).status for number in ("4711001", "4711003", "4711004", "99")
    }
    assert told == {"4711001": "ok", "4711003": "read_only", "4711004": "not_linked", "99": "unknown"}


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
    "leasing_only": kinds.leasing_only(),
}


@pytest.mark.parametrize("name", ALL)
def test_every_kind_is_taken_as_mapped(client: Client, mapper: Mapper, name: str) -> None:
    subject = Subject(ALL[name], "HH", bookings=frozenset({"EYE_CATCHER"}))
    prepared = mapper(subject)
    assert prepared.problems == ()
    outcome = accepted(client, prepared, f"kind-{name}")
    assert outcome.warnings == ()
    assert isinstance(client.delete(outcome.listing_id).outcome, Accepted)


REFUSED: dict[str, dict[str, Any]] = {
    "power": {"power": None},
    "fuel": {"fuel": None},
    "gearbox": {"gearbox": None},
    "body_type": {"body_type": None},
    "damaged": {"damaged": None},
    "mileage": {"mileage": None},
    "first_registration": {"first_registration": "2099-01"},
    "model_description": {"model_description": "Tel. 0171 2345678"},
}


@pytest.mark.parametrize("field", REFUSED)
def test_preflight_says_what_the_platform_would_say(client: Client, mapper: Mapper, field: str) -> None:
    prepared = mapper(Subject(golf(**REFUSED[field]), "HH"))
    ours = {(note.code, note.field, german(note.text)) for note in prepared.problems}
    outcome = client.create(prepared.payload, f"refused-{field}").outcome
    theirs = {(note.code, note.field, german(note.text)) for note in getattr(outcome, "feedback", ())}
    # We add where it stands, which the platform does not say.
    assert {(code, name, text.split(" Gefunden: ")[0]) for code, name, text in ours} == theirs


def test_life_of_a_listing(client: Client, mapper: Mapper, stores: Stores) -> None:
    images = stores.images
    assert isinstance(images, MemoryImages)
    pictures = tuple(images.add(colour, a_jpeg(colour=colour)) for colour in ("navy", "teal"))
    vehicle: VehicleData = golf()
    subject = Subject(vehicle, "HH", pictures)
    first = accepted(client, mapper(subject), "life-1")
    again = accepted(client, mapper(subject), "life-1")
    assert (again.listing_id, again.existed) == (first.listing_id, True)
    turned = mapper(replace(subject, images=pictures[::-1]))
    assert isinstance(client.update(first.listing_id, turned.payload).outcome, Accepted)
    listed = {ad.listing_id: ad for ad in client.remote_listings().listings}
    assert listed[first.listing_id].internal_number == vehicle.offer_number
    assert isinstance(client.delete(first.listing_id).outcome, Accepted)
    assert client.update(first.listing_id, turned.payload).outcome == Gone()
    assert client.delete(first.listing_id).outcome == Gone()


ASKED = {"amount-implausible", "text-spoilt"}


def test_real_inventory_is_judged_as_the_platform_judges(
    client: Client, mapper: Mapper, shared_inventory: Path
) -> None:
    """A quarter of the rows: what preflight lets pass is taken, what it blocks is refused in its words."""
    with shared_inventory.open("rb") as stream:
        vehicles = [row.vehicle for row in StockReader(stream) if row.vehicle][::4]
    mapped = [mapper(Subject(vehicle, "HH")) for vehicle in vehicles]
    # What we ask about ourselves, as a car for 1 €, no platform minds.
    prepared = [ours for ours in mapped if not {note.code for note in ours.problems} & ASKED]
    assert len(mapped) - len(prepared) < 5
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda p: client.create(p.payload, f"real-{p.internal_number}"), prepared))
    for ours, answer in zip(prepared, answers, strict=True):
        told = {
            (note.code, note.field, german(note.text)) for note in getattr(answer.outcome, "feedback", ())
        }
        assert told == {(note.code, note.field, german(note.text)) for note in ours.problems}, ours.payload
        assert isinstance(answer.outcome, Accepted) == (not ours.problems)
        hints = {(note.code, note.field, german(note.text)) for note in ours.hints}
        warned = getattr(answer.outcome, "warnings", ())
        assert {(note.code, note.field, german(note.text)) for note in warned} <= hints
    assert any(isinstance(answer.outcome, Accepted) for answer in answers)


def test_an_offer_that_the_dealer_made_there_survives_every_update(
    client: Client, mapper: Mapper, url: str
) -> None:
    prepared = mapper(Subject(kinds.financed(), "HH"))
    listing = accepted(client, prepared, "own-leasing").listing_id
    theirs = {**prepared.payload["leasing"], "lender": "Hausbank"}
    answer = httpx.put(f"{url}/control/ads/{listing}", json={"leasing": theirs}, trust_env=False)
    assert answer.status_code == 204
    cheaper = {**prepared.payload, "price": {**prepared.payload["price"], "consumerPriceGross": "11990.00"}}
    outcome = client.update(listing, cheaper).outcome
    assert isinstance(outcome, Accepted)
    assert [note.code for note in outcome.warnings] == ["leasing_overwrite_protection"]
    [shown] = [ad for ad in client.remote_listings().listings if ad.listing_id == listing]
    assert shown.data["leasing"] == theirs
    assert shown.data["price"]["consumerPriceGross"] == "11990.00"
    assert isinstance(client.delete(listing).outcome, Accepted)


def test_reference_lists_are_understood_as_xml_too(url: str) -> None:
    path = f"{url}/refdata/classes/Car/makes"
    headers = {"Accept-Language": "de", "Accept": "application/xml"}
    as_xml = httpx.get(path, headers=headers, trust_env=False)
    as_json = httpx.get(path, headers={"Accept-Language": "de"}, trust_env=False).json()
    assert as_xml.headers["content-type"] == "application/xml"
    pairs = tuple((value["name"], value["description"]) for value in as_json["values"])
    assert reference_xml.read_list(as_xml.content) == pairs
