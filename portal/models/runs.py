"""Runs over a whole stock, locks, and the match of two stocks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.accounts import User
from portal.models.base import Base, Created, Moment, PublicId, Words
from portal.models.exports import Activation, RunState, Trigger

OPEN_RUN = "state IN ('waiting', 'running', 'held')"
OPEN_RUN_STATES = (RunState.WAITING, RunState.RUNNING, RunState.HELD)
RUN_UNDER_WAY = (RunState.WAITING, RunState.RUNNING)
"""Without those that wait for somebody's decision."""


class Run(Base):
    """A whole-stock file, a full transfer, a reconciliation or a stock check, with its counts.

    Of each kind at most one is open for an activation.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("uq_run_one_open", "activation_id", "kind", unique=True, postgresql_where=text(OPEN_RUN)),
        Index("ix_run_activation", "activation_id", "kind", "id"),
        Index("ix_run_due", "not_before", postgresql_where=text("not_before IS NOT NULL")),
    )

    id: Mapped[PublicId]
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12), server_default=RunState.WAITING)
    trigger: Mapped[str] = mapped_column(String(12), server_default=Trigger.SCHEDULE)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    """Who asked for it by hand."""
    total: Mapped[int] = mapped_column(server_default=text("0"))
    accepted: Mapped[int] = mapped_column(server_default=text("0"))
    hinted: Mapped[int] = mapped_column(server_default=text("0"))
    rejected: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """Further numbers of its kind, for example `confirmed`, `drifted`, `vanished`, `unknown` of a check."""
    message: Mapped[Words]
    """Why it ended as it did."""
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    attempt_count: Mapped[int] = mapped_column(server_default=text("0"))
    not_before: Mapped[Moment | None]
    confirm_until: Mapped[Moment | None]
    """Until then the platform's report is looked for."""
    created_at: Mapped[Created]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]

    activation: Mapped[Activation] = relationship()
    user: Mapped[User | None] = relationship()


class RunFile(Base):
    """The file of a run as it was, or would have been, published. Whole once `sha256` is filled in.

    `size`, `crc32` and `sha256` are those of the plain file.
    """

    __tablename__ = "run_file"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    packed_size: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    crc32: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    sha256: Mapped[str] = mapped_column(String(64), server_default="")


