"""At most one digest a day: what is still open, and what was kept for it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models import Activation, Dealer, User
from portal.models.notifications import Mail, Notification, Problem
from portal.notifications.notify import SOLVED, EmailPreference, notify_all, set_email_preferences
from portal.notifications.problems import ProblemKind, close_problem, open_problem
from portal.notifications.run import write_digests
from tests.builders import Build
from tests.words import letter

Sessions = sessionmaker[Session]


class Days:
    """Problems and digests on days of our own; day 0 is today, 12:00 in Berlin."""

    def __init__(self, sessions: Sessions, settings: Settings, activation: Activation) -> None:
        self.sessions, self.settings, self.activation = sessions, settings, activation
        noon = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
        self.noon = noon.replace(hour=12, minute=0, second=0, microsecond=0)

    def at(self, day: int, hour: int) -> datetime:
        return (self.noon + timedelta(days=day)).replace(hour=hour)

    def opened(self, kind: str, at: datetime) -> None:
        with self.sessions.begin() as session:
            row = session.get_one(Activation, self.activation.id)
            open_problem(session, row, ProblemKind(kind))
        notify_all(self.sessions, self.settings)
        self._date(kind, at)

    def closed(self, kind: str, at: datetime) -> None:
        with self.sessions.begin() as session:
            close_problem(session, self.activation.id, ProblemKind(kind), "healed")
        before = datetime.now(UTC)
        notify_all(self.sessions, self.settings)
        fresh = (Notification.kind == SOLVED, Notification.created_at >= before - timedelta(seconds=5))
        with self.sessions.begin() as session:
            session.execute(update(Notification).where(*fresh).values(created_at=at))

    def _date(self, kind: str, at: datetime) -> None:
        with self.sessions.begin() as session:
            session.execute(update(Problem).where(Problem.kind == kind).values(opened_at=at, told_at=at))
            session.execute(update(Notification).where(Notification.kind == kind).values(created_at=at))

    def digests(self, at: datetime) -> int:
        return write_digests(self.sessions, self.settings, at)

    def mails(self) -> list[Mail]:
        """Digests only, the oldest first."""
        with self.sessions() as session:
            every = session.scalars(select(Mail).order_by(Mail.id)).all()
        return [mail for mail in every if mail.subject.startswith("Tageszusammenfassung")]


@pytest.fixture
def days(sessions: Sessions, mail_settings: Settings, build: Build, house: Dealer, alice: User) -> Days:
    return Days(sessions, mail_settings, build.activation(house))


def prefer(build: Build, user: User, kind: ProblemKind, wanted: EmailPreference) -> None:
    set_email_preferences(user, {kind: wanted})
    build.session.commit()


def test_what_stays_open_is_said_once_a_day(days: Days) -> None:
    days.opened("stopped", days.at(0, 12))
    assert days.digests(days.at(0, 23)) == 0
    assert days.digests(days.at(1, 6)) == 0
    assert days.digests(days.at(1, 7)) == 1
    with days.sessions.begin() as session:
        session.scalars(select(Problem)).one().reminded_at = days.at(1, 7)
    assert days.digests(days.at(1, 8)) == 0
    assert days.digests(days.at(1, 23)) == 0
    assert days.digests(days.at(2, 9)) == 1
    first = days.mails()[0]
    assert first.subject == "Tageszusammenfassung: 1 Punkt ist offen"
    assert "mobile.de ist angehalten (seit " in letter(first)
    assert "https://portal.example/notifications" in letter(first)


def test_several_open_problems_are_one_mail(days: Days) -> None:
    for kind in ("stopped", "lock", "failing"):
        days.opened(kind, days.at(0, 12))
    assert days.digests(days.at(1, 7)) == 1
    assert days.mails()[0].subject == "Tageszusammenfassung: 3 Punkte sind offen"


def test_what_is_over_is_not_spoken_of_again(days: Days) -> None:
    days.opened("stopped", days.at(0, 12))
    days.closed("stopped", days.at(0, 13))
    assert days.digests(days.at(1, 7)) == 0


def test_whoever_wants_no_mail_gets_none(days: Days, build: Build, alice: User) -> None:
    prefer(build, alice, ProblemKind.STOPPED, EmailPreference.OFF)
    days.opened("stopped", days.at(0, 12))
    assert days.digests(days.at(1, 7)) == 0


def test_whoever_wants_a_digest_is_told_of_a_problem_once_in_it(
    days: Days, build: Build, alice: User
) -> None:
    prefer(build, alice, ProblemKind.STOPPED, EmailPreference.DIGEST)
    days.opened("stopped", days.at(0, 12))
    assert days.digests(days.at(1, 7)) == 1
    [mail] = days.mails()
    assert letter(mail).count("mobile.de ist angehalten") == 1


def test_a_problem_of_this_night_is_news_of_this_morning(days: Days, build: Build, alice: User) -> None:
    prefer(build, alice, ProblemKind.STOPPED, EmailPreference.DIGEST)
    days.opened("stopped", days.at(1, 5))
    assert days.digests(days.at(1, 7)) == 1
    assert days.digests(days.at(1, 8)) == 0
    [mail] = days.mails()
    assert mail.subject == "Tageszusammenfassung"
    assert "Seit der letzten Zusammenfassung:" in letter(mail)


def test_what_came_and_went_stands_in_it_as_solved(days: Days, build: Build, alice: User) -> None:
    prefer(build, alice, ProblemKind.STOPPED, EmailPreference.DIGEST)
    days.opened("stopped", days.at(0, 12))
    days.closed("stopped", days.at(0, 13))
    assert days.digests(days.at(1, 7)) == 1
    [mail] = days.mails()
    assert letter(mail).count("mobile.de") == 1
    assert "Gelöst: mobile.de ist nicht mehr angehalten" in letter(mail)


def test_what_was_read_in_the_portal_needs_no_digest(days: Days, build: Build, alice: User) -> None:
    prefer(build, alice, ProblemKind.STOPPED, EmailPreference.DIGEST)
    days.opened("stopped", days.at(1, 5))
    with days.sessions.begin() as session:
        session.scalars(select(Notification)).one().read_at = days.at(1, 6)
    assert days.digests(days.at(1, 7)) == 0


def test_each_dealer_and_user_gets_his_own(days: Days, build: Build, house: Dealer) -> None:
    build.user("bob", house, email="bob@example.org", rights=("view", "unlock"))
    charlie = build.charlie()
    charlie.email = "charlie@example.org"
    build.session.commit()
    days.opened("stopped", days.at(0, 12))
    days.opened("lock", days.at(0, 12))
    assert days.digests(days.at(1, 7)) == 2
    found = {mail.recipient: letter(mail) for mail in days.mails()}
    assert found.keys() == {"alice@example.org", "bob@example.org"}
    assert "angehalten" not in found["bob@example.org"]


def test_two_schedulers_write_it_once(days: Days) -> None:
    days.opened("stopped", days.at(-1, 12))
    begin, written = threading.Barrier(3), []

    def run() -> None:
        begin.wait()
        written.append(days.digests(days.at(0, 7)))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(written) == 1
    assert len(days.mails()) == 1
