"""Whether a file may take the place of the last good one, and what its delivery means for run and listings.

What is missing in a file is deleted at the platform, so a file is as dangerous as the deletions it means:
the guard is asked when the file is whole, before it is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from portal.delivery import Undelivered
from portal.exports.core import retries
from portal.exports.mass_change import lock
from portal.exports.mass_change.clearance import measure
from portal.exports.mass_change.lock import CostlyStep
from portal.exports.mass_change.rules import GUARD_WINDOW, GuardLimits, judge
from portal.exports.planning.cases import ExportContext, load_cases
from portal.exports.stock_files import build
from portal.exports.stock_files.build import file_side
from portal.exports.stock_files.target import FOLDER_TRANSPORTS
from portal.exports.trouble import breaker_state, stopping
from portal.messages import Wording, as_json, from_json, listed, say
from portal.models.base import database_time
from portal.models.exports import Activation, ActivationState, Listing, ListingState, RunKind, RunState
from portal.models.plans import refresh_statistics, without_nested_loops
from portal.models.runs import Lock, Run
from portal.notifications.problems import ProblemKind, close_problem
from portal.platforms.contract import Action, Stop, StopCause
from portal.platforms.contract.files import FileSide, Transport

DROPPED, ADDED = "dropped", "added"
"""In `run.counts`: vehicles that were online before and are not in the file, and the other way round."""
REPLACED_RUN = "replaced"
"""In `run.counts`: the id of the run whose file was the last good one before."""
REASONS_AT_ONCE = 500
FIRST_REPORT_AFTER = timedelta(seconds=20)
SUPERSEDED = say("Von einer neueren Datei abgelöst, bevor eine Bestätigung kam.")


@dataclass(frozen=True)
class FileChange:
    """What publishing a file would change at the platform, for all we know."""

    dropped: tuple[CostlyStep, ...]
    added: int
    """Vehicles of the file that are not online yet."""


def measure_change(session: Session, activation_id: UUID, run_id: UUID) -> FileChange:
    """Compare the vehicles in the file with those that are online."""
    keys = {"activation": activation_id, "run": run_id}
    with without_nested_loops(session):
        dropped = tuple(
            CostlyStep(vehicle_id, Action.DELETE, from_json(reason))
            for vehicle_id, reason in session.execute(_DROPPED, keys)
        )
        return FileChange(dropped, session.scalar(_COUNT_ADDED, keys) or 0)


def clear_file(
    session: Session, context: ExportContext, run: Run, found: FileChange, limits: GuardLimits
) -> bool:
    """True: publish it. Else it is held, and a person decides as about the lock of an API app; the last good
    file stays where it is.

    A closing activation publishes its empty file: the dealer has confirmed the number of deletions.
    """
    activation = context.activation
    if activation.state == ActivationState.CLOSING:
        return True
    measured = measure(session, activation.id, [one.vehicle_id for one in found.dropped], ())
    dropped_before, added_before, back = _changed_since_approval(session, activation)
    deviation = replace(
        measured,
        creations=found.added,
        deletions_done=dropped_before,
        creations_done=added_before,
        online_again=back,
        first=activation.published_run_id is None,
    )
    breach = judge(deviation, limits)
    if breach is None:
        lock.lift_lock(session, activation.id)
        return True
    run.state, run.not_before = RunState.HELD, None
    run.message = say("Nicht veröffentlicht: Die zuletzt veröffentlichte Datei gilt weiter.")
    keys = {"activation": activation.id, "run": run.id}
    with without_nested_loops(session):
        added = [CostlyStep(vehicle_id, Action.CREATE) for (vehicle_id,) in session.execute(_ADDED, keys)]
    vehicles = [*_with_reasons(session, context, found.dropped), *added]
    lock.engage_lock(session, activation.id, breach, deviation, vehicles, run.id)
    return False


def _with_reasons(
    session: Session, context: ExportContext, dropped: Sequence[CostlyStep]
) -> Iterator[CostlyStep]:
    """Those that preflight kept out say why already; the others are asked."""
    unsaid = [one.vehicle_id for one in dropped if not one.reason]
    reasons: dict[UUID, Wording] = {}
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


def _changed_since_approval(session: Session, activation: Activation) -> tuple[int, int, int]:
    """What the files of the last 24 hours dropped and added since the last approval, and how many of the
    dropped are no loss any more: they stand in the file again, or went a second time. The first file adds
    nothing: the dealer was shown it when the app was activated."""
    day_ago = func.now() - GUARD_WINDOW
    since = func.greatest(func.coalesce(activation.counted_from, day_ago), day_ago)
    published = (Run.activation_id == activation.id, Run.kind == RunKind.FILE)
    replacing = func.coalesce(Run.counts[REPLACED_RUN].astext, "") != ""
    dropped = func.sum(Run.counts[DROPPED].as_integer())
    added = func.sum(Run.counts[ADDED].as_integer()).filter(replacing)
    statement = select(func.coalesce(dropped, 0), func.coalesce(added, 0)).where(
        *published, Run.sent_at > since
    )
    dropped_count, added_count = session.execute(statement).one()
    # A listing that is gone carries the time of the last file that held its vehicle.
    file_before = select(func.max(Run.sent_at)).where(*published, Run.sent_at <= since).scalar_subquery()
    gone = select(func.count()).where(
        Listing.activation_id == activation.id,
        Listing.state == ListingState.ABSENT,
        Listing.sent_at >= func.coalesce(file_before, since),
    )
    return dropped_count, added_count, max(0, dropped_count - (session.scalar(gone) or 0))


_DROPPED = text(
    """
    SELECT l.vehicle_id, r.feedback->0->'text' FROM listing l
    LEFT JOIN run_vehicle r ON r.run_id = :run AND r.vehicle_id = l.vehicle_id
    WHERE l.activation_id = :activation AND l.state <> 'absent'
        AND (r.result IS NULL OR r.result IN ('left_out', 'filtered'))
    ORDER BY l.vehicle_id
    """
)
_ADDED_ROWS = """
    FROM run_vehicle r
    LEFT JOIN listing l ON l.activation_id = :activation AND l.vehicle_id = r.vehicle_id
    WHERE r.run_id = :run AND r.result IN ('accepted', 'hinted') AND coalesce(l.state, 'absent') = 'absent'
    """
_COUNT_ADDED = text("SELECT count(*)" + _ADDED_ROWS)
_ADDED = text("SELECT r.vehicle_id" + _ADDED_ROWS + "ORDER BY r.vehicle_id")


def publish_file(
    session: Session, activation: Activation, run: Run, found: FileChange, transport: Transport
) -> None:
    """The file is in its place. The caller holds the activation's row; everything in one transaction."""
    now = database_time(session)
    earlier_unconfirmed = (
        Run.activation_id == activation.id,
        Run.kind == RunKind.FILE,
        Run.sent_at.is_not(None),
        Run.not_before.is_not(None),
    )
    session.execute(update(Run).where(*earlier_unconfirmed).values(not_before=None, message=SUPERSEDED))
    run.state = RunState.PARTIAL if run.counts.get(build.LEFT_OUT) else RunState.DONE
    run.sent_at = run.finished_at = now
    run.message = ""
    run.counts = run.counts | {
        DROPPED: len(found.dropped),
        ADDED: found.added,
        REPLACED_RUN: str(activation.published_run_id or ""),
    }
    _expect_confirmation(run, file_side(activation), transport, now)
    before, activation.published_run_id = activation.published_run_id, run.id
    session.flush()
    list_vehicles(session, activation.id, run.id, before)
    breaker_state.note_answer(session, activation.id, success=True)
    close_problem(session, activation.id, ProblemKind.FILE_HELD, "resolved")


