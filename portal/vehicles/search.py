"""Finding vehicles of a dealer: the filter as data, and the query that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, joinedload

from portal.models.accounts import Dealer
from portal.models.exports import Activation, ActivationState, Listing, ListingState, Transfer
from portal.models.vehicles import Publication, Vehicle
from portal.outbox import LIVE
from portal.security.realm import Realm
from portal.vehicles.data import Kind
from portal.vehicles.publication import OPEN
from portal.vehicles.standing import Standing

PAGE = 50
COUNT_LIMIT = 10_000
LAST_PAGE = COUNT_LIMIT // PAGE
LONGEST_TEXT = 100
_NONE = literal_column("'[]'::jsonb", JSONB)
_NOT_TAKEN = Listing.last_result.in_([literal_column("'rejected'"), literal_column("'failed'")])
"""Literals: the predicate of the index ix_listing_trouble."""
_GONE = Listing.vanished_at.is_not(None)
"""The predicate of the index ix_listing_vanished."""
TROUBLE = (Standing.ERROR, Standing.VANISHED, Standing.INCOMPLETE)


class State(StrEnum):
    """PROBLEM: whatever a dealer should look at, so INCOMPLETE, ERROR and VANISHED together."""

    ONLINE = Standing.ONLINE
    OPEN = Standing.OPEN
    ERROR = Standing.ERROR
    VANISHED = Standing.VANISHED
    INCOMPLETE = Standing.INCOMPLETE
    NOT_RELEASED = Standing.NOT_RELEASED
    PROBLEM = "problem"


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    NUMBER = "number"


@dataclass(frozen=True)
class VehicleFilter:
    """`activation` narrows `state` to one activation; `problem` and `field` are those of a `Feedback`."""

    text: str = ""
    location: UUID | None = None
    kind: Kind | None = None
    online: bool | None = None
    state: State | None = None
    activation: UUID | None = None
    problem: str = ""
    field: str = ""
    sort: Sort = Sort.NEWEST
    page: int = 1

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> VehicleFilter:
        """Read the query of a URL; what cannot be understood is left out."""
        return cls(
            text=_text(args.get("q", "")),
            location=_uuid(args.get("location", "")),
            kind=_one_of(Kind, args.get("kind", "")),
            online={"yes": True, "no": False}.get(args.get("online", "")),
            state=_one_of(State, args.get("state", "")),
            activation=_uuid(args.get("activation", "")),
            problem=_text(args.get("problem", "")),
            field=_text(args.get("field", "")),
            sort=_one_of(Sort, args.get("sort", "")) or Sort.NEWEST,
            page=_page(args.get("page", "")),
        )

    def as_args(self) -> dict[str, str]:
        """The query of the URL that shows the same; defaults are left out."""
        online = {True: "yes", False: "no", None: ""}[self.online]
        args = {
            "q": self.text,
            "location": str(self.location or ""),
            "kind": self.kind or "",
            "online": online,
            "state": self.state or "",
            "activation": str(self.activation or ""),
            "problem": self.problem,
            "field": self.field,
            "sort": "" if self.sort == Sort.NEWEST else self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: str(value) for name, value in args.items() if value}

    def on_page(self, page: int) -> VehicleFilter:
        return replace(self, page=page)

    @property
    def narrows(self) -> bool:
        return replace(self, sort=Sort.NEWEST, page=1) != VehicleFilter()


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
            Publication.problems != _NONE,
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
        return _stands(dealer, (Standing(state),), activation_id)
    warns = or_(Activation.counts_for_warning, _standing(dealer) != Standing.INCOMPLETE)
    asked = warns if activation_id is None else true()
    trouble = _stands(dealer, TROUBLE, activation_id, asked)
    return or_(Vehicle.problems != _NONE, trouble)


def count_standings(session: Session, dealer: Dealer, realm: Realm) -> dict[UUID, dict[str, int]]:
    """How many vehicles stand where, by live activation: one query for all of a dealer's."""
    standing = _standing(dealer)
    columns: list[Any] = [Activation.id, standing, func.count()]
    counted = (
        _at_activations(select(*columns).select_from(Vehicle).join(*_ACTIVATION))
        .where(Vehicle.dealer_id == dealer.id, Vehicle.withdrawn_at.is_(None), realm.of(Activation))
        .group_by(Activation.id, standing)
    )
    found: dict[UUID, dict[str, int]] = {}
    for activation_id, name, count in session.execute(counted):
        found.setdefault(activation_id, {})[name] = count
    return found


