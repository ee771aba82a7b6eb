"""Turns problems into inbox lines and mails: one when a problem opens, one when it is over."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models.accounts import Location, User
from portal.models.exports import Activation
from portal.models.messages import Notification, Problem
from portal.models.runs import Lock
from portal.notices import sentences
from portal.notices.audience import audience
from portal.notices.mailing import PREFERENCES, Recipient, post
from portal.notices.preferences import Way, way
from portal.notices.problems import STOPPED_INSTEAD, ProblemKind
from portal.notices.sentences import Notice
from portal.platforms import APPS
from portal.security.links import unlock_link

log = logging.getLogger(__name__)

SOLVED = "solved"
"""The kind of a line that says that something is over."""
UNTOLD = or_(Problem.told_at.is_(None), and_(Problem.closed_at.is_not(None), Problem.told_end_at.is_(None)))


@dataclass(frozen=True)
class Case:
    """A problem with what is said about it."""

    problem: Problem
    activation: Activation
    location: Location
    lock: Lock | None
    settings: Settings

    @property
    def app(self) -> str:
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

    def values(self) -> dict[str, Any]:
        """What every letter about it may say; nothing secret is among it."""
        return {
            "app": self.app,
            "number": self.activation.customer_number,
            "location": f"{self.location.name} ({self.location.code})",
            "since": self.since,
            "url": f"{self.settings.portal_url}{self.path}",
            "preferences": f"{self.settings.portal_url}{PREFERENCES}",
        }


def tell(sessions: sessionmaker[Session], settings: Settings) -> int:
    """Tell of whatever nobody was told of yet; returns of how many problems."""
    with sessions() as session:
        waiting = list(session.scalars(select(Problem.id).where(UNTOLD).order_by(Problem.id)))
    return sum(_attempt(sessions, settings, problem_id) for problem_id in waiting)


def _attempt(sessions: sessionmaker[Session], settings: Settings, problem_id: UUID) -> bool:
    """One that cannot be told does not keep the others from being told."""
    try:
        with sessions.begin() as session:
            return _tell_one(session, settings, problem_id)
    except Exception:
        log.exception("problem %s could not be told", problem_id)
        return False


def _tell_one(session: Session, settings: Settings, problem_id: UUID) -> bool:
    free = select(Problem).where(Problem.id == problem_id, UNTOLD).with_for_update(skip_locked=True)
    problem = session.scalars(free).one_or_none()
    if problem is None:
        return False
    case = load_case(session, settings, problem)
    if problem.told_at is None and problem.closed_at is None:
        _tell_opening(session, case)
    if problem.told_at is not None and problem.closed_at is not None:
        _tell_ending(session, case)
    # What was over before anybody was told of it is not worth a mail.
    problem.told_at = problem.told_at or func.now()
    if problem.closed_at is not None:
        problem.told_end_at = func.now()
    return True


def load_case(session: Session, settings: Settings, problem: Problem) -> Case:
    activation = session.get_one(Activation, problem.activation_id)
    location = session.get_one(Location, activation.location_id)
    about_lock = problem.kind == ProblemKind.LOCK and problem.subject_id
    lock = session.get(Lock, problem.subject_id) if about_lock else None
    return Case(problem, activation, location, lock, settings)


def opening_of(case: Case) -> Notice:
    return sentences.opening(case.problem, case.app, _cause(case), case.lock)


def _cause(case: Case) -> str:
    activation = case.activation
    return sentences.CAUSES.get(activation.stop_cause) or activation.stop_detail


def _tell_opening(session: Session, case: Case) -> None:
    notice = opening_of(case)
    for user in audience(session, case.problem.kind, case.activation):
        wanted = _note(session, case, user, case.problem.kind, notice)
        if wanted == Way.MAIL:
            _mail_opening(session, case, user, notice)


def _mail_opening(session: Session, case: Case, user: User, notice: Notice) -> None:
    values = case.values() | {"title": notice.title, "body": notice.body}
    if case.lock is None:
        post(session, case.settings, Recipient.of(user), "problem", **values)
        return
    values["url"] = unlock_link(case.settings, case.lock, user.id)
    post(session, case.settings, Recipient.of(user), "lock", **values)


def _tell_ending(session: Session, case: Case) -> None:
    """Those who were told of the problem are told that it is over; its old lines count as read."""
    if case.problem.closed_how == STOPPED_INSTEAD:
        _mark_read(session, case.problem)
        return
    notice = sentences.ending(case.problem, case.app, _who_decided(session, case))
    told = list(session.scalars(_told(case.problem)))
    _mark_read(session, case.problem)
    for user in told:
        if _note(session, case, user, SOLVED, notice) == Way.MAIL:
            values = {"title": notice.title, "body": notice.body, "until": case.problem.closed_at}
            post(session, case.settings, Recipient.of(user), "solved", **(case.values() | values))


def _told(problem: Problem) -> Any:
    lines = select(Notification.user_id).where(Notification.problem_id == problem.id)
    return select(User).where(User.id.in_(lines), User.active).order_by(User.id)


def _mark_read(session: Session, problem: Problem) -> None:
    unread = (Notification.problem_id == problem.id, Notification.read_at.is_(None))
    session.execute(update(Notification).where(*unread).values(read_at=func.now()))


def _who_decided(session: Session, case: Case) -> str:
    user = session.get(User, case.lock.closed_by) if case.lock and case.lock.closed_by else None
    return (user.name or user.login) if user else ""


def _note(session: Session, case: Case, user: User, kind: str, notice: Notice) -> Way:
    """A line in the inbox; returns how this user wants to be told besides."""
    wanted = way(user, case.problem.kind)
    session.add(
        Notification(
            user_id=user.id,
            problem_id=case.problem.id,
            kind=kind,
            title=notice.title[:200],
            body=notice.body[:1000],
            url=case.path,
            digest=wanted == Way.DIGEST,
        )
    )
    return wanted
