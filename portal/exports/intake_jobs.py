"""What RQ and the scheduler call for what comes in. As everywhere the database is the queue."""

from __future__ import annotations

from portal import outbox
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.ring_queue import RingQueue
from portal.vehicles.incoming_pictures import pictures_wait, take_incoming

PICTURES = "portal.exports.intake_jobs.take_pictures"
EVERYTHING = "pictures"
"""One look is for all that wait."""
JOB_TIMEOUT = 300
"""Seconds."""


def take_pictures() -> None:
    """The job behind a ring for pictures: a slice, and the rest at the end of the line."""
    runtime = runtime_from_environment()
    _rings(runtime).answer(EVERYTHING)
    if take_incoming(runtime.sessions):
        _rings(runtime).ring([EVERYTHING], with_key=False)


def ring_for_pictures(runtime: Runtime) -> bool:
    """Every second: one query says whether any wait that nobody is at. Whether it rang."""
    with runtime.sessions() as session:
        if not pictures_wait(session):
            return False
    return _rings(runtime).ring([EVERYTHING], with_key=False)


def take_here(runtime: Runtime) -> None:
    """Without Redis: a slice in this process."""
    take_incoming(runtime.sessions)


def _rings(runtime: Runtime) -> RingQueue:
    """In the line of what machines do: what people wait for goes before."""
    return RingQueue(runtime.redis, str(outbox.Line.BULK), PICTURES, JOB_TIMEOUT)
