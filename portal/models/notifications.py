"""What is told to users: problems once, lines in their inboxes, mails."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Created, Moment, PublicId, Words


class Problem(Base):
    """Something that people are told of once. One is open for an activation and a kind at a time."""

    __tablename__ = "problem"
    __table_args__ = (
        Index(
            "uq_problem_one_open",
            "activation_id",
            "kind",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_problem_dealer", "dealer_id", "id"),
        Index(
            "ix_problem_untold",
            "id",
            postgresql_where=text("told_at IS NULL OR closed_at IS NOT NULL AND told_end_at IS NULL"),
        ),
    )

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    """lock, stopped, failing, reconciliation or file_held."""
    subject_id: Mapped[UUID | None]
    """The lock or run that it is about."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    opened_at: Mapped[Created]
    closed_at: Mapped[Moment | None]
    closed_how: Mapped[str] = mapped_column(String(20), server_default="")
    told_at: Mapped[Moment | None]
    """When its opening was turned into notifications and mails."""
    told_end_at: Mapped[Moment | None]
    reminded_at: Mapped[Moment | None]


class Notification(Base):
    """A line in a user's inbox."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_user", "user_id", "id"),
        Index("ix_notification_unread", "user_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notification_digest", "user_id", postgresql_where=text("digest")),
        Index("ix_notification_problem", "problem_id", postgresql_where=text("problem_id IS NOT NULL")),
    )

    id: Mapped[PublicId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    problem_id: Mapped[UUID | None] = mapped_column(ForeignKey("problem.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[Words]
    body: Mapped[Words]
    url: Mapped[str] = mapped_column(String(300), server_default="")
    """A path within the portal."""
    digest: Mapped[bool] = mapped_column(server_default=text("false"))
    """Waits for the daily digest."""
    created_at: Mapped[Created]
    read_at: Mapped[Moment | None]


class Mail(Base):
    """A mail to be sent: written in the transaction of its cause, sent after the commit.

    Its bodies may carry links that open something: while it waits they lie sealed (`portal.security.vault`),
    and they are emptied once it is sent or given up.
    """

    __tablename__ = "mail"
    __table_args__ = (
        Index(
            "ix_mail_waiting", "not_before", postgresql_where=text("sent_at IS NULL AND failed_at IS NULL")
        ),
    )

    id: Mapped[PublicId]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    dealer_id: Mapped[UUID | None] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    sealed: Mapped[str] = mapped_column(server_default="")
    """Both bodies, bound to this row."""
    plain: Mapped[str] = mapped_column(server_default="")
    html: Mapped[str] = mapped_column(server_default="")
    """In the clear in rows of earlier versions only, which waited when `sealed` came."""
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str] = mapped_column(String(300), server_default="")
    not_before: Mapped[Created]
    created_at: Mapped[Created]
    sent_at: Mapped[Moment | None]
    failed_at: Mapped[Moment | None]
