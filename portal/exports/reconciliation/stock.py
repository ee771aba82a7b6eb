"""Our side of the match: the vehicles that should be at the platform, and those that could be there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, sessionmaker

from portal.exports.cases import Case, load_cases
from portal.exports.context import Context
from portal.exports.matching import Ours
from portal.models.exports import Activation, Listing, ListingState
from portal.models.runs import Match
from portal.models.vehicles import Publication, Vehicle
from portal.platforms.contract import Mapper, Rules

CHUNK = 1_000


@dataclass(frozen=True)
class Stock:
    """`wanted` should be online there. `others` are in stock but not released there, or not at this
    location any more and still known to be listed."""

    wanted: tuple[Ours, ...]
    others: tuple[Ours, ...]


def wanted_ids(activation: Activation, rules: Rules, vehicle: Any = Vehicle) -> Select[UUID]:
    """Ids of the vehicles that should be at the platform; the same decision as `load_cases`."""
    conditions = [
        Publication.activation_id == activation.id,
        Publication.released,
        vehicle.dealer_id == activation.dealer_id,
        vehicle.location_id == activation.location_id,
        vehicle.withdrawn_at.is_(None),
        vehicle.online,
        not_(_flag(vehicle, "sold")),
    ]
    if not rules.trade_ins:
        conditions.append(not_(_flag(vehicle, "trade_in")))
    return select(vehicle.id).join(Publication, Publication.vehicle_id == vehicle.id).where(*conditions)


def is_wanted(activation: Activation, rules: Rules, vehicle_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Looked up row by row through indexes (OFFSET keeps the planner from joining sets): right after a
    large import statistics are stale, and a join that believes in one row takes minutes."""
    one = aliased(Vehicle)
    here = wanted_ids(activation, rules, one).where(one.id == vehicle_id).offset(0)
    return here.correlate(Match, Vehicle).exists()


def _flag(vehicle: Any, name: str) -> ColumnElement[bool]:
    return func.coalesce(vehicle.data[name].as_boolean(), False)


def candidates(activation: Activation) -> Select[UUID]:
    """Everything that a listing at the platform could be: the stock of the location, and what we know."""
    known = exists().where(
        Listing.vehicle_id == Vehicle.id,
        Listing.activation_id == activation.id,
        Listing.state != ListingState.ABSENT,
    )
    here = (Vehicle.location_id == activation.location_id) & Vehicle.withdrawn_at.is_(None)
    return select(Vehicle.id).where(Vehicle.dealer_id == activation.dealer_id, or_(here, known))


def load(
    sessions: sessionmaker[Session], context: Context, mapper: Mapper, ids: Select[UUID] | Collection[UUID]
) -> Stock:
    """As the mapper prepares them. No connection is held while it maps: it may ask for reference lists.

    Raises ReferenceUnavailable.
    """
    wanted: list[Ours] = []
    others: list[Ours] = []
    for cases in _chunks(sessions, context, ids):
        for found in cases:
            (wanted if found.wanted else others).append(_ours(found, mapper))
    return Stock(tuple(wanted), tuple(others))


def _chunks(
    sessions: sessionmaker[Session], context: Context, ids: Select[UUID] | Collection[UUID]
) -> Iterator[Sequence[Case]]:
    with sessions() as session:
        every = sorted(session.scalars(ids)) if isinstance(ids, Select) else sorted(ids)
    for start in range(0, len(every), CHUNK):
        with sessions() as session:
            cases = load_cases(session, context.activation, context.rules, every[start : start + CHUNK])
        yield cases


def _ours(found: Case, mapper: Mapper) -> Ours:
    """The VIN also where the dealer does not export it: it is compared, not sent."""
    prepared = mapper(found.subject)
    known = found.known.listing_id if found.known.state != ListingState.ABSENT else None
    return Ours(found.vehicle_id, prepared.internal_number, found.subject.vehicle.vin, prepared.facts, known)


def known_only(ours: Collection[Ours]) -> list[Ours]:
    """Of what is not released only a listing that we know counts: the rest is for people to say."""
    return [Ours(one.vehicle_id, listing_id=one.listing_id) for one in ours if one.listing_id]
