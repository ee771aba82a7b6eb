"""Keys of the interface: `Authorization: Bearer vex_…`. Only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from flask import Response, g, request
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.extensions import db, limiter
from portal.models import ApiKey, Dealer
from portal.web.access import machine

P = ParamSpec("P")
View = Callable[P, Response]
PREFIX = "vex_"
SHOWN = 8
"""Characters of a key that are kept readable, to tell keys apart."""
USED_EVERY = timedelta(minutes=1)
HOW = "Send the header Authorization: Bearer <key>. Keys are made in the portal's settings."


def make_key(session: Session, dealer_id: UUID, name: str, user_id: UUID | None) -> tuple[ApiKey, str]:
    """A new key and its only plain text."""
    plain = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(dealer_id=dealer_id, name=name, shown=plain[:SHOWN], key_hash=_hash(plain))
    key.created_by = user_id
    session.add(key)
    session.flush()
    return key, plain


def with_key(view: View[P]) -> View[P]:
    """A program with a key that is valid; its dealer is the dealer of the request.

    120 requests a minute for a key, and 20 refusals a minute for an address.
    """

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = _find(_bearer())
        if key is None:
            answer = problem(401, "Unauthorized", HOW)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        g.dealer, g.api_key = db.session.get_one(Dealer, key.dealer_id), key
        return view(*args, **kwargs)

    per_key = limiter.shared_limit("120 per minute", scope="api", key_func=lambda: _hash(_bearer()))
    per_address = limiter.shared_limit("20 per minute", scope="api-refused", deduct_when=_was_refused)
    return machine(per_address(per_key(checked)))


def record(what: str, label: str = "", /, **detail: int) -> None:
    """In the transaction of what was done with the key of this request."""
    key: ApiKey = g.api_key
    author = audit.by_key(key.name, request.remote_addr or "")
    audit.log(
        db.session(), author, what, dealer_id=key.dealer_id, object_id=key.id, label=label, detail=detail
    )


def _was_refused(answer: Response) -> bool:
    return answer.status_code == 401


def _bearer() -> str:
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    return plain.strip() if scheme.lower() == "bearer" else ""


def _find(plain: str) -> ApiKey | None:
    if not plain.startswith(PREFIX):
        return None
    statement = select(ApiKey).where(ApiKey.key_hash == _hash(plain), ApiKey.revoked_at.is_(None))
    key = db.session.scalars(statement).one_or_none()
    if key is not None:
        _note_used(key)
    return key


def _note_used(key: ApiKey) -> None:
    """At most once a minute, outside the request's transaction."""
    now = datetime.now(UTC)
    if key.last_used_at and key.last_used_at > now - USED_EVERY:
        return
    with db.engine.begin() as connection:
        connection.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))


def _hash(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


# Problem documents (RFC 9457).


def problem(status: int, title: str, detail: str = "") -> Response:
    content = {"title": title, "status": status} | ({"detail": detail} if detail else {})
    return Response(json.dumps(content), status, content_type="application/problem+json")
