"""How a change gets into the queue: rows in the transaction of the change itself, and a ring after it.

The database is the queue, RQ is the doorbell: a ring says "look into the database", it carries no data.
A ring that is lost costs time, never a change: the tick rings again for whatever waits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from redis import Redis
from sqlalchemy import Select, Uuid, and_, any_, case, func, literal, or_, select, text, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.dml import ReturningInsert

from portal import changes
from portal.commits import after_commit
from portal.models.base import any_of
from portal.models.exports import (
    LIVE,
    Activation,
    ActivationState,
    AppKind,
    Listing,
    ListingState,
    Transfer,
    Trigger,
)
from portal.models.plans import refresh_statistics
from portal.models.prepared import Question, array_of, places, question
from portal.models.vehicles import Publication, Vehicle
from portal.ring_queue import RingQueue

SETTLING = timedelta(seconds=5)
"""A request without an answer may still be under way: the next one to its listing leaves it that time,
or the platform might carry out the older one last."""
_SOON = case(
    (Transfer.not_before.is_not(None), func.least(Transfer.not_before, func.now() + SETTLING)), else_=None
)
_CHANGED_NOW = {"not_before": _SOON, "changed_at": func.clock_timestamp()}
WAITING_COLUMNS = ["activation_id", "vehicle_id", "location_id", "trigger", "held", "bulk"]


def note_changes(
    session: Session,
    vehicle_ids: Collection[UUID],
    trigger: Trigger = Trigger.CHANGE,
    *,
    bulk: bool = False,
) -> None:
    """Insert a waiting transfer for each vehicle and each activation concerned.

    Concerned is a live activation of an API app where the vehicle is released or has (or may have) a
    listing; file apps read the whole stock when their time comes.
    What is to be done is decided when it is sent. Call it in the transaction of the change;
    a row that waits already stands for this change too. `bulk`: a machine made it, as the schedule always is;
    what a person has changed goes before.
    """
    if vehicle_ids:
        changes.note(session, changes.ChangeKind.VEHICLE, vehicle_ids)
        bulk = bulk or trigger == Trigger.SCHEDULE
        noted = _note_some(trigger, bulk=bulk).ask(session, vehicles=array_of(vehicle_ids))
        _ring_for(session, noted.scalars().all(), bulk=bulk)


@lru_cache
def _note_some(trigger: Trigger, *, bulk: bool) -> Question:
    """Put together once: that took half of the time of a save. OFFSET 0 keeps it a look-up of these: joined
    by the dealer, PostgreSQL may read the whole stock for each chunk of it."""
    these = select(Vehicle.id, Vehicle.dealer_id, Vehicle.location_id).where(
        Vehicle.id == any_(places("vehicles"))
    )
    vehicles = aliased(Vehicle, these.offset(0).subquery())
    return question(_noting(_concerned(vehicles, trigger, bulk=bulk)), planned_once=False)


def note_activation(
    session: Session,
    activation: Activation,
    trigger: Trigger = Trigger.CHANGE,
    vehicle_ids: Collection[UUID] | None = None,
) -> None:
    """Insert a waiting transfer for every vehicle that this activation concerns, or for these of them."""
    session.flush()
    vehicles = Vehicle if vehicle_ids is None else _some(vehicle_ids)
    concerned = _concerned(vehicles, trigger, bulk=True, one_by_one=vehicle_ids is not None)
    concerned = concerned.where(Activation.id == activation.id)
    _ring_for(session, session.scalars(_noting(concerned)).all(), bulk=True)
    ring_after_commit(session, [activation.id])


def note_forced(
    session: Session,
    activation_id: UUID,
    trigger: Trigger,
    vehicle_ids: Collection[UUID] | None = None,
    run_id: UUID | None = None,
) -> int:
    """Note vehicles, or all that the activation concerns, to be sent also when nothing has changed.

    A row that waits already is made one of them: it goes out once for both. Returns how many wait so.
    """
    session.flush()
    bulk = vehicle_ids is None or trigger == Trigger.SCHEDULE
    vehicles = Vehicle if vehicle_ids is None else _some(vehicle_ids)
    concerned = _concerned(vehicles, trigger, bulk=bulk, one_by_one=vehicle_ids is not None)
    concerned = concerned.add_columns(true(), literal(run_id, Uuid))
    statement = insert(Transfer).from_select(
        [*WAITING_COLUMNS, "forced", "run_id"], concerned.where(Activation.id == activation_id)
    )
    forced = statement.on_conflict_do_update(
        index_elements=["activation_id", "vehicle_id"],
        index_where=text("state = 'waiting'"),
        set_={
            **_CHANGED_NOW,
            "forced": True,
            "bulk": and_(Transfer.bulk, statement.excluded.bulk),
            "trigger": statement.excluded.trigger,
            "run_id": func.coalesce(statement.excluded.run_id, Transfer.run_id),
        },
    )
    noted = session.scalars(forced.returning(Transfer.activation_id)).all()
    _ring_for(session, noted, bulk=bulk)
    return len(noted)


def _ring_for(session: Session, noted: Sequence[UUID], *, bulk: bool) -> None:
    """After rows were noted: the activation of each."""
    refresh_statistics(session, len(noted), Transfer)
    ring_after_commit(session, noted, Line.BULK if bulk else Line.PEOPLE)


def _noting(concerned: Concerned) -> ReturningInsert[UUID]:
    """Returns the activation of each row."""
    statement = insert(Transfer).from_select(WAITING_COLUMNS, concerned)
    # DO UPDATE, not DO NOTHING: it locks the waiting row until this change is committed. A worker
    # that claimed the row in between would send the old data, and this change would be lost.
    folded = statement.on_conflict_do_update(
        index_elements=["activation_id", "vehicle_id"],
        index_where=text("state = 'waiting'"),
        set_={**_CHANGED_NOW, "bulk": and_(Transfer.bulk, statement.excluded.bulk)},
    )
    return folded.returning(Transfer.activation_id)


def _some(vehicle_ids: Collection[UUID]) -> type[Vehicle]:
    """OFFSET 0 keeps it a look-up of these: joined by the dealer, PostgreSQL may read the whole stock for
    each chunk of it."""
    wanted = select(Vehicle.id, Vehicle.dealer_id, Vehicle.location_id).where(any_of(Vehicle.id, vehicle_ids))
    return aliased(Vehicle, wanted.offset(0).subquery())


Concerned = Select[UUID, UUID, UUID, str, bool, bool]


def _concerned(
    vehicles: type[Vehicle], trigger: Trigger, *, bulk: bool, one_by_one: bool = True
) -> Concerned:
    """`one_by_one`, what is known of each is looked up: joined, PostgreSQL may read all that is known of the
    dealer for each chunk."""
    everything = Activation.settings["lock_scope"].astext.is_distinct_from("costly")
    held = and_(Activation.state == ActivationState.LOCKED, everything)
    known = [
        select(column)
        .where(column.class_.activation_id == Activation.id, column.class_.vehicle_id == vehicles.id)
        .correlate(Activation, vehicles)
        for column in (Publication.released, Listing.state)
    ]
    release, listing = ((one.offset(0) if one_by_one else one).lateral() for one in known)
    return (
        select(Activation.id, vehicles.id, vehicles.location_id, literal(str(trigger)), held, literal(bulk))
        .select_from(vehicles)
        .join(Activation, Activation.dealer_id == vehicles.dealer_id)
        .outerjoin(release, true())
        .outerjoin(listing, true())
        .where(
            Activation.state.in_(LIVE),
            Activation.kind == AppKind.API,
            or_(release.c.released.is_(True), listing.c.state != ListingState.ABSENT),
        )
        # One order for all: two changes of the same vehicles never wait for each other in a circle.
        .order_by(vehicles.id)
    )


class Line(StrEnum):
    """Where an activation waits for a worker: what a person has just changed goes first, and does not let
    what a machine has changed starve (worker.py). The values name the queues."""

    PEOPLE = "transfers"
    BULK = "bulk"


JOB = "portal.exports.jobs.drain_activation"
JOB_TIMEOUT = 3600
TO_RING = "to_ring"
"""Seconds; a job that lives longer is killed, its lease expires and the next ring goes on."""


class Ring(Protocol):
    """Have a worker look at these activations."""

    def __call__(self, activation_ids: Iterable[UUID], line: Line = Line.PEOPLE, /) -> None: ...


def activation_rings(redis: Redis, line: Line) -> RingQueue:
    """A line of activations that a worker is to look at."""
    return RingQueue(redis, line, JOB, JOB_TIMEOUT)


def rq_ring(redis: Redis) -> Ring:
    """A ring that puts each activation in a line once. Never raises."""
    rings = {line: activation_rings(redis, line) for line in Line}

    def ring(activation_ids: Iterable[UUID], line: Line = Line.PEOPLE, /) -> None:
        rings[line].ring(str(activation_id) for activation_id in activation_ids)

    return ring


def activations_in_line(redis: Redis) -> Callable[[], bool]:
    """Whether any waits for a worker; True also where Redis does not answer. Never raises."""
    rings = [activation_rings(redis, line) for line in Line]
    return lambda: any(line.is_waited_in() for line in rings)


def ring_after_commit(session: Session, activation_ids: Iterable[UUID], line: Line = Line.PEOPLE) -> None:
    """Remember activations to ring, and open pages to tell, once the surrounding transaction is committed."""
    activation_ids = set(activation_ids)
    changes.note(session, changes.ChangeKind.APP, activation_ids)
    session.info.setdefault(TO_RING, {}).setdefault(line, set()).update(activation_ids)


def install(session_class: type[Session] | object, ring: Ring) -> None:
    """Ring after every commit of sessions made by this factory."""

    def ring_lines(waiting: Mapping[Line, set[UUID]]) -> None:
        people = waiting.get(Line.PEOPLE, set())
        if people:
            ring(people)
        if bulk := waiting.get(Line.BULK, set()) - people:
            ring(bulk, Line.BULK)

    after_commit(session_class, TO_RING, ring_lines)
