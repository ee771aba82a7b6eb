"""Between planning and sending: how large the deviation of the planned set is, and whether it may go out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from portal.exports.mass_change import lock
from portal.exports.mass_change.lock import CostlyStep
from portal.exports.mass_change.rules import GUARD_WINDOW, Deviation, GuardLimits, judge
from portal.exports.planning.cases import ExportContext, is_wanted_at
from portal.exports.planning.plan import Planned, PlanStep
from portal.exports.planning.queue import changed_since, is_due, waits_at
from portal.models.exports import Activation, ActivationState, Listing, ListingState, Transfer, TransferState
from portal.models.prepared import Question, place, question
from portal.models.vehicles import Publication, Vehicle, VehicleImport
from portal.platforms.contract import Action, Rules

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


def clear_by_estimate(
    session: Session, context: ExportContext, limits: GuardLimits, *, few: bool = False
) -> Clearance | None:
    """Where the guard lets pass both the most and the least that may come of what waits, the clearance before
    anything is planned; it judges more creations no milder, except where they make up for deletions.

    None: only the planned set can tell. Never asked while it is locked. `few`: so little is due that no plan
    for it can be a bad one.
    """
    activation = context.activation
    seen = estimate_bounds(session, activation, context.rules, few=few)
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


# How large the deviation of a planned set is: the counts that the guard judges.


LISTED_STATES = (ListingState.ONLINE, ListingState.MISSING)
DONE_STATES = (TransferState.OK, TransferState.WARNING)


@dataclass(frozen=True)
class Counted:
    """Since when it is counted, what was approved or confirmed for that time, and what is to be counted
    besides what was done."""

    since: datetime
    approved_deletions: int
    approved_creations: int
    approved_empty: bool
    first: bool
    online: int
    later_deletions: Collection[UUID] | None
    later_creations: Collection[UUID] | None


def measure(
    session: Session, activation_id: UUID, deletions: Collection[UUID], creations: Collection[UUID]
) -> Deviation:
    """The planned vehicles, with those that wait for another attempt, beside what was done."""
    counted = Counted(*_counted().ask(session, activation=activation_id).one())
    done: dict[str, int] = {}
    gone = 0
    for action, count, gone_now in _done_since().ask(session, activation=activation_id, since=counted.since):
        done[action] = count
        gone = gone_now if action == Action.DELETE else gone
    planned = {*deletions, *creations}
    return Deviation(
        online=counted.online,
        deletions=len(deletions) + len({*(counted.later_deletions or ())} - planned),
        creations=len(creations) + len({*(counted.later_creations or ())} - planned),
        deletions_done=done.get(Action.DELETE, 0),
        creations_done=done.get(Action.CREATE, 0),
        online_again=done.get(Action.DELETE, 0) - gone,
        approved_deletions=counted.approved_deletions,
        approved_creations=counted.approved_creations,
        approved_empty=counted.approved_empty,
        first=counted.first,
        truncated=bool(deletions) and bool(session.scalar(_cut_short(activation_id))),
    )


@lru_cache(maxsize=1)
def _counted() -> Question:
    """An approval counts for as long as the window. The first transfer lasts until it is over, at most
    a day, and begins with the first listing: an empty stock is no first transfer."""
    here = place("activation")
    day_ago = func.now() - GUARD_WINDOW
    approved = func.coalesce(Activation.counted_from > day_ago, False)
    fresh = func.coalesce(Activation.activated_at > day_ago, False)
    listed = exists().where(Listing.activation_id == here)
    online = select(func.count()).where(Listing.activation_id == here, Listing.state.in_(LISTED_STATES))
    later = _later()
    return question(
        select(
            func.greatest(func.coalesce(Activation.counted_from, day_ago), day_ago),
            case((approved, Activation.approved_deletions), else_=0),
            case((approved, Activation.approved_creations), else_=0),
            and_(approved, Activation.approved_empty),
            and_(Activation.counted_from.is_(None), or_(fresh, ~listed)),
            online.scalar_subquery(),
            *later.c,
        )
        .join(later, true())
        .where(Activation.id == here),
        planned_once=False,
    )


def _later() -> Subquery:
    """Vehicles to delete and to create of which that was decided before, not carried out yet, and is not due
    now: they belong to the deviation all the same."""
    named = [
        func.array_agg(Transfer.vehicle_id).filter(Transfer.action == action)
        for action in (Action.DELETE, Action.CREATE)
    ]
    here = waits_at(place("activation"))
    return select(*named).where(*here, Transfer.not_before > func.now()).subquery()


@lru_cache(maxsize=1)
def _done_since() -> Question:
    """How many of each action, and of how many vehicles there is no listing now. Served by the index
    ix_transfer_brake."""
    not_listed = func.coalesce(Listing.state.not_in(LISTED_STATES), True)
    here = Listing.activation_id == Transfer.activation_id, Listing.vehicle_id == Transfer.vehicle_id
    return question(
        select(
            Transfer.action,
            func.count(),
            func.count(Transfer.vehicle_id.distinct()).filter(not_listed),
        )
        .outerjoin(Listing, and_(*here))
        .where(
            Transfer.activation_id == place("activation"),
            Transfer.action.in_((Action.DELETE, Action.CREATE)),
            Transfer.state.in_(DONE_STATES),
            Transfer.finished_at > place("since", DateTime),
        )
        .group_by(Transfer.action),
        planned_once=False,
    )


def _cut_short(activation_id: UUID) -> Select[bool]:
    """Whether the last complete import into the activation's location was probably cut, and nobody has
    approved it since: it does not become a good one by waiting."""
    finished = func.coalesce(VehicleImport.finished_at, VehicleImport.created_at)
    unseen = or_(Activation.counted_from.is_(None), finished > Activation.counted_from)
    return (
        select(and_(VehicleImport.cut_short, unseen))
        .join(Activation, Activation.location_id == VehicleImport.location_id)
        .where(Activation.id == activation_id, VehicleImport.partial.is_(False), VehicleImport.error == "")
        .order_by(VehicleImport.id.desc())
        .limit(1)
    )


# What the guard has to know of everything that is due, without a single payload: one query.
#
# Whether a listing is made or deleted follows from the release and the listing alone. Preflight can only
# make less of it: a creation that it blocks does not happen. So these are all deletions and the most
# creations that can come of what waits.


IN_DOUBT_STATES = (ListingState.CREATING, ListingState.MISSING)


@dataclass(frozen=True)
class EstimatedBounds:
    """`in_doubt`: of some listing only the platform's list can tell whether it exists, or only its payload
    whether it is asked."""

    deletions: tuple[UUID, ...] = ()
    creations: tuple[UUID, ...] = ()
    in_doubt: bool = False


def estimate_bounds(
    session: Session, activation: Activation, rules: Rules, *, few: bool = False
) -> EstimatedBounds:
    """Looks at what is neither an update nor nothing at all."""
    closing = activation.state == ActivationState.CLOSING
    costly = _costly(closing=closing, trade_ins=rules.trade_ins, few=few)
    here = {"activation": activation.id, "location": activation.location_id}
    deletions: list[UUID] = []
    creations: list[UUID] = []
    for vehicle_id, is_creation, listing_state in costly.ask(session, **here):
        if listing_state in IN_DOUBT_STATES:
            return EstimatedBounds(in_doubt=True)
        (creations if is_creation else deletions).append(vehicle_id)
    return EstimatedBounds(tuple(deletions), tuple(creations))


@lru_cache(maxsize=8)
def _costly(*, closing: bool, trade_ins: bool, few: bool) -> Question:
    activation_id = place("activation")
    wanted = false() if closing else is_wanted_at(place("location"), trade_ins=trade_ins)
    state: ColumnElement[str] = func.coalesce(Listing.state, str(ListingState.ABSENT))
    released = and_(Publication.vehicle_id == Vehicle.id, Publication.activation_id == activation_id)
    listed = and_(Listing.vehicle_id == Vehicle.id, Listing.activation_id == activation_id)
    statement = (
        select(Transfer.vehicle_id, wanted, state)
        .join(Vehicle, Vehicle.id == Transfer.vehicle_id)
        .outerjoin(Publication, released)
        .outerjoin(Listing, listed)
        .where(
            *is_due(activation_id),
            or_(
                and_(wanted, state == ListingState.ABSENT),
                and_(~wanted, state == ListingState.ONLINE),
                state.in_(IN_DOUBT_STATES),
            ),
        )
    )
    return question(statement, planned_once=few)


# What the guard has judged is remembered by a worker from slice to slice, while nothing new has come: else
# each slice of a large stock would look at all that still waits. A change that nobody could see yet may have
# been noted before those that were judged, so what is remembered begins with the oldest transaction that was
# writing then.


KEPT_FOR = 300.0
"""Seconds; the rule speaks of a window that moves on."""
MOST_KEPT = 4
"""Of a large stock it names each vehicle."""


@dataclass(frozen=True)
class Judged:
    clearance: Clearance
    assumptions: tuple[Any, ...]
    before: datetime
    """All that was noted before this moment was looked at."""
    until: float
    """By the steady counter of the machine."""


Judgements = MutableMapping[UUID, Judged]
"""By activation."""


def visible_before(session: Session) -> datetime:
    """Whatever was noted before this moment is committed, or never will be. Ask at the beginning of the
    transaction that looks."""
    moment: datetime = session.execute(_VISIBLE_BEFORE).scalar_one()
    return moment


_VISIBLE_BEFORE = text(
    """
    SELECT least(now(), min(xact_start)) - interval '1 second' FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL
    """
)


def remember_clearance(
    kept: Judgements, context: ExportContext, clearance: Clearance, before: datetime
) -> None:
    kept.pop(context.activation.id, None)
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    until = time.monotonic() + KEPT_FOR
    kept[context.activation.id] = Judged(clearance, context.assumptions(), before, until)


def still_clear(session: Session, kept: Judgements, context: ExportContext) -> Clearance | None:
    """None where it has to be judged anew."""
    activation_id = context.activation.id
    found = kept.get(activation_id)
    if found is None or found.until < time.monotonic() or found.assumptions != context.assumptions():
        return None
    newer = session.scalar(select(changed_since(activation_id, found.before)))
    return None if newer else found.clearance
