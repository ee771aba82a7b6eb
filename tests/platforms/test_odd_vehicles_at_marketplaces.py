"""The same odd vehicles through the interfaces of both marketplaces, read as their servers keep them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest

from portal.platforms import get_app
from portal.platforms.contract import Accepted, Account, ApiAccess, Rules, Subject
from portal.platforms.contract.environment import read_variables
from portal.sandbox import SandboxSettings
from portal.sandbox.server import running
from portal.vehicle_facts.data import VehicleData
from tests.platforms.independent_readers import says, words
from tests.platforms.stores import memory_stores
from tests.platforms.test_odd_vehicles import odd_vehicles

NUMBERS = {"mobile-de": "4711001", "autoscout24": "2142000471", "autoscout24-ch": "4601"}
Facts = tuple[str, Decimal, int | None, str, str]
"""Number, price, mileage, month of the first registration, VIN."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sandbox")
    with running(SandboxSettings(folder / "sandbox.sqlite", port=0, smtp_port=0)) as server:
        yield server.url


def sent(url: str, slug: str) -> tuple[Account, Sequence[VehicleData]]:
    """Those that the preflight lets through; the marketplace takes each of them."""
    app = get_app(slug)
    assert app.connect
    platform = app.connect(ApiAccess(read_variables(app.environment, {}, url), "Export-Portal"))
    account = platform.check_customer(NUMBERS[slug]).account
    assert account
    stores, _images, _references = memory_stores()
    mapper = platform.mapper({"mobile_export": "none"}, account, Rules(), stores)
    client = platform.open(account, stores)
    taken, prices = [], in_francs if app.currency == "CHF" else in_euros
    for vehicle in odd_vehicles():
        prepared = mapper(Subject(vehicle, "HH", platform_price=prices(vehicle), key=vehicle.offer_number))
        if not prepared.problems:
            outcome = client.create(prepared.payload, f"odd-{vehicle.offer_number}").outcome
            assert isinstance(outcome, Accepted), (prepared.payload, outcome)
            taken.append(vehicle)
    client.close()
    return account, taken


def in_euros(_vehicle: VehicleData) -> None:
    return None


def in_francs(vehicle: VehicleData) -> str:
    """The dealer's own price there: prices in euros are never converted."""
    return str(vehicle.prices.selling)


def test_mobile_de_keeps_what_was_meant(url: str) -> None:
    account, taken = sent(url, "mobile-de")
    asked = httpx.get(
        f"{url}/seller-api/sellers/{account.seller_key}/ads",
        auth=("portal", "portal-sandbox"),
        headers={"Accept": "application/vnd.de.mobile.api+json"},
        trust_env=False,
    )
    ads = {ad["internalNumber"]: ad for ad in asked.json()["ads"]}
    assert len(ads) == len(taken) > 10
    for vehicle in taken:
        ad = ads[vehicle.offer_number]
        price = Decimal(ad["price"]["consumerPriceGross"])
        month = f"{ad['firstRegistration'][:4]}-{ad['firstRegistration'][4:]}"
        found = vehicle.offer_number, price, ad.get("mileage"), month, ad.get("vin", "")
        assert found == facts(vehicle)
        assert says(ad.get("description", ""), words(vehicle.description))


def test_autoscout24_keeps_what_was_meant(url: str) -> None:
    _account, taken = sent(url, "autoscout24")
    books = httpx.get(f"{url}/control/autoscout24/listings", trust_env=False).json()["listings"]
    bodies = {body["offerReferenceId"]: body for body in (listing["body"] for listing in books)}
    assert len(bodies) == len(taken) > 10
    for vehicle in taken:
        body = bodies[vehicle.offer_number]
        number, price, mileage, month, vin = facts(vehicle)
        whole = price.quantize(Decimal(1), ROUND_HALF_UP)
        found = _seen(body)
        assert found == (number, whole, mileage, month, vin)
        assert says(body.get("description", ""), words(vehicle.description))


def test_autoscout24_switzerland_keeps_what_was_meant(url: str) -> None:
    _account, taken = sent(url, "autoscout24-ch")
    books = httpx.get(f"{url}/control/autoscout24-ch/listings", trust_env=False).json()["listings"]
    bodies = {body["sellerVehicleId"]: body for body in (listing["body"] for listing in books)}
    assert len(bodies) == len(taken) > 10
    for vehicle in taken:
        body = bodies[vehicle.offer_number]
        found = Decimal(str(body["price"])), body.get("mileage")
        assert found == (vehicle.prices.selling, vehicle.mileage), vehicle.offer_number
        assert registered(body) == (vehicle.first_registration, vehicle.registration_year)
        assert body.get("vehicleIdentificationNumber", "") == vehicle.vin
        assert says(body.get("description", ""), words(vehicle.description))


def registered(body: dict[str, Any]) -> tuple[str | None, int | None]:
    """Month, and the year where that is all that is known."""
    if day := body.get("firstRegistrationDate"):
        assert body["firstRegistrationYear"] == int(day[:4])
        assert day.endswith("-01")
        return day[:7], None
    return None, body["firstRegistrationYear"]


def _seen(body: dict[str, Any]) -> Facts:
    return (
        body["offerReferenceId"],
        Decimal(str(body["prices"]["public"]["price"])),
        body.get("mileage"),
        body["firstRegistrationDate"],
        body.get("vin", ""),
    )


def facts(vehicle: VehicleData) -> Facts:
    price, month = vehicle.prices.selling, vehicle.first_registration
    assert price is not None
    assert month is not None, "a month that is not known would have been made up"
    return vehicle.offer_number, price, vehicle.mileage, month, vehicle.vin
