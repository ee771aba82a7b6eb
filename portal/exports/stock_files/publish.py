"""Whether a file may take the place of the last good one, and what its delivery means for run and listings.

What is missing in a file is deleted at the platform, so a file is as dangerous as the deletions it means:
the guard is asked when the file is whole, before it is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from portal.delivery import Undelivered
from portal.exports.core import retries
from portal.exports.mass_change import lock
from portal.exports.mass_change.lock import CostlyStep
from portal.exports.mass_change.measure import measure
from portal.exports.mass_change.rules import GUARD_WINDOW, Deviation, GuardLimits, judge
from portal.exports.planning.cases import load_cases
from portal.exports.planning.context import ExportContext
from portal.exports.stock_files import build
from portal.exports.stock_files.build import file_side
from portal.exports.stock_files.target import FOLDER_TRANSPORTS
from portal.exports.trouble import breaker_state, stopping
from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import Lock, Run
from portal.notifications.problems import ProblemKind, close_problem
from portal.platforms.contract import Action, Stop, StopCause
from portal.platforms.contract.files import FileSide, Transport

DROPPED, ADDED = "dropped", "added"
"""In `run.counts`: vehicles that were online before and are not in the file, and the other way round."""
REASONS_AT_ONCE = 500


@dataclass(frozen=True)
class FileChange:
    """What publishing a file would change at the platform, for all we know."""

    dropped: tuple[CostlyStep, ...]
    added: int


def measure_change(session: Session, activation_id: UUID, run_id: UUID) -> FileChange:
    """Compare the vehicles in the file with those that are online."""
    keys = {"activation": activation_id, "run": run_id}
    dropped = tuple(
        CostlyStep(vehicle_id, Action.DELETE, reason)
        for vehicle_id, reason in session.execute(_DROPPED, keys)
    )
    return FileChange(dropped, session.scalar(_ADDED, keys) or 0)


def clear_file(
    session: Session, context: ExportContext, run: Run, found: FileChange, limits: GuardLimits
) -> bool:
    """True: publish it. Else it is held for inspection and people are asked, as by the lock of an API app.

    A closing activation publishes its empty file: the dealer has confirmed the number of deletions.
    """
    activation = context.activation
    if activation.state == ActivationState.CLOSING:
        return True
    deviation = _deviation(session, activation, found)
    stop = judge(deviation, limits)
    if stop is None:
        lock.lift_lock(session, activation.id)
        return True
    hold_file(run)
    vehicles = list(_with_reasons(session, context, found.dropped))
    lock.engage_lock(session, activation.id, stop, _shown(deviation), vehicles, run.id)
    return False


def hold_file(run: Run) -> None:
    """The last good file stays; this one can be looked at."""
    run.state, run.not_before = RunState.HELD, None
    run.message = "Nicht veröffentlicht: Die zuletzt veröffentlichte Datei gilt weiter."


def _with_reasons(
    session: Session, context: ExportContext, dropped: Sequence[CostlyStep]
) -> Iterator[CostlyStep]:
    """Those that preflight kept out say why already; the others are asked."""
    unsaid = [one.vehicle_id for one in dropped if not one.reason]
    reasons: dict[UUID, str] = {}
    for start in range(0, len(unsaid), REASONS_AT_ONCE):
        cases = load_cases(
            session, context.activation, context.rules, unsaid[start : start + REASONS_AT_ONCE]
        )
        reasons.update((case.vehicle_id, case.exclusion_reason) for case in cases)
    for one in dropped:
        yield one if one.reason else replace(one, reason=reasons.get(one.vehicle_id, ""))


def lock_decision(session: Session, run_id: UUID) -> str:
    """How the lock around a held file was closed; empty while it is open."""
    statement = select(Lock.closed_how).where(Lock.run_id == run_id).order_by(Lock.id.desc()).limit(1)
    return session.scalar(statement) or ""


def _deviation(session: Session, activation: Activation, found: FileChange) -> Deviation:
    """Deletions count as with the API; new vehicles never hold a file."""
    measured = measure(session, activation.id, [one.vehicle_id for one in found.dropped], ())
    return replace(
        measured,
        creations=found.added,
        deletions_done=_recently_dropped(session, activation),
        first=True,
    )


def _shown(deviation: Deviation) -> Deviation:
    return replace(deviation, creations=0)


def _recently_dropped(session: Session, activation: Activation) -> int:
    """What the files of the last 24 hours dropped since the last approval."""
    since = func.greatest(
        func.coalesce(activation.counted_from, func.now() - GUARD_WINDOW), func.now() - GUARD_WINDOW
    )
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


# A whole file to its place, and what that means for the run, the listings and the activation.


REPLACED_RUN = "replaced"
"""In `run.counts`: the id of the run whose file was the last good one before."""
FIRST_REPORT_AFTER = timedelta(seconds=20)
SUPERSEDED = "Von einer neueren Datei abgelöst, bevor eine Bestätigung kam."


def publish_file(
    session: Session, activation: Activation, run: Run, found: FileChange, transport: Transport
) -> None:
    """The file is in its place. The caller holds the activation's row; everything in one transaction."""
    now = datetime.now(UTC)
    _supersede(session, activation.id)
    run.state = RunState.PARTIAL if run.counts.get(build.LEFT_OUT) else RunState.DONE
    run.sent_at = run.finished_at = now
    run.message = ""
    run.counts = run.counts | {
        DROPPED: len(found.dropped),
        ADDED: found.added,
        REPLACED_RUN: str(activation.published_run_id or ""),
    }
    _expect_confirmation(run, file_side(activation), transport, now)
    activation.published_run_id = run.id
    session.flush()
    list_vehicles(session, activation.id, run.id)
    breaker_state.note_answer(session, activation.id, success=True)
    close_problem(session, activation.id, ProblemKind.FILE_HELD, "resolved")


