"""Keys of the interface: `Authorization: Bearer vex_…`. Only their SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec

from flask import Response, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import audit
from portal.extensions import db, limiter
from portal.models import ApiKey, Dealer, User
from portal.web.access import machine
from portal.web.last_seen import note_now
from portal.web.problem_documents import problem

P = ParamSpec("P")
View = Callable[P, Response]
PREFIX = "vex_"
OFFERED = ("view", "edit_vehicles")
"""Rights that a key can have: what the interface offers."""
SHOWN = 8
"""Characters of a key that are kept readable, to tell keys apart."""
LACKING = "This key has not the right {right}, or whoever made it has it no longer. Make another one."
HOW = "Send the header Authorization: Bearer <key>. Keys are made in the portal's settings."


def make_key(session: Session, maker: User, name: str, rights: Collection[str]) -> tuple[ApiKey, str]:
    """A new key of the maker's dealer with those of the rights that they have, and its only plain text."""
    plain = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(dealer_id=maker.dealer_id, name=name, shown=plain[:SHOWN], key_hash=_hash(plain))
    key.created_by = maker.id
    key.rights = [right for right in OFFERED if right in rights and right in maker.rights]
    session.add(key)
    session.flush()
    return key, plain


def revoke(session: Session, who: audit.Who, key: ApiKey) -> None:
    """It is refused from now on; a second time does nothing."""
    if key.revoked_at is None:
        key.revoked_at = datetime.now(UTC)
        audit.log(session, who, "api_key.revoked", dealer_id=key.dealer_id, object_id=key.id, label=key.name)


def with_key(right: str) -> Callable[[View[P]], View[P]]:
    """A program with a key that is valid and has this right now, which is never more than its maker has.

    The key's dealer is the dealer of the request, its maker's locations are the request's.
    120 requests a minute for a key, and 20 refusals a minute for an address.
    """
    per_key = limiter.shared_limit("120 per minute", scope="api", key_func=lambda: _hash(_bearer()))
    per_address = limiter.shared_limit(
        "20 per minute", scope="api-refused", deduct_when=lambda answer: answer.status_code == 401
    )

    def mark(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> Response:
            key = _find(_bearer())
            if key is None:
                answer = problem(401, "Unauthorized", HOW)
                answer.headers["WWW-Authenticate"] = "Bearer"
                return answer
            g.api_key = key
            if right not in key.in_force:
                return problem(403, "Forbidden", LACKING.format(right=right))
            g.dealer = db.session.get_one(Dealer, key.dealer_id)
            g.key_locations = tuple(key.maker.location_ids) if key.maker else ()
            return view(*args, **kwargs)

        return machine(per_address(per_key(checked)))

    return mark


def record(what: str, label: str = "", /, **detail: int) -> None:
    """In the transaction of what was done with the key of this request."""
    key: ApiKey = g.api_key
    author = audit.by_key(key.name, request.remote_addr or "")
    audit.log(
        db.session(), author, what, dealer_id=key.dealer_id, object_id=key.id, label=label, detail=detail
    )


def _bearer() -> str:
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    return plain.strip() if scheme.lower() == "bearer" else ""


def _find(plain: str) -> ApiKey | None:
    if not plain.startswith(PREFIX):
        return None
    statement = (
        select(ApiKey)
        .where(ApiKey.key_hash == _hash(plain), ApiKey.revoked_at.is_(None))
        .options(joinedload(ApiKey.maker))
    )
    key = db.session.scalars(statement).one_or_none()
    if key is not None:
        note_now(ApiKey.last_used_at, key.id, key.last_used_at)
    return key


def _hash(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
