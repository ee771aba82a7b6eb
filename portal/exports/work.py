"""What the doorbell calls: all tasks of an activation, under its lease."""

from __future__ import annotations

from uuid import UUID

from portal.exports import drain, rechecking, waiting
from portal.exports.context import sendable_context
from portal.exports.drift import task as drift_task
from portal.exports.duties import serve
from portal.exports.full_transfer import task as full_transfer_task
from portal.exports.reconciliation.task import reconciliation_task
from portal.exports.runtime import Runtime
from portal.exports.stock_files import task as files

TASKS = (
    rechecking.recheck,
    rechecking.probe,
    rechecking.recheck_delivery,
    files.whole_stock_task,
    reconciliation_task,
    full_transfer_task.begin_task,
    drain.sending,
    full_transfer_task.end_task,
    drift_task.drift_check_task,
)
"""In this order."""


def work(runtime: Runtime, activation_id: UUID) -> None:
    """Do what is due for this activation. Returns at once if another worker is at it."""
    if serve(runtime, activation_id, TASKS):
        _ring_for_latecomers(runtime, activation_id)


def _ring_for_latecomers(runtime: Runtime, activation_id: UUID) -> None:
    """A change that came between our last look and giving the lease back was rung in vain."""
    with runtime.sessions() as session:
        if sendable_context(session, activation_id) and waiting.due(session, activation_id, held=False):
            runtime.ring([activation_id])
