"""Logins: the cookie carries a random token, its SHA-256 lies in the database.

A login ends when its row ends, so a copied cookie is dead after the logout.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Request, g, request, session
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import joinedload

from portal.extensions import db, login_manager
from portal.models import Dealer, LoginSession, SupportSession, User
from portal.people.logins import end_logins
from portal.web.last_seen import note_now

KEY = "token"
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
KEPT = timedelta(days=30)
"""Addresses of old logins are personal data that nobody needs."""


def start(user: User) -> None:
    """Log in: whatever the browser brought along ends, the token is new."""
    _close()
    session.clear()
    session[KEY] = secrets.token_urlsafe(32)
    user.last_login_at = now = datetime.now(UTC)
    old = delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.created_at < now - KEPT)
    db.session.execute(old)
    db.session.add(
        LoginSession(
            token_hash=_hash(session[KEY]),
            user_id=user.id,
            address=(request.remote_addr or "")[:45],
            user_agent=request.user_agent.string[:300],
        )
    )
    db.session.commit()


def end_others(user_id: UUID) -> int:
    """Every other login of this user ends with the caller's commit; the one of this request stays."""
    return end_logins(
        db.session(), LoginSession.user_id == user_id, LoginSession.token_hash != current_hash()
    )


def end_one(user_id: UUID, login_id: UUID) -> int:
    """One login of this user; 0 where it is another's or over."""
    return end_logins(db.session(), LoginSession.user_id == user_id, LoginSession.id == login_id)


def current_hash() -> str:
    """By what the login of this request is found among others; empty without one."""
    return _hash(session[KEY]) if KEY in session else ""


def living(user_id: UUID) -> list[LoginSession]:
    """Logins of this user that still work, the latest first."""
    statement = select(LoginSession).where(LoginSession.user_id == user_id, *_STILL_WORKS)
    return list(db.session.scalars(statement.order_by(LoginSession.last_seen_at.desc()), _oldest()))


_STILL_WORKS = (
    LoginSession.ended_at.is_(None),
    LoginSession.last_seen_at > bindparam("seen_after"),
    LoginSession.created_at > bindparam("created_after"),
)
_OPEN_IN_LOGIN = (
    (SupportSession.login_session_id == LoginSession.id)
    & (SupportSession.agent_id == LoginSession.user_id)
    & SupportSession.ended_at.is_(None)
    & (SupportSession.expires_at > func.now())
    & SupportSession.dealer.has(Dealer.support_allowed)
)
"""The support session that is open in a login."""
_OF_TOKEN = (
    select(User, Dealer, SupportSession, LoginSession.id, LoginSession.last_seen_at)
    .join(LoginSession, LoginSession.user_id == User.id)
    .outerjoin(SupportSession, _OPEN_IN_LOGIN)
    .outerjoin(Dealer, Dealer.id == func.coalesce(User.dealer_id, SupportSession.dealer_id))
    .where(LoginSession.token_hash == bindparam("token"), *_STILL_WORKS, User.active)
)
"""The dealer is the user's own, or the one whom an agent visits."""


def _oldest() -> dict[str, datetime]:
    """A login that was seen, or made, before that has lapsed."""
    now = datetime.now(UTC)
    return {"seen_after": now - IDLE, "created_after": now - ABSOLUTE}


def end() -> None:
    """Log out: the row is closed, every copy of the cookie with it."""
    _close()
    db.session.commit()
    session.clear()


def find_support_session() -> SupportSession | None:
    """The support session that is open in the login of this request."""
    opened = select(SupportSession).join(LoginSession, _OPEN_IN_LOGIN)
    with_dealer = opened.options(joinedload(SupportSession.dealer))
    return db.session.scalars(with_dealer.where(LoginSession.token_hash == current_hash())).one_or_none()


def _close() -> None:
    """The login of this browser, and with it the support session."""
    g.pop("support_session", None)
    if KEY in session:
        end_logins(db.session(), LoginSession.token_hash == current_hash())


@login_manager.request_loader
def load_user(_request: Request) -> User | None:
    """The user of this request, with the dealer and the open support session, in one query. An open page that
    only listens for changes is no sign that somebody is there."""
    token = session.get(KEY)
    if not token:
        return None
    found = db.session.execute(_OF_TOKEN, {"token": _hash(token)} | _oldest()).one_or_none()
    if found is None:
        return None
    user, dealer, g.support_session, login_id, last_seen_at = found
    if not g.get("only_listens"):
        note_now(LoginSession.last_seen_at, login_id, last_seen_at)
    if dealer:
        g.dealer = dealer
    return user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
