"""The lock: closed by the brake before anything is sent, opened by people or by a stock that is whole again.

Every function works in the caller's transaction. Rows are locked in one order: activation, then lock.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Uuid,
    any_,
    cast,
    delete,
    exists,
    func,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from portal import audit
from portal.audit import Who
from portal.exports.brake import Deviation, Stop
from portal.exports.cases import load_cases, rules_of
from portal.models.exports import (
    Activation,
    ActivationState,
    LockEnd,
    LockRule,
    Transfer,
    TransferState,
)
from portal.models.runs import Lock, LockedVehicle
from portal.notices.problems import ProblemKind, close_problem, open_problem
from portal.outbox.doorbell import ring_after_commit
from portal.platforms.base import Action

CHUNK = 1_000
"""Vehicles looked at together."""
DISCARDED = {
    "code": "discarded",
    "text": "Beim Prüfen der Sperre verworfen. Das Inserat bleibt, wie es ist.",
    "field": None,
    "platform_text": "",
    "who": "dealer",
}


@dataclass(frozen=True)
class Numbers:
    """What a person saw when he decided: deletions and creations, waiting and done."""

    deletions: int
    creations: int


@dataclass(frozen=True)
class Costly:
    """A planned deletion or creation; `reason` in German says why it would be deleted."""

    vehicle_id: UUID
    action: str
    reason: str = ""


class Decision(StrEnum):
    """GROWN: more would happen than the person was shown; nothing was decided."""

    DONE = "done"
    CLOSED = "closed"
    GROWN = "grown"


def find_open(session: Session, activation_id: UUID) -> Lock | None:
    statement = select(Lock).where(Lock.activation_id == activation_id, Lock.closed_at.is_(None))
    return session.scalars(statement).one_or_none()


def engage(
    session: Session,
    activation_id: UUID,
    stop: Stop,
    deviation: Deviation,
    vehicles: Sequence[Costly],
    run_id: UUID | None = None,
) -> Lock:
    """Close the lock, or let the numbers of the closed one follow the deviation. People are told once."""
    activation = _hold(session, activation_id)
    lock = find_open(session, activation_id)
    if lock is None:
        lock = Lock(activation_id=activation_id)
        session.add(lock)
        _count_into(lock, stop, deviation, run_id)
        session.flush()
        audit.note(
            session,
            audit.PORTAL,
            "lock.opened",
            dealer_id=activation.dealer_id,
            object_id=lock.id,
            activation_id=activation.id,
            label=activation.customer_number,
            detail={"rule": lock.rule, "deletions": lock.deletions, "creations": lock.creations},
        )
    else:
        _count_into(lock, stop, deviation, run_id)
        session.flush()
    if activation.state == ActivationState.ACTIVE:
        activation.state = ActivationState.LOCKED
    _list_vehicles(session, lock.id, vehicles)
    open_problem(session, activation, ProblemKind.LOCK, subject_id=lock.id)
    return lock


def _count_into(lock: Lock, stop: Stop, deviation: Deviation, run_id: UUID | None) -> None:
    lock.rule = stop.rule
    lock.online = deviation.before
    lock.deletions, lock.creations = deviation.all_deletions, deviation.all_creations
    lock.deletions_done, lock.creations_done = deviation.deletions_done, deviation.creations_done
    lock.deletion_limit, lock.creation_limit = stop.deletion_limit, stop.creation_limit
    lock.run_id = run_id
    lock.looked_at = func.now()


def _list_vehicles(session: Session, lock_id: UUID, vehicles: Iterable[Costly]) -> None:
    session.execute(delete(LockedVehicle).where(LockedVehicle.lock_id == lock_id))
    rows = [
        {"vehicle_id": str(one.vehicle_id), "action": one.action, "reason": one.reason} for one in vehicles
    ]
    session.execute(_LIST_VEHICLES, {"lock": lock_id, "rows": json.dumps(rows)})


_LIST_VEHICLES = text(
    """
    INSERT INTO locked_vehicle (lock_id, vehicle_id, action, reason)
    SELECT :lock, r.vehicle_id, r.action, r.reason
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, action text, reason text)
    """
)


def not_looked_at(session: Session, activation_id: UUID, seen: Collection[UUID]) -> list[Costly]:
    """Vehicles of the open lock that wait and that this look has missed, because a change holds their
    rows right now: they still belong to the deviation."""
    due = exists().where(
        Transfer.activation_id == activation_id,
        Transfer.vehicle_id == LockedVehicle.vehicle_id,
        Transfer.state == TransferState.WAITING,
        func.coalesce(Transfer.not_before, func.now()) <= func.now(),
    )
    rows = session.execute(
        select(LockedVehicle.vehicle_id, LockedVehicle.action, LockedVehicle.reason)
        .join(Lock, Lock.id == LockedVehicle.lock_id)
        .where(Lock.activation_id == activation_id, Lock.closed_at.is_(None), due)
    )
    return [Costly(*row) for row in rows if row[0] not in seen]


def hold_back(session: Session, activation_id: UUID, vehicle_ids: Sequence[UUID] | None) -> None:
    """Mark what waits because of the lock: these vehicles, or without any all that waits."""
    # Rows that a change holds right now are left to it: waiting for it here could be waiting in a circle.
    waiting = (
        select(Transfer.id)
        .where(Transfer.activation_id == activation_id, Transfer.state == TransferState.WAITING)
        .with_for_update(skip_locked=True, of=Transfer)
    )
    marked = true() if vehicle_ids is None else Transfer.vehicle_id == any_(_array(vehicle_ids))
    wrongly = Transfer.held.is_distinct_from(marked)
    session.execute(update(Transfer).where(Transfer.id.in_(waiting), wrongly).values(held=marked))


def _array(ids: Sequence[UUID]) -> ColumnElement[Any]:
    """One parameter, however many ids."""
    return cast(list(ids), ARRAY(Uuid))


def lift(session: Session, activation_id: UUID) -> None:
    """The deviation vanished by itself: what waits may go out."""
    activation = _hold(session, activation_id)
    lock = find_open(session, activation_id)
    if lock is not None:
        _close(session, activation, lock, LockEnd.HEALED, audit.PORTAL)
    elif activation.state == ActivationState.LOCKED:
        activation.state = ActivationState.ACTIVE


def approve(
    session: Session, lock_id: UUID, shown: Numbers, who: Who, *, by_mail: bool = False
) -> tuple[Decision, Lock]:
    """Let the deviation through as it was shown: a ceiling for the next 24 hours, not a licence.

    The waiting set is decided anew from now. The same approval twice acts once.
    """
    activation, lock = _held_lock(session, lock_id)
    if lock.closed_at is not None:
        return Decision.CLOSED, lock
    if lock.deletions > shown.deletions or lock.creations > shown.creations:
        return Decision.GROWN, lock
    activation.approved_deletions = lock.deletions - lock.deletions_done
    activation.approved_creations = lock.creations - lock.creations_done
    activation.approved_empty = lock.rule in (LockRule.EMPTIED, LockRule.TRUNCATED)
    activation.counted_from = func.now()
    lock.by_mail = by_mail
    _close(session, activation, lock, LockEnd.APPROVED, who)
    return Decision.DONE, lock


def discard(session: Session, lock_id: UUID, who: Who) -> tuple[Decision, Lock]:
    """Withdraw the deletions and creations of the deviation; everything else goes out.

    The listings stay as they are until their vehicles change or somebody sends them again.
    """
    activation, lock = _held_lock(session, lock_id)
    if lock.closed_at is not None:
        return Decision.CLOSED, lock
    withdrawn = _still_deviating(session, activation, lock)
    session.execute(
        update(Transfer)
        .where(Transfer.id == any_(_array(withdrawn)))
        .values(state=TransferState.DISCARDED, held=False, finished_at=func.now(), feedback=[DISCARDED])
    )
    _close(session, activation, lock, LockEnd.DISCARDED, who)
    return Decision.DONE, lock


def _still_deviating(session: Session, activation: Activation, lock: Lock) -> list[UUID]:
    """Waiting transfers of the lock's vehicles that would still delete or create. A vehicle that is
    wanted again keeps its change; rows that a change holds right now are left to its own ring."""
    rows = session.execute(
        select(Transfer.vehicle_id, Transfer.id, LockedVehicle.action)
        .join(LockedVehicle, LockedVehicle.vehicle_id == Transfer.vehicle_id)
        .where(
            LockedVehicle.lock_id == lock.id,
            Transfer.activation_id == activation.id,
            Transfer.state == TransferState.WAITING,
        )
        .order_by(Transfer.vehicle_id)
        .with_for_update(skip_locked=True, of=Transfer)
    ).all()
    rules = rules_of(activation.dealer)
    found = []
    for start in range(0, len(rows), CHUNK):
        chunk = {row[0]: row for row in rows[start : start + CHUNK]}
        for case in load_cases(session, activation, rules, list(chunk)):
            _vehicle_id, transfer_id, action = chunk[case.vehicle_id]
            if case.wanted is (action == Action.CREATE):
                found.append(transfer_id)
    return found


def end(session: Session, activation: Activation) -> None:
    """The app is deactivated: its lock has nothing to protect any more."""
    lock = find_open(session, activation.id)
    if lock is not None:
        lock.closed_at, lock.closed_how = func.now(), LockEnd.ENDED
        close_problem(session, activation.id, ProblemKind.LOCK, LockEnd.ENDED)


def _close(session: Session, activation: Activation, lock: Lock, how: LockEnd, who: Who) -> None:
    lock.closed_at, lock.closed_how, lock.closed_by = func.now(), how, who.user_id
    if activation.state == ActivationState.LOCKED:
        activation.state = ActivationState.ACTIVE
    hold_back(session, activation.id, ())
    close_problem(session, activation.id, ProblemKind.LOCK, how)
    audit.note(
        session,
        who,
        f"lock.{how}",
        dealer_id=activation.dealer_id,
        object_id=lock.id,
        activation_id=activation.id,
        label=activation.customer_number,
        detail={"deletions": lock.deletions, "creations": lock.creations, "by_mail": lock.by_mail},
    )
    session.flush()
    session.refresh(lock)
    ring_after_commit(session, [activation.id])


def _held_lock(session: Session, lock_id: UUID) -> tuple[Activation, Lock]:
    lock = session.get_one(Lock, lock_id)
    activation = _hold(session, lock.activation_id)
    session.refresh(lock, with_for_update={"of": Lock})
    return activation, lock


def _hold(session: Session, activation_id: UUID) -> Activation:
    statement = (
        select(Activation)
        .where(Activation.id == activation_id)
        .with_for_update(of=Activation, key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one()
