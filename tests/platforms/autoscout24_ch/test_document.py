"""What the client asks and the sandbox answers, against the platform's own OpenAPI document, where that is at
hand: every request and every answer is one that the document describes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import jsonschema_rs
import pytest
import yaml
from urllib3 import BaseHTTPResponse

from portal.platforms.common.http import Http
from tests.builders import golf
from tests.platforms.autoscout24_ch.conftest import Market
from tests.platforms.autoscout24_ch.test_sandbox import ALL, TOP
from tests.platforms.stores import a_jpeg

DOCUMENT = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[4] / "shared")) / (
    "contracts/autoscout24-ch.openapi.yaml"
)
pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason=f"there is no {DOCUMENT.name}")
BEFORE = "/autoscout24-ch"


@dataclass(frozen=True)
class Spoken:
    request: httpx.Request
    status: int
    body: bytes


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = _nullable(yaml.safe_load(DOCUMENT.read_text("utf-8")))
    return found


def _nullable(node: Any) -> Any:
    """OpenAPI's `nullable` as JSON Schema says it; examples that YAML takes for days as texts."""
    if isinstance(node, date):
        return node.isoformat()
    if isinstance(node, list):
        return [_nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: _nullable(value) for name, value in node.items()}
    if made.pop("nullable", False) is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


def operation(request: httpx.Request) -> dict[str, Any]:
    path = request.url.path.removeprefix(BEFORE)
    for described, operations in document()["paths"].items():
        pattern = "/".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in described.split("/")
        )
        if re.fullmatch(pattern, path) and request.method.lower() in operations:
            # An id is a number: `external-id` is none.
            if "{listingId}" in described and not re.search(r"/listings/\d+", path):
                continue
            found: dict[str, Any] = operations[request.method.lower()]
            return found
    raise AssertionError(f"The document has no {request.method} {path}")


def schema_of(content: dict[str, Any]) -> dict[str, Any]:
    (media,) = content.values()
    return media["schema"] | {"components": document()["components"]}


def members_of(schema: dict[str, Any]) -> set[str]:
    """All that a body may name: the document forbids nothing else, its platform may."""
    if "$ref" in schema:
        return members_of(document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    inherited = (members_of(one) for one in schema.get("allOf", ()))
    return set(schema.get("properties", ())).union(*inherited)


def check_request(spoken: Spoken) -> None:
    described = operation(spoken.request).get("requestBody")
    content = spoken.request.content
    if described is None:
        assert not content
        return
    media_type = spoken.request.headers["Content-Type"].partition(";")[0]
    assert list(described["content"]) == [media_type]
    schema = schema_of(described["content"])
    if media_type == "multipart/form-data":
        assert b'name="file"' in content
        return
    if media_type == "application/x-www-form-urlencoded":
        body: Any = {name: values[0] for name, values in parse_qs(content.decode()).items()}
    else:
        body = json.loads(content)
    jsonschema_rs.validator_for(schema).validate(body)
    if isinstance(body, dict):
        assert set(body) <= members_of(schema)


def check_answer(spoken: Spoken) -> None:
    """A refusal is none of the document's: it names successes only."""
    if spoken.status >= 400:
        return
    described = operation(spoken.request)["responses"]
    assert str(spoken.status) in described
    content = described[str(spoken.status)].get("content")
    if content is None:
        assert not spoken.body
        return
    schema = schema_of(content)
    body = json.loads(spoken.body)
    jsonschema_rs.validator_for(schema).validate(body)
    if isinstance(body, dict):
        assert set(body) <= members_of(schema)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Spoken]]:
    """All that goes over the wire to the platform's API."""
    heard: list[Spoken] = []
    handle = Http._once

    def listen(http: Http, request: Any, authorization: str) -> tuple[BaseHTTPResponse, bytes]:
        answer, body = handle(http, request, authorization)
        url = f"http://there{http._base_path}{request.path}"
        asked = httpx.Request(request.method, url, headers=dict(request.headers), content=request.content)
        if asked.url.path.startswith(BEFORE):
            heard.append(Spoken(asked, answer.status, body))
        return answer, body

    monkeypatch.setattr(Http, "_once", listen)
    yield heard
    assert heard
    for one in heard:
        check_request(one)
        check_answer(one)


@pytest.mark.parametrize("name", ALL)
def test_every_kind_is_spoken_as_described(market: Market, spoken: list[Spoken], name: str) -> None:
    picture = market.images.add("a" * 64, a_jpeg(640, 480))
    settings = {
        "bookings": "vehicle",
        "warranty_months": 24,
        "warranty_mileage": 60_000,
        "direct_import": True,
    }
    prepared = market.prepared(
        ALL[name], images=(picture,), settings=settings, bookings=frozenset({"TOP-LIST"})
    )
    made = market.client.create(prepared.payload, "creation").outcome
    market.client.update(made.listing_id, prepared.payload)  # type: ignore[union-attr]
    assert len(market.client.remote_listings().listings) == 1
    assert spoken


def test_life_of_a_listing_is_spoken_as_described(market: Market, spoken: list[Spoken]) -> None:
    market.platform.check_customer("4601")
    made = market.created(golf(type_certificate="1VD512"), **TOP)
    market.change(made.listing_id, status="deactivated")
    market.client.update(made.listing_id, market.prepared(golf()).payload)
    market.client.delete(made.listing_id)
    market.created(golf())
    market.of("4603").create(market.prepared(golf()).payload, "creation")
    methods = {(one.request.method, one.request.url.path.rsplit("/", 1)[-1]) for one in spoken}
    assert {("POST", "remove"), ("POST", "activate"), ("POST", "detect"), ("POST", "book")} <= methods
