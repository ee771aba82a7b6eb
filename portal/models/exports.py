"""The tables that carry the engine (docs/architecture.md, "Life of a change")."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Dealer, Location
from portal.models.base import Base, Created, Moment, PublicId
from portal.models.vehicles import Vehicle


class ActivationState(StrEnum):
    """CLOSING: deactivated with deletion; the engine removes every listing, then it is DEACTIVATED."""

    DRAFT = "draft"
    ACTIVE = "active"
    STOPPED = "stopped"
    CLOSING = "closing"
    DEACTIVATED = "deactivated"


class ListingState(StrEnum):
    """ABSENT: not at the platform. CREATING: a create may be on its way, its outcome is unknown.
    MISSING: the platform answered 404 to an update; only its whole list can say that it is gone."""

    ABSENT = "absent"
    CREATING = "creating"
    ONLINE = "online"
    MISSING = "missing"


class TransferState(StrEnum):
    """Each has a written definition in the interface (templates/history)."""

    WAITING = "waiting"
    SENDING = "sending"
    OK = "ok"
    WARNING = "warning"
    REJECTED = "rejected"
    FAILED = "failed"
    DISCARDED = "discarded"


class Trigger(StrEnum):
    CHANGE = "change"
    SCHEDULE = "schedule"
    BY_HAND = "by_hand"
    SUPPORT = "support"


class Activation(Base):
    """One app activated by one dealer for one customer number.

    `lease_token` and `lease_until` say which worker may send for it; every write of a
    transfer's outcome carries the token, so a worker that lost the lease changes nothing.
    """

    __tablename__ = "activation"
    __table_args__ = (
        Index(
            "uq_activation_live_customer",
            "app",
            "customer_number",
            unique=True,
            postgresql_where=text("state IN ('active', 'stopped', 'closing')"),
        ),
        Index("ix_activation_dealer", "dealer_id"),
    )

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    app: Mapped[str] = mapped_column(String(40))
    customer_number: Mapped[str] = mapped_column(String(40))
    account: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """The account as the platform describes it: `platforms.base.Account` as JSON."""
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(String(20), server_default=ActivationState.DRAFT)
    stop_cause: Mapped[str] = mapped_column(String(40), server_default="")
    stop_detail: Mapped[str] = mapped_column(String(500), server_default="")
    stopped_at: Mapped[Moment | None]
    paused_until: Mapped[Moment | None]
    """The platform as a whole asked for patience or did not answer."""
    pause_reason: Mapped[str] = mapped_column(String(500), server_default="")
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[Moment | None]
    activated_at: Mapped[Moment | None]
    last_success_at: Mapped[Moment | None]
    created_at: Mapped[Created]

    dealer: Mapped[Dealer] = relationship()
    location: Mapped[Location] = relationship()


class Listing(Base):
    """What we know of one vehicle at one platform account. Kept for ever.

    `creation_id` is the idempotency key of this generation of the listing: committed before the
    first create, kept until the listing is known to exist, renewed only after a confirmed deletion.
    `pending_hash` is the payload that a create of unknown outcome carried; NULL when several
    different ones may have arrived.
    The last result outlives the history; it is empty again once nothing is left to be done about it.
    """

    __tablename__ = "listing"
    __table_args__ = (
        UniqueConstraint("activation_id", "vehicle_id"),
        Index("ix_listing_vehicle", "vehicle_id"),
        Index(
            "ix_listing_trouble",
            "activation_id",
            postgresql_where=text("last_result IN ('rejected', 'failed')"),
        ),
    )

    id: Mapped[PublicId]
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20), server_default=ListingState.ABSENT)
    listing_id: Mapped[str | None] = mapped_column(String(80))
    internal_number: Mapped[str] = mapped_column(String(80), server_default="")
    """The number under which the platform was told of it; finds it again in the platform's list."""
    url: Mapped[str | None] = mapped_column(String(500))
    creation_id: Mapped[UUID | None]
    pending_hash: Mapped[str | None] = mapped_column(String(64))
    sent_hash: Mapped[str | None] = mapped_column(String(64))
    sent_payload: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), deferred=True)
    refused_hash: Mapped[str | None] = mapped_column(String(64))
    """The payload the platform refused last: not sent again until the vehicle changes."""
    last_result: Mapped[str] = mapped_column(String(12), server_default="")
    """The state in which the last transfer ended: ok, warning, rejected or failed."""
    last_feedback: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    last_transfer_id: Mapped[UUID | None]
    """No foreign key: that transfer is deleted when it is older than the history."""
    bookings: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default=text("'{}'"))
    online_since: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]


class Transfer(Base):
    """One vehicle sent once: history, ledger and queue in one table.

    At most one row per (activation, vehicle) waits, so quick changes fold by themselves.
    `action` is empty until a worker has decided it. `changes` are field differences
    `{"field", "label", "old", "new"}`; `attempts` are `{"at", "outcome", "exchanges": […]}`.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        Index(
            "uq_transfer_one_waiting",
            "activation_id",
            "vehicle_id",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_transfer_queue",
            "activation_id",
            "id",
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index(
            "ix_transfer_sending", "activation_id", "vehicle_id", postgresql_where=text("state = 'sending'")
        ),
        Index("ix_transfer_history", "activation_id", "id"),
        Index("ix_transfer_facets", "activation_id", "location_id", "state", "action", "trigger", "id"),
        Index("ix_transfer_vehicle", "vehicle_id", "id"),
        Index("ix_transfer_final", "id", postgresql_where=text("state NOT IN ('waiting', 'sending')")),
    )

    id: Mapped[PublicId]
    """UUIDv7: its order is the order of `created_at`, so paging by key needs no second column."""
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    location_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(String(12), server_default=TransferState.WAITING)
    action: Mapped[str] = mapped_column(String(10), server_default="")
    trigger: Mapped[str] = mapped_column(String(12), server_default=Trigger.CHANGE)
    payload_hash: Mapped[str | None] = mapped_column(String(64))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    feedback: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    bookings: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default=text("'{}'"))
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"))
    listing_id: Mapped[str | None] = mapped_column(String(80))
    url: Mapped[str | None] = mapped_column(String(500))
    lease_token: Mapped[UUID | None]
    not_before: Mapped[Moment | None]
    created_at: Mapped[Created]
    sent_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]

    vehicle: Mapped[Vehicle] = relationship()
    activation: Mapped[Activation] = relationship()


class ReferenceList(Base):
    """A platform's reference list as it was fetched: `values` are [key, label] pairs."""

    __tablename__ = "reference_list"

    platform: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Slug and base URL: a sandbox and the real platform never share a list."""
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    values: Mapped[list[Any]] = mapped_column(JSONB)
    fetched_at: Mapped[Created]


class ImageUpload(Base):
    """What a platform account calls a picture that it already has."""

    __tablename__ = "image_upload"

    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    ref: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[Created]
