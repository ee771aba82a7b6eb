"""What a worker does of a reconciliation, before anything is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Select, func, select

from portal.exports.context import Outdated
from portal.exports.duties import Duty
from portal.exports.lease import Lease
from portal.exports.reconciliation.assignment import Assignment, take_up
from portal.exports.reconciliation.latecomers import match_latecomers
from portal.exports.reconciliation.reading import read_and_match
from portal.exports.reconciliation.removing import delete_and_conclude
from portal.exports.runtime import Runtime
from portal.models.exports import Activation, ActivationState, RunKind, RunState
from portal.models.runs import Run
from portal.platforms.contract import ReferenceUnavailable, Retry

log = logging.getLogger(__name__)

STEPS: dict[str, Callable[[Assignment], None]] = {
    RunState.WAITING: read_and_match,
    RunState.HELD: match_latecomers,
    RunState.RUNNING: delete_and_conclude,
}
"""HELD: the dealer is asked; what is released meanwhile is matched too."""


def reconcile(runtime: Runtime, lease: Lease) -> None:
    """One step of the reconciliation that is open, if there is one."""
    while assignment := take_up(runtime, lease):
        try:
            _step(assignment)
            return
        except Outdated:
            log.info("%s changed during its reconciliation", lease.activation_id)


def _step(assignment: Assignment) -> None:
    try:
        STEPS[assignment.run.state](assignment)
    except ReferenceUnavailable as error:
        assignment.note_failure(Retry(str(error)))


def with_something_due() -> Select[UUID]:
    """Where the platform is to be asked. What waits for people is not due."""
    run = select(Run.id).where(
        Run.activation_id == Activation.id,
        Run.kind == RunKind.RECONCILIATION,
        Run.state.in_((RunState.WAITING, RunState.RUNNING)),
        func.coalesce(Run.not_before, func.now()) <= func.now(),
    )
    return select(Activation.id).where(Activation.state == ActivationState.RECONCILING, run.exists())


reconciling = Duty("reconciliation", with_something_due, reconcile)
