"""What the brake has to know of everything that is due, without a single payload: one query.

Whether a listing is made or deleted follows from the release and the listing alone. Preflight can only
make less of it: a creation that it blocks does not happen. So these are all deletions and the most
creations that can come of what waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.exports.waiting import is_due
from portal.exports.wanted import is_wanted
from portal.models.exports import Activation, Listing, ListingState, Transfer
from portal.models.vehicles import Publication, Vehicle
from portal.platforms.contract import Rules

UNSURE = (ListingState.CREATING, ListingState.MISSING)


@dataclass(frozen=True)
class Glance:
    """`in_doubt`: of some listing only the platform's list can tell whether it exists, or only its payload
    whether it is asked."""

    deletions: tuple[UUID, ...] = ()
    creations: tuple[UUID, ...] = ()
    in_doubt: bool = False


def glance(session: Session, activation: Activation, rules: Rules) -> Glance:
    deletions: list[UUID] = []
    creations: list[UUID] = []
    for vehicle_id, wanted, state in session.execute(_weighty(activation, rules)):
        if state in UNSURE:
            return Glance(in_doubt=True)
        (creations if wanted else deletions).append(vehicle_id)
    return Glance(tuple(deletions), tuple(creations))


def _weighty(activation: Activation, rules: Rules) -> Select[UUID, bool, str]:
    """What is neither an update nor nothing at all."""
    wanted = is_wanted(activation, rules)
    state: ColumnElement[str] = func.coalesce(Listing.state, ListingState.ABSENT)
    return (
        select(Transfer.vehicle_id, wanted, state)
        .join(Vehicle, Vehicle.id == Transfer.vehicle_id)
        .outerjoin(
            Publication,
            and_(Publication.vehicle_id == Vehicle.id, Publication.activation_id == activation.id),
        )
        .outerjoin(Listing, and_(Listing.vehicle_id == Vehicle.id, Listing.activation_id == activation.id))
        .where(
            *is_due(activation.id),
            or_(
                and_(wanted, state == ListingState.ABSENT),
                and_(~wanted, state == ListingState.ONLINE),
                state.in_(UNSURE),
            ),
        )
    )
