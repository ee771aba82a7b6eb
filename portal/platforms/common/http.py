"""HTTP with a platform: one request, one reply, never an exception, never a retry."""

from __future__ import annotations

import base64
import json
import math
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    EmptyPoolError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)
from urllib3.util import parse_url

from portal.messages import Wording, say
from portal.platforms.contract import Exchange

JSON, JPEG = "application/json", "image/jpeg"
USER_AGENT = "vehicle-export-portal"
CONNECTIONS = 16
KEPT_IDLE = 5.0
"""Seconds after which an idle connection is not trusted any more."""
CHUNK = 64 * 1024
LONGEST_ANSWER = 120.0
"""Seconds for one answer, however slowly it trickles."""
LARGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of an answer: a whole list of 50,000 listings fits."""


SHORTEST_WAIT, LONGEST_WAIT = 1.0, 4 * 3600.0
"""Seconds that a platform may ask us to wait."""


@dataclass(frozen=True)
class Reply:
    """An answer, or why there was none. `connected` is False when not even a connection was made:
    then the platform has not seen the request."""

    exchange: Exchange
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    connected: bool = True

    @property
    def status(self) -> int | None:
        return self.exchange.status

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def json(self) -> Any:
        """The parsed body; None when it is empty or not JSON."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):
            return None


@lru_cache(maxsize=1)
def _ssl_context() -> ssl.SSLContext:
    return ssl.create_default_context()


Authorization = Callable[[str], str]
"""The header to send, empty for none. Asked once more with the one that a 401 has refused."""


class NotReached(Exception):
    """What the request needs cannot be had: nothing of it has reached the platform."""


@dataclass(frozen=True)
class TimeLimits:
    """Seconds without a byte, and until there is a connection."""

    answer: float
    connect: float | None = None

    def as_timeout(self) -> Timeout:
        return Timeout(connect=self.connect or self.answer, read=self.answer)


def basic_auth(username: str, password: str) -> Authorization:
    value = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    return lambda _refused: value


class _KeptConnection:
    """What urllib3 leaves open: a connection that nobody used for a while may be dead without a word, and a
    large body gets the time of an answer, not that of connecting."""

    sending = 30.0
    sock: Any
    _used = 0.0

    def request(self, *given: Any, **named: Any) -> None:
        if time.monotonic() - self._used > KEPT_IDLE:
            self.close()  # type: ignore[attr-defined]
        super().request(*given, **named)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        self.sock.settimeout(self.sending)
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        self._used = time.monotonic()
        return super().getresponse()  # type: ignore[misc]


class _Connection(_KeptConnection, HTTPConnection):
    pass


class _SecureConnection(_KeptConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Http:
    """A pool of connections with the operator's credentials; safe to use from several threads."""

    def __init__(
        self, base_url: str, auth: Authorization | None, timeout: TimeLimits, media_type: str = JSON
    ) -> None:
        self._media_type = media_type
        self._auth, self._timeout = auth, timeout
        self._headers = {"Accept": media_type, "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        url = parse_url(base_url)
        if not url.host or url.scheme not in ("http", "https"):
            raise LocationParseError(base_url)
        self._base_path = (url.path or "").rstrip("/")
        room: dict[str, Any] = {"port": url.port, "maxsize": 2 * CONNECTIONS, "block": True}
        self._pool: HTTPConnectionPool = (
            _SecurePool(url.host, ssl_context=_ssl_context(), **room)
            if url.scheme == "https"
            else _Pool(url.host, **room)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None, *, public: bool = False) -> Reply:
        """`public` sends no credentials: reference data needs none."""
        return self._exchange("GET", path, b"", headers or {}, None if public else self._auth)

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        content_type: str = "",
        headers: Mapping[str, str] | None = None,
        timeout: TimeLimits | None = None,
    ) -> Reply:
        """`content_type`: the platform's own media type unless it is named."""
        sent = dict(headers or {})
        if content:
            sent["Content-Type"] = content_type or self._media_type
        return self._exchange(method, path, content, sent, self._auth, timeout)

    def _exchange(
        self,
        method: str,
        path: str,
        content: bytes,
        headers: Mapping[str, str],
        auth: Authorization | None,
        timeout: TimeLimits | None = None,
    ) -> Reply:
        started = time.monotonic()
        request = _Request(method, path, content, {**self._headers, **headers}, timeout or self._timeout)
        try:
            value = auth("") if auth else ""
            answer, body = self._once(request, value)
            if answer.status == 401 and auth and value:
                renewed = auth(value)
                if renewed and renewed != value:
                    answer, body = self._once(request, renewed)
        except (HTTPError, NotReached) as error:
            exchange = Exchange(method, path, None, _since(started), _reason(error))
            return Reply(exchange, connected=not _never_connected(error))
        return Reply(Exchange(method, path, answer.status, _since(started)), answer.headers, body)

    def _once(self, request: _Request, authorization: str) -> tuple[BaseHTTPResponse, bytes]:
        headers = {**request.headers, "Authorization": authorization} if authorization else request.headers
        answer = self._pool.urlopen(
            request.method,
            self._base_path + request.path,
            body=request.content or None,
            headers=headers,
            timeout=request.timeout.as_timeout(),
            pool_timeout=math.ceil(request.timeout.answer),
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
        )
        try:
            return answer, _read(answer, time.monotonic() + LONGEST_ANSWER)
        except BaseException:
            answer.close()
            raise


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    content: bytes
    headers: Mapping[str, str]
    timeout: TimeLimits


def _read(answer: BaseHTTPResponse, deadline: float) -> bytes:
    """As it arrives: however slowly it trickles, the deadline is looked at."""
    chunks, size = [], 0
    while chunk := answer.read1(CHUNK, decode_content=True):
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise DecodeError("answer too large")
        if time.monotonic() > deadline:
            raise TimeoutError("answer too slow")
        chunks.append(chunk)
    return b"".join(chunks)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _never_connected(error: Exception) -> bool:
    """Where it is not known, the platform may have seen the request."""
    if isinstance(error, SSLError):
        return isinstance(error.args[0] if error.args else None, ssl.SSLCertVerificationError)
    return isinstance(error, (NewConnectionError, ConnectTimeoutError, EmptyPoolError, NotReached))


def _reason(error: Exception) -> Wording:
    """Why there was no answer. Never the library's own text: it may carry addresses."""
    if _never_connected(error):
        return say("Keine Verbindung zur Plattform")
    match error:
        case TimeoutError():
            return say("Zeitüberschreitung")
        case DecodeError():
            return say("Unlesbare Antwort")
        case _:
            return say("Verbindung abgebrochen")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: from seconds or an HTTP date, between one second and four hours.

    A date is counted from the platform's own clock where the answer names it: ours may be wrong.
    """
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        seconds = float(given[:12])
    elif given and (moment := _moment(given)):
        now = _moment(headers.get("date", "")) or datetime.now(UTC)
        seconds = (moment - now).total_seconds()
    else:
        return None
    return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _moment(given: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
