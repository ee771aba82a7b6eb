"""Mails are rows: written in the transaction of their cause, sent after the commit.

A mail is claimed by an UPDATE before it goes out, so two processes never send one twice. A process that
dies between the server's yes and our note of it is the one case in which a mail comes a second time; its
Message-ID stays the same.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models.accounts import User
from portal.models.messages import Mail
from portal.notices import bell, letters
from portal.notices.smtp import Answer, Line, Verdict, clean_address, message

CLAIMED = timedelta(minutes=10)
"""A mail whose sender died is taken up again after this; longer than any conversation with a server."""
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
"""After a refusal "not now"; the last one repeats."""
SERVER_DOWN = timedelta(minutes=1)
GIVE_UP = timedelta(days=2)
PREFERENCES = "/settings/notifications"
BUDGET = 240.0
"""Seconds after which the next call goes on."""


@dataclass(frozen=True)
class Recipient:
    address: str
    language: str = "de"
    user_id: UUID | None = None
    dealer_id: UUID | None = None

    @classmethod
    def of(cls, user: User) -> Recipient:
        return cls(user.email, user.language, user.id, user.dealer_id)


def post(session: Session, settings: Settings, to: Recipient, letter: str, **values: Any) -> bool:
    """Write a mail; it leaves after the commit. False when there is no address to write to.

    `letter` names a template of `templates/mails`, which says what `values` it needs; `url` is what
    its button opens.
    """
    address = clean_address(to.address)
    if address is None:
        return False
    written = letters.write(letter, to.language, settings.operator_name, values)
    session.add(
        Mail(
            user_id=to.user_id,
            dealer_id=to.dealer_id,
            recipient=address,
            subject=written.subject,
            plain=written.plain,
            html=written.html,
        )
    )
    bell.ring_after_commit(session)
    return True


def try_out(settings: Settings, to: Recipient, name: str) -> Answer:
    """Send a test mail here and now, and tell what the server said; nothing is kept of it.

    `to` carries an address that `clean_address` takes.
    """
    url = f"{settings.portal_url}{PREFERENCES}"
    values = {"name": name, "url": url, "preferences": url}
    written = letters.write("test", to.language, settings.operator_name, values)
    mail = Mail(id=uuid4(), recipient=to.address.strip(), created_at=datetime.now(UTC))
    mail.subject, mail.plain, mail.html = written.subject, written.plain, written.html
    with Line(settings) as line:
        return line.send(message(mail, settings))


def send_due(sessions: sessionmaker[Session], settings: Settings, budget: float = BUDGET) -> int:
    """Send what waits, one after the other over one line; returns how many went out."""
    sent, end = 0, time.monotonic() + budget
    with Line(settings) as line:
        while time.monotonic() < end and (mail := _claim(sessions)) is not None:
            answer = line.send(message(mail, settings))
            _record(sessions, mail, answer)
            sent += answer.verdict == Verdict.TAKEN
            if answer.verdict == Verdict.DOWN:
                break
    return sent


def _claim(sessions: sessionmaker[Session]) -> Mail | None:
    """The mail that has been due longest, ours for a while; detached."""
    waiting = and_(Mail.sent_at.is_(None), Mail.failed_at.is_(None), Mail.not_before <= func.now())
    oldest = (
        select(Mail.id).where(waiting).order_by(Mail.not_before).limit(1).with_for_update(skip_locked=True)
    )
    claimed = (
        update(Mail)
        .where(Mail.id == oldest.scalar_subquery())
        .values(not_before=func.now() + CLAIMED, attempts=Mail.attempts + 1)
        .returning(Mail)
    )
    with sessions.begin() as session:
        mail = session.scalars(claimed).one_or_none()
        session.expunge_all()
    return mail


def _record(sessions: sessionmaker[Session], mail: Mail, answer: Answer) -> None:
    """What became of it, unless somebody else has taken it up meanwhile."""
    ours = (Mail.id == mail.id, Mail.attempts == mail.attempts, Mail.sent_at.is_(None))
    with sessions.begin() as session:
        session.execute(update(Mail).where(*ours).values(**_outcome(mail, answer)))


def _outcome(mail: Mail, answer: Answer) -> dict[str, Any]:
    if answer.verdict == Verdict.TAKEN:
        return {"sent_at": func.now(), "error": "", "plain": "", "html": ""}
    delay = SERVER_DOWN if answer.verdict == Verdict.DOWN else _delay(mail.attempts)
    too_late = mail.not_before - CLAIMED + delay > mail.created_at + GIVE_UP
    if answer.verdict == Verdict.REFUSED or too_late:
        return {"failed_at": func.now(), "error": answer.text[:300], "plain": "", "html": ""}
    return {"not_before": func.now() + delay, "error": answer.text[:300]}


def _delay(attempts: int) -> timedelta:
    return DELAYS[min(attempts, len(DELAYS)) - 1]
