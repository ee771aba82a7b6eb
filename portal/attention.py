"""How much needs the dealer's attention: the number beside Handlungsbedarf."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select, union

from portal.exports.outbox import LIVE
from portal.extensions import db
from portal.models import Activation, Listing, Publication, Vehicle
from portal.models.exports import ActivationState

MANY = 1000
"""Counting stops here: beyond it the exact number helps nobody and costs time on every page."""


def count(dealer_id: UUID) -> int:
    """Vehicles with a problem plus stopped apps, counted up to MANY."""
    vehicles = _vehicles(dealer_id).limit(MANY).subquery()
    stopped = (
        select(func.count())
        .select_from(Activation)
        .where(Activation.dealer_id == dealer_id, Activation.state == ActivationState.STOPPED)
        .scalar_subquery()
    )
    return db.session.scalar(select(func.count() + stopped).select_from(vehicles)) or 0


def _vehicles(dealer_id: UUID) -> Select[UUID]:
    """Vehicles in stock that cannot go anywhere, cannot go to one platform, or were refused by one."""
    live = (Activation.dealer_id == dealer_id, Activation.state.in_(LIVE))
    in_stock = (Vehicle.dealer_id == dealer_id, Vehicle.withdrawn_at.is_(None))
    nowhere = select(Vehicle.id).where(*in_stock, Vehicle.online, Vehicle.problems != [])
    blocked = (
        select(Publication.vehicle_id)
        .join(Activation, Activation.id == Publication.activation_id)
        .join(Vehicle, Vehicle.id == Publication.vehicle_id)
        .where(*live, *in_stock, Vehicle.online, Publication.released, Publication.problems != [])
    )
    refused = (
        select(Listing.vehicle_id)
        .join(Activation, Activation.id == Listing.activation_id)
        .join(Vehicle, Vehicle.id == Listing.vehicle_id)
        .where(*live, *in_stock, Listing.refused_hash.is_not(None))
    )
    found = union(nowhere, blocked, refused).subquery()
    return select(found.c[0])
