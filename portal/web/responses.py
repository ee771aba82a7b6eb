"""Small helpers that every blueprint uses to answer a browser or HTMX."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect
from htmx_flask import request

UNPROCESSABLE, CONFLICT = 422, 409
"""Statuses of a form that is shown again: something in it is wrong, or stands otherwise by now."""


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


def own_path(url: str | None) -> str | None:
    """The address if it is a path of this portal; None for any other, however disguised."""
    if not url or not url.isprintable() or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not url.startswith("/") or url.startswith("//"):
        return None
    return url


def page_before() -> str | None:
    """Path of the page that this request came from."""
    url = request.htmx.current_url or request.referrer or ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    if not current_app.url_map.bind("").test(parts.path, method="GET"):
        return None  # what answered a form, like its preview, cannot be opened again
    return own_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)
