"""What RQ and the scheduler call for what comes in. As everywhere the database is the queue."""

from __future__ import annotations

from uuid import UUID

from portal import outbox
from portal.exports.core.runtime import Runtime, runtime_from_environment
from portal.exports.stock_files.target import egress_policy
from portal.ring_queue import RingQueue
from portal.sources.pickups import Collector, due_sources, serve
from portal.vehicles.incoming_pictures import pictures_wait, take_incoming

PICTURES = "portal.exports.intake_jobs.take_pictures"
SOURCES = "portal.exports.intake_jobs.take_from_source"
EVERYTHING = "pictures"
"""One look is for all that wait."""
JOB_TIMEOUT, SOURCE_TIMEOUT = 300, 1500
"""Seconds; a large file from a slow server takes a quarter of an hour, and has to be read then."""


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


def take_from_source(source_id: str) -> None:
    """The job behind a ring for a source: one turn at it."""
    runtime = runtime_from_environment()
    _source_rings(runtime).answer(source_id)
    serve(collector(runtime), UUID(source_id))


def ring_for_sources(runtime: Runtime) -> int:
    """Every second: for those whose time has come; returns how many. Without Redis they wait for it."""
    with runtime.sessions() as session:
        due = [str(key) for key in session.scalars(due_sources())]
    if due:
        _source_rings(runtime).ring(due)
    return len(due)


def collector(runtime: Runtime) -> Collector:
    settings = runtime.settings
    most_bytes = settings.max_upload_mb * 1024 * 1024
    return Collector(runtime.sessions, runtime.vault, egress_policy(settings), most_bytes)


def _source_rings(runtime: Runtime) -> RingQueue:
    return RingQueue(runtime.redis, str(outbox.Line.BULK), SOURCES, SOURCE_TIMEOUT)


def _rings(runtime: Runtime) -> RingQueue:
    """In the line of what machines do: what people wait for goes before."""
    return RingQueue(runtime.redis, str(outbox.Line.BULK), PICTURES, JOB_TIMEOUT)
