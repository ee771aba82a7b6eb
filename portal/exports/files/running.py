"""A worker's way through the open run of one activation: write, judge, deliver, publish.

Each step ends with a commit, so that a worker that dies in between leaves a run that goes on with that
step. Only a whole file that passed the guards is ever delivered, and only a delivered one is published.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.delivery import Delivered, Target, Undelivered, deliver
from portal.exports.brake import limits_of
from portal.exports.context import Context, Outdated, sendable_context
from portal.exports.files import building, guarding, publishing, requesting, store
from portal.exports.files.building import Builder, Built
from portal.exports.files.deciding import Next, Standing, decide
from portal.exports.files.making import writer_for
from portal.exports.files.reach import reach_of
from portal.exports.files.target import chosen_transport, each, find_target
from portal.exports.lease import Lease, LeaseLost
from portal.exports.outcomes import spell_feedback
from portal.exports.runtime import Runtime
from portal.models.exports import Activation, ActivationState, RunState
from portal.models.runs import Run
from portal.platforms.contract.files import Transport

log = logging.getLogger(__name__)

REACHED = "reached"
"""In `run.counts`: recipients of the mail that have it already."""
TRIES = 5
"""So often a run begins anew because settings changed meanwhile; then the tick goes on."""
DISCARDED = "Verworfen: Die Datei wurde nicht veröffentlicht, die zuletzt veröffentlichte gilt weiter."
GIVEN_UP = (
    "Das Schreiben der Datei wurde zu oft unterbrochen. Die zuletzt veröffentlichte gilt weiter. Übertragen "
    "Sie noch einmal; endet es wieder so, wenden Sie sich an den Betreiber des Portals."
)
NOTHING_IN_IT = (
    "Kein Fahrzeug kommt für die Datei in Frage. Eine leere Datei wird nicht veröffentlicht: "
    "Sie würde bei der Plattform alles löschen."
)


@dataclass(frozen=True)
class Job:
    runtime: Runtime
    lease: Lease
    context: Context
    run_id: UUID

    @property
    def activation_id(self) -> UUID:
        return self.lease.activation_id

    def take(self, step: Next) -> None:
        match step:
            case Next.BUILD:
                if self._build():
                    self._send()
            case Next.SEND:
                self._send()
            case Next.CANCEL:
                self._end(RunState.CANCELLED, DISCARDED)
            case Next.GIVE_UP:
                self._end(RunState.FAILED, GIVEN_UP)
            case Next.WAIT:
                pass

    def _build(self) -> bool:
        """Write the file; True when it may be published. Raises Outdated, LeaseLost."""
        with self.runtime.sessions() as session:
            writer = writer_for(session, self.context, self.runtime.settings.portal_url)
        built = Builder(self.runtime, self.lease, self.context, writer, self.run_id).build()
        with self.runtime.sessions.begin() as session:
            self.context.guard(session, self.lease, to_change=True)
            return self._judge(session, built)

    def _judge(self, session: Session, built: Built) -> bool:
        """In one transaction with what makes the file whole: no file is whole and not judged."""
        activation = session.get_one(Activation, self.activation_id)
        run = session.get_one(Run, self.run_id)
        store.complete(session, run.id, built.written)
        building.write_counts(session, run.id)
        notes = {building.INTERRUPTED: 0, building.NOTES: spell_feedback(built.notes)}
        run.counts = run.counts | notes
        session.flush()
        found = guarding.change(session, activation.id, run.id)
        if not run.total and not found.dropped and activation.state != ActivationState.CLOSING:
            _end(run, RunState.CANCELLED, NOTHING_IN_IT)
            return False
        return guarding.ask(session, self.context, run, found, limits_of(self.runtime.settings))

    def _send(self) -> None:
        transport = chosen_transport(self.context.activation)
        done = Delivered("", 0) if transport == Transport.PULL else self._deliver(transport)
        with self.runtime.sessions.begin() as session:
            activation = self.lease.lock_activation(session)
            run = session.get_one(Run, self.run_id)
            if run.state != RunState.RUNNING:
                return  # the app was deactivated meanwhile
            if isinstance(done, Undelivered):
                publishing.fail(session, activation, run, done)
            else:
                found = guarding.change(session, activation.id, run.id)
                publishing.publish(session, activation, run, found, transport)

    def _deliver(self, transport: Transport) -> Delivered | Undelivered:
        with self.runtime.sessions() as session:
            file = store.find(session, self.run_id)
            target = find_target(session, self.runtime, self.context.activation, transport, file)
            reached = set(session.get_one(Run, self.run_id).counts.get(REACHED, ()))
        if file is None:
            raise Outdated(self.activation_id)
        failed: list[Undelivered] = []
        with store.spooled(self.runtime.sessions, file) as stream:
            for one in each(target):
                if one.recipient and one.recipient in reached:
                    continue
                done = deliver(one, stream, reach_of(self.runtime.settings), self._is_still_ours)
                if isinstance(done, Undelivered):
                    failed.append(_named(done, one))
                else:
                    self._note_reached(one)
        return _worst(failed) or Delivered(file.name, file.size)

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
                run.counts = run.counts | {REACHED: [*run.counts.get(REACHED, ()), target.recipient]}

    def _end(self, state: RunState, message: str) -> None:
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            _end(session.get_one(Run, self.run_id), state, message)


def _named(why: Undelivered, target: Target) -> Undelivered:
    return replace(why, reason=f"{target.recipient}: {why.reason}") if target.recipient else why


def _worst(failed: Sequence[Undelivered]) -> Undelivered | None:
    """The others have it by now: what somebody has to mend comes before what may pass by itself."""
    return min(failed, key=lambda why: why.retryable, default=None)


def carry_out(runtime: Runtime, lease: Lease) -> None:
    """Whatever can be done for the open run now."""
    for _ in range(TRIES):
        found = find_work(runtime, lease)
        if found is None:
            return
        job, step = found
        try:
            job.take(step)
        except Outdated:
            log.info("settings of %s changed during its run", lease.activation_id)
            continue
        return


def find_work(runtime: Runtime, lease: Lease) -> tuple[Job, Next] | None:
    """The open run and what is to be done with it; None where that is nothing for now."""
    with runtime.sessions() as session:
        context = sendable_context(session, lease.activation_id)
        run = requesting.find_open(session, lease.activation_id)
        if context is None or run is None:
            return None
        step = decide(_standing(session, context, run), datetime.now(UTC))
        return (Job(runtime, lease, context, run.id), step) if step != Next.WAIT else None


def _standing(session: Session, context: Context, run: Run) -> Standing:
    now = session.scalars(select(func.now())).one()
    empty = run.not_before is None and run.state != RunState.HELD
    return Standing(
        state=run.state,
        due=empty or (run.not_before is not None and run.not_before <= now),
        whole=store.find(session, run.id) is not None,
        started_at=run.started_at,
        interrupted=run.counts.get(building.INTERRUPTED, 0),
        activation=context.activation.state,
        decision=guarding.decision(session, run.id) if run.state == RunState.HELD else "",
    )


def _end(run: Run, state: RunState, message: str) -> None:
    run.state, run.message, run.not_before = state, message, None
    run.finished_at = func.now()
