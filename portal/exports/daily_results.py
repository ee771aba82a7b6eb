"""What was sent and refused on each German day. No Flask.

Transfers and files are forgotten after a few days; what a whole day came to is kept for a month.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Select,
    Values,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.calendar import BERLIN
from portal.models import Activation, ActivationDay, Run, Transfer
from portal.models.exports import LIVE, AppKind, TransferState
from portal.models.realm import Realm

DAYS = 30
COUNTED_DAYS = 2
"""Today and yesterday are counted anew each time; of every day before, the sum is read."""
LATE = timedelta(hours=1)
"""So long after midnight the last transaction of a day has been committed."""
ACCEPTED = (TransferState.OK, TransferState.WARNING)
REFUSED = (TransferState.REJECTED, TransferState.FAILED)


@dataclass(frozen=True)
class Day:
    """Vehicles taken by the platform and refused by it, or not delivered."""

    day: date
    sent: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class DailyResults:
    """Every one of the last days, the oldest first; the other two count the last 24 hours."""

    days: tuple[Day, ...]
    sent: int = 0
    rejected: int = 0


def load_daily_results(session: Session, realm: Realm, now: datetime) -> dict[UUID, DailyResults]:
    """By live activation, those without any result included: one query, however many there are."""
    today = now.astimezone(BERLIN).date()
    windows = _windows(today, COUNTED_DAYS)
    mine = (realm.of(Activation), Activation.state.in_(LIVE))
    statement = union_all(
        _counted(windows, now - timedelta(days=1)).where(*mine),
        _in_files(today, COUNTED_DAYS, now - timedelta(days=1)).where(*mine),
        _settled(today).where(*mine),
    )
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(statement):
        found[row[0]].append(row)
    return defaultdict(
        lambda: _results([], today), {key: _results(rows, today) for key, rows in found.items()}
    )


def _results(rows: list[Any], today: date) -> DailyResults:
    known = {day: Day(day, sent, rejected) for _, day, sent, rejected, _, _ in rows}
    days = (today - timedelta(days=back) for back in reversed(range(DAYS)))
    return DailyResults(
        days=tuple(known.get(day, Day(day)) for day in days),
        sent=sum(row[4] for row in rows),
        rejected=sum(row[5] for row in rows),
    )


def settle_days(session: Session, now: datetime, history_days: int) -> int:
    """Write down each day that is over and not yet written, as long as its transfers are there; returns how
    many. Harmless to repeat."""
    today = (now - LATE).astimezone(BERLIN).date()
    windows = _windows(today, history_days, begin=1)
    sums = union_all(
        _counted(windows, now).where(Activation.state.in_(LIVE)),
        _in_files(today, history_days, now).where(Activation.state.in_(LIVE)),
    ).subquery()
    key, day, sent, rejected = list(sums.c)[:4]
    known = exists().where(ActivationDay.activation_id == key, ActivationDay.day == day)
    missing = select(key, day, sent, rejected).where(~known, day < today)
    columns = ["activation_id", "day", "sent", "rejected"]
    statement = insert(ActivationDay).from_select(columns, missing).on_conflict_do_nothing()
    return len(session.execute(statement.returning(ActivationDay.id)).all())


def _counted(windows: Values, recent: datetime) -> Select[*tuple[Any, ...]]:
    """Finished transfers per API activation and day.

    Counted by ranges of the index ix_transfer_results: grouped, every row would be read and its day told.
    """
    accepted, late = Transfer.state.in_(ACCEPTED), Transfer.finished_at >= recent
    ended = (
        select(
            func.count().filter(accepted),
            func.count().filter(~accepted),
            func.count().filter(accepted, late),
            func.count().filter(~accepted, late),
        )
        .where(Transfer.activation_id == Activation.id, Transfer.state.in_((*ACCEPTED, *REFUSED)))
        .where(Transfer.finished_at >= windows.c.begin, Transfer.finished_at < windows.c.until)
        .correlate(Activation, windows)
        .lateral("ended")
    )
    return (
        select(Activation.id, windows.c.day, *ended.c)
        .select_from(Activation)
        .join(windows, true())
        .join(ended, true())
        .where(Activation.kind == AppKind.API)
    )


def _in_files(today: date, days: int, recent: datetime) -> Select[*tuple[Any, ...]]:
    """The same of file apps: vehicles in the files of a day."""
    day = cast(func.timezone(BERLIN.key, Run.sent_at), Date)
    accepted, late = Run.accepted + Run.hinted, Run.sent_at > recent
    return (
        select(
            Run.activation_id,
            day,
            func.sum(accepted),
            func.sum(Run.rejected),
            func.coalesce(func.sum(accepted).filter(late), 0),
            func.coalesce(func.sum(Run.rejected).filter(late), 0),
        )
        .join(Activation, Activation.id == Run.activation_id)
        .where(Activation.kind == AppKind.FILE, Run.sent_at >= _midnight(today - timedelta(days=days - 1)))
        .group_by(Run.activation_id, day)
    )


def _settled(today: date) -> Select[*tuple[Any, ...]]:
    """The days that are not counted anew."""
    between = ActivationDay.day.between(
        today - timedelta(days=DAYS - 1), today - timedelta(days=COUNTED_DAYS)
    )
    nothing = literal(0)
    return (
        select(
            ActivationDay.activation_id,
            ActivationDay.day,
            ActivationDay.sent,
            ActivationDay.rejected,
            nothing,
            nothing,
        )
        .join(Activation, Activation.id == ActivationDay.activation_id)
        .where(between)
    )


def _windows(today: date, days: int, begin: int = 0) -> Values:
    """Each of the last days with its beginning and end in Germany: 23 to 25 hours. `begin`: how many days
    before today the last of them is."""
    moment = DateTime(timezone=True)
    last = [today - timedelta(days=back) for back in range(begin, begin + days)]
    rows = [(day, _midnight(day), _midnight(day + timedelta(days=1))) for day in last]
    return values(column("day", Date), column("begin", moment), column("until", moment), name="days").data(
        rows
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BERLIN)