def list_vehicles(session: Session, activation_id: UUID, run_id: UUID) -> None:
    """What stands in the file is online for all we know, everything else is not."""
    keys = {"activation": activation_id, "run": run_id}
    session.execute(_LIST, keys)
    session.execute(_UNLIST, keys)


def _supersede(session: Session, activation_id: UUID) -> None:
    session.execute(
        update(Run)
        .where(
            Run.activation_id == activation_id,
            Run.kind == RunKind.FILE,
            Run.sent_at.is_not(None),
            Run.not_before.is_not(None),
        )
        .values(not_before=None, message=SUPERSEDED)
    )


def _expect_confirmation(run: Run, side: FileSide, transport: Transport, now: datetime) -> None:
    """A feed is confirmed by whoever fetches it, an upload by the report that is looked for."""
    run.not_before = run.confirm_until = None
    until = now + timedelta(hours=side.hours_to_confirm)
    if transport == Transport.PULL:
        run.confirm_until = run.not_before = until
    elif side.report_name and side.read_report and transport in FOLDER_TRANSPORTS:
        run.confirm_until, run.not_before = until, now + FIRST_REPORT_AFTER


def note_undelivered(session: Session, activation: Activation, run: Run, why: Undelivered) -> None:
    """The old file is still in its place. Tried again by plan, or stopped where somebody has to act first."""
    now = datetime.now(UTC)
    run.attempt_count += 1
    wait = retries.delay(run.attempt_count) if why.retryable else None
    run.not_before = now + timedelta(seconds=wait) if wait is not None else None
    _note_attempt(run, why, now)
    if wait is None:
        give_up_run(run, f"{why.step}: {why.reason}")
    if why.retryable:
        _note_failing(activation, why)
    else:
        session.flush()
        stopping.stop(session, activation.id, Stop(StopCause.DELIVERY, f"{why.step}: {why.reason}"))


def give_up_run(run: Run, message: str) -> None:
    run.state, run.message = RunState.FAILED, message[:1000]
    run.finished_at, run.not_before = func.now(), None


def _note_attempt(run: Run, why: Undelivered, now: datetime) -> None:
    attempt: dict[str, Any] = {
        "at": now.isoformat(),
        "step": str(why.step),
        "reason": why.reason[:500],
        "not_before": run.not_before.isoformat() if run.not_before else None,
    }
    run.attempts = [*run.attempts, attempt]
    run.message = f"{why.step}: {why.reason}"[:1000]


def _note_failing(activation: Activation, why: Undelivered) -> None:
    """People are told when it goes on for long (`failing.tell`); the run itself has the plan."""
    activation.failing_since = activation.failing_since or datetime.now(UTC)
    activation.failures += 1
    activation.pause_reason = f"{why.step}: {why.reason}"[:500]


def published_before(session: Session, run: Run) -> UUID | None:
    """The last good file that this one replaced, if it is still kept."""
    key = run.counts.get(REPLACED_RUN)
    return session.scalar(select(Run.id).where(Run.id == UUID(key))) if key else None


_LIST = text(
    """
    INSERT INTO listing (activation_id, vehicle_id, state, internal_number, sent_at, online_since,
        last_result, last_feedback)
    SELECT :activation, r.vehicle_id, 'online', r.number, run.sent_at, run.sent_at,
        CASE r.result WHEN 'hinted' THEN 'warning' ELSE 'ok' END, r.feedback
    FROM run_vehicle r JOIN run ON run.id = r.run_id
    WHERE r.run_id = :run AND r.result IN ('accepted', 'hinted')
    ORDER BY r.vehicle_id
    ON CONFLICT (activation_id, vehicle_id) DO UPDATE SET
        state = 'online', internal_number = excluded.internal_number, sent_at = excluded.sent_at,
        online_since = CASE listing.state WHEN 'online' THEN listing.online_since
            ELSE excluded.online_since END,
        last_result = excluded.last_result, last_feedback = excluded.last_feedback
    """
)
_UNLIST = text(
    """
    UPDATE listing AS l SET state = 'absent', online_since = NULL, confirmed_at = NULL,
        last_result = '', last_feedback = '[]', url = NULL
    WHERE l.activation_id = :activation AND (l.state <> 'absent' OR l.last_result <> '')
        AND NOT EXISTS (
            SELECT FROM run_vehicle r WHERE r.run_id = :run AND r.vehicle_id = l.vehicle_id
            AND r.result IN ('accepted', 'hinted'))
    """
)
