"""A sandbox that really runs; empty before each test."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from portal.sandbox import SandboxSettings
from portal.sandbox.server import SandboxServer, running

MEDIA_TYPE = "application/vnd.de.mobile.api+json"
MUSTER = "1000471"
SONNENSCHEIN = "1000472"
Json = dict[str, Any]


def golf(**changes: Any) -> Json:
    """A used Golf that the platform takes without a warning; None removes a member."""
    ad = {
        "internalNumber": "G-1",
        "vehicleClass": "Car",
        "category": "Limousine",
        "make": "VW",
        "model": "Golf",
        "modelDescription": "Golf 1.4 TSI Highline",
        "condition": "USED",
        "firstRegistration": "201805",
        "mileage": 50_000,
        "fuel": "PETROL",
        "gearbox": "MANUAL_GEAR",
        "power": 92,
        "cubicCapacity": 1395,
        "damageUnrepaired": False,
        "price": {"consumerPriceGross": "12990.00", "currency": "EUR", "type": "FIXED"},
    } | changes
    return {name: value for name, value in ad.items() if value is not None}


def jpeg(colour: str = "teal", size: tuple[int, int] = (40, 30)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, colour).save(stream, "JPEG")
    return stream.getvalue()


class Box:
    """The sandbox as a client sees it; `http` carries no login."""

    def __init__(self, server: SandboxServer) -> None:
        self.url = server.url
        self.smtp_port = server.smtp_port
        self.api = httpx.Client(
            base_url=f"{server.url}/seller-api",
            auth=("portal", "portal-sandbox"),
            trust_env=False,
            timeout=60,
        )
        self.http = httpx.Client(base_url=server.url, trust_env=False, timeout=60)

    def close(self) -> None:
        self.api.close()
        self.http.close()

    def create(
        self, ad: Json | None = None, insertion_id: str | None = None, seller: str = MUSTER
    ) -> httpx.Response:
        headers = {"Content-Type": MEDIA_TYPE}
        if insertion_id:
            headers["X-Mobile-Insertion-Request-Id"] = insertion_id
        return self.api.post(f"/sellers/{seller}/ads", json=golf() if ad is None else ad, headers=headers)

    def created(self, ad: Json | None = None, seller: str = MUSTER) -> str:
        """The id of a new ad."""
        answer = self.create(ad, seller=seller)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"].rpartition("/")[2]

    def update(self, ad_id: str, ad: Json, seller: str = MUSTER) -> httpx.Response:
        return self.api.put(f"/sellers/{seller}/ads/{ad_id}", json=ad, headers={"Content-Type": MEDIA_TYPE})

    def read(self, ad_id: str, seller: str = MUSTER) -> httpx.Response:
        return self.api.get(f"/sellers/{seller}/ads/{ad_id}")

    def delete(self, ad_id: str, seller: str = MUSTER) -> httpx.Response:
        return self.api.delete(f"/sellers/{seller}/ads/{ad_id}")

    def online(self, seller: str = MUSTER) -> list[Json]:
        return self.api.get(f"/sellers/{seller}/ads").json()["ads"]

    def upload(self, content: bytes | None = None, content_type: str = "image/jpeg") -> httpx.Response:
        content = jpeg() if content is None else content
        return self.api.post("/images", content=content, headers={"Content-Type": content_type})

    def uploaded(self, colour: str = "teal") -> str:
        return self.upload(jpeg(colour)).json()["ref"]

    def fault(self, effect: str, **facts: Any) -> Json:
        answer = self.http.post("/control/faults", json={"effect": effect, **facts})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def books(self, **filters: str) -> list[Json]:
        return self.http.get("/control/ads", params=filters).json()["ads"]

    def log(self, **filters: str) -> list[Json]:
        return self.http.get("/control/requests", params=filters).json()["requests"]


def keys(answer: httpx.Response, member: str = "errors") -> list[str]:
    return [entry["key"] for entry in answer.json().get(member, [])]


def paths(answer: httpx.Response, member: str = "errors") -> list[str]:
    """The `path` arguments of the errors or warnings."""
    entries = answer.json().get(member, [])
    return [arg["value"] for entry in entries for arg in entry["args"] if arg["key"] == "path"]


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    database = tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"
    with running(SandboxSettings(database, port=0, smtp_port=0, sftp_port=0, ftp_port=0)) as server:
        box = Box(server)
        yield box
        box.close()


@pytest.fixture
def sandbox(_sandbox: Box) -> Box:
    """A running sandbox as on its first start."""
    assert _sandbox.http.post("/control/reset", json={}).status_code == 204
    return _sandbox
