"""What the portal holds about a person: handed out as one document, and forgotten when they leave.

Of who was deleted the row stays, empty of everything personal: what was done under it is evidence for as long
as claims can be made, and goes on to point at somebody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.messages import say
from portal.models import (
    ApiKey,
    AuditEvent,
    CustomerNumber,
    DropAccess,
    LoginSession,
    LoginThrottle,
    Mail,
    Notification,
    SupportRequest,
    SupportSession,
    User,
    WebhookEndpoint,
)
from portal.models.accounts import DELETED
from portal.people import second_factor
from portal.vehicles.release import lock_dealer

BROWSERS = say(
    "Ihre Browser tragen ein signiertes Cookie, an dem das Portal erkennt, dass Sie sich dort schon "
    "angemeldet haben. Im Portal liegt davon nichts."
)


class LastManager(Exception):
    """Nobody of the dealer could manage users any more."""


@dataclass(frozen=True)
class Holding:
    """Rows of one table that are about a person; never a password, a token or their hashes."""

    name: str
    table: Any
    columns: Sequence[str]
    mine: ColumnElement[bool]


_EVENT = ("at", "what", "object_label", "detail", "address")
_OWNED: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
    (
        "logins",
        LoginSession,
        LoginSession.user_id,
        ("created_at", "last_seen_at", "ended_at", "address", "user_agent"),
    ),
    ("actions", AuditEvent, AuditEvent.user_id, _EVENT),
    ("mails", Mail, Mail.user_id, ("recipient", "subject", "created_at", "sent_at", "failed_at", "error")),
    (
        "notifications",
        Notification,
        Notification.user_id,
        ("kind", "title", "body", "url", "created_at", "read_at"),
    ),
    (
        "api_keys",
        ApiKey,
        ApiKey.created_by,
        ("name", "shown", "rights", "created_at", "last_used_at", "revoked_at"),
    ),
    ("webhooks", WebhookEndpoint, WebhookEndpoint.created_by, ("name", "url", "events", "created_at")),
    ("drop_folders", DropAccess, DropAccess.user_id, ("login", "last_login_at")),
    (
        "support_sessions",
        SupportSession,
        SupportSession.agent_id,
        ("reason", "started_at", "expires_at", "ended_at", "ended_how", "changes_since", "address"),
    ),
)
"""Name in the document, table, the column with the person's key, and what is told."""


def holdings(user: User) -> tuple[Holding, ...]:
    visits = select(SupportSession.id).where(SupportSession.agent_id == user.id)
    of_others = (AuditEvent.object_id == user.id) & (AuditEvent.user_id.is_distinct_from(user.id))
    tries, requests = ("origin", "failures", "blocked_until"), ("at", "method", "path", "status")
    return (
        *(Holding(name, table, columns, owner == user.id) for name, table, owner, columns in _OWNED),
        Holding("actions_of_others_on_the_account", AuditEvent, _EVENT, of_others),
        Holding("failed_logins", LoginThrottle, tries, LoginThrottle.login == user.login),
        Holding("support_requests", SupportRequest, requests, SupportRequest.support_session_id.in_(visits)),
        *(
            Holding(f"customer_numbers_{column.key}", CustomerNumber, ("platform", "number"), mine)
            for column, mine in _named_in_numbers(user)
        ),
    )


def _named_in_numbers(user: User) -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """Who asked for a number and who decided stands there by name: dealers' people at their own numbers,
    the operator's where they decided."""
    names = [name for name in (user.name, user.login) if name]
    if user.dealer_id is None:
        for column in (CustomerNumber.decided_by, CustomerNumber.released_by):
            yield column, column.in_(names)
        return
    for column in (CustomerNumber.requested_by, CustomerNumber.decided_by, CustomerNumber.released_by):
        yield column, column.in_(names) & (CustomerNumber.dealer_id == user.dealer_id)


ACCOUNT = (
    *("login", "name", "email", "role", "rights", "location_ids", "language", "theme", "notify", "active"),
    *("created_at", "last_login_at", "password_changed_at", "totp_confirmed_at", "guesses_told_at"),
)


