"""A whole file to its place, and what that means for the run, the listings and the activation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from portal.delivery import Undelivered
from portal.exports import failing, halting, retries
from portal.exports.files import building
from portal.exports.files.guarding import ADDED, DROPPED, Change
from portal.exports.files.making import side_of
from portal.exports.files.target import WITH_FOLDER
from portal.models.exports import Activation, RunKind, RunState
from portal.models.runs import Run
from portal.notices.problems import ProblemKind, close_problem
from portal.platforms.contract import Stop, StopCause
from portal.platforms.contract.files import FileSide, Transport

REPLACED = "replaced"
"""In `run.counts`: the id of the run whose file was the last good one before."""
FIRST_LOOK = timedelta(seconds=20)
SUPERSEDED = "Von einer neueren Datei abgelöst, bevor eine Bestätigung kam."


def publish(session: Session, activation: Activation, run: Run, found: Change, transport: Transport) -> None:
    """The file is in its place. The caller holds the activation's row; everything in one transaction."""
    now = datetime.now(UTC)
    _supersede(session, activation.id)
    run.state = RunState.PARTIAL if run.counts.get(building.LEFT_OUT) else RunState.DONE
    run.sent_at = run.finished_at = now
    run.message = ""
    run.counts = run.counts | {
        DROPPED: len(found.dropped),
        ADDED: found.added,
        REPLACED: str(activation.published_run_id or ""),
    }
    _expect_confirmation(run, side_of(activation), transport, now)
    activation.published_run_id = run.id
    session.flush()
    list_vehicles(session, activation.id, run.id)
    failing.note_answer(session, activation.id, success=True)
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
    elif side.report_name and side.read_report and transport in WITH_FOLDER:
        run.confirm_until, run.not_before = until, now + FIRST_LOOK


def fail(session: Session, activation: Activation, run: Run, why: Undelivered) -> None:
    """The old file is still in its place. Tried again by plan, or stopped where somebody has to act first."""
    now = datetime.now(UTC)
    run.attempt_count += 1
    wait = retries.delay(run.attempt_count) if why.retryable else None
    run.not_before = now + timedelta(seconds=wait) if wait is not None else None
    _note_attempt(run, why, now)
    if wait is None:
        give_up(run, f"{why.step}: {why.reason}")
    if why.retryable:
        _note_failing(activation, why)
    else:
        session.flush()
        halting.stop(session, activation.id, Stop(StopCause.DELIVERY, f"{why.step}: {why.reason}"))


def give_up(run: Run, message: str) -> None:
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
    key = run.counts.get(REPLACED)
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
