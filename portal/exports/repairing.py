"""What people do about a listing that is not as it should be (stock check)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.models.exports import Activation, Listing, ListingState, Trigger
from portal.models.vehicles import Vehicle
from portal.outbox import note_forced
from portal.vehicles.publication import NO_CHOICE, choices_of, publish

NO_DRIFT: list[object] = []


def drifted_ids(session: Session, activation_id: UUID) -> list[UUID]:
    """Vehicles whose listing differed from what was sent."""
    return list(
        session.scalars(
            select(Listing.vehicle_id).where(
                Listing.activation_id == activation_id, Listing.drift != NO_DRIFT
            )
        )
    )


def send_again(
    session: Session, activation: Activation, vehicle_ids: Collection[UUID], trigger: Trigger
) -> int:
    """Send the data once more, although nothing has changed; returns how many wait now."""
    return note_forced(session, activation.id, trigger, vehicle_ids) if vehicle_ids else 0


def publish_anew(
    session: Session, activation: Activation, vehicle_ids: Collection[UUID], trigger: Trigger
) -> int:
    """Have listings that vanished created again, unless the platform's list has them after all."""
    vanished = (
        Listing.activation_id == activation.id,
        Listing.vehicle_id.in_(vehicle_ids),
        Listing.state == ListingState.ONLINE,
        Listing.vanished_at.is_not(None),
    )
    ids = session.scalars(select(Listing.vehicle_id).where(*vanished)).all()
    # First the rows that wait, then the listings: the order in which a worker locks them.
    waiting = send_again(session, activation, ids, trigger)
    if waiting:
        session.execute(update(Listing).where(*vanished).values(state=ListingState.MISSING))
    return waiting


def withdraw(session: Session, activation: Activation, vehicle: Vehicle) -> bool:
    """Publish the vehicle there no longer. False: it was not released there any more."""
    choice = choices_of(session, vehicle).get(activation.id, NO_CHOICE)
    return publish(session, vehicle, vehicle.online, {activation.id: replace(choice, released=False)})
