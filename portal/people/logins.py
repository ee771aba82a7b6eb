"""Logins that end: wherever one does, the support session that was open in it ends too."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from portal import changes
from portal.models import LoginSession, SupportSession


def end_logins(session: Session, *which: ColumnElement[bool]) -> int:
    """End those that still go on; with the caller's commit. How many there were."""
    now = datetime.now(UTC)
    closing = update(LoginSession).where(*which, LoginSession.ended_at.is_(None)).values(ended_at=now)
    ended = session.execute(closing.returning(LoginSession.id, LoginSession.user_id)).all()
    if ended:
        within = SupportSession.login_session_id.in_([login_id for login_id, _user in ended])
        open_there = update(SupportSession).where(within, SupportSession.ended_at.is_(None))
        session.execute(open_there.values(ended_at=now, ended_how="logout"))
        changes.note(session, changes.ChangeKind.USER, {user_id for _login, user_id in ended})
    return len(ended)
