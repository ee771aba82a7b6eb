"""The stock of an app that was just activated: released by its presets, and noted for the engine.

A small stock at once, in the transaction of the activation; a large one by workers, in slices. The task
stands before all that matches or sends and bars it until it is done, so nothing is decided from half a stock.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from portal import changes
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.messages import say
from portal.models.base import any_of
from portal.models.exports import SERVED, Activation, Listing, ListingState, RunKind, RunState, Trigger
from portal.models.runs import RUN_UNDER_WAY, Run
from portal.models.vehicles import Publication, Vehicle
from portal.outbox import note_activation, ring_after_commit
from portal.vehicles import export_limit
from portal.vehicles.release import release_due

RELEASED_AT_ONCE = 500
"""Vehicles that are released while somebody waits."""
VEHICLES_PER_CHUNK = 1_000
VEHICLES_PER_SLICE = 20_000
"""More than are released in one; so many keys are in memory."""
SLICE = 2.0
"""Seconds that a worker is at it; the rest waits at the end of the line."""
POSITION = "position"
"""In `run.counts`: the last vehicle that was looked at; they go by their ids."""


def release_stock(session: Session, activation: Activation) -> None:
    """Where the dealer's plan has a limit it is done at once: what finds no room is said in the answer."""
    in_stock = select(func.count()).select_from(_in_stock(activation).subquery())
    total = session.scalar(in_stock) or 0
    if total > RELEASED_AT_ONCE and export_limit.limit_of(session, activation.dealer_id) is None:
        run = Run(activation_id=activation.id, kind=RunKind.RELEASE, trigger=Trigger.BY_HAND, total=total)
        session.add(run)
        session.flush()
        ring_after_commit(session, [activation.id])
        return
    release_due(session, activation)
    note_activation(session, activation, Trigger.BY_HAND)


def cancel_release(session: Session, activation_id: UUID) -> None:
    """The app ends: what was not released yet stays so."""
    session.execute(
        update(Run)
        .where(_open(), Run.activation_id == activation_id)
        .values(
            state=RunState.CANCELLED,
            finished_at=func.now(),
            message=say("Abgebrochen, weil die App deaktiviert wurde."),
        )
    )


def open_release(activation_id: UUID) -> Select[Run]:
    return select(Run).where(_open(), Run.activation_id == activation_id)


def release_by_chunks(runtime: Runtime, lease: Lease) -> None:
    """The task itself: a slice of it. What a worker that died has done stays done: the next one goes on
    behind it."""
    ends = time.monotonic() + SLICE
    with runtime.sessions() as session:
        run = session.scalars(open_release(lease.activation_id)).one_or_none()
        if run is None:
            return
        rest = _concerned(session, run.activation, run.counts.get(POSITION))
    while rest:
        chunk, rest = rest[:VEHICLES_PER_CHUNK], rest[VEHICLES_PER_CHUNK:]
        if not _release(runtime, lease, chunk) or time.monotonic() > ends:
            return
    with runtime.sessions.begin() as session:
        lease.guard(session)
        ours = update(Run).where(_open(), Run.activation_id == lease.activation_id)
        session.execute(ours.values(state=RunState.DONE, finished_at=func.now()))
        changes.note(session, changes.ChangeKind.APP, [lease.activation_id])


def _release(runtime: Runtime, lease: Lease, chunk: Sequence[UUID]) -> bool:
    """False when it was cancelled meanwhile."""
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        run = session.scalars(open_release(activation.id).with_for_update(of=Run)).one_or_none()
        if run is None:
            return False
        release_due(session, activation, any_of(Vehicle.id, chunk))
        note_activation(session, activation, Trigger.BY_HAND, chunk)
        run.state, run.started_at = RunState.RUNNING, run.started_at or func.now()
        run.accepted = (run.accepted or 0) + len(chunk)
        run.total = max(run.total or 0, run.accepted)
        run.counts = {**run.counts, POSITION: str(chunk[-1])}
        changes.note(session, changes.ChangeKind.APP, [activation.id])
    return True


def _in_stock(activation: Activation) -> Select[UUID]:
    return select(Vehicle.id).where(
        Vehicle.dealer_id == activation.dealer_id,
        Vehicle.location_id == activation.location_id,
        Vehicle.withdrawn_at.is_(None),
    )


def _concerned(session: Session, activation: Activation, position: str | None) -> list[UUID]:
    """What may be released or is to be noted behind the position, as many as a slice can do: the stock, and
    what is left of an earlier time of the app. In order."""
    listed = (Listing.activation_id == activation.id, Listing.state != ListingState.ABSENT)
    released = (Publication.activation_id == activation.id, Publication.released)
    parts = (
        (_in_stock(activation), Vehicle.id),
        (select(Listing.vehicle_id).where(*listed), Listing.vehicle_id),
        (select(Publication.vehicle_id).where(*released), Publication.vehicle_id),
    )
    behind = UUID(position) if position else UUID(int=0)
    found = (
        session.scalars(part.where(key > behind).order_by(key).limit(VEHICLES_PER_SLICE))
        for part, key in parts
    )
    return sorted({key for keys in found for key in keys})[:VEHICLES_PER_SLICE]


def _open() -> ColumnElement[bool]:
    return (Run.kind == RunKind.RELEASE) & Run.state.in_(RUN_UNDER_WAY)


def release_asked_for() -> Select[UUID]:
    served = Activation.state.in_(SERVED)
    return (
        select(Run.activation_id).join(Activation, Activation.id == Run.activation_id).where(_open(), served)
    )


release_task = Task("release of a stock", release_asked_for, release_by_chunks, bars=True)
