"""docs/adding-a-platform.md, followed word by word: a folder, one line, and the app can be activated."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import platforms
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import run_activation
from portal.models import Activation, Dealer, Transfer, User, Vehicle
from portal.models.exports import ActivationState, TransferState
from portal.outbox import note_changes
from portal.platforms import APPS, read_environment, source_of
from portal.platforms.contract import ExportApp
from portal.vehicle_facts.data import Prices
from tests.builders import Build
from tests.conftest import Work
from tests.platforms import test_contract as contract
from tests.words import german

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-platform.md"
FILE = re.compile(r"^`(portal/platforms/[\w/]+\.py)`:\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^The line in `FOLDERS`.*?```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER, TOKEN = "77001", "token-of-the-operator"
PAGE = "/appstore/example-market/activate"


class Adverts(BaseHTTPRequestHandler):
    """The other side of the wire: adverts by dealer and key."""

    server: Server
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, body: Any = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _admitted(self) -> bool:
        admitted = self.headers["Authorization"] == f"Bearer {TOKEN}"
        if not admitted:
            self._answer(401)
        return admitted

    def do_GET(self) -> None:
        if not self._admitted():
            return
        if self.path == f"/dealers/{NUMBER}":
            self._answer(200, {"name": "Autohaus Alice"})
        elif self.path == f"/dealers/{NUMBER}/adverts":
            self._answer(200, self.server.adverts)
        else:
            self._answer(404)

    def do_PUT(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._admitted():
            self.server.writes.append(("PUT", content["number"]))
            self.server.adverts[self.path.rpartition("/")[2]] = content
            self._answer(200)

    def do_DELETE(self) -> None:
        if self._admitted():
            gone = self.server.adverts.pop(self.path.rpartition("/")[2], None)
            self._answer(204 if gone else 404)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Adverts)
        self.adverts: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def numbers(self) -> list[str]:
        return sorted(advert["number"] for advert in self.adverts.values())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def registry_with(line: str) -> dict[str, ExportApp]:
    """The registry's own source with the line of the guide among its folders."""
    source = Path(str(platforms.__file__)).read_text("utf-8")
    start = source.index("FOLDERS = (\n") + len("FOLDERS = (\n")
    kind = source[start:].splitlines()[0]
    assert re.fullmatch(r'    "\w+",', kind)
    assert re.fullmatch(r'    "\w+",\n', line)
    changed: dict[str, Any] = {"__name__": "portal.platforms"}
    exec(compile(source[:start] + line + source[start:], "registry", "exec"), changed)  # noqa: S102
    apps: dict[str, ExportApp] = changed["APPS"]
    return apps


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExportApp]:
    """The app of the guide, in the registry of this process."""
    guide = GUIDE.read_text("utf-8")
    files = FILE.findall(guide)
    assert len(files) >= 4
    for name, content in files:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    folder = str(tmp_path / "portal" / "platforms")
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, folder])
    known = set(sys.modules)
    (line,) = LINE.findall(guide)
    (app,) = [app for slug, app in registry_with(line).items() if slug not in APPS]
    monkeypatch.setitem(APPS, app.slug, app)
    yield app
    for module in set(sys.modules) - known:
        if module.startswith("portal.platforms."):
            del sys.modules[module]


def environment(server: Server) -> dict[str, str]:
    return {"EXAMPLE_MARKET_API_URL": server.url, "EXAMPLE_MARKET_TOKEN": TOKEN}


@pytest.fixture
def runtime(added: ExportApp, server: Server, at_work: Work) -> Runtime:
    return at_work(platforms=read_environment(environment(server), "http://127.0.0.1:1"))


@pytest.fixture
def dealer(build: Build, added: ExportApp) -> Dealer:
    dealer = build.dealer()
    build.bind(dealer, NUMBER, added.slug)
    return dealer


@pytest.fixture
def alice(
    build: Build,
    dealer: Dealer,
    runtime: Runtime,
    app: Flask,
    login: Callable[[User], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> FlaskClient:
    settings = replace(app.extensions["settings"], platforms=runtime.settings.platforms)
    monkeypatch.setitem(app.extensions, "settings", settings)
    return login(build.alice(dealer))


def activate(alice: FlaskClient, session: Session) -> Activation:
    form = {"customer_number": NUMBER, "do": "activate", "number_format": "offer", "kinds-used": "1"}
    answer = alice.post(PAGE, data=form)
    assert answer.status_code == 303, answer.text
    session.rollback()
    return session.scalars(select(Activation)).one()


def advert_of(vehicle: Vehicle) -> dict[str, Any]:
    """What the mapping of the guide makes of it."""
    facts = vehicle.facts()
    return {
        "number": facts.offer_number,
        "make": facts.make,
        "model": facts.model,
        "registered": facts.first_registration,
        "mileage": facts.mileage,
        "price": f"{facts.prices.selling:.2f}",
    }


def change(runtime: Runtime, vehicle: Vehicle, **facts: Any) -> None:
    with runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, vehicle.id)
        row.set_facts(row.facts().model_copy(update=facts))
        note_changes(session, [vehicle.id])


def test_the_guide_makes_an_app_that_keeps_the_contract(added: ExportApp, server: Server) -> None:
    contract.test_manifest_is_complete(added)
    contract.test_settings_are_declared_whole(added)
    contract.test_an_api_declares_what_it_needs_from_the_environment(added)


def test_its_variables_are_read_and_its_cache_has_its_own_address(runtime: Runtime, server: Server) -> None:
    values = runtime.settings.platforms["example-market"]
    assert values == {"api_url": server.url, "token": TOKEN}
    assert source_of("example-market", runtime.settings) == f"example-market {server.url}"
    assert TOKEN not in repr(runtime.platform("example-market"))


def test_it_stands_in_the_store_and_its_form_asks_for_its_settings(
    alice: FlaskClient, added: ExportApp
) -> None:
    assert added.name in alice.get("/appstore").text
    page = alice.get(PAGE).text
    assert all(german(field.label) in page for field in added.fields)


def test_it_is_activated_reconciled_and_keeps_up_with_the_stock(
    alice: FlaskClient, build: Build, dealer: Dealer, runtime: Runtime, server: Server, session: Session
) -> None:
    listed = build.vehicle(dealer, offer_number="A1", make="VW", model="Golf")
    server.adverts["old-key"] = {**advert_of(listed), "price": "1.00"}
    activation = activate(alice, session)
    assert activation.state == ActivationState.RECONCILING

    run_activation(runtime, activation.id)
    assert server.adverts == {"old-key": advert_of(listed)}, "adopted, and brought up to date"

    new = build.vehicle(dealer, offer_number="A2")
    build.release(new, activation)
    change(runtime, listed, prices=Prices(selling="17777"))
    change(runtime, new)
    run_activation(runtime, activation.id)
    assert server.numbers() == ["A1", "A2"]
    assert server.adverts["old-key"]["price"] == "17777.00"

    change(runtime, new, sold=True)
    run_activation(runtime, activation.id)
    assert server.numbers() == ["A1"]

    session.expire_all()
    transfers = list(session.scalars(select(Transfer).order_by(Transfer.id)))
    assert {row.state for row in transfers} == {TransferState.OK}
    assert [row.action for row in transfers] == ["update", "update", "create", "delete"]
    shown = alice.get(f"/apps/{activation.id}", query_string={"result": "all"}).text
    assert all(str(row.id) in shown for row in transfers)