def list_vehicles(session: Session, activation_id: UUID, run_id: UUID, before: UUID | None) -> None:
    """What stands in the file is online for all we know, everything else is not; `before`: what was the last
    good file until now, the last one that held what goes.

    Of what stays as it was nothing is written: a whole stock of rows for a file in which a tenth has changed.
    """
    keys = {"activation": activation_id, "run": run_id, "before": before}
    with without_nested_loops(session):
        listed = session.connection().execute(_LIST, keys).rowcount
        session.execute(_UNLIST, keys)
    refresh_statistics(session, listed, Listing)


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
    now = database_time(session)
    run.attempt_count += 1
    wait = retries.delay(run.attempt_count) if why.retryable else None
    run.not_before = now + timedelta(seconds=wait) if wait is not None else None
    attempt: dict[str, Any] = {
        "at": now.isoformat(),
        "step": why.step.label.as_json(),
        "reason": as_json(why.reason),
        "not_before": run.not_before.isoformat() if run.not_before else None,
    }
    run.attempts = [*run.attempts, attempt]
    text = listed((why.step.label, why.reason), ": ")
    run.message = text
    if wait is None:
        give_up_run(run, text)
    if why.retryable:
        # Only noted: the run itself has the plan, and an activation that fails for long is announced and
        # suspended like those of API apps (trouble/stopping.py).
        activation.failing_since = activation.failing_since or now
        activation.failures += 1
        activation.pause_reason = text
    else:
        session.flush()
        stopping.stop(session, activation.id, Stop(StopCause.DELIVERY, text))


def give_up_run(run: Run, message: Wording) -> None:
    run.state, run.message = RunState.FAILED, message
    run.finished_at, run.not_before = func.now(), None


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
    LEFT JOIN listing l ON l.activation_id = :activation AND l.vehicle_id = r.vehicle_id
    WHERE r.run_id = :run AND r.result IN ('accepted', 'hinted')
        AND (l.state, l.internal_number, l.last_result, l.last_feedback) IS DISTINCT FROM
            ('online', r.number, CASE r.result WHEN 'hinted' THEN 'warning' ELSE 'ok' END, r.feedback)
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
        sent_at = CASE WHEN l.state = 'absent' THEN l.sent_at ELSE coalesce(
            (SELECT sent_at FROM run WHERE id = CAST(:before AS uuid)), l.sent_at) END,
        last_result = '', last_feedback = '[]', url = NULL
    WHERE l.activation_id = :activation AND (l.state <> 'absent' OR l.last_result <> '')
        AND NOT EXISTS (
            SELECT FROM run_vehicle r WHERE r.run_id = :run AND r.vehicle_id = l.vehicle_id
            AND r.result IN ('accepted', 'hinted'))
    """
)
