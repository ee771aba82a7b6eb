"""Previews of stocks that are too large to be planned while somebody waits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Created, Moment, PublicId, Words


class StockPreview(Base):
    """What a transfer of a large stock would do, as workers find it out slice by slice.

    Whoever asks the same question (`key`) looks at the same row; of each at most one is open.
    """

    __tablename__ = "stock_preview"
    __table_args__ = (
        Index(
            "uq_stock_preview_one_open",
            "dealer_id",
            "key",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("ix_stock_preview_key", "dealer_id", "key", "id"),
        Index("ix_stock_preview_open", "id", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    activation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("activation.id", ondelete="CASCADE"), index=True
    )
    """None of an app that is activated for the first time."""
    key: Mapped[str] = mapped_column(String(64))
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """`portal.exports.previews.PreviewQuestion` as JSON. Without secrets."""
    total: Mapped[int]
    done: Mapped[int] = mapped_column(server_default=text("0"))
    position: Mapped[UUID | None]
    """The last vehicle that was planned; they go by their ids."""
    found: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """`portal.exports.dispatch.preview.Preview` as JSON, so far."""
    seen: Mapped[bytes] = mapped_column(server_default=text("''"))
    """The numbers that a file has had so far (`platforms.contract.files.Doubles`); empty when it ended."""
    reason: Mapped[Words]
    """Why there is none; empty where it went well."""
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """Turns since the last one that came further."""
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[Moment | None]
    created_at: Mapped[Created]
    finished_at: Mapped[Moment | None]
