"""Finding vehicles of a dealer: the query that follows from the filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, joinedload

from portal.models.accounts import Dealer
from portal.models.exports import LIVE, Activation
from portal.models.vehicles import Publication, Vehicle
from portal.security.realm import Realm
from portal.vehicles.filter import COUNT_LIMIT, LAST_PAGE, PAGE, Sort, State, VehicleFilter
from portal.vehicles.standing import Standing
from portal.vehicles.standing_sql import NONE, TROUBLE, standing_of, stands


@dataclass(frozen=True)
class Found:
    vehicles: list[Vehicle]
    count: int
    """At most `COUNT_LIMIT + 1`, which stands for "more"."""
    more: bool

    @property
    def counted_all(self) -> bool:
        return self.count <= COUNT_LIMIT


def find(session: Session, dealer: Dealer, realm: Realm, wanted: VehicleFilter) -> Found:
    """One page of vehicles and how many there are: two queries."""
    statement = (
        _matching(dealer, realm, wanted, select(Vehicle))
        .options(joinedload(Vehicle.location))
        .order_by(*_order(wanted.sort))
        .limit(PAGE + 1)
        .offset((wanted.page - 1) * PAGE)
    )
    vehicles = list(session.scalars(statement))
    counted = matching_ids(dealer, realm, wanted).limit(COUNT_LIMIT + 1).subquery()
    count = session.scalar(select(func.count()).select_from(counted)) or 0
    return Found(vehicles[:PAGE], count, len(vehicles) > PAGE and wanted.page < LAST_PAGE)


def matching_ids(dealer: Dealer, realm: Realm, wanted: VehicleFilter) -> Select[UUID]:
    """The ids of all that match, whatever page is shown."""
    return _matching(dealer, realm, wanted, select(Vehicle.id))


def _matching(dealer: Dealer, realm: Realm, wanted: VehicleFilter, statement: Select[Any]) -> Select[Any]:
    """`realm` says which of the dealer's vehicles may be seen, `dealer` what his settings mean for them."""
    statement = statement.where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
    for word in wanted.text.lower().split():
        statement = statement.where(Vehicle.search.contains(word, autoescape=True))
    if wanted.location:
        statement = statement.where(Vehicle.location_id == wanted.location)
    if wanted.kind:
        statement = statement.where(Vehicle.kind == wanted.kind)
    if wanted.online is not None:
        statement = statement.where(Vehicle.online.is_(wanted.online))
    if wanted.state:
        statement = statement.where(_has_state(dealer, wanted.state, wanted.activation))
    if wanted.problem or wanted.field:
        statement = statement.where(_has_problem(wanted))
    return statement


def _order(sort: Sort) -> tuple[Any, ...]:
    """The expressions of the indexes on `vehicle`; the key makes the order of equals certain."""
    stock_date, price = func.coalesce(Vehicle.stock_date, ""), func.coalesce(Vehicle.price, 0)
    return {
        Sort.NEWEST: (stock_date.desc(), Vehicle.id.desc()),
        Sort.OLDEST: (stock_date, Vehicle.id),
        Sort.CHEAPEST: (price, Vehicle.id),
        Sort.DEAREST: (price.desc(), Vehicle.id.desc()),
        Sort.NUMBER: (Vehicle.offer_number, Vehicle.id),
    }[sort]


def _has_problem(wanted: VehicleFilter) -> ColumnElement[bool]:
    """Red, or orange at a live activation of the vehicle's location, for this cause."""
    named = {"code": wanted.problem, "field": wanted.field}
    cause = literal([{key: value for key, value in named.items() if value}], JSONB)
    orange = (
        exists()
        .where(
            Publication.vehicle_id == Vehicle.id,
            Publication.problems != NONE,
            Publication.problems.contains(cause),
            Activation.id == Publication.activation_id,
            Activation.location_id == Vehicle.location_id,
            Activation.state.in_(LIVE),
            Activation.counts_for_warning,
        )
        .correlate(Vehicle)
    )
    return or_(Vehicle.problems.contains(cause), orange)


def _has_state(dealer: Dealer, state: State, activation_id: UUID | None) -> ColumnElement[bool]:
    if state != State.PROBLEM:
        return stands(dealer, (Standing(state),), activation_id)
    warns = or_(Activation.counts_for_warning, standing_of(dealer) != Standing.INCOMPLETE)
    asked = warns if activation_id is None else true()
    trouble = stands(dealer, TROUBLE, activation_id, asked)
    return or_(Vehicle.problems != NONE, trouble)
