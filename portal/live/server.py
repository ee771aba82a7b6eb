"""GET /events, spoken by hand: a few lines of HTTP are all that an event stream needs of it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from portal.live.hub import Hub, Identify, Stream

log = logging.getLogger(__name__)
PATH = "/events"
HEALTH = "/healthz"
LONGEST_HEAD = 16 * 1024
"""Bytes of a request line and its headers."""
PATIENCE = 10.0
"""Seconds for a request to arrive whole."""
COME_AGAIN = b"retry: 3000\n\n"
"""Milliseconds after which a browser whose stream broke off tries again."""
REASONS = {
    200: "OK",
    204: "No Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    """Names in small letters."""
    query: str = ""

    @property
    def age(self) -> float:
        """Seconds since the page that asks was asked for itself, from `age=` in milliseconds; 0 for whoever
        does not say."""
        digits = dict(parse_qsl(self.query)).get("age", "")
        return int(digits) / 1_000 if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0.0

    @property
    def from_elsewhere(self) -> bool:
        """A page of another host asks. The port may differ: `make run` has no proxy in front."""
        origin = self.headers.get("origin")
        return bool(origin) and _host(origin or "") != _host(f"//{self.headers.get('host', '')}")

    @property
    def open_to_page(self) -> dict[str, str]:
        """What lets the page read a stream from another port of its host."""
        origin = self.headers.get("origin")
        if not origin:
            return {}
        allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        return {**allowed, "Vary": "Origin"}


class BadRequest(Exception):
    """Nothing that could be answered."""


def parse(head: bytes) -> Request:
    """Raises BadRequest for what is no request."""
    line, *fields = head.decode("latin-1").split("\r\n")
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not parts[1].startswith("/"):
        raise BadRequest(line[:80])
    pairs = (one.partition(":") for one in fields if one)
    headers = {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}
    path, _, query = parts[1].partition("?")
    return Request(parts[0], path, headers, query)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class EventServer:
    """`ready` says whether changes are heard at all; where not, nobody is let in and pages look alone."""

    def __init__(self, hub: Hub, identify: Identify) -> None:
        self.hub = hub
        self.ready = False
        self._identify = identify

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                async with asyncio.timeout(PATIENCE):
                    request = parse(await reader.readuntil(b"\r\n\r\n"))
                await self._answer(request, reader, writer)
            except (BadRequest, TimeoutError, asyncio.LimitOverrunError):
                answer(writer, 400)
        writer.close()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        status = self._status(request)
        cookie = request.headers.get("cookie", "")
        listener = await self._identify(cookie) if status == 200 and request.path == PATH else None
        if status != 200 or request.path == HEALTH:
            answer(writer, status, request.open_to_page)
        elif listener is None:
            # Says to a browser that it need not try again.
            answer(writer, 204, request.open_to_page)
        else:
            await self._stream(Stream(listener, cookie, writer), request, reader, writer)

    def _status(self, request: Request) -> int:
        if request.path not in (PATH, HEALTH):
            return 404
        if request.method != "GET":
            return 405
        if request.from_elsewhere:
            return 403
        return 200 if self.ready and not self.hub.full else 503

    async def _stream(
        self, stream: Stream, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        headers = {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            "X-Content-Type-Options": "nosniff",
        }
        writer.write(_head(200, headers | request.open_to_page) + COME_AGAIN)
        self.hub.join(stream)
        try:
            await self.hub.catch_up(stream, request.age)
            while await reader.read(1024):
                pass  # a browser says nothing more; it is read to notice when it goes
        finally:
            self.hub.leave(stream)


def answer(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str] | None = None) -> None:
    writer.write(_head(status, {"Content-Length": "0", "Cache-Control": "no-store", **(headers or {})}))


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    fields = {**headers, "Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {REASONS[status]}\r\n{lines}\r\n".encode("latin-1")