_ACTIVATION = (Activation, Activation.dealer_id == Vehicle.dealer_id)


def _stands(
    dealer: Dealer,
    standings: tuple[Standing, ...],
    activation_id: UUID | None,
    which: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The same decision as `standing.standing`; a test compares the two.

    Looked up vehicle by vehicle through indexes: joined as sets it depends on statistics, which
    are stale after a large import, and then took minutes.
    """
    statement = _at_activations(select(Activation.id).select_from(Activation))
    statement = statement.where(Activation.dealer_id == Vehicle.dealer_id, _standing(dealer).in_(standings))
    if activation_id:
        statement = statement.where(Activation.id == activation_id)
    if which is not None:
        statement = statement.where(which)
    return and_(_possible(dealer, standings), statement.correlate(Vehicle).exists())


def _possible(dealer: Dealer, standings: tuple[Standing, ...]) -> ColumnElement[bool]:
    """A condition without which none of these can be; small sets that partial indexes hold."""
    if not set(standings) <= set(TROUBLE):
        return true()
    conditions: list[ColumnElement[bool]] = []
    at_dealer = Listing.activation_id.in_(select(Activation.id).where(Activation.dealer_id == dealer.id))
    for standing, marked in ((Standing.ERROR, _NOT_TAKEN), (Standing.VANISHED, _GONE)):
        if standing in standings:
            conditions.append(Vehicle.id.in_(select(Listing.vehicle_id).where(at_dealer, marked)))
    if Standing.INCOMPLETE in standings:
        conditions.append(Vehicle.problems != _NONE)
        orange = select(Publication.vehicle_id).where(Publication.problems != _NONE)
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


def _standing(dealer: Dealer) -> ColumnElement[str]:
    waits = _transfers().where(Transfer.state.in_(OPEN)).exists()
    of_unwanted = case(
        (func.coalesce(Listing.state, ListingState.ABSENT) == ListingState.ABSENT, Standing.NOT_RELEASED),
        (and_(not_(waits), _NOT_TAKEN), Standing.ERROR),
        else_=Standing.OPEN,
    )
    incomplete = or_(Vehicle.problems != _NONE, func.coalesce(Publication.problems, _NONE) != _NONE)
    return case(
        (not_(_wanted(dealer)), of_unwanted),
        (incomplete, Standing.INCOMPLETE),
        (waits, Standing.OPEN),
        (and_(Listing.state == ListingState.ONLINE, _GONE), Standing.VANISHED),
        (_NOT_TAKEN, Standing.ERROR),
        (Listing.state == ListingState.ONLINE, Standing.ONLINE),
        else_=Standing.OPEN,
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


def _transfers() -> Select[UUID]:
    statement = select(Transfer.id).where(Transfer.vehicle_id == Vehicle.id)
    return statement.where(Transfer.activation_id == Activation.id).correlate(Vehicle, Activation)


def _text(value: str) -> str:
    return value.replace("\x00", "").strip()[:LONGEST_TEXT]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _one_of(kind: type[Any], value: str) -> Any:
    return next((member for member in kind if member == value), None)


def _page(value: str) -> int:
    """Pages are bounded: further back one finds by filtering."""
    return min(max(int(value), 1), LAST_PAGE) if value.isdecimal() and len(value) < 6 else 1
