"""What a dealer said of files in layouts of others, and files that wait for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Location
from portal.models.base import Base, Created, Moment, PublicId


class StockLayout(Base):
    """A layout under its name. Files with the same header (`signature`) are read by it, at every location.

    `definition` is a `Layout`, `survey` what stood in the file that it was made from, both as JSON.
    """

    __tablename__ = "stock_layout"
    __table_args__ = (UniqueConstraint("dealer_id", "signature"), UniqueConstraint("dealer_id", "name"))

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    signature: Mapped[str] = mapped_column(String(64))
    definition: Mapped[dict[str, Any]]
    survey: Mapped[dict[str, Any]]
    created_at: Mapped[Created]
    updated_at: Mapped[Moment] = mapped_column(server_default=text("now()"))


class StockUpload(Base):
    """A file that waits until somebody has said what its columns mean; one at a location, the newest."""

    __tablename__ = "stock_upload"
    __table_args__ = (Index("ix_stock_upload_dealer", "dealer_id"), UniqueConstraint("location_id"))

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(200))
    partial: Mapped[bool]
    survey: Mapped[dict[str, Any]]
    created_at: Mapped[Created]

    location: Mapped[Location] = relationship()


class StockUploadPart(Base):
    """A piece of at most 1 MiB, deflated by itself."""

    __tablename__ = "stock_upload_part"

    upload_id: Mapped[UUID] = mapped_column(
        ForeignKey("stock_upload.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