def held_about(session: Session, user: User) -> dict[str, Any]:
    """What is known of a person, by what it is. One query for each kind."""
    found: dict[str, Any] = {
        "exported_at": datetime.now(UTC),
        "account": {name: getattr(user, name) for name in ACCOUNT},
        "unused_recovery_codes": len(user.recovery_codes),
        "dealer": user.dealer.name if user.dealer else None,
    }
    for holding in holdings(user):
        columns = [getattr(holding.table, name) for name in holding.columns]
        rows = session.execute(select(*columns).where(holding.mine).order_by(columns[0]))
        found[holding.name] = [dict(zip(holding.columns, row, strict=True)) for row in rows]
    return found | {"known_browsers": BROWSERS}


def as_document(found: Mapping[str, Any]) -> str:
    """JSON; moments by ISO 8601, messages in German."""
    return json.dumps(
        found,
        ensure_ascii=False,
        indent=2,
        default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
    )


def delete_person(session: Session, who: audit.Who, user: User) -> None:
    """Logins, open pages, keys and webhooks end with the commit, which is the caller's.

    Raises LastManager, with nothing changed.
    """
    if user.dealer is not None:
        lock_dealer(session, user.dealer)
    leaving = LeavingPerson(session, who, user)
    if leaving.is_last_manager():
        raise LastManager
    leaving.forget_logins()
    leaving.end_what_is_theirs()
    leaving.take_out_of_records()
    leaving.empty_account()
    audit.log(session, who, "user.deleted", dealer_id=user.dealer_id, object_id=user.id, label=str(DELETED))
    session.flush()


@dataclass(frozen=True)
class LeavingPerson:
    """What becomes of everything about somebody who is deleted."""

    session: Session
    who: audit.Who
    user: User

    def is_last_manager(self) -> bool:
        user = self.user
        if user.dealer is None or not (user.active and user.may("manage_users")):
            return False
        others = (User.dealer_id == user.dealer_id, User.id != user.id, User.active)
        able = select(func.count()).where(*others, User.rights.contains(["manage_users"]))
        return not self.session.scalar(able)

    def forget_logins(self) -> None:
        """With the mails and the inbox, which are nobody else's."""
        for table in (LoginSession, Mail, Notification):
            self.session.execute(delete(table).where(table.user_id == self.user.id))
        self.session.execute(delete(LoginThrottle).where(LoginThrottle.login == self.user.login))

    def end_what_is_theirs(self) -> None:
        session, user = self.session, self.user
        mine = (ApiKey.created_by == user.id, ApiKey.revoked_at.is_(None))
        for key in session.scalars(select(ApiKey).where(*mine)):
            key.revoked_at = datetime.now(UTC)
            audit.log(
                session, self.who, "api_key.revoked",
                dealer_id=key.dealer_id, object_id=key.id, label=key.name,
            )  # fmt: skip
        # Keys of drop folders may end in a comment with a name; who set them up vouched for them.
        dropped = update(DropAccess).where(DropAccess.user_id == user.id)
        session.execute(dropped.values(password_hash="", public_keys=[], user_id=None))
        visits = update(SupportSession).where(SupportSession.agent_id == user.id)
        ended = visits.where(SupportSession.ended_at.is_(None))
        session.execute(ended.values(ended_at=func.now(), ended_how="logout"))
        session.execute(visits.values(address=""))
        if user.dealer is not None:
            user.dealer.inform_on_lock = [one for one in user.dealer.inform_on_lock if one != user.id]

    def take_out_of_records(self) -> None:
        """Lines of the log stay, with nobody's name and address; what was done to the account, too."""
        done = update(AuditEvent).where(AuditEvent.user_id == self.user.id)
        self.session.execute(done.values(actor=DELETED, address=""))
        suffered = update(AuditEvent).where(AuditEvent.object_id == self.user.id)
        without = AuditEvent.detail.op("-")("name").op("-")("email")
        self.session.execute(suffered.values(object_label=str(DELETED), detail=without))
        for column, mine in _named_in_numbers(self.user):
            self.session.execute(update(CustomerNumber).where(mine).values({column: str(DELETED)}))

    def empty_account(self) -> None:
        """The login is free again; nobody can log in to the row, and no link opens it."""
        user = self.user
        user.login, user.name, user.email, user.password_hash = f"deleted-{user.id.hex}", "", "", ""
        user.rights, user.location_ids, user.notify = [], [], {}
        user.active, user.deleted_at = False, datetime.now(UTC)
        user.last_login_at = user.password_changed_at = user.guesses_told_at = None
        second_factor.turn_off(user)
