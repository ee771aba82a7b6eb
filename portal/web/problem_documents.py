"""Errors for programs (RFC 9457): `application/problem+json`, and when to come again."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from portal.extensions import limiter

MEDIA_TYPE = "application/problem+json"
PROGRAMS = "/api/"
"""Beginning of the addresses that only programs call."""
COME_AGAIN = {409: 1, 500: 30, 503: 5}
"""Seconds, by status; 429 says it by the limit that was reached."""
DETAILS = {
    404: "There is nothing at this address. GET /api/v1/openapi.json says what there is.",
    405: "This address does not take {method}. Its methods stand in the header Allow.",
    413: "The body is too large. The limits stand in the description of /api/v1/openapi.json.",
    429: "Too many requests. Wait as many seconds as the header Retry-After says.",
    500: "The fault is ours and was logged. Try it again later.",
    503: "The portal cannot answer at the moment. Try it again later.",
}


def asked_by_program() -> bool:
    return request.path.startswith(PROGRAMS)


def problem(status: int, title: str, detail: str = "", **more: Any) -> Response:
    content = {"title": title, "status": status} | ({"detail": detail} if detail else {}) | more
    answer = Response(json.dumps(content), status, content_type=MEDIA_TYPE)
    if status in COME_AGAIN:
        answer.headers["Retry-After"] = str(COME_AGAIN[status])
    return answer


def problem_of(error: HTTPException) -> Response:
    """What Flask, the router or a limit raised; its own headers (`Allow`) stay."""
    code = error.code or 500
    answer = problem(code, error.name, DETAILS.get(code, "").format(method=request.method))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    if code == 429:
        reached = limiter.current_limit
        seconds = max(1, int(reached.reset_at - time.time()) + 1) if reached else 60
        answer.headers["Retry-After"] = str(seconds)
    return answer
