"""How much needs the dealer's attention: the number beside Handlungsbedarf."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_babel import format_decimal
from sqlalchemy import Select, func, select, union

from portal.exports.outbox import LIVE
from portal.extensions import db
from portal.models import Activation, Listing, Publication, Vehicle
from portal.models.exports import ActivationState

MANY = 1000
"""Counting stops here: beyond it the exact number helps nobody and costs time on every page."""


@dataclass(frozen=True)
class Attention:
    """Vehicles with a problem (at most MANY) and stopped activations."""

    vehicles: int
    stopped: int

    @property
    def total(self) -> int:
        return self.vehicles + self.stopped

    @property
    def text(self) -> str:
        """The number of vehicles as it is written."""
        return f"{format_decimal(self.vehicles)}+" if self.vehicles >= MANY else format_decimal(self.vehicles)


def current(dealer_id: UUID) -> Attention:
    """Counted once per request."""
    if "attention" not in g:
        g.attention = _count(dealer_id)
    return g.attention  # type: ignore[no-any-return]


def _count(dealer_id: UUID) -> Attention:
    vehicles = select(func.count()).select_from(_vehicles(dealer_id).limit(MANY).subquery())
    stopped = (
        select(func.count())
        .select_from(Activation)
        .where(Activation.dealer_id == dealer_id, Activation.state == ActivationState.STOPPED)
    )
    row = db.session.execute(select(vehicles.scalar_subquery(), stopped.scalar_subquery())).one()
    return Attention(*row)


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
        .where(Vehicle.location_id == Activation.location_id)
    )
    refused = (
        select(Listing.vehicle_id)
        .join(Activation, Activation.id == Listing.activation_id)
        .join(Vehicle, Vehicle.id == Listing.vehicle_id)
        .where(*live, *in_stock, Listing.refused_hash.is_not(None))
    )
    found = union(nowhere, blocked, refused).subquery()
    return select(found.c[0])
