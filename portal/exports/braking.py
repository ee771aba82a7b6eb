"""Between planning and sending: the brake is asked about the whole planned set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.exports import locks
from portal.exports.brake import Limits, judge
from portal.exports.deviation import measure
from portal.exports.planning import Planned, Step
from portal.models.exports import Activation, ActivationState

SCOPE = "lock_scope"
COSTLY_ONLY = "costly"


@dataclass(frozen=True)
class Gate:
    """What may go out. `changed`: the lock closed or opened just now, begin anew with it."""

    changed: bool = False
    sends: bool = True
    allowed: frozenset[tuple[UUID, Step]] = frozenset()
    free: bool = False
    """The brake does not ask: the dealer has confirmed the deletion of everything."""

    def passes(self, planned: Planned) -> bool:
        """Decided again at the claim, a step that the brake has not seen waits for the next look."""
        return self.free or not planned.costly or (planned.vehicle_id, planned.step) in self.allowed


def ask(session: Session, activation: Activation, planned: Sequence[Planned], limits: Limits) -> Gate:
    """Judge the planned set; close the lock, let it follow the deviation, or open it where that is gone.

    `activation` is as the run knows it, checked under a lock in this transaction.
    """
    if activation.state == ActivationState.CLOSING:
        return Gate(free=True)
    costly = [locks.Costly(item.vehicle_id, item.step, item.against) for item in planned if item.costly]
    locked = activation.state == ActivationState.LOCKED
    if locked:
        costly += locks.not_looked_at(session, activation.id, {item.vehicle_id for item in planned})
    elif not costly:
        return Gate()
    deletions, creations = (_of(costly, step) for step in (Step.DELETE, Step.CREATE))
    deviation = measure(session, activation.id, deletions, creations)
    stop = judge(deviation, limits)
    if stop is not None:
        locks.engage(session, activation.id, stop, deviation, costly)
        return _locked(session, activation, deletions + creations)
    if locked:
        locks.lift(session, activation.id)
        return Gate(changed=True)
    return Gate(allowed=frozenset((item.vehicle_id, Step(item.action)) for item in costly))


def _of(costly: Sequence[locks.Costly], step: Step) -> list[UUID]:
    return [item.vehicle_id for item in costly if item.action == step]


def _locked(session: Session, activation: Activation, costly: Sequence[UUID]) -> Gate:
    """Everything is held back, or, where the dealer wants it so, only what costs."""
    only_costly = activation.settings.get(SCOPE) == COSTLY_ONLY
    locks.hold_back(session, activation.id, costly if only_costly else None)
    return Gate(changed=activation.state != ActivationState.LOCKED, sends=only_costly)
