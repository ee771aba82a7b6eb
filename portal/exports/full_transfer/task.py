"""The run of a full transfer: begun and ended under the lease, counted from its transfers in between.

Its vehicles are ordinary transfers that carry the run's id and a mark: they are sent although the platform
took the same payload before. So the mass-change guard, retries and crashes treat them like everything else.
What is not sent yet when it is cancelled becomes an ordinary change again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.full_transfer.control import release_waiting
from portal.messages import Message, say
from portal.models.exports import (
    SERVED,
    Activation,
    ActivationState,
    RunKind,
    RunState,
    Transfer,
    TransferState,
    Trigger,
)
from portal.models.runs import Run
from portal.outbox import note_forced

LATER = "later"
MAX_DURATION = timedelta(days=4)
"""Then what still waits is left to the ordinary transfers: after five days its rows would be forgotten."""


@dataclass(frozen=True)
class TransferCounts:
    """Vehicles of a run by what became of them. `later` wait for another attempt or for a lock;
    `released` were taken out of the run before they were sent."""

    total: int = 0
    waiting: int = 0
    later: int = 0
    sending: int = 0
    pending: int = 0
    ok: int = 0
    warning: int = 0
    rejected: int = 0
    failed: int = 0
    discarded: int = 0
    released: int = 0

    @property
    def open(self) -> int:
        return self.waiting + self.later + self.sending + self.pending

    @property
    def done(self) -> int:
        return self.total - self.open - self.released

    @property
    def ended(self) -> int:
        """Those with a result."""
        return self.ok + self.warning + self.rejected + self.failed + self.discarded

    @property
    def untouched(self) -> int:
        """There was nothing to send, or preflight found what the platform would refuse: their rows vanish."""
        return max(0, self.done - self.ended)


def count_transfers(session: Session, run: Run) -> TransferCounts:
    """One query while it lasts; a run that is over carries its counts itself."""
    released = int(run.counts.get("released", 0))
    if run.finished_at is not None:
        return TransferCounts(
            total=run.total,
            ok=run.accepted,
            warning=run.hinted,
            rejected=run.rejected,
            failed=run.failed,
            discarded=int(run.counts.get("discarded", 0)),
            released=released,
        )
    waits = Transfer.state == TransferState.WAITING
    later = waits & (func.coalesce(Transfer.not_before > func.now(), False) | Transfer.held)
    bucket = case((later, LATER), else_=Transfer.state)
    counted = select(bucket, func.count()).where(Transfer.run_id == run.id).group_by(bucket)
    found: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    return TransferCounts(total=run.total, released=released, **found)


def begin_run(runtime: Runtime, lease: Lease) -> None:
    """Mark the vehicles of a run that was asked for."""
    with runtime.sessions.begin() as session:
        lease.lock_activation(session)  # noted as of this state: a lock or an end comes before or after
        asked_for = _waiting().where(Run.activation_id == lease.activation_id).with_for_update(of=Run)
        run = session.scalars(asked_for).one_or_none()
        if run is None:
            return
        run.total = note_forced(session, run.activation_id, Trigger(run.trigger), run_id=run.id)
        run.state, run.started_at = RunState.RUNNING, func.now()


def end_runs(runtime: Runtime, lease: Lease) -> None:
    """Write the final counts of runs with nothing on its way any more: transfers are not kept for long."""
    with runtime.sessions.begin() as session:
        lease.guard(session)
        over = _over().where(Run.activation_id == lease.activation_id).with_for_update(of=Run)
        for run in session.scalars(over).all():
            for _ in release_waiting(session, run.id):
                pass
            session.refresh(run)
            conclude(run, count_transfers(session, run))


def _waiting() -> Select[Run]:
    return (
        select(Run)
        .join(Activation, Activation.id == Run.activation_id)
        .where(
            Run.kind == RunKind.FULL,
            Run.state == RunState.WAITING,
            Activation.state == ActivationState.ACTIVE,
        )
    )


def _over() -> Select[Run]:
    """Runs with nothing on its way; those that lasted too long, or that nobody can begin any more."""
    of_run = Transfer.run_id == Run.id
    waits = exists().where(of_run, Transfer.state == TransferState.WAITING)
    is_sent = exists().where(of_run, Transfer.state == TransferState.SENDING)
    ended = or_(
        (Run.state == RunState.RUNNING) & ~waits,
        (Run.state == RunState.WAITING) & Activation.state.not_in(SERVED),
        Run.state == RunState.CANCELLED,
        Run.created_at < func.now() - MAX_DURATION,
    )
    return (
        select(Run)
        .join(Activation, Activation.id == Run.activation_id)
        .where(Run.kind == RunKind.FULL, Run.finished_at.is_(None), ended, ~is_sent)
    )


def conclude(run: Run, counted: TransferCounts) -> None:
    """The last counts and how it ended: partial when something of it did not arrive."""
    run.accepted, run.hinted = counted.ok, counted.warning
    run.rejected, run.failed = counted.rejected, counted.failed
    run.counts = {**run.counts, "discarded": counted.discarded, "released": counted.released}
    run.state, run.message = _ended(run, counted)
    run.finished_at = func.now()


def _ended(run: Run, counted: TransferCounts) -> tuple[RunState, Message]:
    if run.state == RunState.CANCELLED:
        return (
            RunState.CANCELLED,
            say("Abgebrochen. Was noch nicht gesendet war, wird wieder nur bei Änderungen gesendet."),
        )
    if run.state == RunState.WAITING:
        return RunState.CANCELLED, say("Nicht begonnen, weil die App nicht mehr aktiv war.")
    if counted.released:
        return (
            RunState.PARTIAL,
            say("Nach 4 Tagen beendet. Was noch wartet, geht als Änderung hinaus."),
        )
    if counted.rejected or counted.failed or counted.discarded:
        return RunState.PARTIAL, say("Nicht alle Fahrzeuge sind angekommen.")
    return RunState.DONE, say("Alle Fahrzeuge, die zu senden waren, sind angekommen.")


begin_task = Task(
    "beginning of a full transfer", lambda: _waiting().with_only_columns(Run.activation_id), begin_run
)
end_task = Task("end of a full transfer", lambda: _over().with_only_columns(Run.activation_id), end_runs)
