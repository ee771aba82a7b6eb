"""Tenants, their locations, the people and their sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Created, Moment, PublicId

RIGHTS = (
    "view",
    "activate_apps",
    "unlock",
    "full_transfer",
    "edit_vehicles",
    "settings",
    "manage_users",
)


class Dealer(Base):
    """The tenant. The `export_*` columns are the presets of Settings → Export."""

    __tablename__ = "dealer"

    id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    release_new_vehicles: Mapped[bool] = mapped_column(server_default=text("true"))
    platform_prices: Mapped[bool] = mapped_column(server_default=text("true"))
    export_vin: Mapped[bool] = mapped_column(server_default=text("true"))
    export_trade_ins: Mapped[bool] = mapped_column(server_default=text("true"))
    mild_hybrid_as: Mapped[str] = mapped_column(String(20), server_default="combustion")
    lms_address: Mapped[str] = mapped_column(String(200), server_default="")
    created_at: Mapped[Created]

    locations: Mapped[list[Location]] = relationship(back_populates="dealer", order_by="Location.code")


class Location(Base):
    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("dealer_id", "code"),)

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    street: Mapped[str] = mapped_column(String(200), server_default="")
    postal_code: Mapped[str] = mapped_column(String(10), server_default="")
    city: Mapped[str] = mapped_column(String(100), server_default="")
    phone: Mapped[str] = mapped_column(String(60), server_default="")

    dealer: Mapped[Dealer] = relationship(back_populates="locations")


class User(Base):
    """Someone who logs in. Support agents belong to no dealer."""

    __tablename__ = "user"

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID | None] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"), index=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200), server_default="")
    email: Mapped[str] = mapped_column(String(254), server_default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20), server_default="dealer")
    rights: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    language: Mapped[str] = mapped_column(String(5), server_default="de")
    theme: Mapped[str] = mapped_column(String(10), server_default="light")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    last_login_at: Mapped[Moment | None]
    created_at: Mapped[Created]

    dealer: Mapped[Dealer | None] = relationship()

    @property
    def is_authenticated(self) -> bool:
        """What Flask-Login asks; an anonymous visitor is no row of this table."""
        return True

    def may(self, right: str) -> bool:
        return right in self.rights


class LoginSession(Base):
    """A login. The cookie carries a random token; only its SHA-256 lies here."""

    __tablename__ = "login_session"

    id: Mapped[PublicId]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Created]
    last_seen_at: Mapped[Created]
    ended_at: Mapped[Moment | None]
    address: Mapped[str] = mapped_column(String(45), server_default="")
    user_agent: Mapped[str] = mapped_column(String(300), server_default="")

    user: Mapped[User] = relationship()


class LoginThrottle(Base):
    """Failed logins of one account name, known or not; survives a flushed Redis."""

    __tablename__ = "login_throttle"

    login: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    blocked_until: Mapped[datetime | None]
