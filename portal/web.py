"""Small helpers that every blueprint uses to answer a browser or HTMX."""

from __future__ import annotations

from flask import Response, make_response, redirect
from htmx_flask import request


def fragment() -> bool:
    """Whether to return the partial alone: an HTMX request that does not restore history."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def go(url: str) -> Response:
    """Lead the browser elsewhere after a successful unsafe request."""
    if request.htmx:
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))
