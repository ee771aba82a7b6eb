"""Reading the audit log: a filter, a page by key, everything for a download, who of the support was here.

No Flask.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.datastructures import MultiDict

from portal.models import Activation, AuditEvent, Dealer, SupportRequest, SupportSession

PAGE_SIZE = 50
MOST_LINES = 20_000
"""In one download."""
PERIODS = (1, 7, 30, 365)
"""Days."""


@dataclass(frozen=True)
class AuditFilter:
    """`about` is the object part of `what`; `dealer_id` None means all dealers (agents only), `days` None
    everything that there is."""

    dealer_id: UUID | None = None
    days: int | None = 30
    about: str = ""
    text: str = ""
    by_support: bool = False
    support_session_id: UUID | None = None
    activation_id: UUID | None = None
    before: UUID | None = None
    of_all: bool = False
    """For agents: every dealer's but theirs who forbade the support."""

    @classmethod
    def from_args(cls, args: MultiDict[str, str], dealer_id: UUID | None) -> AuditFilter:
        """Read the query of a URL; what is not on offer is left out."""
        days = args.get("days", "")
        return cls(
            dealer_id=dealer_id,
            days=next((period for period in PERIODS if str(period) == days), cls.days),
            about="".join(
                letter for letter in args.get("about", "")[:30] if letter.isalpha() or letter == "_"
            ),
            text=" ".join(args.get("q", "").replace("\0", "").split())[:100],
            by_support=args.get("support") == "1",
            before=args.get("before", type=UUID),
        )

    def as_args(self) -> dict[str, str]:
        given = {
            "days": str(self.days) if self.days != type(self).days else "",
            "about": self.about,
            "q": self.text,
            "support": "1" if self.by_support else "",
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class AuditPage:
    events: tuple[tuple[AuditEvent, str], ...]
    """Each with the name of its dealer."""
    older: UUID | None
    """Key of the next page."""


def read_page(session: Session, wanted: AuditFilter) -> AuditPage:
    """One query, newest first."""
    statement = _matching(wanted).limit(PAGE_SIZE + 1)
    if wanted.before:
        statement = statement.where(AuditEvent.id < wanted.before)
    rows = [(event, name or "") for event, name in session.execute(statement)]
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return AuditPage(tuple(rows), rows[-1][0].id if more else None)


def read_all(session: Session, wanted: AuditFilter, most: int) -> Iterator[tuple[AuditEvent, str]]:
    """What the filter lets through, the newest `most` lines of it."""
    for event, name in session.execute(_matching(wanted).limit(most)):
        yield event, name or ""


def _matching(wanted: AuditFilter) -> Select[AuditEvent, str | None]:
    statement = (
        select(AuditEvent, Dealer.name)
        .outerjoin(Dealer, Dealer.id == AuditEvent.dealer_id)
        .order_by(AuditEvent.id.desc())
    )
    if wanted.days is not None:
        statement = statement.where(AuditEvent.at > func.now() - timedelta(days=wanted.days))
    if wanted.of_all:
        statement = statement.where(or_(AuditEvent.dealer_id.is_(None), Dealer.support_allowed))
    if wanted.dealer_id is not None:
        statement = statement.where(AuditEvent.dealer_id == wanted.dealer_id)
    if wanted.about:
        statement = statement.where(AuditEvent.what.startswith(f"{wanted.about}.", autoescape=True))
    if wanted.by_support:
        statement = statement.where(AuditEvent.support_session_id.is_not(None))
    if wanted.support_session_id:
        statement = statement.where(AuditEvent.support_session_id == wanted.support_session_id)
    if wanted.activation_id:
        statement = statement.where(AuditEvent.activation_id == wanted.activation_id)
    if wanted.text:
        named = (cast(AuditEvent.actor, Text), AuditEvent.object_label)
        statement = statement.where(or_(*(field.icontains(wanted.text, autoescape=True) for field in named)))
    return statement


MOST_SESSIONS = 10


@dataclass(frozen=True)
class SupportSessionSummary:
    """A support session with what it asked for and changed at this app."""

    session: SupportSession
    requests: int
    changes: int


def find_support_sessions(session: Session, activation: Activation) -> list[SupportSessionSummary]:
    """The latest ones. One query; an address that names another dealer's app is no visit to that one."""
    asked = _at(SupportRequest, activation)
    changed = _at(AuditEvent, activation)
    statement = (
        select(SupportSession, _count(SupportRequest, asked), _count(AuditEvent, changed))
        .where(
            SupportSession.dealer_id == activation.dealer_id,
            or_(
                SupportSession.id.in_(select(SupportRequest.support_session_id).where(asked)),
                SupportSession.id.in_(select(AuditEvent.support_session_id).where(changed)),
            ),
        )
        .options(joinedload(SupportSession.agent))
        .order_by(SupportSession.id.desc())
        .limit(MOST_SESSIONS)
    )
    return [SupportSessionSummary(*row) for row in session.execute(statement)]


def _at(kind: type[SupportRequest | AuditEvent], activation: Activation) -> ColumnElement[bool]:
    return kind.activation_id == activation.id


def _count(kind: type[SupportRequest | AuditEvent], there: ColumnElement[bool]) -> ColumnElement[int]:
    mine = kind.support_session_id == SupportSession.id
    return (
        select(func.count()).select_from(kind).where(mine, there).correlate(SupportSession).scalar_subquery()
    )
