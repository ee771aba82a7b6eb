"""All that happened to one vehicle, in one list ordered by time and paged by key. No Flask.

Every source has keys that the database made in the order of time, so a page of the whole is made of a page
of each: five queries, however much there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.calendar import BERLIN
from portal.exports.history.rows import HistoryRow, vehicle_history
from portal.models import (
    Activation,
    AuditEvent,
    Listing,
    ListingDay,
    Lock,
    LockedVehicle,
    Run,
    RunVehicle,
    User,
    Vehicle,
    VehicleImport,
)
from portal.models.realm import Realm
from portal.platforms.contract import PriceLabel
from portal.vehicles.listing_days import COUNTS, gained_between

PAGE_SIZE = 50


class TimelinePart(StrEnum):
    """What can be looked at alone."""

    CHANGES = "changes"
    TRANSFERS = "transfers"
    LOCKS = "locks"
    FIGURES = "figures"


@dataclass(frozen=True)
class ResultInFile:
    """The vehicle's result in a file, where it was another one in the file before."""

    activation_id: UUID
    run_id: UUID
    app: str
    result: str
    feedback: list[dict[str, Any]]


@dataclass(frozen=True)
class LockEntry:
    """A lock that held what was to be done with the vehicle. `closed_by` is empty for nobody."""

    lock: Lock
    app: str
    action: str
    closed_by: str


@dataclass(frozen=True)
class FiguresPeriod:
    """A listing in one month, or in the part of it in which its price was rated the same.

    `until` is the day of the next period, or the last one that was told of. A label is None where there
    never was one, and `earlier_label` also where it is the same.
    """

    id: UUID
    activation_id: UUID
    app: str
    begin: date
    until: date
    label: PriceLabel | None
    earlier_label: PriceLabel | None
    gained: dict[str, int]
    """By count, in the order of COUNTS: what came in the period, where it is known."""

    @property
    def days(self) -> int:
        return (self.until - self.begin).days


What = AuditEvent | VehicleImport | HistoryRow | ResultInFile | LockEntry | FiguresPeriod


@dataclass(frozen=True)
class TimelineEntry:
    key: UUID
    at: datetime
    kind: str
    """change, import, transfer, file, lock or figures."""
    what: What

    @classmethod
    def of(cls, what: AuditEvent | VehicleImport) -> TimelineEntry:
        if isinstance(what, AuditEvent):
            return cls(what.id, what.at, "change", what)
        return cls(what.id, what.created_at, "import", what)


@dataclass(frozen=True)
class TimelinePage:
    entries: tuple[TimelineEntry, ...]
    older: UUID | None
    """Key of the next page."""


@dataclass(frozen=True)
class TimelineSources:
    """Each yields what can belong to a page."""

    session: Session
    realm: Realm
    vehicle: Vehicle
    before: UUID | None
    most: int
    """Rows of each source."""

    def page(self, statement: Select[*tuple[Any, ...]], key: Any) -> Any:
        return self.session.execute(_newest(statement, key, self.most, self.before))

    def changes(self) -> Iterable[TimelineEntry]:
        return _changes(self.session, self.realm, self.vehicle, self.most, self.before)

    def transfers(self) -> Iterable[TimelineEntry]:
        rows = vehicle_history(self.session, self.realm, self.vehicle.id, PAGE_SIZE + 1, self.before)
        for row in rows:
            yield TimelineEntry(row.id, row.created_at, "transfer", row)

    def files(self) -> Iterable[TimelineEntry]:
        """Files come every few hours and mostly say the same: only what differs from the one before."""
        earlier = func.lag(RunVehicle.result).over(partition_by=Run.activation_id, order_by=Run.id)
        each = (
            select(
                Run.id, Run.sent_at, Run.activation_id, Activation.app, RunVehicle.result,
                RunVehicle.feedback, earlier.label("earlier"),
            )
            .join(Run, Run.id == RunVehicle.run_id)
            .join(Activation, Activation.id == Run.activation_id)
            .where(
                RunVehicle.vehicle_id == self.vehicle.id, Run.sent_at.is_not(None), self.realm.of(Activation)
            )
            .subquery()
        )  # fmt: skip
        statement = select(each).where(each.c.result.is_distinct_from(each.c.earlier))
        for run_id, at, activation_id, app, result, feedback, _earlier in self.page(statement, each.c.id):
            yield TimelineEntry(
                run_id, at, "file", ResultInFile(activation_id, run_id, app, result, feedback)
            )

    def locks(self) -> Iterable[TimelineEntry]:
        name = func.coalesce(User.display_name, "")
        statement = (
            select(Lock, Activation.app, LockedVehicle.action, name)
            .join(LockedVehicle, LockedVehicle.lock_id == Lock.id)
            .join(Activation, Activation.id == Lock.activation_id)
            .outerjoin(User, User.id == Lock.closed_by)
            .where(LockedVehicle.vehicle_id == self.vehicle.id, self.realm.of(Activation))
        )
        for lock, app, action, closed_by in self.page(statement, Lock.id):
            yield TimelineEntry(lock.id, lock.opened_at, "lock", LockEntry(lock, app, action, closed_by))

    def figures(self) -> Iterable[TimelineEntry]:
        """Days come every night: only one entry for each month and each new rating of the price."""
        for period in load_periods(self.session, self.realm, self.vehicle.id):
            if self.before is None or period.id < self.before:
                told_at = datetime.combine(period.begin, time.min, BERLIN)
                yield TimelineEntry(period.id, told_at, "figures", period)


