"""What RQ and the scheduler call for previews of large stocks. As everywhere the database is the queue."""

from __future__ import annotations

import time
from uuid import UUID

from portal import outbox
from portal.exports import previews
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.ring_queue import RingQueue

PREVIEWS = "portal.exports.preview_jobs.take_preview"
JOB_TIMEOUT = 300
"""Seconds."""


def take_preview(preview_id: str) -> None:
    """The job behind a ring for a preview: a slice, and the rest at the end of the line."""
    runtime = runtime_from_environment()
    _rings(runtime).answer(preview_id)
    if previews.serve(runtime, UUID(preview_id)):
        _rings(runtime).ring([preview_id])


def ring_for_previews(runtime: Runtime) -> int:
    """Every second: for those that nobody is at; returns how many."""
    with runtime.sessions() as session:
        due = [str(key) for key in session.scalars(previews.due_previews())]
    if due:
        _rings(runtime).ring(due)
    return len(due)


def take_here(runtime: Runtime, budget: float = 5.0) -> None:
    """Without Redis: in this process, for so many seconds."""
    ends = time.monotonic() + budget
    with runtime.sessions() as session:
        due = session.scalars(previews.due_previews()).all()
    for preview_id in due:
        while time.monotonic() < ends and previews.serve(runtime, preview_id):
            pass


def _rings(runtime: Runtime) -> RingQueue:
    """In the line of what people have changed: somebody waits for it."""
    return RingQueue(runtime.redis, str(outbox.Line.PEOPLE), PREVIEWS, JOB_TIMEOUT)
