"""The event process itself: over a socket, with a real database and a real Valkey."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import flask
import httpx
import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings
from portal import changes
from portal.extensions import db
from portal.live.hub import Hub
from portal.live.listeners import Place
from portal.live.server import BadRequest, EventServer, parse
from portal.models import Dealer, LoginSession, SupportSession, User
from portal.web import sessions
from tests import asynchronous
from tests.builders import Build
from tests.conftest import open_folder
from tests.programs import free_port, plain_environment
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.xdist_group("events")
"""Where several processes share the tests, one of them starts what all of these ask."""
ROOT = Path(__file__).parents[2]
PORT_OF_NOBODY = 1


@contextmanager
def running(**environment: str) -> Iterator[str]:
    port = str(free_port())
    command = [sys.executable, "-m", "portal.live"]
    folder = open_folder()
    surroundings = plain_environment(EVENTS_PORT=port, PORTAL_DATA_DIR=str(folder), **environment)
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.fixture(scope="module")
def events(settings: Settings, valkey_url: str) -> Iterator[str]:
    with running(DATABASE_URL=settings.database_url, REDIS_URL=valkey_url) as url:
        until(lambda: health(url) == 200)
        yield url


def health(url: str) -> int:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).status_code
    except httpx.HTTPError:
        return 0


@pytest.fixture(autouse=True)
def told(app: Flask, redis: Redis) -> Iterator[None]:
    """The web process of the tests tells the Valkey that the event process listens to."""
    usual, app.extensions["publish"] = app.extensions["publish"], changes.publisher(redis)
    yield
    app.extensions["publish"] = usual


Browser = Callable[[User], dict[str, str]]


@pytest.fixture
def browser(app: Flask) -> Browser:
    """The cookie header of a window in which this user is logged in."""

    def log_in(user: User) -> dict[str, str]:
        client = app.test_client()
        with client.session_transaction() as cookie, app.test_request_context():
            sessions.start(db.session.get_one(User, user.id))
            cookie.update(flask.session)
        found = client.get_cookie("session")
        assert found
        return {"Cookie": f"session={found.value}"}

    return log_in


@contextmanager
def stream(url: str, headers: dict[str, str], age: str = "0") -> Iterator[Iterator[str]]:
    """The lines that say something, from an open stream."""
    asked = {"age": age}
    with httpx.stream("GET", f"{url}/events", params=asked, headers=headers, timeout=PATIENCE) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        lines = answer.iter_lines()
        assert next(lines).startswith("retry:")
        yield (line for line in lines if line and not line.startswith(":"))


def change(app: Flask, act: Callable[[], object]) -> None:
    with app.app_context():
        act()
        db.session.commit()


def test_a_committed_change_arrives(
    app: Flask, build: Build, alices: Dealer, events: str, browser: Browser
) -> None:
    vehicle = build.vehicle(alices)
    with stream(events, browser(build.alice(alices))) as lines:
        change(app, lambda: changes.note(db.session(), changes.ChangeKind.VEHICLE, [vehicle.id]))
        assert f"data: vehicle {vehicle.id}" in lines


def test_a_change_between_the_making_of_a_page_and_its_stream_arrives_too(
    app: Flask, build: Build, alices: Dealer, events: str, browser: Browser
) -> None:
    vehicle = build.vehicle(alices)
    headers = browser(build.alice(alices))
    with stream(events, headers) as lines:
        change(app, lambda: changes.note(db.session(), changes.ChangeKind.VEHICLE, [vehicle.id]))
        assert f"data: vehicle {vehicle.id}" in lines
    with stream(events, headers, age="5000") as lines:
        assert f"data: vehicle {vehicle.id}" in lines


def test_a_logout_ends_the_stream(
    app: Flask, build: Build, alices: Dealer, events: str, browser: Browser
) -> None:
    headers = browser(build.alice(alices))
    with stream(events, headers) as lines:
        app.test_client(use_cookies=False).post("/logout", headers=headers)
        assert list(lines)[-2:] == ["event: ended", "data:"]
    assert httpx.get(f"{events}/events", headers=headers).status_code == 204


def test_a_deactivated_user_hears_no_more(
    app: Flask, build: Build, alices: Dealer, events: str, browser: Browser
) -> None:
    alice = build.alice(alices)
    with stream(events, browser(alice)) as lines:
        change(app, lambda: setattr(db.session.get_one(User, alice.id), "active", False))
        assert list(lines)[-2:] == ["event: ended", "data:"]


def test_who_is_moved_to_another_location_begins_anew_and_hears_of_that_one(
    app: Flask, build: Build, alices: Dealer, events: str, browser: Browser
) -> None:
    bob, kiel, vehicle = build.bob(alices), build.location(alices, "KI"), build.vehicle(alices)
    there = build.activation(alices, location_id=kiel.id)
    headers = browser(bob)
    with stream(events, headers) as lines:
        change(app, lambda: setattr(db.session.get_one(User, bob.id), "location_ids", [kiel.id]))
        assert list(lines)[-2:] == ["event: ended", "data:"]
    with stream(events, headers) as lines:
        change(app, lambda: changes.note(db.session(), changes.ChangeKind.VEHICLE, [vehicle.id]))
        change(app, lambda: changes.note(db.session(), changes.ChangeKind.APP, [there.id]))
        heard = list(takewhile(lambda line: line != f"data: app {there.id}", lines))
    assert f"data: vehicle {vehicle.id}" not in heard


def test_an_agent_hears_during_the_support_session_only(
    app: Flask, build: Build, session: Session, alices: Dealer, events: str, browser: Browser
) -> None:
    sam = build.sam()
    headers = browser(sam)
    assert httpx.get(f"{events}/events", headers=headers).status_code == 204
    login = session.scalars(select(LoginSession).where(LoginSession.user_id == sam.id)).one()
    visit = SupportSession(
        login_session_id=login.id,
        agent_id=sam.id,
        dealer_id=alices.id,
        reason="Ein Fahrzeug fehlt",
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    session.add(visit)
    session.commit()
    with stream(events, headers) as lines:
        change(
            app, lambda: setattr(db.session.get_one(SupportSession, visit.id), "ended_at", datetime.now(UTC))
        )
        assert list(lines)[-2:] == ["event: ended", "data:"]


@pytest.mark.parametrize("cookie", ["", "session=", "session=nobodys", "session=\xff\xfe", "=;;=" * 40])
def test_whoever_is_not_logged_in_need_not_try_again(events: str, cookie: str) -> None:
    headers = {"Cookie": cookie.encode("latin-1")}
    assert httpx.get(f"{events}/events", headers=headers).status_code == 204


def test_a_page_of_another_host_is_refused_and_one_of_another_port_is_let_in(
    build: Build, alices: Dealer, events: str, browser: Browser
) -> None:
    headers = browser(build.alice(alices))
    elsewhere = httpx.get(f"{events}/events", headers=headers | {"Origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403
    page = {"Origin": f"http://127.0.0.1:{PORT_OF_NOBODY}"}
    with httpx.stream("GET", f"{events}/events", headers=headers | page, timeout=PATIENCE) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == page["Origin"]
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"POST /events HTTP/1.1\r\n\r\n", b"405"),
        (b"GET /vehicles HTTP/1.1\r\n\r\n", b"404"),
        (b"GET //[ HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /events HTTP/1.1\r\nOrigin: http://[\r\nHost: [\r\n\r\n", b"204"),
        (b"\x00\xff\r\n\r\n", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"GET /events HTTP/2\r\n\r\n", b"400"),
        (b"GET /events HTTP/1.1\r\nX: " + b"a" * 40_000, b"400"),
    ],
)
def test_odd_requests_are_answered(events: str, said: bytes, status: bytes) -> None:
    address = httpx.URL(events)
    with socket.create_connection((address.host, address.port or 0), timeout=PATIENCE) as connection:
        connection.sendall(said)
        answer = connection.recv(1000)
    assert answer.split(b" ")[1] == status


def test_a_request_line_without_a_path_is_none() -> None:
    with pytest.raises(BadRequest):
        parse(b"GET events HTTP/1.1")


@pytest.mark.parametrize(
    ("query", "age"),
    [("?age=1500", 1.5), ("", 0), ("?age=", 0), ("?age=-1", 0), ("?age=1e9", 0), ("?age=9999999999", 0)],
)
def test_a_page_says_how_old_it_is(query: str, age: float) -> None:
    request = parse(f"GET /events{query} HTTP/1.1".encode())
    assert (request.path, request.age) == ("/events", age)


@pytest.mark.parametrize("path", ["/events", "/healthz"])
def test_without_redis_nobody_is_let_in(path: str) -> None:
    async def nobody(_words: object) -> None:
        return None

    async def nothing(_words: object) -> dict[changes.Word, Place]:
        return {}

    async def ask() -> bytes:
        server = EventServer(Hub(nobody, nothing), nobody)
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
            reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
            writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
            return answer

    assert asynchronous.run(ask()).startswith(b"HTTP/1.1 503 ")
