"""One card for each live activation: three queries, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    ScalarSelect,
    Select,
    Values,
    cast,
    column,
    func,
    select,
    true,
    union_all,
    values,
)
from sqlalchemy.orm import Session, joinedload

from portal.blueprints.activations import cards as activations_cards
from portal.exports import runs
from portal.exports.runs import NO_RUNS, LatestRuns
from portal.models import Activation, Lock, Run, Transfer, Vehicle
from portal.models.exports import LIVE, ActivationState, AppKind, TransferState
from portal.platforms import APPS
from portal.security.realm import Realm
from portal.web.i18n import TIMEZONE
from portal.web.wording import translated

DAYS = 5
ACCEPTED = (TransferState.OK, TransferState.WARNING)
REFUSED = (TransferState.REJECTED, TransferState.FAILED)
OPEN = (TransferState.WAITING, TransferState.SENDING)


@dataclass(frozen=True)
class Day:
    day: date
    sent: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class OverviewCard:
    """`open` transfers wait or are being sent; the last two count the last 24 hours. `lock` is open."""

    activation: Activation
    name: str
    online: int
    released: int
    open: int
    days: tuple[Day, ...]
    sent_today: int
    rejected_today: int
    lock: Lock | None = None
    latest: LatestRuns = NO_RUNS

    @property
    def stopped(self) -> bool:
        return self.activation.state == ActivationState.STOPPED

    def urgency(self) -> tuple[bool, bool, bool, bool, int, str]:
        """Sorts the card that needs attention first: one that is locked before all others."""
        return (
            not self.lock,
            not self.stopped,
            not self.activation.failing_since,
            not self.rejected_today,
            self.online - self.released,
            self.name,
        )


@dataclass(frozen=True)
class _Counts:
    day: date
    sent: int
    rejected: int
    sent_today: int
    rejected_today: int


def load(session: Session, realm: Realm, now: datetime) -> list[OverviewCard]:
    """The dealer's live activations, the one that needs attention first."""
    counts = _transfers(session, realm, now)
    today = now.astimezone(ZoneInfo(TIMEZONE)).date()
    cards = [
        _card(activation, lock, online, released, waiting, counts[activation.id], today)
        for activation, lock, online, released, waiting in session.execute(_activations(realm))
    ]
    latest = runs.load_latest_runs(session, [card.activation.id for card in cards])
    checked = [replace(card, latest=latest.get(card.activation.id, NO_RUNS)) for card in cards]
    return sorted(checked, key=OverviewCard.urgency)


def has_vehicles(session: Session, realm: Realm) -> bool:
    in_stock = select(Vehicle.id).where(realm.of(Vehicle), Vehicle.withdrawn_at.is_(None))
    return session.scalar(select(in_stock.exists())) or False


def _card(
    activation: Activation,
    lock: Lock | None,
    online: int,
    released: int,
    waiting: int,
    counts: Sequence[_Counts],
    today: date,
) -> OverviewCard:
    return OverviewCard(
        activation=activation,
        name=translated(APPS[activation.app].name) if activation.app in APPS else activation.app,
        online=online,
        released=released,
        open=waiting,
        days=_days(counts, today),
        sent_today=sum(count.sent_today for count in counts),
        rejected_today=sum(count.rejected_today for count in counts),
        lock=lock,
    )


def _days(counts: Sequence[_Counts], today: date) -> tuple[Day, ...]:
    """Every one of the last days, also those without a transfer."""
    known = {count.day: Day(count.day, count.sent, count.rejected) for count in counts}
    days = (today - timedelta(days=back) for back in reversed(range(DAYS)))
    return tuple(known.get(day, Day(day)) for day in days)


def _activations(realm: Realm) -> Select[Activation, Lock | None, int, int, int]:
    return (
        select(
            Activation,
            Lock,
            activations_cards.online_listings(),
            activations_cards.released_vehicles(),
            _open(),
        )
        .outerjoin(Lock, (Lock.activation_id == Activation.id) & Lock.closed_at.is_(None))
        .where(realm.of(Activation), Activation.state.in_(LIVE))
        .options(joinedload(Activation.location))
    )


def _open() -> ScalarSelect[int]:
    here = (Transfer.activation_id == Activation.id, Transfer.state.in_(OPEN))
    return select(func.count()).select_from(Transfer).where(*here).scalar_subquery()


def _transfers(session: Session, realm: Realm, now: datetime) -> dict[UUID, list[_Counts]]:
    found: dict[UUID, list[_Counts]] = defaultdict(list)
    both = union_all(_per_day(realm, now), _runs_per_day(realm, now))
    for activation_id, day, sent, rejected, sent_today, rejected_today in session.execute(both):
        found[activation_id].append(_Counts(day, sent, rejected, sent_today, rejected_today))
    return found


def _per_day(realm: Realm, now: datetime) -> Select[UUID, date, int, int, int, int]:
    """Finished transfers of the last days per activation and German day.

    Counted by ranges of the index ix_transfer_results: grouped, every row would be read and its day told.
    """
    days = _windows(now)
    recent = func.greatest(days.c.begin, now - timedelta(days=1))
    return (
        select(
            Activation.id,
            days.c.day,
            _ended(ACCEPTED, days.c.begin, days.c.until),
            _ended(REFUSED, days.c.begin, days.c.until),
            _ended(ACCEPTED, recent, days.c.until),
            _ended(REFUSED, recent, days.c.until),
        )
        .join(days, true())
        .where(realm.of(Activation), Activation.kind == AppKind.API, Activation.state.in_(LIVE))
    )


def _windows(now: datetime) -> Values:
    """Each of the last days with its beginning and end in Germany: 23 to 25 hours."""
    moment = DateTime(timezone=True)
    today = now.astimezone(ZoneInfo(TIMEZONE)).date()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    rows = [(day, _midnight(day), _midnight(day + timedelta(days=1))) for day in days]
    return values(column("day", Date), column("begin", moment), column("until", moment), name="days").data(
        rows
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(TIMEZONE))


def _ended(
    states: tuple[TransferState, ...], begin: ColumnElement[Any], until: ColumnElement[Any]
) -> ScalarSelect[int]:
    ended = (Transfer.finished_at >= begin, Transfer.finished_at < until)
    here = (Transfer.activation_id == Activation.id, Transfer.state.in_(states))
    return select(func.count()).select_from(Transfer).where(*here, *ended).scalar_subquery()


def _runs_per_day(realm: Realm, now: datetime) -> Select[UUID, date, int, int, int, int]:
    """The same of file apps: vehicles in the files of a day."""
    today = now.astimezone(ZoneInfo(TIMEZONE)).replace(hour=0, minute=0, second=0, microsecond=0)
    day = cast(func.timezone(TIMEZONE, Run.sent_at), Date)
    accepted, recent = Run.accepted + Run.hinted, Run.sent_at > now - timedelta(days=1)
    return (
        select(
            Run.activation_id,
            day,
            func.sum(accepted),
            func.sum(Run.rejected),
            func.coalesce(func.sum(accepted).filter(recent), 0),
            func.coalesce(func.sum(Run.rejected).filter(recent), 0),
        )
        .join(Activation, Activation.id == Run.activation_id)
        .where(
            realm.of(Activation),
            Activation.kind == AppKind.FILE,
            Activation.state.in_(LIVE),
            Run.sent_at >= today - timedelta(days=DAYS - 1),
        )
        .group_by(Run.activation_id, day)
    )
