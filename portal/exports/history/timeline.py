"""All that happened to one vehicle, in one list ordered by time and paged by key. No Flask.

Every source has keys that the database made in the order of time, so a page of the whole is made of a page
of each: two queries, however much there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import chain, groupby, islice, pairwise
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import FromClause, Select, Subquery, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.calendar import BERLIN
from portal.exports.history.rows import HistoryRow, history_of
from portal.models import (
    Activation,
    AuditEvent,
    Listing,
    ListingDay,
    Lock,
    LockedVehicle,
    Run,
    RunVehicle,
    Transfer,
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


_KEY = attrgetter("key")


@dataclass(frozen=True)
class TimelinePage:
    entries: tuple[TimelineEntry, ...]
    older: UUID | None
    """Key of the next page."""
    latest: TimelineEntry | None
    """What people, programs or a file did last, whether it stands on the page or not."""


class TimelineSource(NamedTuple):
    """What can belong to a page from one table."""

    rows: Subquery
    """With their key as `id`."""
    columns: tuple[Any, ...]
    """The first of them is never empty in a row."""
    entry: Callable[..., TimelineEntry]
    """Made of the columns of a row."""


@dataclass(frozen=True)
class TimelineSources:
    realm: Realm
    vehicle: Vehicle
    before: UUID | None
    most: int
    """Rows of each source."""

    def events(self) -> TimelineSource:
        """What people and programs did, from the audit log."""
        visible = select(Activation.id).where(self.realm.of(Activation))
        rows = select(AuditEvent).where(
            AuditEvent.object_id == self.vehicle.id,
            AuditEvent.dealer_id.is_not_distinct_from(self.realm.dealer_id),
            or_(AuditEvent.activation_id.is_(None), AuditEvent.activation_id.in_(visible)),
        )
        return self._whole(AuditEvent, rows)

    def imports(self) -> TimelineSource:
        """The import that brought the vehicle, and the one that changed it last: written in one transaction
        with it, they bear the same moment."""
        at_once = VehicleImport.created_at.in_((self.vehicle.created_at, self.vehicle.updated_at))
        rows = select(VehicleImport).where(self.realm.of(VehicleImport), at_once)
        return self._whole(VehicleImport, rows)

    def transfers(self) -> TimelineSource:
        newest = self._newest(history_of(self.realm, self.vehicle.id), Transfer.id)

        def entry(*values: Any) -> TimelineEntry:
            row = HistoryRow(*values)
            return TimelineEntry(row.id, row.created_at, "transfer", row)

        return TimelineSource(newest, tuple(newest.c), entry)

    def files(self) -> TimelineSource:
        """Files come every few hours and mostly say the same: only what differs from the one before."""
        earlier = func.lag(RunVehicle.result).over(partition_by=Run.activation_id, order_by=Run.id)
        each = (
            select(
                Run.id, Run.sent_at, Run.activation_id, Activation.app, RunVehicle.result,
                RunVehicle.feedback, earlier.label("earlier"),
            )
            .join(Run, Run.id == RunVehicle.run_id)
            .join(Activation, Activation.id == Run.activation_id)
            .where(RunVehicle.vehicle_id == self.vehicle.id)
            .where(Run.sent_at.is_not(None), self.realm.owns(Activation))
            .subquery()
        )  # fmt: skip
        told = select(each).where(each.c.result.is_distinct_from(each.c.earlier))
        newest = self._newest(told, each.c.id)

        def entry(run_id: UUID, at: datetime, *result: Any) -> TimelineEntry:
            activation_id, app, *said = result
            return TimelineEntry(run_id, at, "file", ResultInFile(activation_id, run_id, app, *said))

        return TimelineSource(newest, tuple(newest.c)[:-1], entry)

    def locks(self) -> TimelineSource:
        name = func.coalesce(User.display_name, "")
        held = (
            select(Lock, Activation.app, LockedVehicle.action, name.label("name"))
            .join(LockedVehicle, LockedVehicle.lock_id == Lock.id)
            .join(Activation, Activation.id == Lock.activation_id)
            .outerjoin(User, User.id == Lock.closed_by)
            .where(LockedVehicle.vehicle_id == self.vehicle.id, self.realm.owns(Activation))
        )
        newest = self._newest(held, Lock.id)
        return TimelineSource(
            newest,
            (aliased(Lock, newest), newest.c.app, newest.c.action, newest.c.name),
            lambda lock, *more: TimelineEntry(lock.id, lock.opened_at, "lock", LockEntry(lock, *more)),
        )

    def _whole(self, kind: type[Any], rows: Select[*tuple[Any, ...]]) -> TimelineSource:
        newest = self._newest(rows, kind.id)
        return TimelineSource(newest, (aliased(kind, newest),), TimelineEntry.of)

    def _newest(self, rows: Select[*tuple[Any, ...]], key: Any) -> Subquery:
        if self.before:
            rows = rows.where(key < self.before)
        return rows.order_by(key.desc()).limit(self.most).subquery()


def load_timeline(
    session: Session,
    realm: Realm,
    vehicle: Vehicle,
    part: TimelinePart | None = None,
    before: UUID | None = None,
) -> TimelinePage:
    """Newest first; what was done at apps that may not be seen stays out."""
    known = TimelineSources(realm, vehicle, before, PAGE_SIZE + 1)
    sources = {
        TimelinePart.CHANGES: (known.events, known.imports),
        TimelinePart.TRANSFERS: (known.transfers, known.files),
        TimelinePart.LOCKS: (known.locks,),
        TimelinePart.FIGURES: (),
    }
    chosen = [source() for key, group in sources.items() if part in (None, key) for source in group]
    newest = TimelineSources(realm, vehicle, before=None, most=1)
    *pages, events, imports = _load(session, [*chosen, newest.events(), newest.imports()])
    figures = _figures(session, realm, vehicle, before) if part in (None, TimelinePart.FIGURES) else ()
    found = sorted(chain(*pages, figures), key=_KEY, reverse=True)
    more, entries = len(found) > PAGE_SIZE, tuple(found[:PAGE_SIZE])
    latest = max(events + imports, key=_KEY, default=None)
    return TimelinePage(entries, entries[-1].key if more else None, latest)


def latest_change(session: Session, realm: Realm, vehicle: Vehicle) -> TimelineEntry | None:
    """What people, programs or a file did to it last."""
    newest = TimelineSources(realm, vehicle, before=None, most=1)
    return max(chain(*_load(session, [newest.events(), newest.imports()])), key=_KEY, default=None)


def _load(session: Session, sources: Sequence[TimelineSource]) -> list[list[TimelineEntry]]:
    """Of each source, by one query that has their rows side by side."""
    first, *others = (source.rows for source in sources)
    beside: FromClause = first
    keys = [first.c.id]
    for rows in others:
        beside = beside.join(rows, rows.c.id == func.coalesce(*keys), full=True)
        keys.append(rows.c.id)
    columns = [column for source in sources for column in source.columns]
    found: list[list[TimelineEntry]] = [[] for _ in sources]
    for row in session.execute(select(*columns).select_from(beside)):
        values = iter(row)
        for source, entries in zip(sources, found, strict=True):
            leading, *more = islice(values, len(source.columns))
            if leading is not None:
                entries.append(source.entry(leading, *more))
    return found


def _figures(
    session: Session, realm: Realm, vehicle: Vehicle, before: UUID | None
) -> Iterator[TimelineEntry]:
    """Days come every night: only one entry for each month and each new rating of the price."""
    for period in load_periods(session, realm, vehicle.id):
        if before is None or period.id < before:
            told_at = datetime.combine(period.begin, time.min, BERLIN)
            yield TimelineEntry(period.id, told_at, "figures", period)


# What a vehicle's listings came to, by months and by ratings of their price.


def load_periods(session: Session, realm: Realm, vehicle_id: UUID) -> list[FiguresPeriod]:
    """Of each listing, the oldest first: one query for all that is kept, which is thinned to a day a week."""
    statement = (
        select(ListingDay, Activation.id, Activation.app)
        .join(Listing, Listing.id == ListingDay.listing_id)
        .join(Activation, Activation.id == Listing.activation_id)
        .where(Listing.vehicle_id == vehicle_id, realm.owns(Activation))
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
