"""Which agents of the support were at one app of a dealer. No Flask."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.models import Activation, AuditEvent, SupportRequest, SupportSession

MOST = 10


@dataclass(frozen=True)
class Visit:
    """A support session with what it asked for and changed at this app."""

    session: SupportSession
    requests: int
    changes: int


def find_visits(session: Session, activation: Activation) -> list[Visit]:
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
        .limit(MOST)
    )
    return [Visit(*row) for row in session.execute(statement)]


def _at(kind: type[SupportRequest | AuditEvent], activation: Activation) -> ColumnElement[bool]:
    return kind.activation_id == activation.id


def _count(kind: type[SupportRequest | AuditEvent], there: ColumnElement[bool]) -> ColumnElement[int]:
    mine = kind.support_session_id == SupportSession.id
    return (
        select(func.count()).select_from(kind).where(mine, there).correlate(SupportSession).scalar_subquery()
    )
