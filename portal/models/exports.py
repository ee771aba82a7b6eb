"""The tables that carry the engine (docs/architecture.md, "Life of a change")."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import Dealer, Location
from portal.models.base import Base, Created, Moment, PublicId, Words
from portal.models.states import (
    AT_WORK,
    LIVE,
    SERVED,
    ActivationState,
    AppKind,
    ListingState,
    LockEnd,
    LockRule,
    RunKind,
    RunState,
    TransferState,
    Trigger,
)
from portal.models.vehicles import Vehicle

__all__ = [
    "AT_WORK",
    "LIVE",
    "SERVED",
    "Activation",
    "ActivationLease",
    "ActivationState",
    "AppKind",
    "ImageUpload",
    "Listing",
    "ListingState",
    "LockEnd",
    "LockRule",
    "PlatformBreaker",
    "ReferenceList",
    "RunKind",
    "RunState",
    "Transfer",
    "TransferState",
    "Trigger",
]


class Activation(Base):
    """One app activated by one dealer for one customer number."""

    __tablename__ = "activation"
    __table_args__ = (
        Index(
            "uq_activation_live_customer",
            "app",
            "number_scope",
            "customer_number",
            unique=True,
            postgresql_where=text("state IN ('reconciling', 'active', 'locked', 'stopped', 'closing')"),
        ),
        Index("ix_activation_dealer", "dealer_id"),
        Index("ix_activation_shares_trouble", "app", postgresql_where=text("shares_trouble")),
    )

    id: Mapped[PublicId]
    dealer_id: Mapped[UUID] = mapped_column(ForeignKey("dealer.id", ondelete="CASCADE"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    app: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10), server_default=AppKind.API)
    """The app's kind: only for API apps a change becomes a transfer."""
    customer_number: Mapped[str] = mapped_column(String(40))
    number_scope: Mapped[str] = mapped_column(String(36), server_default="")
    """Within what the number is unique: empty for the whole platform, else the dealer's id."""
    account: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """The account as the platform describes it: `platforms.contract.Account` as JSON."""
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    counts_for_warning: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether what is missing here turns a vehicle's warning orange."""
    secrets: Mapped[str] = mapped_column(server_default="", deferred=True)
    """Secret settings, sealed by `portal.security.vault` and bound to this row; empty when there are none."""
    state: Mapped[str] = mapped_column(String(20), server_default=ActivationState.DRAFT)
    stop_cause: Mapped[str] = mapped_column(String(40), server_default="")
    stop_detail: Mapped[Words]
    stopped_at: Mapped[Moment | None]
    stopped_from: Mapped[str] = mapped_column(String(20), server_default="")
    """The state that it was stopped in: there it goes on when the cause is gone."""
    recheck_at: Mapped[Moment | None]
    """When a stopped activation looks by itself whether its cause is gone."""
    failing_since: Mapped[Moment | None]
    """The breaker is open: since then the platform as a whole has not answered, or asked for patience."""
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    """Failed probes in a row since then."""
    answered_at: Mapped[Moment | None]
    """When the platform last gave a proper answer, be it a refusal."""
    paused_until: Mapped[Moment | None]
    """Nothing is sent before; then one request goes out as a probe."""
    pause_reason: Mapped[Words]
    shares_trouble: Mapped[bool] = mapped_column(server_default=text("false"))
    """These four say what the breaker of the whole platform says, shown here; that one decides."""
    counted_from: Mapped[Moment | None]
    """The brake counts deletions and creations from here on: set by every approval."""
    approved_deletions: Mapped[int] = mapped_column(server_default=text("0"))
    approved_creations: Mapped[int] = mapped_column(server_default=text("0"))
    """Ceilings of the last approval: so many are let through, one more locks again."""
    approved_empty: Mapped[bool] = mapped_column(server_default=text("false"))
    """The last approval was for an inventory that became empty or was cut short."""
    checked_at: Mapped[Moment | None]
    """When the platform's list was last read whole and compared."""
    next_check_at: Mapped[Moment | None]
    next_figures_at: Mapped[Moment] = mapped_column(server_default=text("now() + interval '30 minutes'"))
    """When the platform is asked next how the listings do; of platforms that tell. At first buyers have seen
    nothing yet."""
    next_run_at: Mapped[Moment | None]
    """When the next whole-stock file is due; file apps only. NULL: the schedule is paused."""
    published_run_id: Mapped[UUID | None]
    """The last good file: what a pulled feed serves. No foreign key, two tables would need each other."""
    feed_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the address of a pulled feed."""
    host_key: Mapped[str] = mapped_column(String(200), server_default="")
    """Fingerprint of the SSH server, pinned at activation."""
    activated_at: Mapped[Moment | None]
    last_success_at: Mapped[Moment | None]
    created_at: Mapped[Created]

    dealer: Mapped[Dealer] = relationship()
    location: Mapped[Location] = relationship()


class ActivationLease(Base):
    """Which worker may send for an activation, and until when; apart from the activation's row, which long
    transactions lock. Every write of a transfer's outcome carries the token, so a worker that lost the
    lease changes nothing.

    The token is unique because of what PostgreSQL locks: whoever changes a unique column waits for those who
    hold the row FOR KEY SHARE, whoever changes another one does not. So a take-over waits for writes that go
    on under the token, and a heartbeat never does (exports/core/lease.py).
    """

    __tablename__ = "activation_lease"

    activation_id: Mapped[UUID] = mapped_column(
        ForeignKey("activation.id", ondelete="CASCADE"), primary_key=True
    )
    token: Mapped[UUID | None] = mapped_column(unique=True)
    """NULL once it was given back."""
    until: Mapped[Moment | None]


class PlatformBreaker(Base):
    """The breaker of a platform and the operator's account there, shared by every worker: what all
    activations would meet is met once (exports/trouble/platform_state.py)."""

    __tablename__ = "platform_breaker"

    app: Mapped[str] = mapped_column(String(40), primary_key=True)
    failing_since: Mapped[Moment | None]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    paused_until: Mapped[Moment | None]
    pause_reason: Mapped[Words]
    probe_token: Mapped[UUID | None]
    """Token of the lease under which the platform is asked whether it answers again. It holds as long as that
    lease does."""
    suspects: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    """Activations that met the same kind of trouble with no proper answer for anybody in between."""
    suspected_at: Mapped[Moment | None]
    well_since: Mapped[Moment | None]
    """When it closed last."""


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
        Index(
            "ix_listing_figures",
            "activation_id",
            "figures_at",
            # Its second half keeps it from those who ask for some vehicles of an activation that are online:
            # on tables never analysed PostgreSQL reads the whole of it for each thousand.
            postgresql_where=text("state = 'online' AND listing_id IS NOT NULL"),
        ),
        Index("ix_listing_price_label", "vehicle_id", postgresql_where=text("price_label <> ''")),
        Index("ix_listing_vanished", "activation_id", postgresql_where=text("vanished_at IS NOT NULL")),
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
    """The paid extras that run there, as the platform said last."""
    kept_bookings: Mapped[list[str]] = mapped_column(ARRAY(String(60)), server_default=text("'{}'"))
    """Those of them that were not booked from here: no update drops them (exports/core/remote_list.py)."""
    online_since: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    """Taken by the platform, or seen in its list as it should be."""
    drift: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """What the last stock check found to differ there, as field differences like `Transfer.changes`."""
    vanished_at: Mapped[Moment | None]
    """The last stock check did not find it there."""
    missed_at: Mapped[Moment | None]
    """When a list that may not have been whole lacked it, while nobody knows whether it exists: only what a
    later list lacks as well is not there."""
    awaiting_since: Mapped[Moment | None]
    """Stored by the platform and not shown to buyers yet."""
    protected_at: Mapped[Moment | None]
    """Locked there by the dealer: it can neither be changed nor deleted from here."""
    figures_at: Mapped[Moment] = mapped_column(server_default=text("'epoch'"))
    """When the platform was last asked how it does (`ListingDay`); 1970: never."""
    price_label: Mapped[str] = mapped_column(String(12), server_default="")
    """`contract.PriceLabel`; empty: never told."""
    price_rating: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), deferred=True)
    """`contract.PriceRating` as JSON, as it was told last."""


class Transfer(Base):
    """One vehicle sent once: history, ledger and queue in one table.

    At most one row per (activation, vehicle) waits, so quick changes fold by themselves.
    `action` is empty until a worker has decided it; of what a lock holds it is what the brake saw.
    `changes` are field differences `{"field", "label", "old", "new"}`; `attempts` are `{"at", "outcome",
    "exchanges": […]}`.
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
        # By hashes of the activation, so that nothing else takes them: an index that begins with the
        # activation itself is used to look one vehicle up, where statistics say that few wait. And on
        # conditions that only their own questions state: any other could read them from end to end.
        Index(
            "ix_transfer_due",
            text("uuid_hash(activation_id)"),
            text("not_before NULLS FIRST"),
            *("bulk", "attempt_count", "id"),
            postgresql_where=text("state = 'waiting' AND attempt_count >= 0"),
        ),
        Index(
            "ix_transfer_changed",
            text("uuid_hash_extended(activation_id, 0)"),
            "changed_at",
            postgresql_where=text("state = 'waiting' AND changed_at IS NOT NULL"),
        ),
        Index("ix_transfer_history", "activation_id", "id"),
        # NULLS FIRST, though there are none: who asks in that order is not answered from the primary key,
        # through what all others have sent.
        Index(
            "ix_transfer_facets",
            *("activation_id", "location_id", "state", "held", "action", "trigger"),
            text("id NULLS FIRST"),
        ),
        Index("ix_transfer_vehicle", "vehicle_id", "id"),
        Index("ix_transfer_run", "run_id", "id", postgresql_where=text("run_id IS NOT NULL")),
        Index(
            "ix_transfer_brake",
            "activation_id",
            "finished_at",
            postgresql_where=text("action IN ('create', 'delete') AND state IN ('ok', 'warning')"),
        ),
        Index(
            "ix_transfer_results",
            "activation_id",
            "finished_at",
            "state",
            postgresql_where=text("state IN ('ok', 'warning', 'rejected', 'failed')"),
        ),
        Index("ix_transfer_final", "id", postgresql_where=text("state NOT IN ('waiting', 'sending')")),
        Index(
            "ix_transfer_not_before",
            "not_before",
            postgresql_where=text("state = 'waiting' AND not_before IS NOT NULL"),
        ),
        Index("ix_transfer_poll", "activation_id", "poll_at", postgresql_where=text("poll_at IS NOT NULL")),
    )

    id: Mapped[PublicId]
    """UUIDv7: its order is the order of `created_at`, so paging by key needs no second column."""
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"))
    location_id: Mapped[UUID]
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    """The full transfer that it belongs to."""
    forced: Mapped[bool] = mapped_column(server_default=text("false"))
    """Sent also when the platform took the same payload before."""
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    """Waits because of a lock."""
    bulk: Mapped[bool] = mapped_column(server_default=text("false"))
    """A machine changed it (import, schedule, whole stock): what a person changed goes first."""
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
    poll_at: Mapped[Moment | None]
    """When the platform is asked next what became of it; also of one that has ended, for its paid extras."""
    poll_until: Mapped[Moment | None]
    created_at: Mapped[Created]
    changed_at: Mapped[Moment] = mapped_column(server_default=text("clock_timestamp()"))
    """When the last change that it stands for was noted; not when that was committed."""
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


class AccessToken(Base):
    """What the operator's credentials at a platform were exchanged for, shared by all processes."""

    __tablename__ = "access_token"

    platform: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Slug and base URL, as for reference lists."""
    sealed: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[Moment]


class ImageUpload(Base):
    """What a platform account calls a picture that it already has."""

    __tablename__ = "image_upload"

    account: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    ref: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[Created]
