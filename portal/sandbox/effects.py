"""What a fault does to a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from flask import Response, request
from waitress.channel import ClientDisconnected

from portal.sandbox.faults import Effect, Fault

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CUT = "portal.sandbox.cut"
GARBAGE = {
    "invalid-json": '{"items": [{"number": "30',
    "html": "<!doctype html><title>Wartung</title><h1>Wir sind gleich zurück</h1>",
    "wrong-shape": '{"status": {"code": 0}, "items": "none"}',
}


@dataclass(frozen=True)
class Voice:
    """How one platform says what a fault makes it say.

    `status` answers with an error status alone, `refusal` with the error that a fault names;
    `list_member` holds the entries of its list.
    """

    media_type: str
    list_member: str
    status: Callable[[int], Response]
    refusal: Callable[[Fault], Response]


class CutConnections:
    """Closes the socket without an answer where a fault demands it. WSGI has no way to say so, but
    the server drops a connection without a word when it learns that the client is gone."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self._application(environ, start_response)
        if CUT not in environ:
            return body
        close = getattr(body, "close", None)
        if close is not None:
            close()
        raise ClientDisconnected


def before(fault: Fault, voice: Voice) -> Response | None:
    """The answer instead of carrying out the request; None lets it pass."""
    match fault.effect:
        case Effect.RATE_LIMIT:
            return _with_retry_after(voice.status(429), fault)
        case Effect.ERROR:
            return _with_retry_after(voice.status(fault.status), fault)
        case Effect.REJECT:
            return voice.refusal(fault)
        case Effect.RESET:
            return _cut()
        case _:
            return None


def after(fault: Fault, answer: Response, voice: Voice) -> Response:
    """The answer in place of the true one."""
    match fault.effect:
        case Effect.ERROR_AFTER_COMMIT:
            return _with_retry_after(voice.status(fault.status), fault)
        case Effect.RESET_AFTER_COMMIT:
            return _cut()
        case Effect.HALF_LIST:
            body, member = json.loads(answer.get_data()), voice.list_member
            if member in body:
                body[member] = body[member][: len(body[member]) // 2]
                answer.set_data(json.dumps(body, ensure_ascii=False))
            return answer
        case Effect.GARBAGE:
            content_type = "text/html" if fault.body == "html" else voice.media_type
            return Response(GARBAGE[fault.body], 200, content_type=content_type)
        case _:
            return answer


def _cut() -> Response:
    request.environ[CUT] = True
    return Response(status=500)


def _with_retry_after(answer: Response, fault: Fault) -> Response:
    if fault.retry_after is None:
        return answer
    moment = datetime.now(UTC) + timedelta(seconds=fault.retry_after)
    as_date = format_datetime(moment, usegmt=True)
    answer.headers["Retry-After"] = as_date if fault.retry_after_as == "date" else str(fault.retry_after)
    return answer
