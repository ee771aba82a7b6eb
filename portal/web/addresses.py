"""Addresses of the portal's own pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import flask
from flask import current_app, has_request_context, request

Known = dict[tuple[object, ...], str]


def url_for(endpoint: str, **values: Any) -> str:
    """Flask's. What needs nothing but keys is put together once, with places for them: every page leads to
    dozens of such pages."""
    if not has_request_context() or endpoint.startswith(".") or set(map(type, values.values())) - {UUID}:
        return flask.url_for(endpoint, **values)
    return pattern(endpoint, *values).format(*values.values())


def pattern(endpoint: str, *names: str, **fixed: str) -> str:
    """The address of an endpoint, to be formatted with the keys of `names`."""
    known: Known = current_app.extensions.setdefault("addresses", {})
    key = request.script_root, endpoint, names, *fixed.items()
    if key not in known:
        marks = {name: UUID(int=place) for place, name in enumerate(names)}
        address = flask.url_for(endpoint, **fixed, **marks)  # type: ignore[arg-type]
        for place, mark in enumerate(marks.values()):
            address = address.replace(str(mark), f"{{{place}}}")
        known[key] = address
    return known[key]
