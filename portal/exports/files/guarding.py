"""Whether a file may take the place of the last good one: asked when it is whole, before it is published.

What is missing in a file is deleted at the platform, so a file is as dangerous as the deletions it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.exports import locks
from portal.exports.brake import WINDOW, Deviation, Limits, judge
from portal.exports.cases import load_cases
from portal.exports.context import Context
from portal.exports.deviation import measure
from portal.exports.locks import Costly
from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import Lock, Run
from portal.platforms.contract import Action

DROPPED, ADDED = "dropped", "added"
"""In `run.counts`: vehicles that were online before and are not in the file, and the other way round."""
CHUNK = 500


@dataclass(frozen=True)
class Change:
    """What publishing a file would change at the platform, for all we know."""

    dropped: tuple[Costly, ...]
    added: int


def change(session: Session, activation_id: UUID, run_id: UUID) -> Change:
    """Compare the vehicles in the file with those that are online."""
    keys = {"activation": activation_id, "run": run_id}
    dropped = tuple(
        Costly(vehicle_id, Action.DELETE, reason) for vehicle_id, reason in session.execute(_DROPPED, keys)
    )
    return Change(dropped, session.scalar(_ADDED, keys) or 0)


def ask(session: Session, context: Context, run: Run, found: Change, limits: Limits) -> bool:
    """True: publish it. Else it is held for inspection and people are asked, as by the lock of an API app.

    A closing activation publishes its empty file: the dealer has confirmed the number of deletions.
    """
    activation = context.activation
    if activation.state == ActivationState.CLOSING:
        return True
    deviation = _deviation(session, activation, found)
    stop = judge(deviation, limits)
    if stop is None:
        locks.lift(session, activation.id)
        return True
    hold(run)
    vehicles = list(_with_reasons(session, context, found.dropped))
    locks.engage(session, activation.id, stop, _shown(deviation), vehicles, run.id)
    return False


def hold(run: Run) -> None:
    """The last good file stays; this one can be looked at."""
    run.state, run.not_before = RunState.HELD, None
    run.message = "Nicht veröffentlicht: Die zuletzt veröffentlichte Datei gilt weiter."


def _with_reasons(session: Session, context: Context, dropped: Sequence[Costly]) -> Iterator[Costly]:
    """Those that preflight kept out say why already; the others are asked."""
    unsaid = [one.vehicle_id for one in dropped if not one.reason]
    reasons: dict[UUID, str] = {}
    for start in range(0, len(unsaid), CHUNK):
        cases = load_cases(session, context.activation, context.rules, unsaid[start : start + CHUNK])
        reasons.update((case.vehicle_id, case.against) for case in cases)
    for one in dropped:
        yield one if one.reason else replace(one, reason=reasons.get(one.vehicle_id, ""))


def decision(session: Session, run_id: UUID) -> str:
    """How the lock around a held file was closed; empty while it is open."""
    statement = select(Lock.closed_how).where(Lock.run_id == run_id).order_by(Lock.id.desc()).limit(1)
    return session.scalar(statement) or ""


def _deviation(session: Session, activation: Activation, found: Change) -> Deviation:
    """Deletions count as with the API; new vehicles never hold a file."""
    measured = measure(session, activation.id, [one.vehicle_id for one in found.dropped], ())
    return replace(
        measured,
        creations=found.added,
        deletions_done=_bled(session, activation),
        first=True,
    )


def _shown(deviation: Deviation) -> Deviation:
    return replace(deviation, creations=0)


def _bled(session: Session, activation: Activation) -> int:
    """What the files of the last 24 hours dropped since the last approval."""
    since = func.greatest(func.coalesce(activation.counted_from, func.now() - WINDOW), func.now() - WINDOW)
    statement = select(func.coalesce(func.sum(Run.counts[DROPPED].as_integer()), 0)).where(
        Run.activation_id == activation.id, Run.kind == RunKind.FILE, Run.sent_at > since
    )
    return session.scalar(statement) or 0


_DROPPED = text(
    """
    SELECT l.vehicle_id, coalesce(left(r.feedback->0->>'text', 500), '') FROM listing l
    LEFT JOIN run_vehicle r ON r.run_id = :run AND r.vehicle_id = l.vehicle_id
    WHERE l.activation_id = :activation AND l.state <> 'absent'
        AND (r.result IS NULL OR r.result IN ('left_out', 'filtered'))
    ORDER BY l.vehicle_id
    """
)
_ADDED = text(
    """
    SELECT count(*) FROM run_vehicle r
    LEFT JOIN listing l ON l.activation_id = :activation AND l.vehicle_id = r.vehicle_id
    WHERE r.run_id = :run AND r.result IN ('accepted', 'hinted') AND coalesce(l.state, 'absent') = 'absent'
    """
)
