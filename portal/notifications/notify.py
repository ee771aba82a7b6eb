"""Who is notified of a problem, and how: in the inbox and by email, when it opens and when it is over."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.messages import Wording
from portal.models.accounts import Dealer, Location, User
from portal.models.exports import Activation
from portal.models.notifications import Notification, Problem
from portal.models.runs import Lock
from portal.notifications import sentences
from portal.notifications.emails import PREFERENCES, Recipient, queue_email
from portal.notifications.problems import STOPPED_INSTEAD, ProblemKind
from portal.notifications.sentences import Notice
from portal.platforms import APPS, number_text
from portal.security.links import unlock_link


class EmailPreference(StrEnum):
    """OFF: no mail. DIGEST: once a day."""

    OFF = "off"
    MAIL = "mail"
    DIGEST = "digest"


def email_preference(user: User, kind: str) -> EmailPreference:
    """What is not named, or not understood, is told by mail at once."""
    wanted = user.notify.get(kind)
    return EmailPreference(wanted) if wanted in tuple(EmailPreference) else EmailPreference.MAIL


def set_email_preferences(user: User, wanted: dict[ProblemKind, EmailPreference]) -> None:
    user.notify = {**user.notify, **{str(kind): str(chosen) for kind, chosen in wanted.items()}}


DECIDED_BY_PEOPLE = (ProblemKind.LOCK, ProblemKind.FILE_HELD)
"""The dealer may pick who is told of these."""


def audience(session: Session, kind: str, activation: Activation) -> list[User]:
    """Those picked for a lock, else everybody at that location who may do something about it."""
    dealer = session.get_one(Dealer, activation.dealer_id)
    active = select(User).where(User.dealer_id == dealer.id, User.active).order_by(User.id)
    people = list(session.scalars(active))
    if kind not in DECIDED_BY_PEOPLE:
        return [user for user in people if _concerned(user, "activate_apps", activation)]
    picked = [user for user in people if user.id in dealer.inform_on_lock and _here(user, activation)]
    return picked or [user for user in people if _concerned(user, "unlock", activation)]


def _concerned(user: User, right: str, activation: Activation) -> bool:
    return user.may(right) and _here(user, activation)


def _here(user: User, activation: Activation) -> bool:
    return not user.location_ids or activation.location_id in user.location_ids


def forget_elsewhere(session: Session, user: User) -> None:
    """Take lines about other locations out of the inbox of a user who is limited."""
    if not user.location_ids:
        return
    elsewhere = (
        select(Problem.id)
        .join(Activation, Activation.id == Problem.activation_id)
        .where(Problem.dealer_id == user.dealer_id, Activation.location_id.not_in(user.location_ids))
    )
    mine = (Notification.user_id == user.id, Notification.problem_id.in_(elsewhere))
    session.execute(delete(Notification).where(*mine).execution_options(synchronize_session=False))


log = logging.getLogger(__name__)

SOLVED = "solved"
"""The kind of a line that says that something is over."""
UNTOLD = or_(Problem.told_at.is_(None), and_(Problem.closed_at.is_not(None), Problem.told_end_at.is_(None)))


@dataclass(frozen=True)
class ProblemContext:
    """A problem with what is said about it."""

    problem: Problem
    activation: Activation
    location: Location
    lock: Lock | None
    settings: Settings

    @property
    def app(self) -> Wording:
        slug = self.activation.app
        return APPS[slug].name if slug in APPS else slug

    @property
    def path(self) -> str:
        """The page where something can be done."""
        return f"/apps/{self.activation.id}"

    @property
    def since(self) -> datetime:
        """People are told of a failure some time after it began."""
        began = self.problem.detail.get("since")
        return datetime.fromisoformat(began) if began else self.problem.opened_at

    @cached_property
    def opening(self) -> Notice:
        cause = sentences.STOP_CAUSES.get(self.activation.stop_cause) or self.activation.stop_detail
        return sentences.opening(self.problem, self.app, cause, self.lock)

    def values(self) -> dict[str, Any]:
        """What every letter about it may say; nothing secret is among it."""
        return {
            "app": self.app,
            "number": number_text(self.activation.app, self.activation.customer_number),
            "location": f"{self.location.name} ({self.location.code})",
            "since": self.since,
            "url": f"{self.settings.portal_url}{self.path}",
            "preferences": f"{self.settings.portal_url}{PREFERENCES}",
        }


def notify_all(sessions: sessionmaker[Session], settings: Settings) -> int:
    """Tell of whatever nobody was told of yet; returns of how many problems."""
    with sessions() as session:
        waiting = list(session.scalars(select(Problem.id).where(UNTOLD).order_by(Problem.id)))
    return sum(_attempt(sessions, settings, problem_id) for problem_id in waiting)


def _attempt(sessions: sessionmaker[Session], settings: Settings, problem_id: UUID) -> bool:
    """One that cannot be told does not keep the others from being told."""
    try:
        with sessions.begin() as session:
            return _notify_of(session, settings, problem_id)
    except Exception:
        log.exception("problem %s could not be told", problem_id)
        return False


def _notify_of(session: Session, settings: Settings, problem_id: UUID) -> bool:
    free = select(Problem).where(Problem.id == problem_id, UNTOLD).with_for_update(skip_locked=True)
    problem = session.scalars(free).one_or_none()
    if problem is None:
        return False
    news = ProblemNews(session, load_context(session, settings, problem))
    if problem.told_at is None and problem.closed_at is None:
        news.tell_opening()
    if problem.told_at is not None and problem.closed_at is not None:
        news.tell_ending()
    # What was over before anybody was told of it is not worth a mail.
    problem.told_at = problem.told_at or func.now()
    if problem.closed_at is not None:
        problem.told_end_at = func.now()
    return True


def load_context(session: Session, settings: Settings, problem: Problem) -> ProblemContext:
    activation = session.get_one(Activation, problem.activation_id)
    location = session.get_one(Location, activation.location_id)
    about_lock = problem.kind == ProblemKind.LOCK and problem.subject_id
    lock = session.get(Lock, problem.subject_id) if about_lock else None
    return ProblemContext(problem, activation, location, lock, settings)


@dataclass(frozen=True)
class ProblemNews:
    """What people are told of a problem, in its transaction: that it is there, and that it is over."""

    session: Session
    case: ProblemContext

    def tell_opening(self) -> None:
        case, notice = self.case, self.case.opening
        letter = "problem" if case.lock is None else "lock"
        for user in audience(self.session, case.problem.kind, case.activation):
            if self._add_to_inbox(user, case.problem.kind, notice) == EmailPreference.MAIL:
                values = case.values() | {"title": notice.title, "body": notice.body}
                if case.lock is not None:
                    values["url"] = unlock_link(case.settings, case.lock, user.id)
                queue_email(self.session, case.settings, Recipient.of(user), letter, **values)

    def tell_ending(self) -> None:
        """Those who were told of the problem are told that it is over; its old lines count as read."""
        session, case = self.session, self.case
        unread = (Notification.problem_id == case.problem.id, Notification.read_at.is_(None))
        session.execute(update(Notification).where(*unread).values(read_at=func.now()))
        if case.problem.closed_how == STOPPED_INSTEAD:
            return
        closer = session.get(User, case.lock.closed_by) if case.lock and case.lock.closed_by else None
        notice = sentences.ending(case.problem, case.app, closer.display_name if closer else "")
        lines = select(Notification.user_id).where(Notification.problem_id == case.problem.id)
        told = select(User).where(User.id.in_(lines), User.active).order_by(User.id)
        for user in session.scalars(told).all():
            if self._add_to_inbox(user, SOLVED, notice) == EmailPreference.MAIL:
                values = {"title": notice.title, "body": notice.body, "until": case.problem.closed_at}
                queue_email(session, case.settings, Recipient.of(user), "solved", **(case.values() | values))

    def _add_to_inbox(self, user: User, kind: str, notice: Notice) -> EmailPreference:
        """A line in the inbox; returns how this user wants to be told besides."""
        wanted = email_preference(user, self.case.problem.kind)
        self.session.add(
            Notification(
                user_id=user.id,
                problem_id=self.case.problem.id,
                kind=kind,
                title=notice.title,
                body=notice.body,
                url=self.case.path,
                digest=wanted == EmailPreference.DIGEST,
            )
        )
        return wanted
