"""What the platform says to a file: its report is looked for until the deadline, a feed has to be fetched."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from portal.delivery import EgressPolicy, Missing, Target, Undelivered, fetch
from portal.exports.planning.outcome import serialize_feedback
from portal.exports.stock_files import build, storage
from portal.exports.stock_files.publish import give_up_run, list_vehicles, published_before
from portal.messages import say, sentences
from portal.models.base import database_time
from portal.models.exports import Activation, Listing, ListingState, RunState
from portal.models.plans import without_nested_loops
from portal.models.runs import Run, RunFile
from portal.platforms.contract.files import FileSide, Report, ReportedVehicle

log = logging.getLogger(__name__)

LARGEST_REPORT = 64 * 1024 * 1024
VERDICTS_AT_ONCE = 2_000
"""Verdicts that are written in one statement."""
REPORT_PAUSES = (timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
"""Between two looks; the last one until the deadline."""
REPORT_LOOKS, CONFIRMING_REPORT = "looks", "report"
"""In `run.counts`: how often it was looked for; SHA-256 of the report that confirmed the run."""


@dataclass(frozen=True)
class FetchedReport:
    """A report that may speak of our file."""

    report: Report
    digest: str

    def speaks_of(self, session: Session, run: Run, file: RunFile) -> bool:
        """Reports lie under the same name every time: an old one must not confirm a new file."""
        if self.report.sha256:
            return self.report.sha256 == file.sha256
        used = select(Run.counts[CONFIRMING_REPORT].astext).where(
            Run.activation_id == run.activation_id, Run.id != run.id, Run.confirmed_at.is_not(None)
        )
        return self.report.file_name == file.name and self.digest not in set(session.scalars(used))


def fetch_report(target: Target, side: FileSide, reach: EgressPolicy) -> FetchedReport | None:
    """Fetch the report that lies beside the file; None where there is none that can be read."""
    if side.read_report is None:
        return None
    found = fetch(target, side.report_name.format(file=target.file_name), LARGEST_REPORT, reach)
    if isinstance(found, Missing | Undelivered):
        return None
    try:
        return FetchedReport(side.read_report(found), sha256(found).hexdigest())
    except ValueError as error:
        log.warning("report of %s cannot be read: %s", target.file_name, error)
        return None


def apply_report(
    session: Session, activation: Activation, run: Run, answer: FetchedReport | None, hours: int
) -> bool:
    """Write down what the report says of this run; without one look again, until the deadline."""
    file = storage.find_file(session, run.id)
    if answer is None or file is None or not answer.speaks_of(session, run, file):
        wait_longer(run, hours, database_time(session))
        return False
    run.not_before, run.confirmed_at = None, func.now()
    run.counts = run.counts | {CONFIRMING_REPORT: answer.digest}
    session.flush()
    if answer.report.refusal:
        _refuse(session, activation, run, answer.report)
    else:
        _write_verdicts(session, activation.id, run, answer.report.verdicts)
    return True


def wait_longer(run: Run, hours: int, now: datetime) -> None:
    if run.confirm_until is None or now >= run.confirm_until:
        run.not_before, run.message = None, say("Keine Antwort nach {hours} Std.", hours=hours)
        return
    looks = run.counts.get(REPORT_LOOKS, 0)
    run.counts = run.counts | {REPORT_LOOKS: looks + 1}
    run.not_before = min(now + REPORT_PAUSES[min(looks, len(REPORT_PAUSES) - 1)], run.confirm_until)


def confirm_listings(session: Session, activation_id: UUID) -> None:
    """Whatever stands in the file that was confirmed."""
    session.execute(
        update(Listing)
        .where(Listing.activation_id == activation_id, Listing.state == ListingState.ONLINE)
        .values(confirmed_at=func.now())
    )


def _refuse(session: Session, activation: Activation, run: Run, report: Report) -> None:
    """The platform holds what it held before: the file before this one is the last good one again."""
    said = sentences(*(item.text for item in report.refusal))
    give_up_run(run, say("Von der Plattform abgelehnt: {said}", said=said))
    run.rejected, run.accepted, run.hinted = run.total, 0, 0
    before = published_before(session, run)
    if before is not None:
        activation.published_run_id = before
        list_vehicles(session, activation.id, before, run.id)


def _write_verdicts(
    session: Session, activation_id: UUID, run: Run, verdicts: Sequence[ReportedVehicle]
) -> None:
    for start in range(0, len(verdicts), VERDICTS_AT_ONCE):
        rows = [
            {
                "number": verdict.number,
                "result": verdict.result,
                "feedback": serialize_feedback(verdict.feedback),
            }
            for verdict in verdicts[start : start + VERDICTS_AT_ONCE]
        ]
        session.execute(_VERDICTS, {"run": run.id, "rows": json.dumps(rows, default=str)})
    found = build.write_counts(session, run.id)
    taken_back = found.get(build.REJECTED, 0) + found.get(build.LEFT_OUT, 0)
    run.state = RunState.PARTIAL if taken_back else RunState.DONE
    session.flush()
    with without_nested_loops(session):
        session.execute(_LIST_VERDICTS, {"run": run.id, "activation": activation_id})
    confirm_listings(session, activation_id)


_VERDICTS = text(
    """
    UPDATE run_vehicle AS v SET feedback = v.feedback || r.feedback,
        result = CASE WHEN r.result = 'accepted' THEN v.result ELSE r.result END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(number text, result text, feedback jsonb)
    WHERE v.run_id = :run AND v.number = r.number AND v.result NOT IN ('left_out', 'filtered')
    """
)
_LIST_VERDICTS = text(
    """
    UPDATE listing AS l SET last_feedback = v.feedback,
        last_result = CASE v.result
            WHEN 'rejected' THEN 'rejected' WHEN 'hinted' THEN 'warning' ELSE 'ok' END,
        state = CASE v.result WHEN 'rejected' THEN 'absent' ELSE l.state END,
        sent_at = CASE v.result WHEN 'rejected' THEN run.sent_at ELSE l.sent_at END
    FROM run_vehicle v JOIN run ON run.id = v.run_id
    WHERE v.run_id = :run AND l.activation_id = :activation AND l.vehicle_id = v.vehicle_id
        AND v.result NOT IN ('left_out', 'filtered')
    """
)
