"""Who may do what at the Seller API, and in which media type.

Each guard runs before the request; an answer means that it goes no further.
"""

from __future__ import annotations

from flask import Response, g, request

from portal.sandbox import exchange
from portal.sandbox.mobile_de.accounts import Access
from portal.sandbox.mobile_de.answers import MEDIA_TYPE, error_answer
from portal.sandbox.mobile_de.state import state

READING = ("GET", "HEAD", "OPTIONS")


def require_login() -> Response | None:
    given = request.authorization
    username, password = (given.username, given.password) if given and given.type == "basic" else (None, None)
    if username is None or password is None or not state().accounts.knows(username, password):
        refused = error_answer(401, "unauthorized")
        refused.headers["WWW-Authenticate"] = 'Basic realm="Seller API"'
        return refused
    g.username = username
    return None


def require_seller() -> Response | None:
    """For everything that belongs to a seller: it exists, is linked to the account, may be changed."""
    number = (request.view_args or {}).get("seller_id")
    if number is None:
        return None
    access, g.seller = state().accounts.access(g.username, number)
    if access is Access.UNKNOWN:
        return error_answer(404, "seller-not-found")
    if access is Access.NOT_LINKED:
        return error_answer(403, "seller-not-linked")
    if access is Access.READ and request.method not in READING:
        return error_answer(403, "seller-read-only")
    return None


def require_ad_body() -> Response | None:
    if exchange.current().kind == "image" or request.method not in ("POST", "PUT"):
        return None
    if request.mimetype != MEDIA_TYPE:
        return error_answer(415, "unsupported-media-type")
    if not isinstance(exchange.current().body, dict):
        return error_answer(400, "malformed-json")
    return None
