"""A small real HTTP server that answers as it is told, oddly if need be."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Says:
    """An answer. `then` closes the connection without one ("reset") or in the middle ("half")."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    then: str = ""

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Peer:
    """Answers are queued per method and path; the last one stays. What is not told is a 404."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self._answers: dict[tuple[str, str], list[Says]] = defaultdict(list)
        self._lock = threading.Lock()

    def tell(self, method: str, path: str, *answers: Says) -> None:
        with self._lock:
            self._answers[method, path] = list(answers)

    def refdata(self, path: str, *pairs: tuple[str, str]) -> None:
        values = [{"name": key, "description": label} for key, label in pairs]
        self.tell("GET", f"/refdata/{path}", Says(body={"values": values}))

    def answer(self, asked: Asked) -> Says:
        with self._lock:
            self.asked.append(asked)
            queue = self._answers.get((asked.method, asked.path), [])
            if not queue:
                return Says(404)
            return queue.pop(0) if len(queue) > 1 else queue[0]

    def requests(self, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if (asked.method, asked.path) == (method, path)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    peer: Peer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
        says = self.peer.answer(asked)
        time.sleep(says.after)
        if says.then == "reset":
            self._reset()
            return
        body = says.encoded()
        self.send_response(says.status)
        for name, value in says.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if says.then == "half":
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self._reset()
            return
        self.wfile.write(body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            """The client or a told reset has closed the connection."""

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            """As above."""

    do_GET = do_POST = do_PUT = do_DELETE = _serve


@contextmanager
def running_peer() -> Iterator[Peer]:
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    peer = Peer(f"http://127.0.0.1:{server.server_port}")
    handler.peer = peer  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
