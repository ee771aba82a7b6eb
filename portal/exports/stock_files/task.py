"""A worker's way through the open run of one activation: write, judge, deliver, publish, look for the report.

Each step ends with a commit, so that a worker that dies in between leaves a run that goes on with that
step. Only a whole file that passed the guards is ever delivered, and only a delivered one is published.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.delivery import Delivered, Target, Undelivered, deliver
from portal.exports.core.lease import Lease, LeaseLost
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.mass_change.rules import guard_limits
from portal.exports.planning import queue
from portal.exports.planning.cases import ExportContext, Outdated, sendable_context
from portal.exports.planning.outcome import serialize_feedback
from portal.exports.stock_files import build, confirm, control, publish, storage
from portal.exports.stock_files.build import BuiltFile, FileBuilder, file_side, writer_and_store
from portal.exports.stock_files.rules import OpenFileRun, RunStep, next_step
from portal.exports.stock_files.target import (
    chosen_transport,
    egress_policy,
    find_target,
    one_for_each_recipient,
)
from portal.messages import Wording, listed, say
from portal.models.base import database_time
from portal.models.exports import Activation, ActivationState, AppKind, RunState
from portal.models.runs import Run
from portal.platforms.contract.files import Transport

log = logging.getLogger(__name__)

REACHED_RECIPIENTS = "reached"
"""In `run.counts`: recipients of the mail that have it already."""
MAX_RESTARTS = 5
"""So often a run begins anew because settings changed meanwhile; then the tick goes on."""
FILE_DISCARDED = say(
    "Verworfen: Die Datei wurde nicht veröffentlicht, die zuletzt veröffentlichte gilt weiter."
)
WRITING_GIVEN_UP = say(
    "Das Schreiben der Datei wurde zu oft unterbrochen. Die zuletzt veröffentlichte gilt weiter. Übertragen "
    "Sie noch einmal; endet es wieder so, wenden Sie sich an den Betreiber des Portals."
)
NO_VEHICLE = say(
    "Kein Fahrzeug kommt für die Datei in Frage. Eine leere Datei wird nicht veröffentlicht: "
    "Sie würde bei der Plattform alles löschen."
)
STATES_WITH_RUNS = (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING)
PUBLISHED_STATES = (RunState.DONE, RunState.PARTIAL)


@dataclass(frozen=True)
class FileRun:
    runtime: Runtime
    lease: Lease
    context: ExportContext
    run_id: UUID

    @property
    def activation_id(self) -> UUID:
        return self.lease.activation_id

    def take(self, step: RunStep) -> None:
        match step:
            case RunStep.BUILD:
                if self._build():
                    self._send()
            case RunStep.SEND:
                self._send()
            case RunStep.CANCEL:
                self._end(RunState.CANCELLED, FILE_DISCARDED)
            case RunStep.GIVE_UP:
                self._end(RunState.FAILED, WRITING_GIVEN_UP)
            case RunStep.WAIT:
                pass

    def _build(self) -> bool:
        """Write the file; True when it may be published. Raises Outdated, LeaseLost."""
        with self.runtime.sessions() as session:
            writer, store = writer_and_store(session, self.context, self.runtime.settings.portal_url)
        built = FileBuilder(self.runtime, self.lease, self.context, writer, store, self.run_id).build()
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease, to_change=True)
            return self._judge(session, built)

    def _judge(self, session: Session, built: BuiltFile) -> bool:
        """In one transaction with what makes the file whole: no file is whole and not judged."""
        activation = session.get_one(Activation, self.activation_id)
        run = session.get_one(Run, self.run_id)
        storage.complete_file(session, run.id, built.written)
        build.write_counts(session, run.id)
        notes = {build.INTERRUPTED_ATTEMPTS: 0, build.NOTES: serialize_feedback(built.notes)}
        run.counts = run.counts | notes
        session.flush()
        found = publish.measure_change(session, activation.id, run.id)
        if not run.total and not found.dropped and activation.state != ActivationState.CLOSING:
            _end(run, RunState.CANCELLED, NO_VEHICLE)
            return False
        return publish.clear_file(session, self.context, run, found, guard_limits(self.runtime.settings))

    def _send(self) -> None:
        transport = chosen_transport(self.context.activation)
        done = Delivered("", 0) if transport == Transport.PULL else self._deliver(transport)
        with self.runtime.sessions.begin() as session:
            activation = self.lease.lock_activation(session)
            run = session.get_one(Run, self.run_id)
            if run.state != RunState.RUNNING:
                return  # the app was deactivated meanwhile
            if isinstance(done, Undelivered):
                publish.note_undelivered(session, activation, run, done)
            else:
                found = publish.measure_change(session, activation.id, run.id)
                publish.publish_file(session, activation, run, found, transport)

    def _deliver(self, transport: Transport) -> Delivered | Undelivered:
        with self.runtime.sessions() as session:
            file = storage.find_file(session, self.run_id)
            target = find_target(session, self.runtime, self.context.activation, transport, file)
            reached = set(session.get_one(Run, self.run_id).counts.get(REACHED_RECIPIENTS, ()))
        if file is None:
            raise Outdated(self.activation_id)  # begun anew meanwhile: look again
        failed: list[Undelivered] = []
        with storage.spooled(self.runtime.sessions, file) as stream:
            for one in one_for_each_recipient(target):
                if one.recipient and one.recipient in reached:
                    continue
                done = deliver(one, stream, egress_policy(self.runtime.settings), self._is_still_ours)
                if not isinstance(done, Undelivered):
                    self._note_reached(one)
                elif one.recipient:
                    failed.append(replace(done, reason=listed((one.recipient, done.reason), ": ")))
                else:
                    failed.append(done)
        if failed:
            # The others have it by now: what somebody has to mend comes before what may pass by itself.
            return min(failed, key=lambda why: why.retryable)
        return Delivered(file.name, file.size)

    def _is_still_ours(self) -> bool:
        """Whoever was cut off from the database for long must not replace the file of another worker."""
        try:
            with self.runtime.sessions.begin() as session:
                self.lease.guard(session)
        except LeaseLost:
            return False
        return True

    def _note_reached(self, target: Target) -> None:
        """Who has the mail does not get it again when another one fails."""
        if target.recipient:
            with self.runtime.sessions.begin() as session:
                self.lease.guard(session)
                run = session.get_one(Run, self.run_id)
                run.counts = run.counts | {
                    REACHED_RECIPIENTS: [*run.counts.get(REACHED_RECIPIENTS, ()), target.recipient]
                }

    def _end(self, state: RunState, message: Wording) -> None:
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            _end(session.get_one(Run, self.run_id), state, message)


def advance_run(runtime: Runtime, lease: Lease) -> None:
    """Whatever can be done for the open run now."""
    for _ in range(MAX_RESTARTS):
        found = find_next_step(runtime, lease)
        if found is None:
            return
        job, step = found
        try:
            job.take(step)
        except Outdated:
            log.info("settings of %s changed during its run", lease.activation_id)
            continue
        return


def find_next_step(runtime: Runtime, lease: Lease) -> tuple[FileRun, RunStep] | None:
    """The open run and what is to be done with it; None where that is nothing for now."""
    with runtime.sessions() as session:
        context = sendable_context(session, lease.activation_id)
        run = control.find_open_run(session, lease.activation_id)
        if context is None or run is None:
            return None
        now = database_time(session)
        step = next_step(_open_file_run(session, context, run, now), now)
        return (FileRun(runtime, lease, context, run.id), step) if step != RunStep.WAIT else None


def _open_file_run(session: Session, context: ExportContext, run: Run, now: datetime) -> OpenFileRun:
    empty = run.not_before is None and run.state != RunState.HELD
    return OpenFileRun(
        state=run.state,
        due=empty or (run.not_before is not None and run.not_before <= now),
        whole=storage.find_file(session, run.id) is not None,
        started_at=run.started_at,
        interrupted=run.counts.get(build.INTERRUPTED_ATTEMPTS, 0),
        activation=context.activation.state,
        decision=publish.lock_decision(session, run.id) if run.state == RunState.HELD else "",
    )


def _end(run: Run, state: RunState, message: Wording) -> None:
    run.state, run.message, run.not_before = state, message, None
    run.finished_at = func.now()


def run_whole_stock(runtime: Runtime, lease: Lease) -> None:
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        if activation.kind != AppKind.FILE or activation.state not in STATES_WITH_RUNS:
            return
        control.follow_schedule(session, activation)
    advance_run(runtime, lease)
    look_for_confirmation(runtime, lease)
    with runtime.sessions.begin() as session:
        queue.close_if_empty(session, lease.activation_id)


def look_for_confirmation(runtime: Runtime, lease: Lease) -> None:
    """Once, where it is time to look. No transaction is open while the server is asked."""
    with runtime.sessions() as session:
        activation = session.get_one(Activation, lease.activation_id)
        unconfirmed = select(Run.id).where(
            Run.id == activation.published_run_id,
            Run.state.in_(PUBLISHED_STATES),
            Run.confirmed_at.is_(None),
            Run.not_before <= func.now(),
        )
        run_id = session.scalar(unconfirmed)
        if run_id is None:
            return
        transport, side = chosen_transport(activation), file_side(activation)
        target = find_target(session, runtime, activation, transport, storage.find_file(session, run_id))
    answer = None
    if transport != Transport.PULL:
        answer = confirm.fetch_report(target, side, egress_policy(runtime.settings))
    with runtime.sessions.begin() as session:
        activation = lease.lock_activation(session)
        run = session.get_one(Run, run_id, with_for_update=True)
        # Meanwhile a fetch may have confirmed it, or a newer file may have taken its place.
        if run.not_before is not None and activation.published_run_id == run.id:
            confirm.apply_report(session, activation, run, answer, side.hours_to_confirm)


whole_stock_task = Task("whole stock", control.whole_stock_due, run_whole_stock)
