"""Between planning and sending: the mass-change guard judges the whole planned set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.exports.mass_change import lock
from portal.exports.mass_change.lock import CostlyStep
from portal.exports.mass_change.measure import estimate_bounds, measure
from portal.exports.mass_change.rules import GuardLimits, judge
from portal.exports.planning.cases import ExportContext
from portal.exports.planning.plan import Planned, PlanStep
from portal.models.exports import Activation, ActivationState

SCOPE = "lock_scope"
COSTLY_ONLY = "costly"


@dataclass(frozen=True)
class Clearance:
    """What may go out. `changed`: the lock closed or opened just now, begin anew with it."""

    changed: bool = False
    sends: bool = True
    allowed: frozenset[tuple[UUID, PlanStep]] = frozenset()
    free: bool = False
    """The guard does not ask: the dealer has confirmed the deletion of everything."""

    def passes(self, planned: Planned) -> bool:
        """Decided again at the claim, a step that the guard has not seen waits for the next look."""
        return self.free or not planned.costly or (planned.vehicle_id, planned.step) in self.allowed


@dataclass
class PlanSummary:
    """What is kept of a planned set until the guard has judged it: no payload, whatever its size."""

    seen: set[UUID] = field(default_factory=set)
    """The vehicles that were looked at."""
    costly: list[CostlyStep] = field(default_factory=list)
    in_doubt: list[Planned] = field(default_factory=list)
    """Listings of which only the platform's whole list can tell whether they exist."""

    def add(self, planned: Iterable[Planned]) -> None:
        for item in planned:
            self.seen.add(item.vehicle_id)
            if item.costly:
                self.costly.append(CostlyStep(item.vehicle_id, item.step, item.exclusion_reason))
            elif item.step == PlanStep.RESOLVE:
                self.in_doubt.append(replace(item, prepared=None))


def clear_by_estimate(session: Session, context: ExportContext, limits: GuardLimits) -> Clearance | None:
    """Where the guard lets pass both the most and the least that may come of what waits, the clearance before
    anything is planned; it judges more creations no milder, except where they make up for deletions.

    None: only the planned set can tell. Never asked while it is locked.
    """
    activation = context.activation
    seen = estimate_bounds(session, activation, context.rules)
    if seen.in_doubt:
        return None
    if activation.state == ActivationState.CLOSING:
        return Clearance(free=True)
    if not seen.deletions and not seen.creations:
        return Clearance()
    most = measure(session, activation.id, seen.deletions, seen.creations)
    least = replace(most, creations=most.creations - len(seen.creations))
    if judge(most, limits) or judge(least, limits):
        return None
    deletions = ((key, PlanStep.DELETE) for key in seen.deletions)
    creations = ((key, PlanStep.CREATE) for key in seen.creations)
    return Clearance(allowed=frozenset((*deletions, *creations)))


def clear_plan(
    session: Session, activation: Activation, summary: PlanSummary, limits: GuardLimits
) -> Clearance:
    """Judge the planned set; close the lock, let it follow the deviation, or open it where that is gone.

    `activation` is as the run knows it, checked under a lock in this transaction.
    """
    if activation.state == ActivationState.CLOSING:
        return Clearance(free=True)
    locked = activation.state == ActivationState.LOCKED
    missed = lock.not_looked_at(session, activation.id, summary.seen) if locked else []
    costly = [*summary.costly, *missed]
    if not costly and not locked:
        return Clearance()
    deletions = [item.vehicle_id for item in costly if item.action == PlanStep.DELETE]
    creations = [item.vehicle_id for item in costly if item.action == PlanStep.CREATE]
    deviation = measure(session, activation.id, deletions, creations)
    breach = judge(deviation, limits)
    if breach is not None:
        lock.engage_lock(session, activation.id, breach, deviation, costly)
        # Everything is held back, or, where the dealer wants it so, only what costs.
        only_costly = activation.settings.get(SCOPE) == COSTLY_ONLY
        held = deletions + creations if only_costly else None
        lock.hold_back(session, activation.id, held, summary.seen)
        return Clearance(changed=not locked, sends=only_costly)
    if locked:
        lock.lift_lock(session, activation.id)
        return Clearance(changed=True)
    return Clearance(allowed=frozenset((item.vehicle_id, PlanStep(item.action)) for item in costly))