class RunFilePart(Base):
    """A piece of at most 1 MiB, deflated: neither writing nor serving needs the whole file in memory.

    The pieces of a file one after the other are one deflate stream without its end, and each can be
    inflated by itself (portal/exports/stock_files/storage.py).
    """

    __tablename__ = "run_file_part"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("run_file.run_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RunVehicle(Base):
    """A vehicle in a run and how it fared: the vehicles behind the coloured numbers.

    `result` is accepted, hinted, rejected (by the platform), left_out (by preflight) or filtered (by the
    export's own filter).
    """

    __tablename__ = "run_vehicle"
    __table_args__ = (Index("ix_run_vehicle_vehicle", "vehicle_id", "run_id"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(String(80), server_default="")
    """Our number in the file."""
    result: Mapped[str] = mapped_column(String(12))
    feedback: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))


class PreparedEntry(Base):
    """What the last files of an activation said of a vehicle, for as long as its digest stays the same: that
    of everything that it depends on (exports/stock_files/prepared.py).

    `record` is how it stands in a file, so that the next one is put together without spelling it anew.
    `problems` and `hints` are those of the publication, `feedback` is what runs note. No second vehicle of a
    file may have one of the `keys`; `said_by_keys` is what each of them says.
    """

    __tablename__ = "prepared_entry"
    __table_args__ = (Index("ix_prepared_entry_vehicle", "vehicle_id"),)

    activation_id: Mapped[UUID] = mapped_column(
        ForeignKey("activation.id", ondelete="CASCADE"), primary_key=True
    )
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    number: Mapped[str] = mapped_column(String(80))
    result: Mapped[str] = mapped_column(String(12))
    feedback: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    hints: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    said_by_keys: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    record: Mapped[bytes] = mapped_column(LargeBinary)
    pictures: Mapped[str] = mapped_column(Text)
    """Those that go along with it, as JSON; empty where there are none."""
    keys: Mapped[bytes] = mapped_column(LargeBinary)


class ActivationDay(Base):
    """What a German day came to at an activation; the transfers themselves are forgotten much earlier.

    `sent` were taken by the platform, or stood in the files of the day; `rejected` were refused or not
    delivered.
    """

    __tablename__ = "activation_day"
    __table_args__ = (UniqueConstraint("activation_id", "day"),)

    id: Mapped[PublicId]
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    day: Mapped[date]
    sent: Mapped[int]
    rejected: Mapped[int]


class ListingDay(Base):
    """How a listing did until a German day: counts since it began, as its platform told them that day.

    None: that platform does not say. `price` is what it was asked about, `price_label` a `PriceLabel`.
    """

    __tablename__ = "listing_day"
    __table_args__ = (UniqueConstraint("listing_id", "day"),)

    id: Mapped[PublicId]
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id", ondelete="CASCADE"))
    day: Mapped[date]
    impressions: Mapped[int | None]
    views: Mapped[int | None]
    parkings: Mapped[int | None]
    emails: Mapped[int | None]
    calls: Mapped[int | None]
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    price_label: Mapped[str] = mapped_column(String(12), server_default="")


class CostEvent(Base):
    """What a platform may have charged for; the transfer itself is forgotten much earlier (exports/costs.py).

    `booking` is the code of a paid extra where `kind` is "booked", and empty otherwise.
    """

    __tablename__ = "cost_event"
    __table_args__ = (
        UniqueConstraint("transfer_id", "kind", "booking"),
        Index("ix_cost_event_activation", "activation_id", "at"),
        Index("ix_cost_event_vehicle", "vehicle_id", "activation_id"),
    )

    id: Mapped[PublicId]
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    transfer_id: Mapped[UUID]
    """No foreign key: that transfer is deleted when it is older than the history."""
    offer_number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    booking: Mapped[str] = mapped_column(String(60), server_default="")
    at: Mapped[datetime]


class FeedFetch(Base):
    """Somebody fetched a pulled feed: its confirmation."""

    __tablename__ = "feed_fetch"
    __table_args__ = (
        Index("ix_feed_fetch_activation", "activation_id", "id"),
        Index("ix_feed_fetch_run", "run_id", postgresql_where=text("run_id IS NOT NULL")),
    )

    id: Mapped[PublicId]
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    fetched_at: Mapped[Created]
    address: Mapped[str] = mapped_column(String(45), server_default="")
    user_agent: Mapped[str] = mapped_column(String(200), server_default="")
    status: Mapped[int]


class Lock(Base):
    """A stop on a large stock deviation, with the numbers that led to it. At most one is open.

    The numbers follow the deviation while it is open; an approval is for those that were shown.
    """

    __tablename__ = "lock"
    __table_args__ = (
        Index("uq_lock_one_open", "activation_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_lock_run", "run_id", postgresql_where=text("run_id IS NOT NULL")),
    )

    id: Mapped[PublicId]
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    """The file that was not published; file apps only."""
    rule: Mapped[str] = mapped_column(String(12))
    online: Mapped[int]
    """Listings online when it was last looked at."""
    deletions: Mapped[int]
    """Waiting and done in the window that counts."""
    creations: Mapped[int]
    deletions_done: Mapped[int]
    """Those of them that were carried out before the lock closed."""
    creations_done: Mapped[int]
    deletion_limit: Mapped[int]
    creation_limit: Mapped[int]
    opened_at: Mapped[Created]
    looked_at: Mapped[Created]
    closed_at: Mapped[Moment | None]
    closed_how: Mapped[str] = mapped_column(String(12), server_default="")
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    by_mail: Mapped[bool] = mapped_column(server_default=text("false"))
    """Closed through the link in the mail."""

    activation: Mapped[Activation] = relationship()


class LockedVehicle(Base):
    """A vehicle whose deletion or creation is part of the deviation."""

    __tablename__ = "locked_vehicle"
    __table_args__ = (Index("ix_locked_vehicle_vehicle", "vehicle_id", "lock_id"),)

    lock_id: Mapped[UUID] = mapped_column(ForeignKey("lock.id", ondelete="CASCADE"), primary_key=True)
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id", ondelete="CASCADE"), primary_key=True)
    action: Mapped[str] = mapped_column(String(10))
    reason: Mapped[Words]


class Match(Base):
    """An entry of a reconciliation: one for each listing of the platform, with its vehicle where it has
    one, and one for each vehicle that is only here.

    `suggested_id` names a vehicle that is only here and looks like the same, `distance` in kilometres.
    `decision`: create or withhold for a vehicle, keep or delete for a listing, empty while open; a
    deletion becomes deleted or refused when the platform has answered.
    """

    __tablename__ = "match"
    __table_args__ = (
        Index("uq_match_vehicle", "run_id", "vehicle_id", unique=True),
        Index("uq_match_listing", "run_id", "listing_id", unique=True),
        Index(
            "ix_match_suggested", "run_id", "suggested_id", postgresql_where=text("suggested_id IS NOT NULL")
        ),
    )

    id: Mapped[PublicId]
    run_id: Mapped[UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    activation_id: Mapped[UUID] = mapped_column(ForeignKey("activation.id", ondelete="CASCADE"))
    vehicle_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    """Of a vehicle that left for good the listing stays."""
    listing_id: Mapped[str | None] = mapped_column(String(80))
    method: Mapped[str] = mapped_column(String(12), server_default="")
    """How the pair was found, or why it is suggested: `portal.exports.reconciliation.matching.Method`."""
    suggested_id: Mapped[UUID | None] = mapped_column(ForeignKey("vehicle.id", ondelete="SET NULL"))
    distance: Mapped[int | None]
    internal_number: Mapped[str] = mapped_column(String(80), server_default="")
    vin: Mapped[str] = mapped_column(String(20), server_default="")
    title: Mapped[str] = mapped_column(String(300), server_default="")
    url: Mapped[str] = mapped_column(String(500), server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    """What the platform shows of it: make, model, first_registration, mileage, price."""
    bookings: Mapped[list[str] | None] = mapped_column(ARRAY(String(60)))
    """The paid extras that run there; NULL where the list does not say."""
    decision: Mapped[str] = mapped_column(String(10), server_default="")
