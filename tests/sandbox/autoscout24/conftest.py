"""AutoScout24's side of a sandbox that really runs; empty before each test."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.sandbox.conftest import Box

MUSTER, SONNENSCHEIN, FOREIGN = "2142000471", "2142000472", "2142000474"
LOGIN = ("portal@example.org", "portal-sandbox")
TEST = {"X-Testmode": "true"}
Json = dict[str, Any]


def golf(**changes: Any) -> Json:
    """A used Golf that the platform takes; None removes a member."""
    listing = {
        "vehicleType": "C",
        "offerType": "U",
        "make": None,
        "model": None,
        "modelVersion": "1.4 TSI Highline",
        "bodyType": 6,
        "availability": {"availabilityType": 1},
        "publication": {"status": "Active", "channels": [{"id": "AS24"}]},
        "firstRegistrationDate": "2018-05",
        "mileage": 50_000,
        "fuelCategory": "B",
        "primaryFuelType": 2,
        "transmission": "M",
        "power": 92,
        "cylinderCapacity": 1395,
        "prices": {"public": {"price": 12_990, "currency": "EUR"}},
        "offerReferenceId": "G-1",
        "crossReferenceId": "key-1",
    } | changes
    return {name: value for name, value in listing.items() if value is not None}


def electric(**changes: Any) -> Json:
    """A new electric car with all that must be stated."""
    return golf(
        **{
            "offerType": "N",
            "firstRegistrationDate": None,
            "mileage": 10,
            "fuelCategory": "E",
            "primaryFuelType": 12,
            "cylinderCapacity": None,
            "electricRange": 480,
            "wltp": {"co2Class": 10, "consumptionElectricCombined": 15.8},
        }
        | changes
    )


def picture(colour: str = "teal", size: tuple[int, int] = (400, 300), form: str = "JPEG") -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, form)
    return stream.getvalue()


class As24:
    """The sandbox as a client of AutoScout24 sees it."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.api = httpx.Client(base_url=f"{box.url}/autoscout24", auth=LOGIN, trust_env=False, timeout=60)
        makes = self.api.get("/makes").json()["makes"]
        self.make = next(make for make in makes if make["name"] == "Volkswagen")
        self.model = next(one["id"] for one in self.make["models"] if one["name"] == "Golf")

    def whole(self, listing: Json) -> Json:
        """With the numbers of make and model, unless the listing names its own or none."""
        known = {"make": self.make["id"]}
        if listing.get("vehicleType") in ("C", "B"):
            known["model"] = self.model
        return known | listing

    def create(self, listing: Json | None = None, customer: str = MUSTER, **options: Any) -> httpx.Response:
        body = self.whole(golf() if listing is None else listing)
        return self.api.post(f"/customers/{customer}/listings", json=body, **options)

    def created(self, listing: Json | None = None, customer: str = MUSTER, **options: Any) -> str:
        answer = self.create(listing, customer, **options)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def update(
        self, listing_id: str, listing: Json, customer: str = MUSTER, **options: Any
    ) -> httpx.Response:
        path = f"/customers/{customer}/listings/{listing_id}"
        return self.api.put(path, json=self.whole(listing), **options)

    def read(self, listing_id: str, customer: str = MUSTER, **options: Any) -> httpx.Response:
        return self.api.get(f"/customers/{customer}/listings/{listing_id}", **options)

    def delete(self, listing_id: str, customer: str = MUSTER, **options: Any) -> httpx.Response:
        return self.api.delete(f"/customers/{customer}/listings/{listing_id}", **options)

    def listed(self, customer: str = MUSTER, **options: Any) -> list[Json]:
        return list(self.api.get(f"/customers/{customer}/listings", **options).json()["listings"])

    def upload(
        self, content: bytes, media_type: str = "image/jpeg", customer: str = MUSTER
    ) -> httpx.Response:
        return self.api.post(
            f"/customers/{customer}/images", content=content, headers={"Content-Type": media_type}
        )

    def uploaded(self, colour: str = "teal") -> str:
        return str(self.upload(picture(colour)).json()["id"])

    def control(self, method: str, path: str, body: Json | None = None) -> httpx.Response:
        return self.box.http.request(method, f"/control/autoscout24{path}", json=body)

    def books(self, customer: str = MUSTER) -> list[Json]:
        return list(self.control("GET", f"/listings?customer={customer}").json()["listings"])


def codes(answer: httpx.Response) -> list[str]:
    return [error["code"] for error in answer.json()["errors"]]


@pytest.fixture
def as24(sandbox: Box) -> Iterator[As24]:
    client = As24(sandbox)
    yield client
    client.api.close()
