"""Failed logins at one account from one place: five, then it is blocked there for 5 minutes, doubling up to
an hour. Elsewhere the account stays open: no stranger locks anybody out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from portal.extensions import db
from portal.models import LoginThrottle

FREE_FAILURES = 5
FIRST_BLOCK = timedelta(minutes=5)
LONGEST_BLOCK = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)


def admit(login: str, origin: str) -> bool:
    """Whether a password may be tried now from there. The attempt counts as failed until `forgive`:
    parallel attempts cannot slip past the counter."""
    now = datetime.now(UTC)
    failures = db.session.scalar(_count(_key(login), origin, now))
    if failures is not None:
        blocked = update(LoginThrottle).where(*_here(login, origin))
        db.session.execute(blocked.values(blocked_until=now + block_after(failures)))
        db.session.execute(delete(LoginThrottle).where(LoginThrottle.blocked_until < now - FORGOTTEN_AFTER))
    db.session.commit()
    return failures is not None


def forgive(login: str, origin: str) -> None:
    """The password was right."""
    db.session.execute(delete(LoginThrottle).where(*_here(login, origin)))


def has_just_blocked(login: str, origin: str) -> bool:
    """Whether the last free failure is used up: the moment to tell whoever has the account."""
    failures = db.session.scalar(select(LoginThrottle.failures).where(*_here(login, origin)))
    return failures == FREE_FAILURES


def block_after(failures: int) -> timedelta:
    """How long the account is blocked after so many failures in a row."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings: int = 2 ** min(failures - FREE_FAILURES, 10)
    return min(FIRST_BLOCK * doublings, LONGEST_BLOCK)


def _here(login: str, origin: str) -> tuple[ColumnElement[bool], ...]:
    return LoginThrottle.login == _key(login), LoginThrottle.origin == origin


def _count(key: str, origin: str, now: datetime) -> ReturningInsert[int]:
    """Add a failure unless the account is blocked. `blocked_until` of an account
    that is not blocked is the time of its last failure."""
    stale = LoginThrottle.blocked_until < now - FORGOTTEN_AFTER
    return (
        insert(LoginThrottle)
        .values(login=key, origin=origin, failures=1, blocked_until=now)
        .on_conflict_do_update(
            index_elements=[LoginThrottle.login, LoginThrottle.origin],
            set_={"failures": case((stale, 1), else_=LoginThrottle.failures + 1)},
            where=or_(LoginThrottle.blocked_until.is_(None), LoginThrottle.blocked_until <= now),
        )
        .returning(LoginThrottle.failures)
    )


def _key(login: str) -> str:
    return login.casefold()[:80]
