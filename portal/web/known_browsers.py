"""Browsers in which somebody logged in before: they carry a signed cookie that says for which accounts.

Failed logins are counted by account and where they come from. A known browser is a place of its own, whatever
address it has, so no stranger's guesses lock out whoever uses it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from portal.security.origin import origin_of

PURPOSE = "portal.web.known_browsers"
LIFETIME = timedelta(days=180)
MOST_ACCOUNTS = 8
"""Of one browser; the oldest is forgotten."""


def origin(login: str) -> str:
    """Where an attempt at this account comes from: a browser that it knows, else its address or network."""
    content = _read()
    if _mark(login) in content["accounts"]:
        return f"browser {content['id']}"
    return origin_of(request.remote_addr or "")


def remember(answer: Response, login: str) -> Response:
    """After a login: from now on this browser is known to the account."""
    content = _read()
    others = [one for one in content["accounts"] if one != _mark(login)]
    kept = {"id": content["id"], "accounts": [*others, _mark(login)][-MOST_ACCOUNTS:]}
    secure = current_app.extensions["settings"].production
    answer.set_cookie(
        _name(),
        _signer().dumps(kept),
        max_age=LIFETIME,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _read() -> dict[str, Any]:
    try:
        found: dict[str, Any] = _signer().loads(
            request.cookies.get(_name(), ""), max_age=int(LIFETIME.total_seconds())
        )
    except BadData:
        return {"id": secrets.token_hex(16), "accounts": []}
    return found


def _name() -> str:
    return "__Host-known" if current_app.extensions["settings"].production else "known"


def _mark(login: str) -> str:
    """Tells nobody who reads the cookie whose account it is."""
    key = current_app.extensions["settings"].secret_key.encode()
    return hmac.new(key, f"{PURPOSE} {login.casefold()}".encode(), hashlib.sha256).hexdigest()[:20]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.extensions["settings"].secret_key,
        salt=PURPOSE,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
