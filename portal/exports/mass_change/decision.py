"""What people decide about a lock: let the deviation through, or withdraw what it consists of.

In the caller's transaction; rows are locked in one order: activation, then lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.audit import Who
from portal.exports.core.lease import lock_activation
from portal.exports.mass_change.lock import close_lock
from portal.exports.planning.cases import load_cases, rules_of
from portal.mandate import demand_consent
from portal.models.base import any_of
from portal.models.exports import Activation, LockEnd, LockRule, Transfer, TransferState
from portal.models.runs import Lock, LockedVehicle
from portal.platforms.contract import Action, Feedback
from portal.translations.message import say

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
