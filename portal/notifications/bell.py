"""The doorbell of mails and notifications: after a commit a job says "look". It carries no data.

A ring that is lost costs seconds: the scheduler looks by itself at every tick.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

QUEUE = "notices"
JOB = "portal.exports.jobs.run_notices"
JOB_TIMEOUT = 600
NOTED = "notices_to_ring"

Ring = Callable[[], None]


def rq_ring(redis: Redis) -> Ring:
    """Never raises."""
    queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)

    def ring() -> None:
        try:
            queue.enqueue(JOB, job_timeout=JOB_TIMEOUT, result_ttl=0, failure_ttl=3600)
        except RedisError as error:
            log.warning("the bell for mails is out of order, the tick will look: %s", error)

    return ring


def ring_after_commit(session: Session) -> None:
    session.info[NOTED] = True


def install(session_class: type[Session] | object, ring: Ring) -> None:
    """Ring after every commit of sessions made by this factory that noted something; forget on rollback."""

    @event.listens_for(session_class, "after_commit")
    def _ring(session: Session) -> None:
        if session.info.pop(NOTED, False):
            ring()

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop(NOTED, None)
