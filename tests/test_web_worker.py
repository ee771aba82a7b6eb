"""Half-sent requests hold up nobody, also without a proxy: the worker class of production and `make run`."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from portal import garbage
from portal.web_worker import LARGEST_HEAD, LARGEST_WAITING, Arrived, WholeRequestWorker, arrived
from tests.programs import free_port, plain_environment
from tests.waiting import until

ROOT = Path(__file__).parents[1]
CLASS = f"{WholeRequestWorker.__module__}.{WholeRequestWorker.__name__}"
SOON = 5.0
"""Seconds: far less than a half-sent request may take to arrive."""
HALF_SENT = 18
APP = """
import gc

def app(environ, start_response):
    if environ["PATH_INFO"] == "/garbage":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % gc.get_threshold()[0]]
    if environ["PATH_INFO"] != "/unread":
        body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % len(body) if environ["PATH_INFO"] != "/unread" else b"refused"]
"""
TWO = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HALVES = {
    "nothing": b"",
    "head": b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf",
    "body in chunks": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "large body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nhalf",
    "second request": TWO + b"GET / HTTP/1.1\r\nHos",
    "body that is refused": b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nhalf",
    "answered, not hung up": b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One process with two threads: where 18 of those that cost something are, nobody else is served."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    (folder / "tiny.py").write_text(APP)
    options = (f"--bind=127.0.0.1:{port}", "--workers=1", "--threads=2", "--graceful-timeout=1")
    command = (sys.executable, "-m", "gunicorn", "tiny:app", f"--worker-class={CLASS}", "--no-control-socket")
    environment = plain_environment() | {"PYTHONPATH": f"{ROOT}:{folder}"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen((*command, *options), cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            until(lambda: _listens(port), seconds=60)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def ask(port: int, **more: object) -> httpx.Response:
    return httpx.request(
        str(more.pop("method", "GET")), f"http://127.0.0.1:{port}/", timeout=SOON, trust_env=False, **more
    )


def read_until(client: socket.socket, wanted: bytes, times: int = 1) -> bool:
    """False where the connection ends before."""
    read = b""
    while read.count(wanted) < times:
        if not (piece := client.recv(4096)):
            return False
        read += piece
    return True


@pytest.mark.parametrize("half", HALVES)
def test_others_are_served_while_requests_are_half_sent(half: str, port: int) -> None:
    with ExitStack() as stack:
        for _number in range(HALF_SENT):
            client = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port))))
            client.sendall(HALVES[half])
        for _number in range(3):
            assert ask(port).text == "0"


@pytest.mark.parametrize("size", [0, 5_000, LARGEST_WAITING - 1, LARGEST_WAITING, 3 * LARGEST_WAITING])
def test_a_body_of_any_size_arrives_whole(size: int, port: int) -> None:
    assert ask(port, method="POST", content=b"x" * size).text == str(size)
    pieces = (b"x" * 50_000 for _piece in range(size // 50_000))
    assert ask(port, method="POST", content=pieces).text == str(size // 50_000 * 50_000)


def test_it_looks_for_garbage_rarely(port: int) -> None:
    address = f"http://127.0.0.1:{port}/garbage"
    assert httpx.get(address, timeout=SOON, trust_env=False).text == str(garbage.YOUNG)


def test_several_requests_go_over_one_connection(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SOON, trust_env=False) as client:
        assert [client.post("/", content=b"x" * size).text for size in (1, 2, 3)] == ["1", "2", "3"]


def test_requests_that_come_behind_each_other_are_all_answered(port: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=SOON)) as client:
        client.sendall(TWO * 3)
        assert read_until(client, b"200 OK", 3)


def test_who_waits_to_be_told_so_sends_the_body_then(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", port), timeout=SOON)) as client:
        client.sendall(head)
        assert client.recv(4096).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"body")
        assert read_until(client, b"\r\n4\r\n")


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"", Arrived.HALF),
        (b"GET / HTTP/1.1\r\n", Arrived.HALF),
        (TWO, Arrived.WHOLE),
        (b"x" * (LARGEST_HEAD + 1), Arrived.LARGE),
        (b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nx", Arrived.HALF),
        (b"POST / HTTP/1.1\r\nContent-Length:2\r\n\r\nxx", Arrived.WHOLE),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", Arrived.LARGE),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", Arrived.HALF),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", Arrived.WHOLE),
    ],
)
def test_what_is_waited_for_is_what_the_head_announces(data: bytes, state: Arrived) -> None:
    assert arrived(data) == state


def test_production_and_make_run_serve_by_it() -> None:
    assert f'worker_class = "{CLASS}"' in (ROOT / "deploy" / "gunicorn.conf.py").read_text()
    assert f"--worker-class={CLASS}" in (ROOT / "portal" / "launching" / "programs.py").read_text()
