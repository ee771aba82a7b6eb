"""Two thousand open pages: what they cost whoever opens another, and how soon a change is in all of a
dealer's windows. With real programs: web, event process, PostgreSQL, Valkey."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import flask
import httpx
import psutil
from flask import Flask

from bench.report import Row, at_most
from bench.surroundings import free_port
from config import Settings
from portal import changes, create_app
from portal.embedded import start_postgres, start_valkey
from portal.extensions import db
from portal.launching.programs import WEB_PROCESSES, WEB_THREADS
from portal.models import Dealer, Location, User, Vehicle
from portal.models.accounts import RIGHTS
from portal.vehicle_facts.data import VehicleData
from portal.web import sessions

DEALERS = 250
WINDOWS = 8
"""Open pages of each."""
CHANGES = 5.0
"""A second, each of them another dealer's."""
REQUESTS = 150
ROUNDS = 3
PATIENCE = 60.0


@dataclass(frozen=True)
class Window:
    """Somebody's browser: its cookie, and a vehicle of its dealer."""

    cookie: str
    vehicle_id: UUID


@dataclass
class Streams:
    """Open pages, in a thread of their own. `heard` has the moments at which a vehicle was named."""

    url: str
    heard: dict[UUID, list[float]] = field(default_factory=dict)
    open: int = 0

    @contextmanager
    def of(self, windows: Sequence[Window]) -> Iterator[None]:
        cookies = [window.cookie for window in windows for _ in range(WINDOWS)]
        loop = asyncio.new_event_loop()
        listening = loop.create_task(self._listen_all(cookies))
        thread = threading.Thread(target=loop.run_until_complete, args=(listening,), daemon=True)
        thread.start()
        try:
            _wait(lambda: self.open == len(cookies), "not all streams were opened")
            yield
        finally:
            loop.call_soon_threadsafe(listening.cancel)
            thread.join()
            loop.close()

    async def _listen_all(self, cookies: Sequence[str]) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(self._listen(cookie) for cookie in cookies))

    async def _listen(self, cookie: str) -> None:
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(f"GET /events HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
        try:
            if b" 200 " not in await reader.readline():
                raise RuntimeError("a stream was refused")
            self.open += 1
            while line := await reader.readline():
                kind, _, found = line.decode().removeprefix("data: ").strip().partition(" ")
                if kind == changes.ChangeKind.VEHICLE:
                    self.heard.setdefault(UUID(found), []).append(time.monotonic())
        finally:
            writer.close()


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as programs:
        folder = Path(name)
        folder.chmod(0o755)
        database_url = start_postgres(folder / "postgres", database="bench")
        valkey, redis_url = start_valkey(folder)
        programs.callback(valkey.stop)
        settings = Settings(database_url=database_url, redis_url=redis_url, data_dir=folder)
        app = create_app(settings)
        windows = _move_in(app)
        web = programs.enter_context(_program(settings, "/login", _web))
        events = programs.enter_context(_program(settings, "/healthz", _events))
        return _rows(app, windows, web, events)


def _rows(app: Flask, windows: Sequence[Window], web: Program, events: Program) -> list[Row]:
    """In turns, so that what else the machine does meets both alike; the best of each counts."""
    reader, listeners = windows[0], windows[1:]
    before = events.memory()
    _opened(web, reader)
    alone, beside, delays, memory = [], [], [], before
    for _ in range(ROUNDS):
        with _changing(app, listeners):
            alone.append(_opened(web, reader))
        streams = Streams(events.url)
        with streams.of(listeners), _changing(app, listeners) as made:
            beside.append(_opened(web, reader))
            delays.append(_slowest(made, streams))
            memory = max(memory, events.memory())
    count = len(listeners) * WINDOWS
    return [
        at_most(
            f"opening a page while {count:,} stand open and {CHANGES:g} changes a second are told, p95",
            f"{min(beside):.0f} ms",
            f"{min(alone):.0f} ms with none open",
            min(beside) / min(alone),
            1.3,
        ),
        at_most(
            "a change in all of its dealer's windows, p95", f"{min(delays):.2f} s", "2 s", min(delays) / 2, 1
        ),
        Row(
            f"memory of the event process with {count:,} pages",
            f"{memory:.0f} MB",
            f"{before:.0f} MB with none",
            memory / before,
            "–",
            True,
        ),
    ]


def _move_in(app: Flask) -> list[Window]:
    """Dealers with a user and a vehicle each, all of them logged in."""
    with app.app_context():
        db.create_all()
        users = []
        for number in range(DEALERS + 1):
            dealer = Dealer(key=f"bench-{number}", name=f"Autohaus {number}")
            dealer.locations = [Location(code="B", name="B")]
            db.session.add(dealer)
            db.session.flush()
            user = User(login=f"bench-{number}", name="Alice", rights=list(RIGHTS))
            user.dealer_id, user.password_hash = dealer.id, "none opens it"
            vehicle = Vehicle(dealer_id=dealer.id, location_id=dealer.locations[0].id, online=True)
            vehicle.set_facts(VehicleData(offer_number=f"B{number}", make="VW", model="Golf"))
            db.session.add_all((user, vehicle))
            db.session.flush()
            users.append((user.id, vehicle.id))
        db.session.commit()
    return [Window(_log_in(app, user_id), vehicle_id) for user_id, vehicle_id in users]


def _log_in(app: Flask, user_id: UUID) -> str:
    client = app.test_client()
    with client.session_transaction() as cookie, app.test_request_context():
        sessions.start(db.session.get_one(User, user_id))
        cookie.update(flask.session)
    found = client.get_cookie("session")
    assert found
    return f"session={found.value}"


def _opened(web: Program, window: Window) -> float:
    """Milliseconds that the page took which all but one in twenty were faster than."""
    times = []
    with httpx.Client(base_url=web.url, headers={"Cookie": window.cookie}, timeout=PATIENCE) as client:
        for _ in range(REQUESTS):
            started = time.perf_counter()
            client.get("/vehicles").raise_for_status()
            times.append(1000 * (time.perf_counter() - started))
    return sorted(times)[REQUESTS * 95 // 100]


@contextmanager
def _changing(app: Flask, windows: Sequence[Window]) -> Iterator[dict[UUID, float]]:
    """Commits of the dealers, one after the other; the moments of those commits."""
    made: dict[UUID, float] = {}
    over = threading.Event()

    def change() -> None:
        for window in windows:
            if over.wait(1 / CHANGES):
                return
            with app.app_context():
                changes.note(db.session(), changes.ChangeKind.VEHICLE, [window.vehicle_id])
                db.session.get_one(Vehicle, window.vehicle_id).online = True
                db.session.commit()
            made[window.vehicle_id] = time.monotonic()

    thread = threading.Thread(target=change, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        thread.join()


def _slowest(made: dict[UUID, float], streams: Streams) -> float:
    """Seconds to the last window of the dealer, p95 over the changes."""
    known = dict(made)
    _wait(
        lambda: all(len(streams.heard.get(key, ())) == WINDOWS for key in known),
        "a window was not told",
    )
    delays = sorted(max(streams.heard[key]) - moment for key, moment in known.items())
    return delays[len(delays) * 95 // 100]


@dataclass(frozen=True)
class Program:
    url: str
    process: psutil.Process

    def memory(self) -> float:
        """Megabytes."""
        return self.process.memory_info().rss / 1e6


def _web(port: int) -> tuple[tuple[str, ...], dict[str, str]]:
    """As `make run` starts it."""
    workers = (f"--workers={WEB_PROCESSES}", f"--threads={WEB_THREADS}", "--worker-class=gthread")
    options = ("--log-level=warning", "--keep-alive=60", "--no-control-socket")
    return ("gunicorn", "portal:create_app()", f"--bind=127.0.0.1:{port}", *workers, *options), {}


def _events(port: int) -> tuple[tuple[str, ...], dict[str, str]]:
    return ("portal.live",), {"EVENTS_PORT": str(port)}


@contextmanager
def _program(
    settings: Settings, health: str, command: Callable[[int], tuple[tuple[str, ...], dict[str, str]]]
) -> Iterator[Program]:
    port = free_port()
    module, more = command(port)
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": str(settings.data_dir),
        **more,
    }
    process = subprocess.Popen((sys.executable, "-m", *module), env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _answers(url + health), f"{module[0]} did not start")
        yield Program(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _wait(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.05)


if __name__ == "__main__":
    for row in run():
        print(row)
