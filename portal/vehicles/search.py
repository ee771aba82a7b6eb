"""Finding vehicles of a dealer: the filter as data and as the query of a URL, and the page it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, true
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased, joinedload

from portal.models.accounts import Dealer
from portal.models.exports import LIVE, Activation, Listing, ListingState
from portal.models.realm import Realm
from portal.models.vehicles import IS_ODD, Publication, Vehicle, VehicleImage
from portal.platforms.contract import PriceLabel
from portal.vehicle_facts.data import Kind
from portal.vehicle_facts.vin import is_vin, normalised
from portal.vehicles.status import PublicationStatus
from portal.vehicles.status_sql import NO_PROBLEMS, STATUSES_OF_TROUBLE, has_status, is_outdated, status_of

PAGE_SIZE = 50
LARGEST_COUNT = 10_000
LAST_PAGE = LARGEST_COUNT // PAGE_SIZE
LONGEST_SEARCH = 100


class StatusFilter(StrEnum):
    """OUTDATED: online with an older state than ours; it is INCOMPLETE or ERROR as well. PROBLEM: whatever a
    dealer should look at, so INCOMPLETE, ERROR and VANISHED together."""

    ONLINE = PublicationStatus.ONLINE
    OPEN = PublicationStatus.OPEN
    ERROR = PublicationStatus.ERROR
    VANISHED = PublicationStatus.VANISHED
    INCOMPLETE = PublicationStatus.INCOMPLETE
    NOT_RELEASED = PublicationStatus.NOT_RELEASED
    OUTDATED = "outdated"
    PROBLEM = "problem"


class VehicleOrder(StrEnum):
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
    state: StatusFilter | None = None
    activation: UUID | None = None
    problem: str = ""
    field: str = ""
    price_label: PriceLabel | None = None
    """As a platform rates the price of a listing that is online."""
    odd: bool = False
    """Something about it is hardly ever true (`vehicle_facts.plausibility`)."""
    sort: VehicleOrder = VehicleOrder.NEWEST
    page: int = 1

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> VehicleFilter:
        """Read the query of a URL; what cannot be understood is left out."""
        # Pages are bounded: further back one finds by filtering.
        page = args.get("page", "")
        return cls(
            text=_text(args.get("q", "")),
            location=_uuid(args.get("location", "")),
            kind=_one_of(Kind, args.get("kind", "")),
            online={"yes": True, "no": False}.get(args.get("online", "")),
            state=_one_of(StatusFilter, args.get("state", "")),
            activation=_uuid(args.get("activation", "")),
            problem=_text(args.get("problem", "")),
            field=_text(args.get("field", "")),
            price_label=_one_of(PriceLabel, args.get("price_label", "")),
            odd=args.get("odd", "") == "yes",
            sort=_one_of(VehicleOrder, args.get("sort", "")) or VehicleOrder.NEWEST,
            page=min(max(int(page), 1), LAST_PAGE) if page.isdecimal() and len(page) < 6 else 1,
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
            "price_label": self.price_label or "",
            "odd": "yes" if self.odd else "",
            "sort": "" if self.sort == VehicleOrder.NEWEST else self.sort,
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: str(value) for name, value in args.items() if value}

    def on_page(self, page: int) -> VehicleFilter:
        return replace(self, page=page)

    @property
    def narrows(self) -> bool:
        return replace(self, sort=VehicleOrder.NEWEST, page=1) != VehicleFilter()

    def says(self) -> ColumnElement[bool]:
        """All the words, or the VIN that they are together: `WVW-ZZZ-1KZ-AW-000001`, as papers have it."""
        words = and_(*(Vehicle.search.contains(word, autoescape=True) for word in self.text.lower().split()))
        number = normalised(self.text)
        return or_(words, Vehicle.vin == number) if is_vin(number) else words

    def has_problem(self) -> ColumnElement[bool]:
        """Red, or orange or hinted at a live activation of the vehicle's location, for this cause."""
        named = {"code": self.problem, "field": self.field}
        cause = literal([{key: value for key, value in named.items() if value}], JSONB)
        at_platforms = (
            exists()
            .where(
                Publication.vehicle_id == Vehicle.id,
                or_(
                    and_(
                        Publication.problems != NO_PROBLEMS,
                        Publication.problems.contains(cause),
                        Activation.counts_for_warning,
                    ),
                    and_(Publication.hints.contains(cause), Publication.released),
                ),
                Activation.id == Publication.activation_id,
                Activation.location_id == Vehicle.location_id,
                Activation.state.in_(LIVE),
            )
            .correlate(Vehicle)
        )
        return or_(Vehicle.problems.contains(cause), at_platforms)

    def is_rated(self) -> ColumnElement[bool]:
        here = Listing.activation_id == self.activation if self.activation else true()
        return (
            exists()
            .where(Listing.vehicle_id == Vehicle.id, Listing.price_label == self.price_label)
            .where(Listing.state == ListingState.ONLINE, here)
            .correlate(Vehicle)
        )

    def odd_ones(self, realm: Realm) -> Select[UUID]:
        """Of the releases that are in force, by their own index."""
        here = Activation.id == self.activation if self.activation else true()
        return (
            select(Publication.vehicle_id)
            .join(Activation, Activation.id == Publication.activation_id)
            .where(realm.of(Activation), Activation.state.in_(LIVE), here, sql_text(IS_ODD))
        )


