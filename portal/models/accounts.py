"""Tenants, their locations, the people and their sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.messages import Wording, say
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


DELETED = say("Gelöschter Benutzer")


class Dealer(Base):
    """The tenant. The `export_*` columns are the presets of Settings → Export."""

    __tablename__ = "dealer"
    __table_args__ = (
        Index(
            "uq_dealer_lms_address",
            text("lower(lms_address)"),
            unique=True,
            postgresql_where=text("lms_address <> ''"),
        ),
    )

    id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    release_new_vehicles: Mapped[bool] = mapped_column(server_default=text("true"))
    platform_prices: Mapped[bool] = mapped_column(server_default=text("true"))
    export_vin: Mapped[bool] = mapped_column(server_default=text("true"))
    export_trade_ins: Mapped[bool] = mapped_column(server_default=text("true"))
    mild_hybrid_as: Mapped[str] = mapped_column(String(20), server_default="combustion")
    lms_address: Mapped[str] = mapped_column(String(200), server_default="")
    """The dealer's @dein.auto address, set up by the operator; empty before."""
    lms_forward_to: Mapped[str] = mapped_column(String(254), server_default="")
    inform_on_lock: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    """Users to be told of a lock; empty: everybody with the right `unlock` there."""
    support_allowed: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether support agents may look in at all."""
    support_may_act: Mapped[bool] = mapped_column(server_default=text("false"))
    """Standing consent: agents may unlock, start full transfers and book paid extras."""
    support_mail: Mapped[bool] = mapped_column(server_default=text("false"))
    require_second_factor: Mapped[bool] = mapped_column(server_default=text("false"))
    max_active_apps: Mapped[int | None]
    """Limits of the dealer's plan; NULL: none."""
    max_exported_vehicles: Mapped[int | None]
    max_users: Mapped[int | None]
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
    theme: Mapped[str] = mapped_column(String(10), server_default="auto")
    location_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    """Locations that the user is limited to; empty: all of the dealer's."""
    notify: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """Kind of problem → off, mail or digest; what is not named is told by mail at once."""
    totp_secret: Mapped[str] = mapped_column(server_default="", deferred=True)
    """Sealed by `portal.security.vault`, bound to this row."""
    totp_confirmed_at: Mapped[Moment | None]
    totp_last_step: Mapped[int] = mapped_column(server_default=text("0"))
    """A code is good for one login."""
    recovery_codes: Mapped[list[str]] = mapped_column(ARRAY(String(64)), server_default=text("'{}'"))
    """SHA-256 of those not used yet."""
    password_changed_at: Mapped[Moment | None]
    guesses_told_at: Mapped[Moment | None]
    """When a mail last told of failed logins."""
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    deleted_at: Mapped[Moment | None]
    """Since then the row is empty: what was done under it still points to somebody."""
    last_login_at: Mapped[Moment | None]
    created_at: Mapped[Created]

    dealer: Mapped[Dealer | None] = relationship()

    @property
    def is_authenticated(self) -> bool:
        """What Flask-Login asks; an anonymous visitor is no row of this table."""
        return True

    @hybrid_property
    def display_name(self) -> str:
        """Nobody has to give a name."""
        return self.name or self.login

    @display_name.inplace.expression
    @classmethod
    def _display_name(cls) -> ColumnElement[str]:
        return func.coalesce(func.nullif(cls.name, ""), cls.login)

    @property
    def called(self) -> Wording:
        """What others read."""
        return DELETED if self.deleted_at else self.display_name

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
    """Failed logins at one account name, known or not, from one place; survives a flushed Redis."""

    __tablename__ = "login_throttle"

    login: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(64), primary_key=True, server_default="")
    """An address, or a browser that the account knows."""
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    blocked_until: Mapped[datetime | None]


class ApiKey(Base):
    """A key for the dealer's own tools. Shown once; only its SHA-256 lies here."""

    __tablename__ = "api_key"

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    shown: Mapped[str] = mapped_column(String(12))
    """Its first characters, to tell it from others."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[Created]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    rights: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    """At most those of its maker, now as when it was made: see `in_force`."""
    last_used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]

    maker: Mapped[User | None] = relationship()

    @property
    def in_force(self) -> frozenset[str]:
        """What it may do now: nothing that its maker may not, and nothing without an active maker."""
        if self.maker is None or not self.maker.active or self.maker.dealer_id != self.dealer_id:
            return frozenset()
        return frozenset(self.rights) & frozenset(self.maker.rights)
