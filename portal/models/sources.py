"""Where a dealer's stock is fetched from, and what came of each pick-up."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Location, User
from portal.models.base import Base, Created, Moment, PublicId, Words


class PickupState(StrEnum):
    OPEN = "open"
    """It is being looked at, or waits: until the file rests, or for another attempt."""
    TAKEN = "taken"
    UNCHANGED = "unchanged"
    """The file is the one that was taken last."""
    MISSING = "missing"
    UNMAPPED = "unmapped"
    """The file is kept until somebody has said what its columns mean."""
    REFUSED = "refused"
    """The file came, but cannot be read."""
    FAILED = "failed"


class Trouble(StrEnum):
    """Of a source; people were told of it once and are told when it is over."""

    FAILING = "failing"
    AWAY = "away"
    """It has brought nothing new for longer than usual."""


class StockSource(Base):
    """A file that a dealer's system keeps somewhere. `settings` are those of `portal/sources/settings.py`."""

    __tablename__ = "stock_source"
    __table_args__ = (
        Index("ix_stock_source_dealer", "dealer_id"),
        Index("ix_stock_source_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    partial: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    secrets: Mapped[str] = mapped_column(server_default="", deferred=True)
    """Sealed by `portal.security.vault`, bound to this row."""
    host_key: Mapped[str] = mapped_column(String(200), server_default="")
    next_at: Mapped[Moment | None]
    """NULL: only by hand."""
    taken_at: Mapped[Moment | None]
    taken_file: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """What the server said of the file that was taken last: `{"size", "changed"}`."""
    taken_sha256: Mapped[str] = mapped_column(String(64), server_default="")
    gaps: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """Seconds between the files that were taken, the last ones."""
    trouble: Mapped[str] = mapped_column(String(12), server_default="")
    """A `Trouble`; empty while all is well."""
    trouble_since: Mapped[Moment | None]
    lease_token: Mapped[UUID | None]
    """Of the process that is at it; good until `leased_until`."""
    leased_until: Mapped[Moment | None]
    created_at: Mapped[Created]

    location: Mapped[Location] = relationship()


class StockPickup(Base):
    """One pick-up and what came of it. A source has at most one that is open, and keeps the last ones."""

    __tablename__ = "stock_pickup"
    __table_args__ = (
        Index("ix_stock_pickup_source", "source_id", "id"),
        Index(
            "uq_stock_pickup_one_open", "source_id", unique=True, postgresql_where=text("finished_at IS NULL")
        ),
    )

    id: Mapped[PublicId]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("stock_source.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), server_default=PickupState.OPEN)
    by_hand: Mapped[bool] = mapped_column(server_default=text("false"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    """In vain so far."""
    not_before: Mapped[Created]
    seen: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """What the server said of the file when it was looked at last: `{"size", "changed"}`."""
    reason: Mapped[Words]
    file_name: Mapped[str] = mapped_column(String(200), server_default="")
    size: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes that came."""
    import_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("vehicle_import.id", ondelete="SET NULL"), index=True
    )
    upload_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("stock_upload.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[Created]
    finished_at: Mapped[Moment | None]


class DropAccess(Base):
    """How a dealer's system logs in at the portal's SFTP server to drop files for a source.

    Like a key of the interface it can never do more than who set it up: without them it rests.
    """

    __tablename__ = "drop_access"

    source_id: Mapped[UUID] = mapped_column(
        ForeignKey("stock_source.id", ondelete="CASCADE"), primary_key=True
    )
    login: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200), server_default="")
    """Empty: by key only."""
    public_keys: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    """Lines of OpenSSH."""
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    """Who said last who may log in."""
    last_login_at: Mapped[Moment | None]

    source: Mapped[StockSource] = relationship()
    user: Mapped[User | None] = relationship()
