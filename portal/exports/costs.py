"""What may have cost money at an app: listings made, made again and deleted, and paid extras. No Flask.

Transfers are forgotten after a few days. What a platform may charge for is written down before that and kept
for thirteen months, so that a bill can be checked against it (spec: costs per app and month).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from portal.calendar import BERLIN
from portal.models import Activation, CostEvent, Transfer, Vehicle
from portal.models.exports import AppKind, TransferState
from portal.models.plans import refresh_statistics

ACCEPTED = (TransferState.OK, TransferState.WARNING)
COLUMNS = ("transfer_id", "activation_id", "vehicle_id", "offer_number", "kind", "booking", "at")


class CostKind(StrEnum):
    """`again`: created a second time within the months that are kept. It is told when it is read."""

    CREATED = "created"
    AGAIN = "again"
    DELETED = "deleted"
    BOOKED = "booked"


@dataclass(frozen=True)
class CostLine:
    """`booking` is the code of a paid extra. `vehicle_id` is None once the vehicle is gone."""

    at: datetime
    kind: CostKind
    booking: str
    vehicle_id: UUID | None
    offer_number: str
    title: str


@dataclass(frozen=True)
class MonthCosts:
    """How many of each kind; `booked` by code: vehicles that were sent with it in the month."""

    counts: dict[CostKind, int]
    booked: dict[str, int]


def write_costs(session: Session) -> int:
    """Write down what is not yet written of the transfers that are there. Harmless to repeat."""
    written = 0
    for missing in (_listings(), _bookings()):
        statement = insert(CostEvent).from_select(list(COLUMNS), missing).on_conflict_do_nothing()
        written += len(session.execute(statement.returning(CostEvent.id)).all())
    refresh_statistics(session, written, CostEvent)
    return written


def month_costs(session: Session, activation_id: UUID, month: date) -> MonthCosts:
    lines = _lines(activation_id)
    found = session.execute(
        select(lines.c.kind, lines.c.booking, func.count())
        .where(_within(lines, month))
        .group_by(lines.c.kind, lines.c.booking)
    ).all()
    counts = dict.fromkeys(CostKind, 0)
    for kind, _booking, count in found:
        counts[CostKind(kind)] += count
    booked = {booking: count for kind, booking, count in found if kind == CostKind.BOOKED}
    return MonthCosts(counts, booked)


def cost_lines(
    session: Session,
    activation_id: UUID,
    month: date,
    kind: CostKind | None = None,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> Iterator[CostLine]:
    """The newest first, those of one kind alone where it is given."""
    lines = _lines(activation_id)
    title = func.concat_ws(" ", Vehicle.make, Vehicle.model, Vehicle.data["model_description"].astext)
    statement = (
        select(lines, title.label("title"))
        .outerjoin(Vehicle, Vehicle.id == lines.c.vehicle_id)
        .where(_within(lines, month))
        .order_by(lines.c.at.desc(), lines.c.transfer_id.desc(), lines.c.booking)
        .offset(offset)
        .limit(limit)
    )
    if kind is not None:
        statement = statement.where(lines.c.kind == kind)
    for row in session.execute(statement):
        yield CostLine(
            row.at, CostKind(row.kind), row.booking, row.vehicle_id, row.offer_number, row.title or ""
        )


def months_back(today: date, count: int) -> list[date]:
    """First days of this month and of those before."""
    months = [today.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _listings() -> Select[*tuple[Any, ...]]:
    """Creations and deletions that the platform took and that are not yet written down."""
    kind = case((Transfer.action == "create", CostKind.CREATED), else_=CostKind.DELETED)
    written = exists().where(CostEvent.transfer_id == Transfer.id)
    return _accepted(cast(kind, String), literal("")).where(
        Transfer.action.in_(("create", "delete")), ~written
    )


def _bookings() -> Select[*tuple[Any, ...]]:
    """Paid extras, once for each vehicle and month: an extra that runs goes along with every change."""
    booking = func.unnest(Transfer.bookings)
    sent = (
        _accepted(literal(str(CostKind.BOOKED)), booking)
        .where(Transfer.bookings != [], Transfer.action != "delete")
        .subquery()
    )
    month = func.date_trunc("month", func.timezone(BERLIN.key, sent.c.at))
    # Looked up for each (OFFSET 0): right after a month's costs were written, few are believed to be there.
    written = (
        select(CostEvent.id)
        .where(
            CostEvent.vehicle_id == sent.c.vehicle_id,
            CostEvent.activation_id == sent.c.activation_id,
            CostEvent.kind == CostKind.BOOKED,
            CostEvent.booking == sent.c.booking,
            func.date_trunc("month", func.timezone(BERLIN.key, CostEvent.at)) == month,
        )
        .correlate(sent)
        .offset(0)
        .exists()
    )
    once = (sent.c.activation_id, sent.c.vehicle_id, sent.c.booking, month)
    return select(sent).ext(distinct_on(*once)).where(~written).order_by(*once, sent.c.at)


def _accepted(kind: ColumnElement[str], booking: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    values = (
        Transfer.id,
        Transfer.activation_id,
        Transfer.vehicle_id,
        Vehicle.offer_number,
        kind,
        booking,
        Transfer.finished_at,
    )
    named: Sequence[Any] = [value.label(name) for name, value in zip(COLUMNS, values, strict=True)]
    return (
        select(*named)
        .join(Vehicle, Vehicle.id == Transfer.vehicle_id)
        .join(Activation, Activation.id == Transfer.activation_id)
        .where(
            Activation.kind == AppKind.API, Transfer.state.in_(ACCEPTED), Transfer.finished_at.is_not(None)
        )
    )


def _lines(activation_id: UUID) -> CTE:
    """What is written and what is not yet, with creations told apart by whether there was one before."""
    written = select(*(getattr(CostEvent, name) for name in COLUMNS)).where(
        CostEvent.activation_id == activation_id
    )
    fresh = [
        select(part).where(part.c.activation_id == activation_id)
        for part in (_listings().subquery(), _bookings().subquery())
    ]
    every = union_all(written, *fresh).cte("every_line")
    nth = func.row_number().over(partition_by=(every.c.vehicle_id, every.c.kind), order_by=every.c.at)
    repeated = and_(every.c.kind == CostKind.CREATED, every.c.vehicle_id.is_not(None), nth > 1)
    kind = case((repeated, CostKind.AGAIN), else_=every.c.kind)
    others = [column for column in every.c if column.key != "kind"]
    return select(*others, cast(kind, String).label("kind")).cte("cost_line")


def _within(lines: CTE, month: date) -> ColumnElement[bool]:
    begin = datetime.combine(month.replace(day=1), time(), BERLIN)
    until = datetime.combine((month.replace(day=28) + timedelta(days=7)).replace(day=1), time(), BERLIN)
    return and_(lines.c.at >= begin, lines.c.at < until)
