"""What dealers ask of a reconciliation: that it is read again or cancelled, and what they decide.

In the caller's transaction. Rows are locked in one order: activation, then run. A second window, a second
click or a worker waits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from portal.activation_log import log_at
from portal.audit import PORTAL
from portal.exports.planning.cases import rules_of
from portal.exports.reconciliation.matching import MatchMethod
from portal.exports.reconciliation.sides import FOR_VEHICLES, MatchDecision, Sides, matching_text
from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import OPEN_RUN_STATES, Match, Run
from portal.models.vehicles import Vehicle
from portal.notifications.problems import ProblemKind, close_problem
from portal.outbox import ring_after_commit

FIXED_METHODS = (MatchMethod.LISTING,)
"""What the portal put online itself is no matter of opinion."""
_NO_SUGGESTION = {"suggested_id": None, "distance": None}


def read_again(session: Session, activation: Activation) -> None:
    """The settings have changed, or the dealer has tidied up at the platform: its list is read anew.

    What was paired by hand or decided stays.
    """
    again = (
        update(Run)
        .where(_of_activation(activation.id), Run.state == RunState.HELD)
        .values(state=RunState.WAITING, not_before=None, message="")
        .returning(Run.id)
    )
    if session.scalar(again):
        ring_after_commit(session, [activation.id])


def ask_again(session: Session, activation: Activation, run: Run, came: int) -> None:
    """So many listings have come since the list was read. What was to be made anew may be one of them: the
    list is read again, what was decided stays where it still holds, and the dealer finishes once more."""
    run.state, run.message, run.not_before = RunState.WAITING, "", None
    run.counts, run.attempts, run.attempt_count = {CAME: came}, [], 0
    log_at(session, PORTAL, "reconciliation.reopened", activation, run.id, run.counts)


CAME = "came"
"""Among the counts of a run: listings that came while the dealer decided."""


def cancel(session: Session, activation_id: UUID) -> None:
    """The app was deactivated: what was decided is void, nothing was sent."""
    session.execute(
        update(Run)
        .where(_of_activation(activation_id), Run.state.in_(OPEN_RUN_STATES))
        .values(state=RunState.CANCELLED, finished_at=func.now(), not_before=None)
    )
    close_problem(session, activation_id, ProblemKind.RECONCILIATION, "ended")


def open_run(activation_id: UUID) -> Select[Run]:
    return select(Run).where(_of_activation(activation_id), Run.state.in_(OPEN_RUN_STATES))


def newest_run(activation_id: UUID) -> Select[Run]:
    """The one that is open, or the last that was."""
    return select(Run).where(_of_activation(activation_id)).order_by(Run.id.desc()).limit(1)


def _of_activation(activation_id: UUID) -> ColumnElement[bool]:
    return (Run.activation_id == activation_id) & (Run.kind == RunKind.RECONCILIATION)


# What is decided while it is open. Everything from here on works on sides that `hold_sides` has locked.


def hold_sides(session: Session, activation: Activation) -> Sides | None:
    """The open reconciliation as it is now, and nobody else's until the commit; None when it is closed."""
    session.refresh(activation, with_for_update={"of": Activation, "key_share": True})
    run = session.scalars(open_run(activation.id).with_for_update()).one_or_none()
    if run is None or run.state != RunState.HELD or activation.state != ActivationState.RECONCILING:
        return None
    return Sides(run, activation, rules_of(activation.dealer))


def pair(session: Session, sides: Sides, match_id: UUID, vehicle_id: UUID) -> bool:
    """Pair by hand; False when one of them is not free any more."""
    listing = sides.there(Match.id).where(Match.id == match_id)
    vehicle = sides.here(Vehicle.id).where(Vehicle.id == vehicle_id)
    if session.scalar(listing) is None or session.scalar(vehicle) is None:
        return False
    _forget_vehicles(session, sides, [vehicle_id])
    session.execute(
        update(Match)
        .where(Match.id == match_id)
        .values(vehicle_id=vehicle_id, method=MatchMethod.BY_HAND, decision="", **_NO_SUGGESTION)
    )
    return True


@dataclass(frozen=True)
class FormerPair:
    """A listing and a vehicle that are about to become a pair, with what was suggested and decided."""

    match_id: UUID
    vehicle_id: UUID
    method: str
    suggested_id: UUID | None
    distance: int | None
    of_listing: str
    """The decision, like that `of_vehicle`."""
    of_vehicle: str

    def as_json(self) -> list[Any]:
        return [str(value) if isinstance(value, UUID) else value for value in astuple(self)]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> FormerPair:
        match_id, vehicle_id, method, suggested_id, *rest = stored
        suggested = UUID(suggested_id) if suggested_id else None
        return cls(UUID(match_id), UUID(vehicle_id), method, suggested, *rest)


def before_pairing(session: Session, sides: Sides, pairs: Mapping[UUID, UUID]) -> list[FormerPair]:
    """`pairs`: vehicles by the entries of their listings."""
    here = Match.run_id == sides.run.id
    alone = select(Match.vehicle_id, Match.decision).where(
        here, Match.listing_id.is_(None), Match.vehicle_id.in_(pairs.values())
    )
    decided: dict[UUID | None, str] = {key: decision for key, decision in session.execute(alone)}  # noqa: C416
    columns = (Match.id, Match.method, Match.suggested_id, Match.distance, Match.decision)
    return [
        FormerPair(key, pairs[key], method, suggested_id, distance, decision, decided.get(pairs[key], ""))
        for key, method, suggested_id, distance, decision in session.execute(
            sides.listings(*columns).where(Match.id.in_(pairs))
        )
    ]