def _text(value: str) -> str:
    return value.replace("\x00", "").strip()[:LONGEST_SEARCH]


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _one_of(kind: type[Any], value: str) -> Any:
    return next((member for member in kind if member == value), None)


def _in_order(statement: Select[Any], order: VehicleOrder, vehicle: type[Vehicle]) -> Select[Any]:
    """By the expressions of the indexes on `vehicle`; the key makes the order of equals certain."""
    stock_date, price = func.coalesce(vehicle.stock_date, ""), func.coalesce(vehicle.price, 0)
    columns: Mapping[VehicleOrder, tuple[Any, ...]] = {
        VehicleOrder.NEWEST: (stock_date.desc(), vehicle.id.desc()),
        VehicleOrder.OLDEST: (stock_date, vehicle.id),
        VehicleOrder.CHEAPEST: (price, vehicle.id),
        VehicleOrder.DEAREST: (price.desc(), vehicle.id.desc()),
        VehicleOrder.NUMBER: (vehicle.offer_number, vehicle.id),
    }
    return statement.order_by(*columns[order])


@dataclass(frozen=True)
class VehiclePage:
    vehicles: list[Vehicle]
    covers: Mapping[UUID, UUID]
    """The first picture of each vehicle that has any."""
    count: int
    """At most `COUNT_LIMIT + 1`, which stands for "more"."""
    more: bool

    @property
    def counted_all(self) -> bool:
        return self.count <= LARGEST_COUNT


def find_vehicles(session: Session, dealer: Dealer, realm: Realm, wanted: VehicleFilter) -> VehiclePage:
    """One page of vehicles and how many there are: one query, two behind the last page."""
    shown = _in_order(_matching(dealer, realm, wanted, select(Vehicle)), wanted.sort, Vehicle)
    shown = shown.limit(PAGE_SIZE + 1).offset((wanted.page - 1) * PAGE_SIZE)
    vehicle = aliased(Vehicle, shown.subquery())
    counted = matching_ids(dealer, realm, wanted).limit(LARGEST_COUNT + 1).subquery()
    count = select(func.count()).select_from(counted).scalar_subquery()
    pictures = select(VehicleImage.id).where(VehicleImage.vehicle_id == vehicle.id)
    cover = pictures.order_by(VehicleImage.position).limit(1).scalar_subquery()
    statement = select(vehicle, cover, count).options(joinedload(vehicle.location))
    found = session.execute(_in_order(statement, wanted.sort, vehicle)).all()
    rows = found[:PAGE_SIZE]
    number = found[0][2] if found else session.scalar(select(count)) if wanted.page > 1 else 0
    return VehiclePage(
        [vehicle for vehicle, _cover, _count in rows],
        {vehicle.id: cover for vehicle, cover, _count in rows if cover},
        number or 0,
        len(found) > PAGE_SIZE and wanted.page < LAST_PAGE,
    )


def matching_ids(dealer: Dealer, realm: Realm, wanted: VehicleFilter) -> Select[UUID]:
    """The ids of all that match, whatever page is shown."""
    return _matching(dealer, realm, wanted, select(Vehicle.id))


def _matching(dealer: Dealer, realm: Realm, wanted: VehicleFilter, statement: Select[Any]) -> Select[Any]:
    """`realm` says which of the dealer's vehicles may be seen, `dealer` what his settings mean for them."""
    statement = statement.where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
    if wanted.text:
        statement = statement.where(wanted.says())
    if wanted.location:
        statement = statement.where(Vehicle.location_id == wanted.location)
    if wanted.kind:
        statement = statement.where(Vehicle.kind == wanted.kind)
    if wanted.online is not None:
        statement = statement.where(Vehicle.online.is_(wanted.online))
    if wanted.state:
        statement = statement.where(_has_state(dealer, wanted.state, wanted.activation))
    if wanted.problem or wanted.field:
        statement = statement.where(wanted.has_problem())
    if wanted.price_label:
        statement = statement.where(wanted.is_rated())
    if wanted.odd:
        statement = statement.where(Vehicle.id.in_(wanted.odd_ones(realm)))
    return statement


def _has_state(dealer: Dealer, state: StatusFilter, activation_id: UUID | None) -> ColumnElement[bool]:
    if state == StatusFilter.OUTDATED:
        return is_outdated(dealer, activation_id)
    if state != StatusFilter.PROBLEM:
        return has_status(dealer, (PublicationStatus(state),), activation_id)
    warns = or_(Activation.counts_for_warning, status_of(dealer) != PublicationStatus.INCOMPLETE)
    asked = warns if activation_id is None else true()
    trouble = has_status(dealer, STATUSES_OF_TROUBLE, activation_id, asked)
    return or_(Vehicle.problems != NO_PROBLEMS, trouble)
