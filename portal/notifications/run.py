"""One run of everything that users are to be told: problems, the daily digests, the emails that wait."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.calendar import BERLIN
from portal.models.accounts import User
from portal.models.notifications import Notification, Problem
from portal.notifications import emails, notify
from portal.notifications.emails import PREFERENCES, Recipient, queue_email
from portal.notifications.notify import (
    EmailPreference,
    ProblemContext,
    audience,
    email_preference,
    load_context,
)

log = logging.getLogger(__name__)

DIGEST_TIME = time(7)
"""In Berlin."""
INBOX = "/notifications"


def write_digests(sessions: sessionmaker[Session], settings: Settings, now: datetime | None = None) -> int:
    """Once a day for each dealer with something to say; returns how many digests were written."""
    local = (now or datetime.now(UTC)).astimezone(BERLIN)
    if local.time() < DIGEST_TIME:
        return 0
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    run = DigestRun(sessions, settings, today)
    return sum(map(run.attempt, run.find_dealers()))


@dataclass(frozen=True)
class DigestRun:
    """The digests of one day, for one dealer after the other."""

    sessions: sessionmaker[Session]
    settings: Settings
    today: datetime

    def find_dealers(self) -> list[UUID]:
        owner = self._unsent().join_from(Notification, User, User.id == Notification.user_id)
        unsent = owner.with_only_columns(User.dealer_id)
        found = union(self._still_open().with_only_columns(Problem.dealer_id), unsent).subquery()
        with self.sessions() as session:
            return list(session.scalars(select(found.c[0])))

    def attempt(self, dealer_id: UUID) -> int:
        """What goes wrong at one dealer keeps nobody else from being told."""
        try:
            return self._write_for(dealer_id)
        except Exception:
            log.exception("no digest for %s", dealer_id)
            return 0

    def _still_open(self) -> Select[Problem]:
        """Told on an earlier day and not spoken of today."""
        spoken = func.coalesce(Problem.reminded_at, Problem.told_at)
        return select(Problem).where(Problem.closed_at.is_(None), spoken < self.today)

    def _unsent(self) -> Select[Notification]:
        until = self.today.replace(hour=DIGEST_TIME.hour)
        return select(Notification).where(Notification.digest, Notification.created_at < until)

    def _write_for(self, dealer_id: UUID) -> int:
        with self.sessions.begin() as session:
            key = func.hashtextextended(f"digest {dealer_id}", 0)
            if not session.scalar(select(func.pg_try_advisory_xact_lock(key))):
                return 0
            problems = session.scalars(self._still_open().where(Problem.dealer_id == dealer_id)).all()
            cases = [load_context(session, self.settings, problem) for problem in problems]
            written = self._write_to_all(session, dealer_id, cases)
            for problem in problems:
                problem.reminded_at = func.now()
        return written

    def _write_to_all(self, session: Session, dealer_id: UUID, cases: list[ProblemContext]) -> int:
        concerned = {
            case.problem.id: {user.id for user in audience(session, case.problem.kind, case.activation)}
            for case in cases
        }
        written = 0
        for user in session.scalars(select(User).where(User.dealer_id == dealer_id, User.active)).all():
            mine = [
                case
                for case in cases
                if user.id in concerned[case.problem.id]
                and email_preference(user, case.problem.kind) != EmailPreference.OFF
            ]
            written += self._write_to(session, user, mine)
        return written

    def _write_to(self, session: Session, user: User, cases: list[ProblemContext]) -> bool:
        """One mail, if there is anything to say."""
        fresh = session.scalars(self._unsent().where(Notification.user_id == user.id)).all()
        spoken = {case.problem.id for case in cases}
        news = [line for line in fresh if line.read_at is None and line.problem_id not in spoken]
        for line in fresh:
            line.digest = False
        if not cases and not news:
            return False
        return queue_email(
            session,
            self.settings,
            Recipient.of(user),
            "digest",
            open=[(case.problem.opened_at, case.opening.title, case.opening.body) for case in cases],
            news=[(line.created_at, line.title, line.body) for line in news],
            url=f"{self.settings.portal_url}{INBOX}",
            preferences=f"{self.settings.portal_url}{PREFERENCES}",
        )


def run_once(
    sessions: sessionmaker[Session], settings: Settings, budget: float = emails.SENDING_BUDGET
) -> int:
    """Returns how many mails went out. Any number of processes may do this at once."""
    notify.notify_all(sessions, settings)
    write_digests(sessions, settings)
    return emails.send_due(sessions, settings, budget)