def load_timeline(
    session: Session,
    realm: Realm,
    vehicle: Vehicle,
    part: TimelinePart | None = None,
    before: UUID | None = None,
) -> TimelinePage:
    """Newest first; what was done at apps that may not be seen stays out."""
    wanted = TimelineSources(session, realm, vehicle, before, PAGE_SIZE + 1)
    sources = {
        TimelinePart.CHANGES: (wanted.changes,),
        TimelinePart.TRANSFERS: (wanted.transfers, wanted.files),
        TimelinePart.LOCKS: (wanted.locks,),
        TimelinePart.FIGURES: (wanted.figures,),
    }
    chosen = [source for key, group in sources.items() if part in (None, key) for source in group]
    found = sorted((entry for source in chosen for entry in source()), key=lambda it: it.key, reverse=True)
    more, entries = len(found) > PAGE_SIZE, tuple(found[:PAGE_SIZE])
    return TimelinePage(entries, entries[-1].key if more else None)


def latest_change(session: Session, realm: Realm, vehicle: Vehicle) -> TimelineEntry | None:
    """What people, programs or a file did to it last."""
    return next(iter(_changes(session, realm, vehicle, most=1)), None)


def _changes(
    session: Session, realm: Realm, vehicle: Vehicle, most: int, before: UUID | None = None
) -> list[TimelineEntry]:
    """What people, programs and files did, newest first: one query. No event has the key of an import, so a
    row of the two side by side holds one of them."""
    events = _newest(_events_of(realm, vehicle), AuditEvent.id, most, before)
    # The import that brought the vehicle, and the one that changed it last: written in one transaction with
    # it, they bear the same moment.
    at_once = VehicleImport.created_at.in_((vehicle.created_at, vehicle.updated_at))
    imports = select(VehicleImport).where(realm.of(VehicleImport), at_once)
    imports = _newest(imports, VehicleImport.id, most, before)
    event, one = aliased(AuditEvent, events.subquery()), aliased(VehicleImport, imports.subquery())
    both = select(event, one).select_from(event).join(one, one.id == event.id, full=True)
    rows = session.execute(both.order_by(func.coalesce(event.id, one.id).desc()).limit(most))
    return [TimelineEntry.of(found or imported) for found, imported in rows]


def _newest(statement: Select[Any], key: Any, most: int, before: UUID | None) -> Select[Any]:
    """The rows of a source that can belong to a page."""
    if before:
        statement = statement.where(key < before)
    return statement.order_by(key.desc()).limit(most)


def _events_of(realm: Realm, vehicle: Vehicle) -> Select[AuditEvent]:
    """What people and programs did, from the audit log."""
    visible = select(Activation.id).where(realm.of(Activation))
    return select(AuditEvent).where(
        AuditEvent.object_id == vehicle.id,
        AuditEvent.dealer_id == realm.dealer_id,
        or_(AuditEvent.activation_id.is_(None), AuditEvent.activation_id.in_(visible)),
    )


# What a vehicle's listings came to, by months and by ratings of their price.


def load_periods(session: Session, realm: Realm, vehicle_id: UUID) -> list[FiguresPeriod]:
    """Of each listing, the oldest first: one query for all that is kept, which is thinned to a day a week."""
    statement = (
        select(ListingDay, Activation.id, Activation.app)
        .join(Listing, Listing.id == ListingDay.listing_id)
        .join(Activation, Activation.id == Listing.activation_id)
        .where(Listing.vehicle_id == vehicle_id, realm.of(Activation))
        .order_by(Activation.id, ListingDay.day)
    )
    listings = groupby(session.execute(statement), key=lambda row: (row[1], row[2]))
    return [
        period
        for (activation_id, app), rows in listings
        for period in periods_of(activation_id, app, [row[0] for row in rows])
    ]


def periods_of(activation_id: UUID, app: str, days: Sequence[ListingDay]) -> Iterator[FiguresPeriod]:
    """`days` of one listing from the oldest. Told in the night, a count belongs to the time before it: what
    came up to the first day of a period is the former one's."""
    starts = list(_starts(days))
    ends = [place for place, _label in starts[1:]] + [len(days) - 1]
    earlier: PriceLabel | None = None
    for (start, label), end in zip(starts, ends, strict=True):
        first, there = days[start], days[start : end + 1]
        changed = earlier if earlier != label else None
        yield FiguresPeriod(
            first.id, activation_id, app, first.day, days[end].day, label, changed, _gained(there)
        )
        earlier = label


def _starts(days: Sequence[ListingDay]) -> Iterator[tuple[int, PriceLabel | None]]:
    """Where the month or the label is another one. A day on which the platform said nothing of the price
    changes nothing."""
    label: PriceLabel | None = None
    before = None
    for place, one in enumerate(days):
        label = PriceLabel(one.price_label) if one.price_label else label
        now = month_of(one.day), label
        if now != before:
            yield place, label
        before = now


def month_of(day: date) -> tuple[int, int]:
    return day.year, day.month


def _gained(days: Sequence[ListingDay]) -> dict[str, int]:
    steps = {
        name: [gained_between(*map(attrgetter(name), pair)) for pair in pairwise(days)] for name in COUNTS
    }
    return {
        name: sum(known)
        for name, each in steps.items()
        if (known := [step for step in each if step is not None])
    }
