"""The lock: closed by the mass-change guard before anything is sent, opened by a stock that is whole again or
by what people decide: let the deviation through, or withdraw what it consists of.

Every function works in the caller's transaction. Rows are locked in one order: activation, then lock.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    delete,
    exists,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from portal import audit
from portal.activation_log import log_at
from portal.audit import Who
from portal.exports.core.lease import lock_activation
from portal.exports.mass_change.rules import Deviation, GuardBreach
from portal.exports.planning.cases import load_cases, rules_of
from portal.mandate import demand_consent
from portal.messages import Wording, as_json, say
from portal.models.base import any_of
from portal.models.exports import (
    Activation,
    ActivationState,
    LockEnd,
    LockRule,
    Transfer,
    TransferState,
)
from portal.models.plans import refresh_statistics
from portal.models.runs import Lock, LockedVehicle
from portal.notifications.problems import ProblemKind, close_problem, open_problem
from portal.outbox import ring_after_commit
from portal.platforms.contract import Action, Feedback


@dataclass(frozen=True)
class CostlyStep:
    """A planned deletion or creation; `reason` says why it would be deleted."""

    vehicle_id: UUID
    action: str
    reason: Wording = ""


def find_open_lock(session: Session, activation_id: UUID) -> Lock | None:
    statement = select(Lock).where(Lock.activation_id == activation_id, Lock.closed_at.is_(None))
    return session.scalars(statement).one_or_none()


def engage_lock(
    session: Session,
    activation_id: UUID,
    stop: GuardBreach,
    deviation: Deviation,
    vehicles: Sequence[CostlyStep],
    run_id: UUID | None = None,
) -> Lock:
    """Close the lock, or let the numbers of the closed one follow the deviation. It is notified once."""
    activation = lock_activation(session, activation_id)
    lock = find_open_lock(session, activation_id)
    if lock is None:
        lock = Lock(activation_id=activation_id)
        session.add(lock)
        _count_into(lock, stop, deviation, run_id)
        session.flush()
        detail = {"rule": lock.rule, "deletions": lock.deletions, "creations": lock.creations}
        log_at(session, audit.PORTAL, "lock.opened", activation, lock.id, detail)
    else:
        _count_into(lock, stop, deviation, run_id)
        session.flush()
    if activation.state == ActivationState.ACTIVE:
        activation.state = ActivationState.LOCKED
    session.execute(delete(LockedVehicle).where(LockedVehicle.lock_id == lock.id))
    rows = [
        {"vehicle_id": str(one.vehicle_id), "action": one.action, "reason": as_json(one.reason)}
        for one in vehicles
    ]
    session.execute(_LIST_VEHICLES, {"lock": lock.id, "rows": json.dumps(rows)})
    refresh_statistics(session, len(rows), LockedVehicle)
    open_problem(session, activation, ProblemKind.LOCK, subject_id=lock.id)
    return lock


def _count_into(lock: Lock, stop: GuardBreach, deviation: Deviation, run_id: UUID | None) -> None:
    lock.rule = stop.rule
    lock.online = deviation.before
    lock.deletions, lock.creations = deviation.all_deletions, deviation.all_creations
    lock.deletions_done, lock.creations_done = deviation.deletions_done, deviation.creations_done
    lock.deletion_limit, lock.creation_limit = stop.deletion_limit, stop.creation_limit
    lock.run_id = run_id
    lock.looked_at = func.now()


_LIST_VEHICLES = text(
    """
    INSERT INTO locked_vehicle (lock_id, vehicle_id, action, reason)
    SELECT :lock, r.vehicle_id, r.action, r.reason
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(vehicle_id uuid, action text, reason jsonb)
    """
)


def not_looked_at(session: Session, activation_id: UUID, seen: Collection[UUID]) -> list[CostlyStep]:
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
    return [CostlyStep(*row) for row in rows if row[0] not in seen]


def hold_back(
    session: Session,
    activation_id: UUID,
    vehicle_ids: Sequence[UUID] | None,
    seen: Collection[UUID] = (),
) -> None:
    """Mark what waits because of the lock: these vehicles, or without any all that waits. What the guard
    has `seen` is marked with what it is going to be, so that it is found by that."""
    known = {
        "activation": activation_id,
        "everything": vehicle_ids is None,
        "ids": list(vehicle_ids or ()),
        "seen": list(seen),
    }
    session.execute(_HOLD_BACK, known)


# Rows that a change holds right now are left to it: waiting for it here could be waiting in a circle.
# What was tried before keeps what it was tried as.
_HOLD_BACK = text(
    """
    WITH costly AS (
        SELECT v.vehicle_id, v.action FROM locked_vehicle AS v JOIN lock AS l ON l.id = v.lock_id
        WHERE l.activation_id = :activation AND l.closed_at IS NULL),
    waiting AS (
        SELECT t.id, t.vehicle_id, t.action, t.attempts <> '[]' AS tried,
            CAST(:everything AS boolean) OR t.vehicle_id = ANY(CAST(:ids AS uuid[])) AS held
        FROM transfer AS t WHERE t.activation_id = :activation AND t.state = 'waiting'
        FOR UPDATE SKIP LOCKED),
    marked AS (
        SELECT w.id, w.held, CASE WHEN w.tried THEN w.action
            WHEN NOT w.held THEN ''
            WHEN c.action IS NOT NULL THEN c.action
            WHEN w.vehicle_id = ANY(CAST(:seen AS uuid[])) THEN 'update'
            ELSE '' END AS action
        FROM waiting AS w LEFT JOIN costly AS c ON c.vehicle_id = w.vehicle_id)
    UPDATE transfer AS t SET held = m.held, action = m.action FROM marked AS m
    WHERE t.id = m.id AND (t.held, t.action) IS DISTINCT FROM (m.held, m.action)
    """
)


def lift_lock(session: Session, activation_id: UUID) -> None:
    """The deviation vanished by itself: what waits may go out."""
    activation = lock_activation(session, activation_id)
    lock = find_open_lock(session, activation_id)
    if lock is not None:
        close_lock(session, activation, lock, LockEnd.HEALED, audit.PORTAL)
    elif activation.state == ActivationState.LOCKED:
        activation.state = ActivationState.ACTIVE


def end_lock(session: Session, activation: Activation) -> None:
    """The app is deactivated: its lock has nothing to protect any more."""
    lock = find_open_lock(session, activation.id)
    if lock is not None:
        lock.closed_at, lock.closed_how = func.now(), LockEnd.ENDED
        close_problem(session, activation.id, ProblemKind.LOCK, LockEnd.ENDED)


def close_lock(session: Session, activation: Activation, lock: Lock, how: LockEnd, who: Who) -> None:
    lock.closed_at, lock.closed_how, lock.closed_by = func.now(), how, who.user_id
    if activation.state == ActivationState.LOCKED:
        activation.state = ActivationState.ACTIVE
    hold_back(session, activation.id, ())
    close_problem(session, activation.id, ProblemKind.LOCK, how)
    detail = {"deletions": lock.deletions, "creations": lock.creations, "by_mail": lock.by_mail}
    log_at(session, who, f"lock.{how}", activation, lock.id, detail)
    session.flush()
    session.refresh(lock)
    ring_after_commit(session, [activation.id])


# What people decide.


VEHICLES_AT_ONCE = 1_000
"""Vehicles looked at together."""
DISCARDED_FEEDBACK = Feedback(
    "discarded", say("Beim Prüfen der Sperre verworfen. Das Inserat bleibt, wie es ist.")
).as_json()


@dataclass(frozen=True)
class ShownNumbers:
    """What a person saw when they decided: deletions and creations, waiting and done."""

    deletions: int
    creations: int


class LockDecision(StrEnum):
    """GROWN: more would happen than the person was shown; nothing was decided."""

    DONE = "done"
    CLOSED = "closed"
    GROWN = "grown"


def approve_lock(
    session: Session, lock_id: UUID, shown: ShownNumbers, who: Who, *, by_mail: bool = False
) -> tuple[LockDecision, Lock]:
    """Let the deviation through as it was shown: a ceiling for the next 24 hours, not a licence.

    The waiting set is decided anew from now. The same approval twice acts once.
    """
    demand_consent(session)
    activation, lock = _held_lock(session, lock_id)
    if lock.closed_at is not None:
        return LockDecision.CLOSED, lock
    if lock.deletions > shown.deletions or lock.creations > shown.creations:
        return LockDecision.GROWN, lock
    activation.approved_deletions = lock.deletions - lock.deletions_done
    activation.approved_creations = lock.creations - lock.creations_done
    activation.approved_empty = lock.rule in (LockRule.EMPTIED, LockRule.TRUNCATED)
    activation.counted_from = func.now()
    lock.by_mail = by_mail
    close_lock(session, activation, lock, LockEnd.APPROVED, who)
    return LockDecision.DONE, lock


def discard_lock(session: Session, lock_id: UUID, who: Who) -> tuple[LockDecision, Lock]:
    """Withdraw the deletions and creations of the deviation; everything else goes out.

    The listings stay as they are until their vehicles change or somebody sends them again.
    """
    demand_consent(session)
    activation, lock = _held_lock(session, lock_id)
    if lock.closed_at is not None:
        return LockDecision.CLOSED, lock
    withdrawn = _still_deviating(session, activation, lock)
    session.execute(
        update(Transfer)
        .where(any_of(Transfer.id, withdrawn))
        .values(
            state=TransferState.DISCARDED, held=False, finished_at=func.now(), feedback=[DISCARDED_FEEDBACK]
        )
    )
    close_lock(session, activation, lock, LockEnd.DISCARDED, who)
    return LockDecision.DONE, lock


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
    for start in range(0, len(rows), VEHICLES_AT_ONCE):
        chunk = {row[0]: row for row in rows[start : start + VEHICLES_AT_ONCE]}
        for case in load_cases(session, activation, rules, list(chunk)):
            _vehicle_id, transfer_id, action = chunk[case.vehicle_id]
            if case.wanted is (action == Action.CREATE):
                found.append(transfer_id)
    return found


def _held_lock(session: Session, lock_id: UUID) -> tuple[Activation, Lock]:
    lock = session.get_one(Lock, lock_id)
    activation = lock_activation(session, lock.activation_id)
    session.refresh(lock, with_for_update={"of": Lock})
    return activation, lock
