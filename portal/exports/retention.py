"""What is forgotten, and when. Batch by batch: no transaction grows old, no lock is held for long.

`listing` knows the last state of every vehicle at every account, so a history can end. Nothing that is open
is ever forgotten, nor what a page still shows of a live app: its last check, its reconciliation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, extract, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker

from portal.models import (
    ActivationDay,
    AuditEvent,
    CostEvent,
    FeedFetch,
    IncomingPicture,
    KnownModel,
    ListingDay,
    Lock,
    LoginSession,
    Mail,
    Notification,
    Problem,
    Run,
    StockPreview,
    StockUpload,
    SupportRequest,
    SupportSession,
    Transfer,
    Vehicle,
    VehicleImport,
    WebhookMessage,
)
from portal.models.exports import RunKind, TransferState
from portal.models.webhooks import MessageState

DAY, MONTH, QUARTER, YEAR = (timedelta(days=days) for days in (1, 30, 90, 365))
TWO_MONTHS = timedelta(days=60)
"""After that a figure a week tells the same."""
THIRTEEN_MONTHS = timedelta(days=400)
"""A month beside the same one of the year before."""
EVIDENCE = 3 * YEAR
"""Who unlocked, booked or deactivated costs or saves money: as long as claims can be made of it."""
ROWS_PER_BATCH, ROWS_PER_BATCH_WITH_MANY_CHILDREN = 5_000, 50
"""Rows deleted in one transaction; few of those that take many others along."""

LAST_RUNS = (
    select(Run.id)
    .ext(distinct_on(Run.activation_id, Run.kind, Run.state))
    .where(Run.kind.in_((RunKind.FULL, RunKind.CHECK)))
    .order_by(Run.activation_id, Run.kind, Run.state, Run.id.desc())
)
"""The health of an app is told from them (runs.py)."""
LAST_RECONCILIATIONS = (
    select(Run.id)
    .ext(distinct_on(Run.activation_id))
    .where(Run.kind == RunKind.RECONCILIATION)
    .order_by(Run.activation_id, Run.id.desc())
)
"""It is shown as long as the app lives, and says what was left at the platform on purpose."""
_EACH_KIND = (VehicleImport.location_id, VehicleImport.partial, VehicleImport.error == "")
LAST_IMPORTS = (
    select(VehicleImport.id).ext(distinct_on(*_EACH_KIND)).order_by(*_EACH_KIND, VehicleImport.id.desc())
)
"""Of each kind: the mass-change guard asks whether the last complete one was cut short."""
MODELS_IN_STOCK = select(KnownModel.id).join(
    Vehicle,
    and_(
        Vehicle.dealer_id == KnownModel.dealer_id,
        Vehicle.make == KnownModel.make,
        Vehicle.model == KnownModel.model,
        Vehicle.withdrawn_at.is_(None),
    ),
)
"""What a dealer said of a model, as long as a vehicle in stock is spelled so."""


@dataclass(frozen=True)
class RetentionRule:
    """Of `table`, in the order of its ids, which is that of time: what `age` is past for `moment` goes,
    unless `kept`. Where nearly all rows go in that order, `oldest_only` looks at the first ones alone."""

    table: Any
    moment: InstrumentedAttribute[Any]
    age: timedelta
    only: ColumnElement[bool]
    kept: Select[Any] | None = None
    oldest_only: bool = True
    batch: int = ROWS_PER_BATCH


scattered = partial(RetentionRule, oldest_only=False)
with_children = partial(scattered, batch=ROWS_PER_BATCH_WITH_MANY_CHILDREN)


def retention_rules(history: timedelta) -> tuple[RetentionRule, ...]:
    """`history`: how long transfers are kept, and who fetched a file."""
    ended = Run.finished_at.is_not(None)
    told = or_(Problem.told_at.is_(None), Problem.told_end_at.is_not(None))
    over = or_(Mail.sent_at.is_not(None), Mail.failed_at.is_not(None))
    final = Transfer.state.not_in((TransferState.WAITING, TransferState.SENDING))
    sent_again = and_(ended, Run.kind.in_((RunKind.FULL, RunKind.CHECK, RunKind.TRIAL, RunKind.RELEASE)))
    visited = SupportSession.ended_at.is_not(None)
    matched = and_(ended, Run.kind == RunKind.RECONCILIATION)
    told_or_too_late = or_(WebhookMessage.state != MessageState.WAITING, WebhookMessage.until < func.now())
    return (
        RetentionRule(Transfer, Transfer.created_at, history, final),
        RetentionRule(FeedFetch, FeedFetch.fetched_at, history, _all(FeedFetch)),
        with_children(Run, Run.created_at, history, sent_again, LAST_RUNS),
        with_children(Run, Run.finished_at, QUARTER, matched, LAST_RECONCILIATIONS),
        with_children(Lock, Lock.closed_at, QUARTER, Lock.closed_at.is_not(None)),
        scattered(Problem, Problem.closed_at, QUARTER, told),
        with_children(VehicleImport, VehicleImport.created_at, QUARTER, _all(VehicleImport), LAST_IMPORTS),
        scattered(IncomingPicture, IncomingPicture.created_at, MONTH, _all(IncomingPicture)),
        with_children(StockUpload, StockUpload.created_at, DAY, _all(StockUpload)),
        RetentionRule(StockPreview, StockPreview.created_at, DAY, _all(StockPreview)),
        scattered(KnownModel, KnownModel.updated_at, YEAR, _all(KnownModel), MODELS_IN_STOCK),
        RetentionRule(Notification, Notification.created_at, QUARTER, _all(Notification)),
        RetentionRule(WebhookMessage, WebhookMessage.created_at, history, told_or_too_late),
        RetentionRule(ActivationDay, ActivationDay.day, MONTH, _all(ActivationDay)),
        RetentionRule(ListingDay, ListingDay.day, THIRTEEN_MONTHS, _all(ListingDay)),
        scattered(ListingDay, ListingDay.day, TWO_MONTHS, extract("isodow", ListingDay.day) != 1),
        RetentionRule(CostEvent, CostEvent.at, THIRTEEN_MONTHS, _all(CostEvent)),
        RetentionRule(Mail, Mail.created_at, MONTH, over),
        RetentionRule(LoginSession, LoginSession.created_at, MONTH, _all(LoginSession)),
        RetentionRule(SupportRequest, SupportRequest.at, YEAR, _all(SupportRequest)),
        with_children(SupportSession, SupportSession.ended_at, EVIDENCE, visited),
        RetentionRule(AuditEvent, AuditEvent.at, EVIDENCE, _all(AuditEvent)),
    )


def forget_old(sessions: sessionmaker[Session], history_days: int) -> dict[str, int]:
    """Everything that is old enough; returns how many rows of which table went."""
    forgotten: dict[str, int] = {}
    for rule in retention_rules(timedelta(days=history_days)):
        name = rule.table.__tablename__
        forgotten[name] = forgotten.get(name, 0) + forget_by_rule(sessions, rule)
    return {name: number for name, number in forgotten.items() if number}


def forget_by_rule(sessions: sessionmaker[Session], rule: RetentionRule) -> int:
    key = rule.table.id
    batch = _oldest(rule) if rule.oldest_only else _candidates(rule).where(_is_old(rule))
    delete_batch = delete(rule.table).where(key.in_(batch)).returning(key)
    if not rule.oldest_only:
        delete_batch = delete_batch.where(_is_old(rule))  # still: somebody may have changed it just now
    forgotten = 0
    while True:
        with sessions.begin() as session:
            gone = len(session.execute(delete_batch).all())
        forgotten += gone
        if gone < rule.batch:
            return forgotten


def _oldest(rule: RetentionRule) -> Select[Any]:
    """The first ones are asked for their age, and no others: asked of the table, all of it would be read."""
    first = _candidates(rule).add_columns(rule.moment.label("moment")).subquery("first")
    return select(first.c.id).where(first.c.moment < func.now() - rule.age)


def _candidates(rule: RetentionRule) -> Select[Any]:
    key = rule.table.id
    candidates = select(key.label("id")).where(rule.only).order_by(key).limit(rule.batch)
    return candidates if rule.kept is None else candidates.where(key.not_in(rule.kept))


def _is_old(rule: RetentionRule) -> ColumnElement[bool]:
    return rule.moment < func.now() - rule.age


def _all(table: Any) -> ColumnElement[bool]:
    return table.id.is_not(None)  # type: ignore[no-any-return]


# Where somebody acted from is of use while a misuse is looked into; after that, the network is enough.


ADDRESSES_WHOLE_FOR, ADDRESSES_PER_BATCH = QUARTER, 1_000
NETWORK_BITS = {4: 24, 6: 48}
"""Bits that stay, by the version of the protocol."""
ADDRESS_HOLDERS: Sequence[tuple[Any, InstrumentedAttribute[Any]]] = (
    (AuditEvent, AuditEvent.at),
    (SupportSession, SupportSession.started_at),
)
"""Tables that are kept for longer than addresses are kept whole."""


def shortened(address: str) -> str:
    """Its network; nothing for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, NETWORK_BITS[found.version]), strict=False))


def shorten_addresses(sessions: sessionmaker[Session]) -> int:
    """Those that are old enough; returns how many."""
    return sum(_shorten_of(sessions, *holder) for holder in ADDRESS_HOLDERS)


def _shorten_of(sessions: sessionmaker[Session], table: Any, moment: InstrumentedAttribute[Any]) -> int:
    whole = (table.address != "", table.address.not_like("%/%"), moment < func.now() - ADDRESSES_WHOLE_FOR)
    done = 0
    while True:
        with sessions.begin() as session:
            found = session.execute(
                select(table.id, table.address).where(*whole).limit(ADDRESSES_PER_BATCH)
            ).all()
            for key, address in found:
                session.execute(update(table).where(table.id == key).values(address=shortened(address)))
        done += len(found)
        if len(found) < ADDRESSES_PER_BATCH:
            return done
