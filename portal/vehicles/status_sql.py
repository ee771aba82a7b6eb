"""`standing.standing` as SQL: where many vehicles stand at once; a test compares the two."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from portal.models.accounts import Dealer
from portal.models.exports import LIVE, Activation, ActivationState, Listing, ListingState, Transfer
from portal.models.realm import Realm
from portal.models.vehicles import Publication, Vehicle
from portal.vehicles.publication import OPEN_STATES
from portal.vehicles.status import PublicationStatus

NO_PROBLEMS = literal_column("'[]'::jsonb", JSONB)
_NOT_TAKEN = Listing.last_result.in_([literal_column("'rejected'"), literal_column("'failed'")])
"""Literals: the predicate of the index ix_listing_trouble."""
_GONE = Listing.vanished_at.is_not(None)
"""The predicate of the index ix_listing_vanished."""
STATUSES_OF_TROUBLE = (PublicationStatus.ERROR, PublicationStatus.VANISHED, PublicationStatus.INCOMPLETE)


def count_statuses(session: Session, dealer: Dealer, realm: Realm) -> dict[UUID, dict[str, int]]:
    """How many vehicles stand where, by live activation: one query for all of a dealer's.

    Looked up one by one (OFFSET 0): joined as sets, the only activation that statistics know of has every
    vehicle compared with every listing.
    """
    alone = select(status_of(dealer).label("standing")).select_from(select(literal(1)).subquery("alone"))
    there = _at_activations(alone).correlate(Vehicle, Activation).offset(0).lateral("there")
    counted = (
        select(Activation.id, there.c.standing, func.count())
        .select_from(Vehicle)
        .join(Activation, Activation.dealer_id == Vehicle.dealer_id)
        .join(there, true())
        .where(Vehicle.dealer_id == dealer.id, Vehicle.withdrawn_at.is_(None))
        .where(realm.of(Activation), Activation.state.in_(LIVE))
        .group_by(Activation.id, there.c.standing)
    )
    found: dict[UUID, dict[str, int]] = {}
    for activation_id, name, vehicles in session.execute(counted):
        found.setdefault(activation_id, {})[name] = vehicles
    return found


def has_status(
    dealer: Dealer,
    standings: tuple[PublicationStatus, ...],
    activation_id: UUID | None,
    which: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The same decision as `standing.standing`; a test compares the two.

    Looked up vehicle by vehicle through indexes: joined as sets it depends on statistics, which
    are stale after a large import, and then took minutes.
    """
    statement = _at_activations(select(Activation.id).select_from(Activation))
    statement = statement.where(Activation.dealer_id == Vehicle.dealer_id, status_of(dealer).in_(standings))
    if activation_id:
        statement = statement.where(Activation.id == activation_id)
    if which is not None:
        statement = statement.where(which)
    return and_(_possible(dealer, standings), statement.correlate(Vehicle).exists())


def is_outdated(dealer: Dealer, activation_id: UUID | None) -> ColumnElement[bool]:
    """The same decision as `status_line.outdated`: online, and meant to be, with an older state than ours."""
    shown = and_(
        Listing.state == ListingState.ONLINE, Listing.vanished_at.is_(None), Listing.awaiting_since.is_(None)
    )
    not_updated = (PublicationStatus.ERROR, PublicationStatus.INCOMPLETE)
    return has_status(dealer, not_updated, activation_id, and_(shown, _wanted(dealer)))


def _possible(dealer: Dealer, standings: tuple[PublicationStatus, ...]) -> ColumnElement[bool]:
    """A condition without which none of these can be; small sets that partial indexes hold."""
    if not set(standings) <= set(STATUSES_OF_TROUBLE):
        return true()
    conditions: list[ColumnElement[bool]] = []
    at_dealer = Listing.activation_id.in_(select(Activation.id).where(Activation.dealer_id == dealer.id))
    for standing, marked in ((PublicationStatus.ERROR, _NOT_TAKEN), (PublicationStatus.VANISHED, _GONE)):
        if standing in standings:
            conditions.append(Vehicle.id.in_(select(Listing.vehicle_id).where(at_dealer, marked)))
    if PublicationStatus.INCOMPLETE in standings:
        conditions.append(Vehicle.problems != NO_PROBLEMS)
        orange = select(Publication.vehicle_id).where(Publication.problems != NO_PROBLEMS)
        conditions.append(Vehicle.id.in_(orange))
    return or_(*conditions)


def _at_activations(statement: Select[Any]) -> Select[Any]:
    """Join what is known of the vehicle at each live activation that concerns it."""
    return (
        statement.outerjoin(
            Publication,
            and_(Publication.vehicle_id == Vehicle.id, Publication.activation_id == Activation.id),
        )
        .outerjoin(Listing, and_(Listing.vehicle_id == Vehicle.id, Listing.activation_id == Activation.id))
        .where(Activation.state.in_(LIVE))
        .where(or_(Activation.location_id == Vehicle.location_id, Listing.state != ListingState.ABSENT))
    )


def status_of(dealer: Dealer) -> ColumnElement[str]:
    here = (Transfer.vehicle_id == Vehicle.id, Transfer.activation_id == Activation.id)
    # Each state for itself: only so there is an index that leads to the vehicle.
    waits = or_(
        *(
            select(Transfer.id).where(*here, Transfer.state == state).correlate(Vehicle, Activation).exists()
            for state in OPEN_STATES
        )
    )
    of_unwanted = case(
        (
            func.coalesce(Listing.state, ListingState.ABSENT) == ListingState.ABSENT,
            PublicationStatus.NOT_RELEASED,
        ),
        (and_(not_(waits), _NOT_TAKEN), PublicationStatus.ERROR),
        else_=PublicationStatus.OPEN,
    )
    incomplete = or_(
        Vehicle.problems != NO_PROBLEMS, func.coalesce(Publication.problems, NO_PROBLEMS) != NO_PROBLEMS
    )
    return case(
        (not_(_wanted(dealer)), of_unwanted),
        (incomplete, PublicationStatus.INCOMPLETE),
        (waits, PublicationStatus.OPEN),
        (and_(Listing.state == ListingState.ONLINE, _GONE), PublicationStatus.VANISHED),
        (_NOT_TAKEN, PublicationStatus.ERROR),
        (Listing.state == ListingState.ONLINE, PublicationStatus.ONLINE),
        else_=PublicationStatus.OPEN,
    )


def _wanted(dealer: Dealer) -> ColumnElement[bool]:
    conditions = [
        Vehicle.location_id == Activation.location_id,
        Activation.state != ActivationState.CLOSING,
        Vehicle.online,
        func.coalesce(Publication.released, False),
        not_(_flag("sold")),
    ]
    if not dealer.export_trade_ins:
        conditions.append(not_(_flag("trade_in")))
    return and_(*conditions)


def _flag(name: str) -> ColumnElement[bool]:
    return func.coalesce(Vehicle.data[name].as_boolean(), False)
