"""The main path in a real browser: find the app, check the number, activate, watch the vehicles arrive."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from portal.exports.core.runtime import make_runtime
from portal.exports.jobs import run_activation
from portal.outbox import Line
from portal.platforms import read_environment
from portal.sandbox.server import running
from portal.sandbox.settings import SandboxSettings
from tests.blueprints.conftest import LINKED, NOT_LINKED
from tests.builders import PASSWORD, Build

pytestmark = pytest.mark.browser
LATENCY = 300
"""Milliseconds of the marketplace, so that there is something to watch."""


@pytest.fixture
def address(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The portal with a worker behind it and a marketplace that takes its time."""
    wanted = SandboxSettings(tmp_path / "sandbox.sqlite", port=0, smtp_port=0, latency_ms=LATENCY)
    with running(wanted) as market:
        settings = dataclasses.replace(app.extensions["settings"], platforms=read_environment({}, market.url))
        engine, workers = make_runtime(settings, lambda *_: None), []

        def ring(activation_ids: Iterable[UUID], _line: Line = Line.PEOPLE) -> None:
            for activation_id in activation_ids:
                workers.append(Thread(target=run_activation, args=(engine, activation_id)))
                workers[-1].start()

        monkeypatch.setitem(app.extensions, "settings", settings)
        monkeypatch.setitem(app.extensions, "ring", ring)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        for worker in workers:
            worker.join()
        server.shutdown()
        thread.join()
        server.server_close()
        engine.engine.dispose()


@pytest.fixture
def page(chromium: Browser, address: str, build: Build) -> Iterator[Page]:
    """Alice's browser after the login, with 60 vehicles in stock; complaints of the console fail the test."""
    dealer = build.dealer()
    build.alice(dealer)
    for _ in range(60):
        build.vehicle(dealer)
    page, complaints = chromium.new_page(base_url=address), []
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    page.goto("/login")
    page.fill("#login", "alice")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    yield page
    page.close()
    assert not complaints


def test_from_the_search_to_the_listings(page: Page) -> None:
    page.goto("/appstore")
    page.locator("#q").press_sequentially("zeppelin")
    expect(page.locator("#apps")).to_contain_text("Keine App gefunden")
    page.fill("#q", "mobile")
    page.click("#apps a:has-text('mobile.de')")
    page.click("main a.btn:has-text('Aktivieren')")
    _check_the_number(page)
    expect(page.locator("#preview")).to_contain_text(re.compile(r"60\s+neu"))
    page.dblclick("button:has-text('Speichern und aktivieren')")
    expect(page.locator("#progress progress")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text(re.compile(r"60\s+von 60 online"))
    expect(page.locator("#progress progress")).to_have_count(0)
    assert "hx-trigger" not in (page.locator("#progress").evaluate("it => it.outerHTML"))


def _check_the_number(page: Page) -> None:
    """The result appears while typing and nothing below it moves."""
    below = page.locator("#step-transfer")
    before = below.bounding_box()
    page.locator("#customer_number").press_sequentially(NOT_LINKED)
    expect(page.locator("#customer-check")).to_contain_text("Datendienstleister nicht hinterlegt")
    assert below.bounding_box() == before
    page.fill("#customer_number", LINKED)
    expect(page.locator("#customer-check")).to_contain_text("Autohaus Muster GmbH")
    assert below.bounding_box() == before
    expect(page.locator("#customer_number")).to_be_focused()
    page.locator("#customer_number").blur()
