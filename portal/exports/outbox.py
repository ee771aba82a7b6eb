"""How a change gets into the queue: rows in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.exports.doorbell import ring_after_commit
from portal.models.exports import Activation, ActivationState, Listing, ListingState, Transfer, TransferState, Trigger
from portal.models.vehicles import Publication, Vehicle

LIVE = (ActivationState.ACTIVE, ActivationState.STOPPED)


def note_changes(session: Session, vehicle_ids: Collection[UUID], trigger: Trigger = Trigger.CHANGE) -> None:
    """Insert a waiting transfer for each vehicle and each activation concerned.

    Concerned is a live activation where the vehicle is released or has (or may have) a listing.
    What is to be done is decided when it is sent. Call it in the transaction of the change;
    a row that waits already stands for this change too.
    """
    if not vehicle_ids:
        return
    session.flush()
    rows = _concerned(trigger).where(Vehicle.id.in_(vehicle_ids))
    _insert(session, rows)
    concerned = select(rows.subquery().c.activation_id).distinct()
    ring_after_commit(session, session.scalars(concerned).all())


def note_activation(session: Session, activation: Activation, trigger: Trigger = Trigger.CHANGE) -> None:
    """Insert a waiting transfer for every vehicle that this activation concerns."""
    session.flush()
    _insert(session, _concerned(trigger).where(Activation.id == activation.id))
    ring_after_commit(session, [activation.id])


def _concerned(trigger: Trigger):  # type: ignore[no-untyped-def]  # the row type is spelled in _insert
    return (
        select(
            Activation.id.label("activation_id"),
            Vehicle.id.label("vehicle_id"),
            Vehicle.location_id,
            literal(str(trigger)).label("trigger"),
        )
        .select_from(Vehicle)
        .join(Activation, Activation.dealer_id == Vehicle.dealer_id)
        .outerjoin(
            Publication,
            (Publication.activation_id == Activation.id) & (Publication.vehicle_id == Vehicle.id),
        )
        .outerjoin(Listing, (Listing.activation_id == Activation.id) & (Listing.vehicle_id == Vehicle.id))
        .where(
            Activation.state.in_(LIVE),
            or_(Publication.released.is_(True), Listing.state != ListingState.ABSENT),
        )
    )


def _insert(session: Session, rows) -> None:  # type: ignore[no-untyped-def]
    columns = ["activation_id", "vehicle_id", "location_id", "trigger"]
    session.execute(
        insert(Transfer)
        .from_select(columns, rows)
        .on_conflict_do_nothing(
            index_elements=["activation_id", "vehicle_id"],
            index_where=Transfer.state == TransferState.WAITING,
        )
    )
