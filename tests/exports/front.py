"""A front before the sandbox, which keeps its books. Stricter with what it is asked, and odd in how it says
the same, it speaks for other servers of the three interfaces."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread
from typing import Any

import httpx

MOBILE_DE, JSON = "application/vnd.de.mobile.api+json", "application/json"
PICTURES = ("image/jpeg", "image/png")
OPEN = re.compile(r"^/refdata/|/oauth/token$")
LISTING = re.compile(r"/(?:ads|listings)/([0-9a-f-]+)(?=[/?]|$)")
PAGES = re.compile(r"(/autoscout24-ch/.*/listings)\?page=(\d+)&size=2000$")
PAGE = 7
"""Entries of a page, however many are asked for."""
PASSED_ON = ("authorization", "content-type", "accept", "x-mobile-insertion-request-id")


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass
class Front:
    """`faults`: what is wrong with requests by the letter of the documents."""

    http: httpx.Client
    url: str = ""
    faults: list[str] = field(default_factory=list)
    _written: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _turns: Iterator[int] = field(default_factory=count)

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        found = LISTING.search(asked.path)
        key = found[1] if found and asked.method != "GET" else ""
        with self._lock:
            wrong = fault_of(asked) or ("two at once" if key in self._written else "")
            if wrong:
                self.faults.append(f"{asked.method} {asked.target}: {wrong}")
            self._written |= {key} - {""}
        try:
            return self._said_otherwise(asked, self._forwarded(asked))
        finally:
            with self._lock:
                self._written.discard(key)

    def _forwarded(self, asked: Asked) -> httpx.Response:
        pages = PAGES.search(asked.target)
        target = f"{pages[1]}?page=0&size=2000" if pages else asked.target
        headers = {name: asked.headers[name] for name in PASSED_ON if name in asked.headers}
        return self.http.request(asked.method, target, headers=headers, content=asked.body)

    def _said_otherwise(self, asked: Asked, reply: httpx.Response) -> tuple[int, dict[str, str], bytes]:
        """Members that nobody knows, lists in another order, small pages, successes by other numbers, an ad
        without its address."""
        turn, status, body = next(self._turns), reply.status_code, reply.content
        headers = {"LOCATION": reply.headers["location"]} if "location" in reply.headers else {}
        if asked.method == "POST" and asked.path.endswith("/ads") and status == 201 and turn % 3 == 0:
            return 201, {}, b""
        if status in (201, 204) and turn % 2:
            status = 200
        shown = json.loads(body) if body and status < 300 and body.startswith(b"{") else None
        if shown is not None:
            body = json.dumps(_with_more(self._reordered(asked, shown, turn))).encode()
        elif status == 200 and "/autoscout24" in asked.path and turn % 3 == 0:
            body = b"{}"
        return status, headers, body

    def _reordered(self, asked: Asked, shown: dict[str, Any], turn: int) -> dict[str, Any]:
        name = next((one for one in ("ads", "listings", "content") if isinstance(shown.get(one), list)), "")
        if not name:
            return shown
        start = turn % 2
        entries = shown[name][start:] + shown[name][:start]
        if not (pages := PAGES.search(asked.target)):
            return shown | {name: entries}
        first = int(pages[2]) * PAGE
        last = first + PAGE >= len(entries)
        return {"content": entries[first : first + PAGE], "totalElements": len(entries), "last": last}


def fault_of(asked: Asked) -> str:
    """Empty: none."""
    headers, media = asked.headers, asked.headers.get("content-type", "")
    found = {
        "a slash at the end": asked.path.endswith("/"),
        "in chunks": "transfer-encoding" in headers,
        "no credentials": not OPEN.search(asked.path)
        and not re.match(r"(Basic|Bearer) \S+$", headers.get("authorization", "")),
        "takes nothing packed": "gzip" not in headers.get("accept-encoding", ""),
        "a media type without a body": bool(media) and not asked.body,
        "a body": bool(asked.body) and asked.method in ("GET", "DELETE"),
        "no length": asked.method in ("POST", "PUT") and "content-length" not in headers,
        f"media type {media}": bool(asked.body) and not _is_media_type(asked, media),
        "takes another media type": media == MOBILE_DE and headers.get("accept") != MOBILE_DE,
        "no insertion id": asked.method == "POST"
        and asked.path.endswith("/ads")
        and not headers.get("x-mobile-insertion-request-id"),
        "a member that says nothing": media in (JSON, MOBILE_DE) and _says_nothing(json.loads(asked.body)),
    }
    return ", ".join(fault for fault, is_so in found.items() if is_so)


def _is_media_type(asked: Asked, media: str) -> bool:
    if asked.path.endswith("/images/upload"):
        return media.startswith("multipart/form-data; boundary=")
    if asked.path.endswith("/images") and asked.method == "POST":
        return media in PICTURES
    if asked.path.endswith("/oauth/token"):
        return media == "application/x-www-form-urlencoded"
    return media == (MOBILE_DE if asked.path.startswith("/seller-api") else JSON)


def _says_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return not value or any(map(_says_nothing, value.values()))
    return any(map(_says_nothing, value)) if isinstance(value, list) else value in (None, "")


def _with_more(value: Any) -> Any:
    """With members of a later version of the interface."""
    if isinstance(value, dict):
        return {name: _with_more(one) for name, one in value.items()} | {
            "since": None,
            "links": {"self": None},
        }
    return [_with_more(one) for one in value] if isinstance(value, list) else value


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: Front

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, told, said = self.front.answer(Asked(self.command, self.path, headers, body))
        packed = gzip.compress(said) if said else b""
        self.send_response(status)
        for name, value in {**told, "CONTENT-ENCODING": "gzip", "content-LENGTH": str(len(packed))}.items():
            if said or name != "CONTENT-ENCODING":
                self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(packed), 1000):
            self.wfile.write(packed[start : start + 1000])
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    """With the usual five a busy system turns some away of those that knock at once, a second later."""


@contextmanager
def running_front(upstream: str) -> Iterator[Front]:
    with httpx.Client(base_url=upstream, timeout=30, trust_env=False) as http:
        front = Front(http)
        server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"front": front}))
        front.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield front
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
