"""The run of a full transfer: begun and ended under the lease.

In between its vehicles are ordinary transfers that carry the run's id and a mark: they are sent although
the platform took the same payload before. So the lock rule, retries and crashes treat them like
everything else. What is not sent yet when it is called off becomes an ordinary change again.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, exists, func, or_, select

from portal.exports.duties import Duty
from portal.exports.full_transfer import release_some
from portal.exports.lease import Lease
from portal.exports.runtime import Runtime
from portal.exports.tally import Tally, tally
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

LONGEST = timedelta(days=4)
"""Then what still waits is left to the ordinary transfers: after five days its rows would be forgotten."""


def begin(runtime: Runtime, lease: Lease) -> None:
    """Mark the vehicles of a run that was asked for."""
    with runtime.sessions.begin() as session:
        lease.guard(session)
        asked_for = _waiting().where(Run.activation_id == lease.activation_id).with_for_update(of=Run)
        run = session.scalars(asked_for).one_or_none()
        if run is None:
            return
        run.total = note_forced(session, run.activation_id, Trigger(run.trigger), run_id=run.id)
        run.state, run.started_at = RunState.RUNNING, func.now()


def end(runtime: Runtime, lease: Lease) -> None:
    """Write the final counts of runs with nothing on its way any more: transfers are not kept for long."""
    with runtime.sessions.begin() as session:
        lease.guard(session)
        over = _over().where(Run.activation_id == lease.activation_id).with_for_update(of=Run)
        for run in session.scalars(over).all():
            while release_some(session, run.id):
                pass
            session.refresh(run)
            conclude(run, tally(session, run))


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
        Run.created_at < func.now() - LONGEST,
    )
    return (
        select(Run)
        .join(Activation, Activation.id == Run.activation_id)
        .where(Run.kind == RunKind.FULL, Run.finished_at.is_(None), ended, ~is_sent)
    )


def conclude(run: Run, counted: Tally) -> None:
    """The last counts and how it ended: partial when something of it did not arrive."""
    run.accepted, run.hinted = counted.ok, counted.warning
    run.rejected, run.failed = counted.rejected, counted.failed
    run.counts = {**run.counts, "discarded": counted.discarded, "released": counted.released}
    run.state, run.message = _ended(run, counted)
    run.finished_at = func.now()


def _ended(run: Run, counted: Tally) -> tuple[RunState, str]:
    if run.state == RunState.CANCELLED:
        return (
            RunState.CANCELLED,
            "Abgebrochen. Was noch nicht gesendet war, wird wieder nur bei Änderungen gesendet.",
        )
    if run.state == RunState.WAITING:
        return RunState.CANCELLED, "Nicht begonnen, weil die App nicht mehr aktiv war."
    if counted.released:
        return (
            RunState.PARTIAL,
            "Nach 4 Tagen beendet. Was noch wartet, geht als Änderung hinaus.",
        )
    if counted.rejected or counted.failed or counted.discarded:
        return RunState.PARTIAL, "Nicht alle Fahrzeuge sind angekommen."
    return RunState.DONE, "Alle Fahrzeuge, die zu senden waren, sind angekommen."


beginning = Duty(
    "beginning of a full transfer", lambda: _waiting().with_only_columns(Run.activation_id), begin
)
ending = Duty("end of a full transfer", lambda: _over().with_only_columns(Run.activation_id), end)