def suggested_pairs(
    session: Session, sides: Sides, ids: Collection[UUID] | None, text: str, most: int
) -> dict[UUID, UUID]:
    """What `accept` would make pairs of, at most so many: vehicles by the entries of their listings."""
    chosen = _chosen(sides.suggested(Match.id, Match.suggested_id), Match.id, ids, text)
    return {match_id: vehicle_id for match_id, vehicle_id in session.execute(chosen.limit(most))}  # noqa: C416


def restore_pairs(session: Session, sides: Sides, former: Collection[FormerPair]) -> int:
    """Pairs that were just made are none: both sides stand as before. What others changed since is left."""
    count = 0
    for one in former:
        entry = sides.matched(Match.id).where(
            Match.id == one.match_id,
            Match.vehicle_id == one.vehicle_id,
            Match.method.in_((MatchMethod.BY_HAND, MatchMethod.SUGGESTION)),
        )
        if session.scalar(entry) is None:
            continue
        values: dict[str, Any] = {"vehicle_id": None, "decision": one.of_listing, "method": one.method}
        values |= {"suggested_id": one.suggested_id, "distance": one.distance}
        partner = sides.listings(Match.id).where(Match.vehicle_id == one.suggested_id)
        if one.suggested_id != one.vehicle_id and session.scalar(partner) is not None:
            values |= {"method": "", **_NO_SUGGESTION}
        session.execute(update(Match).where(Match.id == one.match_id).values(**values))
        place = {"run_id": sides.run.id, "activation_id": sides.activation.id}
        session.execute(insert(Match).values(vehicle_id=one.vehicle_id, decision=one.of_vehicle, **place))
        count += 1
    return count


def accept(session: Session, sides: Sides, ids: Collection[UUID] | None, text: str = "") -> int:
    """Suggestions that are right; all that are found where no ids are given."""
    chosen = _chosen(sides.suggested(Match.id, Match.suggested_id), Match.id, ids, text)
    vehicles = {vehicle_id: match_id for match_id, vehicle_id in session.execute(chosen)}
    _forget_vehicles(session, sides, list(vehicles))
    session.execute(
        update(Match)
        .where(Match.id.in_(list(vehicles.values())))
        .values(vehicle_id=Match.suggested_id, method=MatchMethod.SUGGESTION, suggested_id=None)
    )
    return len(vehicles)


def refuse(session: Session, sides: Sides, ids: Collection[UUID] | None, text: str = "") -> int:
    """Suggestions that are wrong: both sides are open again."""
    chosen = _chosen(sides.suggested(Match.id), Match.id, ids, text)
    return _update(session, chosen, method="", **_NO_SUGGESTION)


def separate(session: Session, sides: Sides, ids: Collection[UUID]) -> int:
    """Pairs that are none: both sides are open again."""
    chosen = sides.matched(Match.id, Match.vehicle_id).where(
        Match.id.in_(ids), Match.method.not_in(FIXED_METHODS)
    )
    parted = {row[0]: row[1] for row in session.execute(chosen)}
    if parted:
        session.execute(
            update(Match).where(Match.id.in_(list(parted))).values(vehicle_id=None, method="", distance=None)
        )
        place = {"run_id": sides.run.id, "activation_id": sides.activation.id}
        session.execute(insert(Match), [place | {"vehicle_id": key} for key in parted.values()])
    return len(parted)


def decide(
    session: Session, sides: Sides, decision: MatchDecision, ids: Collection[UUID] | None, text: str = ""
) -> int:
    """What becomes of vehicles or listings without a partner; without ids of all that are found and open."""
    if decision in FOR_VEHICLES:
        return _decide_here(session, sides, decision, ids, text)
    chosen = _chosen_or_undecided(sides.there(Match.id), Match.id, ids, text)
    return _update(session, chosen, decision=decision)


def reopen(session: Session, sides: Sides, ids: Collection[UUID]) -> int:
    """Take back what was decided; ids of vehicles or of listings."""
    return _update(session, sides.there(Match.id).where(Match.id.in_(ids)), decision="") + _decide_here(
        session, sides, "", ids, ""
    )


def _decide_here(
    session: Session, sides: Sides, decision: str, ids: Collection[UUID] | None, text: str
) -> int:
    place = literal(sides.run.id), literal(sides.activation.id), Vehicle.id, literal(str(decision), String)
    chosen = _chosen_or_undecided(sides.here(*place), Vehicle.id, ids, text)
    statement = upsert(Match).from_select(["run_id", "activation_id", "vehicle_id", "decision"], chosen)
    decided = statement.on_conflict_do_update(
        index_elements=["run_id", "vehicle_id"], set_={"decision": str(decision)}
    )
    return len(session.execute(decided.returning(Match.id)).all())


def _chosen_or_undecided(
    statement: Select[Any], key: Any, ids: Collection[UUID] | None, text: str
) -> Select[Any]:
    chosen = _chosen(statement, key, ids, text)
    return chosen if ids is not None else chosen.where(func.coalesce(Match.decision, "") == "")


def _chosen(statement: Select[Any], key: Any, ids: Collection[UUID] | None, text: str) -> Select[Any]:
    return matching_text(statement, text) if ids is None else statement.where(key.in_(ids))


def _update(session: Session, chosen: Select[Any], **values: Any) -> int:
    changed = update(Match).where(Match.id.in_(chosen)).values(**values).returning(Match.id)
    return len(session.execute(changed).all())


def _forget_vehicles(session: Session, sides: Sides, vehicle_ids: Collection[UUID]) -> None:
    """They have a partner now, and no row of their own."""
    here = Match.run_id == sides.run.id
    session.execute(delete(Match).where(here, Match.listing_id.is_(None), Match.vehicle_id.in_(vehicle_ids)))
