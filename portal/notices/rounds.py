"""One round: tell of problems, write the daily digests, send the mails; and forget what is old."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, or_
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models.messages import Mail, Notification
from portal.notices import digest, mailing, telling

INBOX_KEPT = timedelta(days=90)
MAILS_KEPT = timedelta(days=30)


def go(sessions: sessionmaker[Session], settings: Settings, budget: float = mailing.BUDGET) -> int:
    """Returns how many mails went out. Any number of processes may do this at once."""
    telling.tell(sessions, settings)
    digest.write_due(sessions, settings)
    return mailing.send_due(sessions, settings, budget)


def forget(sessions: sessionmaker[Session]) -> None:
    ended = or_(Mail.sent_at.is_not(None), Mail.failed_at.is_not(None))
    with sessions.begin() as session:
        session.execute(delete(Notification).where(Notification.created_at < func.now() - INBOX_KEPT))
        session.execute(delete(Mail).where(ended, Mail.created_at < func.now() - MAILS_KEPT))
