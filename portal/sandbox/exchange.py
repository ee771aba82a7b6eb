"""The frame around each request to the API: latency, faults, the log."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, request

from portal.sandbox import effects
from portal.sandbox.books import Entry
from portal.sandbox.faults import Fault
from portal.sandbox.parts import parts

INSERTION_ID = "X-Mobile-Insertion-Request-Id"
READABLE = 16 * 1024 * 1024
"""Bytes of a body that is still looked at as an ad."""
WRITING = ("create", "update")
KINDS = {
    "api.sellers": "sellers",
    "api.list_ads": "list",
    "api.create_ad": "create",
    "api.read_ad": "read",
    "api.update_ad": "update",
    "api.delete_ad": "delete",
    "api.read_images": "read",
    "api.update_images": "update",
    "api.upload_image": "image",
    "refdata.reference_list": "refdata",
}


@dataclass
class Exchange:
    """What is known of the request in hand. `body` is the parsed JSON, None when it is none."""

    kind: str
    seller_id: str | None
    ad_id: str | None
    body: Any = None
    internal_number: str | None = None
    faults: list[Fault] = field(default_factory=list)


def current() -> Exchange:
    exchange: Exchange = g.exchange
    return exchange


def begin() -> Response | None:
    """Before every request of the API; an answer means that it is not carried out."""
    g.exchange = exchange = _read_request()
    delay = parts().settings.latency_ms + sum(fault.delay_ms for fault in exchange.faults)
    if delay:
        # Not with 0: even that gives up the processor.
        time.sleep(delay / 1000)
    for fault in exchange.faults:
        if (instead := effects.before(fault)) is not None:
            return instead
    return None


def _read_request() -> Exchange:
    where = request.view_args or {}
    kind = KINDS.get(request.endpoint or "", "other")
    exchange = Exchange(kind, where.get("seller_id"), where.get("ad_id"))
    if kind in WRITING:
        exchange.body = _parsed(request.get_data())
    exchange.internal_number = _internal_number(exchange)
    exchange.faults = parts().faults.strike(kind, exchange.seller_id, exchange.internal_number)
    return exchange


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


def _internal_number(exchange: Exchange) -> str | None:
    given = exchange.body.get("internalNumber") if isinstance(exchange.body, dict) else None
    if isinstance(given, str):
        return given
    return parts().ads.internal_number(exchange.ad_id) if exchange.ad_id else None


def finish(answer: Response) -> Response:
    """After every request of the API."""
    if "exchange" not in g:
        return answer
    exchange = current()
    for fault in exchange.faults:
        answer = effects.after(fault, answer)
    parts().books.write(_entry(exchange, answer))
    return answer


def _entry(exchange: Exchange, answer: Response) -> Entry:
    return Entry(
        exchange.kind,
        request.method,
        request.path,
        None if effects.CUT in request.environ else answer.status_code,
        exchange.seller_id,
        exchange.ad_id,
        exchange.internal_number,
        request.headers.get(INSERTION_ID),
        ", ".join(fault.effect for fault in exchange.faults) or None,
    )
