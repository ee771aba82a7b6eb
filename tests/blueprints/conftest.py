"""A marketplace to ask: the sandbox over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from flask import Flask

from portal.platforms import read_environment
from portal.sandbox.server import running
from portal.sandbox.settings import SandboxSettings

LINKED, LINKED_TOO, READ_ONLY, NOT_LINKED = "4711001", "4711002", "4711003", "4711004"


class Market:
    """The sandbox and its control endpoints."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=f"{url}/control", timeout=60)

    def reset(self) -> None:
        self._http.post("/reset", json={}).raise_for_status()

    def fault(self, effect: str, **facts: Any) -> None:
        self._http.post("/faults", json={"effect": effect, **facts}).raise_for_status()

    def seller(self, number: str, **facts: Any) -> None:
        self._http.put(f"/sellers/{number}", json=facts).raise_for_status()

    def ads(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._http.get("/ads", params={"online": 1}).json()["ads"]
        return found

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="session")
def _market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    database = tmp_path_factory.mktemp("market") / "sandbox.sqlite"
    with running(SandboxSettings(database=database, port=0, smtp_port=0)) as server:
        market = Market(server.url)
        yield market
        market.close()


@pytest.fixture
def market(_market: Market, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Market:
    """A fresh marketplace that the application talks to."""
    _market.reset()
    settings = replace(app.extensions["settings"], platforms=read_environment({}, _market.url))
    monkeypatch.setitem(app.extensions, "settings", settings)
    return _market
