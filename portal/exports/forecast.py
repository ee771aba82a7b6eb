"""What a full transfer would send: planned like a preview, or counted from what is known of a large stock."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from portal.exports.preview import preview, stored_releases
from portal.exports.wanted import is_wanted
from portal.models.exports import Activation, Listing, ListingState
from portal.models.vehicles import Publication, Vehicle
from portal.platforms.contract import Mapper, Rules

EXACT = 2_000
"""Vehicles that are planned while somebody waits: about a second."""
NO_PROBLEMS: ColumnElement[object] = literal_column("'[]'::jsonb")


@dataclass(frozen=True)
class Forecast:
    """Vehicles by what would be done. Without `exact` it is the state of the last look at each of them."""

    update: int = 0
    create: int = 0
    delete: int = 0
    blocked: int = 0
    resolve: int = 0
    exact: bool = True

    @property
    def total(self) -> int:
        return self.update + self.create + self.delete + self.blocked + self.resolve


def forecast(session: Session, activation: Activation, mapper: Mapper | None, rules: Rules) -> Forecast:
    """Without a mapper (the platform's reference data cannot be read) it is counted as well."""
    known = Forecast(*session.execute(_counted(activation, rules)).one(), exact=False)
    if mapper is None or known.total > EXACT:
        return known
    releases = stored_releases(session, activation.id)
    planned = preview(session, activation, mapper, rules, {}, releases, anyway=True)
    return Forecast(planned.update, planned.create, planned.delete, planned.blocked_vehicles, planned.resolve)


def _counted(activation: Activation, rules: Rules) -> Select[int, int, int, int, int]:
    state = func.coalesce(Listing.state, ListingState.ABSENT)
    wanted = is_wanted(activation, rules)
    ready = and_(
        Vehicle.problems == NO_PROBLEMS, func.coalesce(Publication.problems, NO_PROBLEMS) == NO_PROBLEMS
    )
    unsure = or_(
        and_(state == ListingState.MISSING, wanted),
        and_(state == ListingState.CREATING, or_(~wanted, ~ready)),
    )
    return (
        select(
            _count(wanted, ready, state == ListingState.ONLINE),
            _count(wanted, ready, state.in_((ListingState.ABSENT, ListingState.CREATING))),
            _count(~wanted, state.in_((ListingState.ONLINE, ListingState.MISSING))),
            _count(wanted, ~ready, state.in_((ListingState.ABSENT, ListingState.ONLINE))),
            _count(unsure),
        )
        .select_from(Vehicle)
        .outerjoin(
            Publication,
            and_(Publication.vehicle_id == Vehicle.id, Publication.activation_id == activation.id),
        )
        .outerjoin(Listing, and_(Listing.vehicle_id == Vehicle.id, Listing.activation_id == activation.id))
        .where(
            Vehicle.dealer_id == activation.dealer_id,
            or_(Publication.released, state != ListingState.ABSENT),
        )
    )


def _count(*which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(*which)
