"""What the doorbell calls: all duties of an activation, under its lease."""

from __future__ import annotations

from uuid import UUID

from portal.exports import checking, drain, full_run, rechecking, waiting
from portal.exports.context import sendable_context
from portal.exports.duties import serve
from portal.exports.files import duty as files
from portal.exports.reconciliation.duty import reconciling
from portal.exports.runtime import Runtime

DUTIES = (
    rechecking.recheck,
    rechecking.probe,
    rechecking.recheck_delivery,
    files.whole_stock,
    reconciling,
    full_run.beginning,
    drain.sending,
    full_run.ending,
    checking.checking,
)
"""In this order."""


def work(runtime: Runtime, activation_id: UUID) -> None:
    """Do what is due for this activation. Returns at once if another worker is at it."""
    if serve(runtime, activation_id, DUTIES):
        _ring_for_latecomers(runtime, activation_id)


def _ring_for_latecomers(runtime: Runtime, activation_id: UUID) -> None:
    """A change that came between our last look and giving the lease back was rung in vain."""
    with runtime.sessions() as session:
        if sendable_context(session, activation_id) and waiting.due(session, activation_id, held=False):
            runtime.ring([activation_id])
