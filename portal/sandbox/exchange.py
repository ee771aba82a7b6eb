"""The frame around each request to an API: latency, faults, the log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, g, request

from portal.sandbox import effects
from portal.sandbox.books import BookEntry
from portal.sandbox.faults import Fault
from portal.sandbox.parts import parts

READABLE = 16 * 1024 * 1024
"""Bytes of a body that is still looked at as JSON."""


@dataclass(frozen=True)
class ApiDialect:
    """What is special about one platform's API.

    `kinds` by endpoint; `owner` and `listing` are the names of the path's parts; `number` is the member of
    a body that holds our number, `number_at` finds that of a listing; `key` is the header that makes a
    repetition known.
    """

    voice: effects.Voice
    kinds: Mapping[str, str]
    writing: tuple[str, ...]
    owner: str
    listing: str
    number: str
    number_at: Callable[[str], str | None]
    key: str = ""

    def begin(self) -> Response | None:
        """An answer means that the request is not carried out."""
        g.exchange = exchange = self._read_request()
        delay = parts().settings.latency_ms + sum(fault.delay_ms for fault in exchange.faults)
        if delay:
            # Not with 0: even that gives up the processor.
            time.sleep(delay / 1000)
        for fault in exchange.faults:
            if (instead := effects.before(fault, self.voice)) is not None:
                return instead
        return None

    def _read_request(self) -> ApiRequest:
        where = request.view_args or {}
        kind = self.kinds.get(request.endpoint or "", "other")
        exchange = ApiRequest(self, kind, where.get(self.owner), where.get(self.listing))
        if kind in self.writing:
            exchange.body = _parsed(request.get_data())
        number = exchange.body.get(self.number) if isinstance(exchange.body, dict) else None
        if isinstance(number, str):
            exchange.number = number
        elif exchange.listing_id:
            exchange.number = self.number_at(exchange.listing_id)
        exchange.faults = parts().faults.strike(kind, exchange.owner_id, exchange.number)
        return exchange


@dataclass
class ApiRequest:
    """What is known of the request in hand. `body` is the parsed JSON, None when it is none."""

    dialect: ApiDialect
    kind: str
    owner_id: str | None
    listing_id: str | None
    body: Any = None
    number: str | None = None
    faults: list[Fault] = field(default_factory=list)


def current() -> ApiRequest:
    exchange: ApiRequest = g.exchange
    return exchange


def frame(blueprint: Blueprint, dialect: ApiDialect) -> None:
    """Put the frame around every request of the blueprint, before anything else of it."""
    blueprint.before_request(lambda: dialect.begin())
    blueprint.after_request(_finish)


def _parsed(content: bytes) -> Any:
    """The JSON value; None for what is none, or holds texts that are no Unicode (half surrogates)."""
    try:
        body = json.loads(content, parse_constant=_refuse) if len(content) <= READABLE else None
        if b"\\u" in content:
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return body


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finish(answer: Response) -> Response:
    """After every request of the API."""
    if "exchange" not in g:
        return answer
    exchange = current()
    key = exchange.dialect.key
    for fault in exchange.faults:
        answer = effects.after(fault, answer, exchange.dialect.voice)
    parts().books.write(
        BookEntry(
            exchange.kind,
            request.method,
            request.path,
            None if effects.CUT in request.environ else answer.status_code,
            exchange.owner_id,
            exchange.listing_id,
            exchange.number,
            request.headers.get(key) if key else None,
            ", ".join(fault.effect for fault in exchange.faults) or None,
        )
    )
    return answer
