"""HTTP with a platform: one request, one reply, never an exception, never a retry."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import httpx

from portal.platforms.contract import Exchange
from portal.translations.message import Wording, say

JSON, JPEG = "application/json", "image/jpeg"
CONNECTIONS = 16
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


class Http:
    """A pool of connections with the operator's credentials; safe to use from several threads."""

    def __init__(
        self, base_url: str, auth: httpx.Auth | None, timeout: httpx.Timeout, media_type: str = JSON
    ) -> None:
        self._media_type = media_type
        self._client = httpx.Client(
            base_url=base_url,
            auth=auth,
            headers={"Accept": media_type, "Accept-Encoding": "gzip", "User-Agent": "vehicle-export-portal"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=2 * CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
            verify=_ssl_context(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None, *, public: bool = False) -> Reply:
        """`public` sends no credentials: reference data needs none."""
        if public:
            return self._exchange("GET", path, b"", dict(headers or {}), auth=None)
        return self._exchange("GET", path, b"", dict(headers or {}))

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        content_type: str = "",
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> Reply:
        """`content_type`: the platform's own media type unless it is named."""
        sent = dict(headers or {})
        if content:
            sent["Content-Type"] = content_type or self._media_type
        options = {} if timeout is None else {"timeout": timeout}
        return self._exchange(method, path, content, sent, **options)

    def _exchange(
        self, method: str, path: str, content: bytes, headers: dict[str, str], **options: Any
    ) -> Reply:
        started = time.monotonic()
        try:
            with self._client.stream(
                method, path, content=content or None, headers=headers, **options
            ) as answer:
                body = _read(answer, started + LONGEST_ANSWER)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            connected = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL))
            exchange = Exchange(method, path, None, _since(started), _reason(error))
            return Reply(exchange, connected=connected)
        exchange = Exchange(method, path, answer.status_code, _since(started))
        return Reply(exchange, answer.headers, body)


def _read(answer: httpx.Response, deadline: float) -> bytes:
    chunks, size = [], 0
    for chunk in answer.iter_bytes():
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise httpx.DecodingError("answer too large")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("answer too slow")
        chunks.append(chunk)
    return b"".join(chunks)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _reason(error: Exception) -> Wording:
    """Why there was no answer. Never the library's own text: it may carry addresses."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return say("Keine Verbindung zur Plattform")
        case httpx.TimeoutException():
            return say("Zeitüberschreitung")
        case httpx.DecodingError() | httpx.InvalidURL():
            return say("Unlesbare Antwort")
        case _:
            return say("Verbindung abgebrochen")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: from seconds or an HTTP date, between one second and four hours.

    A date is counted from the platform's own clock where the answer names it: ours may be wrong.
    """
    given = headers.get("retry-after", "").strip()
    if not given:
        return None
    seconds = _seconds(given, _moment(headers.get("date", "")) or datetime.now(UTC))
    return None if seconds is None else min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)


def _seconds(given: str, now: datetime) -> float | None:
    if given.isascii() and given.isdigit():
        return float(given[:12])
    moment = _moment(given)
    return None if moment is None else (moment - now).total_seconds()


def _moment(given: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(given)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
