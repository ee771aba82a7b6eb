"""Between planning and sending: the brake is asked about the whole planned set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.exports import locks
from portal.exports.brake import Limits, judge
from portal.exports.context import Context
from portal.exports.deviation import measure
from portal.exports.glance import glance
from portal.exports.locks import Costly
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


@dataclass
class Survey:
    """What is kept of a planned set until the brake has judged it: no payload, whatever its size."""

    seen: set[UUID] = field(default_factory=set)
    """The vehicles that were looked at."""
    costly: list[Costly] = field(default_factory=list)
    in_doubt: list[Planned] = field(default_factory=list)
    """Listings of which only the platform's whole list can tell whether they exist."""

    def add(self, planned: Iterable[Planned]) -> None:
        for item in planned:
            self.seen.add(item.vehicle_id)
            if item.costly:
                self.costly.append(Costly(item.vehicle_id, item.step, item.exclusion_reason))
            elif item.step == Step.RESOLVE:
                self.in_doubt.append(replace(item, prepared=None))


def at_a_glance(session: Session, context: Context, limits: Limits) -> Gate | None:
    """The gate, where the brake lets pass both the most and the least that may come of what waits, before
    anything is planned; it judges more creations no milder, except where they make up for deletions.

    None: only the planned set can tell. Never asked while it is locked.
    """
    activation = context.activation
    seen = glance(session, activation, context.rules)
    if seen.in_doubt:
        return None
    if activation.state == ActivationState.CLOSING:
        return Gate(free=True)
    if not seen.deletions and not seen.creations:
        return Gate()
    most = measure(session, activation.id, seen.deletions, seen.creations)
    least = replace(most, creations=most.creations - len(seen.creations))
    if judge(most, limits) or judge(least, limits):
        return None
    deletions = ((key, Step.DELETE) for key in seen.deletions)
    creations = ((key, Step.CREATE) for key in seen.creations)
    return Gate(allowed=frozenset((*deletions, *creations)))


def ask(session: Session, activation: Activation, summary: Survey, limits: Limits) -> Gate:
    """Judge the planned set; close the lock, let it follow the deviation, or open it where that is gone.

    `activation` is as the run knows it, checked under a lock in this transaction.
    """
    if activation.state == ActivationState.CLOSING:
        return Gate(free=True)
    locked = activation.state == ActivationState.LOCKED
    missed = locks.not_looked_at(session, activation.id, summary.seen) if locked else []
    costly = [*summary.costly, *missed]
    if not costly and not locked:
        return Gate()
    deletions, creations = (_of(costly, step) for step in (Step.DELETE, Step.CREATE))
    deviation = measure(session, activation.id, deletions, creations)
    stop = judge(deviation, limits)
    if stop is not None:
        locks.engage(session, activation.id, stop, deviation, costly)
        return _locked(session, activation, deletions + creations, summary.seen)
    if locked:
        locks.lift(session, activation.id)
        return Gate(changed=True)
    return Gate(allowed=frozenset((item.vehicle_id, Step(item.action)) for item in costly))


def _of(costly: Sequence[Costly], step: Step) -> list[UUID]:
    return [item.vehicle_id for item in costly if item.action == step]


def _locked(session: Session, activation: Activation, costly: Sequence[UUID], seen: Collection[UUID]) -> Gate:
    """Everything is held back, or, where the dealer wants it so, only what costs."""
    only_costly = activation.settings.get(SCOPE) == COSTLY_ONLY
    locks.hold_back(session, activation.id, costly if only_costly else None, seen)
    return Gate(changed=activation.state != ActivationState.LOCKED, sends=only_costly)
