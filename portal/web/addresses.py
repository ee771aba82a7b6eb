"""Addresses of the portal's own pages."""

from __future__ import annotations

from typing import Any

import flask
from flask import current_app, has_request_context, request


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's. What needs no values is put together once: every page leads to a dozen such pages."""
    if values or not has_request_context() or endpoint.startswith("."):
        return flask.url_for(endpoint, **values)
    known: dict[tuple[str, str], str] = current_app.extensions.setdefault("addresses", {})
    key = request.script_root, endpoint
    if key not in known:
        known[key] = flask.url_for(endpoint)
    return known[key]
