"""One round: tell of problems, write the daily digests, send the mails."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.notices import digest, mailing, telling


def go(sessions: sessionmaker[Session], settings: Settings, budget: float = mailing.BUDGET) -> int:
    """Returns how many mails went out. Any number of processes may do this at once."""
    telling.tell(sessions, settings)
    digest.write_due(sessions, settings)
    return mailing.send_due(sessions, settings, budget)
