"""What was done and by whom: the audit log, and support agents who act for a dealer, on record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Dealer, User
from portal.models.base import Base, Created, Moment, PublicId, Words


class SupportSession(Base):
    """An agent's visit to a dealer; the agent stays logged in as himself. One is open for a login."""

    __tablename__ = "support_session"
    __table_args__ = (
        Index("ix_support_session_dealer", "dealer_id", "id"),
        Index(
            "ix_support_session_login_session",
            "login_session_id",
            postgresql_where=text("login_session_id IS NOT NULL"),
        ),
        Index(
            "uq_support_session_one_open",
            "login_session_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[PublicId]
    login_session_id: Mapped[UUID | None] = mapped_column(ForeignKey("login_session.id", ondelete="SET NULL"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    """Whoever leaves is emptied, not removed (`people/personal_data.py`): what they did stays."""
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(500))
    started_at: Mapped[Created]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_how: Mapped[str] = mapped_column(String(20), server_default="")
    """by_agent, by_dealer or logout; empty for one that ran out."""
    changes_since: Mapped[Moment | None]
    """Since then the agent may change things; NULL: only read."""
    address: Mapped[str] = mapped_column(String(45), server_default="")

    agent: Mapped[User] = relationship()
    dealer: Mapped[Dealer] = relationship()

    @property
    def over_since(self) -> datetime | None:
        """None while it goes on. One that ran out was ended by nobody."""
        if self.ended_at is None and self.expires_at <= datetime.now(UTC):
            return self.expires_at
        return self.ended_at


class SupportRequest(Base):
    """One request within a support session."""

    __tablename__ = "support_request"
    __table_args__ = (
        Index("ix_support_request_session", "support_session_id", "id"),
        Index(
            "ix_support_request_activation",
            "activation_id",
            "support_session_id",
            postgresql_where=text("activation_id IS NOT NULL"),
        ),
    )

    id: Mapped[PublicId]
    support_session_id: Mapped[UUID] = mapped_column(ForeignKey("support_session.id", ondelete="CASCADE"))
    at: Mapped[Created]
    method: Mapped[str] = mapped_column(String(10))
    path: Mapped[str] = mapped_column(String(300))
    status: Mapped[int]
    activation_id: Mapped[UUID | None]
    """The app that its address names, whether it is the dealer's or not."""


class AuditEvent(Base):
    """Who did what, for whom, on which object, when, from where. Kept for three years.

    `user_id` is who was logged in; in a support session that is the agent. NULL: the portal itself,
    or somebody with a link from a mail.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_dealer", "dealer_id", "id"),
        Index(
            "ix_audit_event_activation",
            "activation_id",
            "id",
            postgresql_where=text("activation_id IS NOT NULL"),
        ),
        Index("ix_audit_event_object", "object_id", "id", postgresql_where=text("object_id IS NOT NULL")),
        Index(
            "ix_audit_event_support",
            "support_session_id",
            "id",
            postgresql_where=text("support_session_id IS NOT NULL"),
        ),
        Index(
            "ix_audit_event_whole_address",
            "at",
            postgresql_where=text("address <> '' AND address NOT LIKE '%/%'"),
        ),
    )

    id: Mapped[PublicId]
    at: Mapped[Created]
    dealer_id: Mapped[UUID | None] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    actor: Mapped[Words]
    """The name at that time."""
    support_session_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("support_session.id", ondelete="SET NULL")
    )
    what: Mapped[str] = mapped_column(String(60))
    """`<object>.<verb>`, for example lock.approved, activation.activated, user.invited."""
    object_id: Mapped[UUID | None]
    object_label: Mapped[str] = mapped_column(String(200), server_default="")
    activation_id: Mapped[UUID | None]
    """The app that it was done at, also where the object is a lock or a run; those are forgotten."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """For changes `{"field": [old, new]}`; never a secret."""
    address: Mapped[str] = mapped_column(String(45), server_default="")
    """After 90 days only its network: 192.0.2.0/24, 2001:db8:1::/48."""
