"""All that happened to one vehicle, in one list ordered by time and paged by key. No Flask.

Every source has keys that the database made in the order of time, so a page of the whole is made of a page
of each: six queries, however much there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal.calendar import BERLIN
from portal.exports.history.figures import FiguresPeriod, load_periods
from portal.exports.history.rows import HistoryRow, vehicle_history
from portal.models import (
    Activation,
    AuditEvent,
    Lock,
    LockedVehicle,
    Run,
    RunVehicle,
    User,
    Vehicle,
    VehicleImport,
)
from portal.models.realm import Realm

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


What = AuditEvent | VehicleImport | HistoryRow | ResultInFile | LockEntry | FiguresPeriod


@dataclass(frozen=True)
class TimelineEntry:
    key: UUID
    at: datetime
    kind: str
    """change, import, transfer, file, lock or figures."""
    what: What


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
        """The rows of a source that can belong to this page."""
        if self.before:
            statement = statement.where(key < self.before)
        return self.session.execute(statement.order_by(key.desc()).limit(self.most))

    def changes(self) -> Iterable[TimelineEntry]:
        """What people and programs did, from the audit log."""
        visible = select(Activation.id).where(self.realm.of(Activation))
        statement = select(AuditEvent).where(
            AuditEvent.object_id == self.vehicle.id,
            AuditEvent.dealer_id == self.realm.dealer_id,
            or_(AuditEvent.activation_id.is_(None), AuditEvent.activation_id.in_(visible)),
        )
        for (event,) in self.page(statement, AuditEvent.id):
            yield TimelineEntry(event.id, event.at, "change", event)

    def imports(self) -> Iterable[TimelineEntry]:
        """The import that brought the vehicle, and the one that changed it last: written in one transaction
        with it, they bear the same moment."""
        moments = (self.vehicle.created_at, self.vehicle.updated_at)
        statement = select(VehicleImport).where(
            self.realm.of(VehicleImport), VehicleImport.created_at.in_(moments)
        )
        for (one,) in self.page(statement, VehicleImport.id):
            yield TimelineEntry(one.id, one.created_at, "import", one)

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
        TimelinePart.CHANGES: (wanted.changes, wanted.imports),
        TimelinePart.TRANSFERS: (wanted.transfers, wanted.files),
        TimelinePart.LOCKS: (wanted.locks,),
        TimelinePart.FIGURES: (wanted.figures,),
    }
    chosen = [source for key, group in sources.items() if part in (None, key) for source in group]
    found = sorted((entry for source in chosen for entry in source()), key=lambda it: it.key, reverse=True)
    more, entries = len(found) > PAGE_SIZE, tuple(found[:PAGE_SIZE])
    return TimelinePage(entries, entries[-1].key if more else None)


def latest_change(session: Session, realm: Realm, vehicle: Vehicle) -> TimelineEntry | None:
    """What people, programs or a file did to it last: two queries."""
    wanted = TimelineSources(session, realm, vehicle, None, most=1)
    return max((*wanted.changes(), *wanted.imports()), key=lambda entry: entry.key, default=None)
