"""The doorbell of mails and notifications: after a commit a job says "look". It carries no data.

A ring that is lost costs seconds: the scheduler looks by itself at every tick.
"""

from __future__ import annotations

from collections.abc import Callable

from redis import Redis
from sqlalchemy.orm import Session

from portal.commits import after_commit
from portal.ring_queue import RingQueue

QUEUE = "notices"
JOB = "portal.exports.jobs.run_notices"
JOB_TIMEOUT = 600
NOTED = "notices_to_ring"
EVERYTHING = "all"
"""One look is for all mails and notifications."""

Ring = Callable[[], None]


def notice_rings(redis: Redis) -> RingQueue:
    return RingQueue(redis, QUEUE, JOB, JOB_TIMEOUT)


def rq_ring(redis: Redis) -> Ring:
    """Never raises."""
    rings = notice_rings(redis)

    def ring() -> None:
        rings.ring([EVERYTHING], with_key=False)

    return ring


def ring_after_commit(session: Session) -> None:
    session.info[NOTED] = True


def install(session_class: type[Session] | object, ring: Ring) -> None:
    """Ring after every commit of sessions made by this factory that noted something."""
    after_commit(session_class, NOTED, lambda _noted: ring())
