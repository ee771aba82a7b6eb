"""The two numbers that stand on the overview and at every app: online, and how many should be."""

from __future__ import annotations

from sqlalchemy import ScalarSelect, func, select

from portal.models import Activation, Listing, Publication, Vehicle
from portal.models.exports import ListingState


def online() -> ScalarSelect[int]:
    """Listings of an activation, whatever waits for them; without those that the last check did not find."""
    here = (
        Listing.activation_id == Activation.id,
        Listing.state == ListingState.ONLINE,
        Listing.vanished_at.is_(None),
    )
    return select(func.count()).select_from(Listing).where(*here).scalar_subquery()


def released() -> ScalarSelect[int]:
    """Vehicles that should be online: in stock at this location, switched on and released here."""
    return (
        select(func.count())
        .select_from(Publication)
        .join(Vehicle, Vehicle.id == Publication.vehicle_id)
        .where(
            Publication.activation_id == Activation.id,
            Publication.released,
            Vehicle.location_id == Activation.location_id,
            Vehicle.withdrawn_at.is_(None),
            Vehicle.online,
        )
        .scalar_subquery()
    )
