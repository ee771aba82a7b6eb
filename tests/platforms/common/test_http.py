"""HTTP with a platform, against a server that says whatever a test wants, byte by byte."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from portal.platforms.common import http
from portal.platforms.common.http import Http, NotReached, Reply, TimeLimits, basic_auth
from tests.words import german

Conversation = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class RawServer:
    """Each connection is a thread; each request is answered by `says`."""

    def __init__(self) -> None:
        self.says: Conversation = lambda line, _: line.sendall(OK)
        self.requests: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._lines: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._lines.append(line)
            self._threads.append(threading.Thread(target=self._serve, args=(line,)))
            self._threads[-1].start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            try:
                while given := line.recv(65_536):
                    self.requests.append(given)
                    self.says(line, given)
            except OSError:
                return

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for line in self._lines:
            line.close()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture
def server() -> Iterator[RawServer]:
    server = RawServer()
    yield server
    server.close()


def client(server: RawServer, answer: float = 2.0, auth: http.Authorization | None = None) -> Http:
    return Http(server.url, auth, TimeLimits(answer))


def got(server: RawServer, answer: float = 2.0) -> Reply:
    with client(server, answer) as asking:
        return asking.get("/ads")


def words(reply: Reply) -> str:
    return german(reply.exchange.error)


def says(*pieces: bytes, pause: float = 0.0, close: bool = False) -> Conversation:
    def speak(line: socket.socket, _: bytes) -> None:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(pause)
        if close:
            line.shutdown(socket.SHUT_RDWR)

    return speak


def test_credentials_go_along_but_not_to_what_is_public(server: RawServer) -> None:
    with client(server, auth=basic_auth("anna", "geheim:ü")) as asking:
        assert asking.get("/ads").ok
        assert asking.get("/refdata", public=True).ok
    first, second = server.requests
    assert b"Authorization: Basic YW5uYTpnZWhlaW06w7w=" in first
    assert b"uthorization" not in second
    assert b"Accept-Encoding: gzip\r\n" in first
    assert b"User-Agent: vehicle-export-portal" in first


def test_a_redirect_is_an_answer_and_not_followed(server: RawServer) -> None:
    server.says = says(b"HTTP/1.1 303 See Other\r\nLocation: http://192.0.2.1/x\r\nContent-Length: 0\r\n\r\n")
    reply = got(server)
    assert (reply.status, reply.headers.get("location")) == (303, "http://192.0.2.1/x")
    assert len(server.requests) == 1


def test_a_packed_answer_is_unpacked_and_a_broken_one_unreadable(server: RawServer) -> None:
    packed = gzip.compress(b'{"ads": []}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    server.says = says(head, packed)
    assert got(server).json() == {"ads": []}
    server.says = says(head, b"x" * len(packed))
    reply = got(server)
    assert (reply.status, words(reply)) == (None, "Unlesbare Antwort")


def test_chunks_are_put_together(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.says = says(head, b'3\r\n{"a\r\n', b'4\r\n":1}\r\n0\r\n\r\n', pause=0.02)
    assert got(server).json() == {"a": 1}


def test_what_trickles_ends_at_the_deadline(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_ANSWER", 0.3)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    server.says = says(head, *[b"x"] * 40, pause=0.05)
    started = time.monotonic()
    assert words(got(server)) == "Zeitüberschreitung"
    assert time.monotonic() - started < 1.5


def test_what_is_too_large_is_not_read_to_its_end(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_ANSWER", 1000)
    bomb = gzip.compress(b"0" * 1_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    server.says = says(head, bomb)
    assert words(got(server)) == "Unlesbare Antwort"


@pytest.mark.parametrize(
    ("spoken", "text"),
    [
        (says(close=True), "Verbindung abgebrochen"),
        (says(b"SSH-2.0-OpenSSH\r\n", close=True), "Verbindung abgebrochen"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", close=True), "Verbindung abgebrochen"),
        (lambda _line, _given: None, "Zeitüberschreitung"),
    ],
    ids=["closed", "garbage", "half an answer", "silence"],
)
def test_without_a_whole_answer_the_platform_may_have_seen_it(
    server: RawServer, spoken: Conversation, text: str
) -> None:
    server.says = spoken
    reply = got(server, 0.3)
    assert (reply.status, reply.connected, words(reply)) == (None, True, text)


def test_where_nobody_listens_nothing_was_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with Http(f"http://127.0.0.1:{port}", None, TimeLimits(1)) as asking:
        reply = asking.get("/ads")
    assert (reply.connected, words(reply)) == (False, "Keine Verbindung zur Plattform")


def test_a_connection_is_kept_and_not_after_it_was_idle(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client(server) as asking:
        for _ in range(3):
            assert asking.send("POST", "/ads", b"{}").ok
        assert server.connections == 1
        monkeypatch.setattr(http, "KEPT_IDLE", 0.0)
        assert asking.get("/ads").ok
        assert server.connections == 2


def test_one_that_the_platform_has_closed_meanwhile_is_opened_anew(server: RawServer) -> None:
    server.says = says(OK, close=True)
    with client(server) as asking:
        for _ in range(3):
            assert asking.get("/ads").ok
            time.sleep(0.05)


def test_a_large_body_gets_the_time_of_an_answer(server: RawServer) -> None:
    body = b"x" * 20_000_000

    def slow(line: socket.socket, given: bytes) -> None:
        received = len(given.partition(b"\r\n\r\n")[2])
        time.sleep(0.6)
        while received < len(body):
            received += len(line.recv(1 << 20))
        line.sendall(OK)

    server.says = slow
    with Http(server.url, None, TimeLimits(5, connect=0.3)) as asking:
        assert asking.send("POST", "/images", body, http.JPEG).ok


def test_after_a_401_another_authorization_is_tried_once(server: RawServer) -> None:
    def refuse(line: socket.socket, given: bytes) -> None:
        old = b"Bearer old" in given
        line.sendall(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n" if old else OK)

    server.says = refuse
    with client(server, auth=lambda refused: "Bearer new" if refused else "Bearer old") as asking:
        assert asking.get("/ads").ok
    assert len(server.requests) == 2
    with client(server, auth=lambda _: "Bearer old") as asking:
        assert asking.get("/ads").status == 401
    assert len(server.requests) == 3, "the same one is not sent again"


def test_where_no_token_can_be_had_nothing_is_sent(server: RawServer) -> None:
    def unavailable(_: str) -> str:
        raise NotReached("no token")

    with client(server, auth=unavailable) as asking:
        reply = asking.get("/ads")
    assert (reply.connected, server.requests) == (False, [])


def test_a_base_address_may_have_a_path(server: RawServer) -> None:
    with Http(f"{server.url}/v1/", None, TimeLimits(1)) as asking:
        assert asking.get("/ads?limit=5").ok
    assert server.requests[0].startswith(b"GET /v1/ads?limit=5 HTTP/1.1\r\n")


def test_surroundings_name_no_proxy(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert got(server).ok
