"""RQ as a doorbell: a ring says "look into the database", it carries no data.

A ring that is lost costs time, never a change: the tick rings again for whatever waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

QUEUE = "transfers"
JOB = "portal.exports.jobs.drain_activation"
JOB_TIMEOUT = 3600
"""Seconds; a job that lives longer is killed, its lease expires and the next ring goes on."""

Ring = Callable[[Iterable[UUID]], None]


def rq_ring(redis: Redis) -> Ring:
    """A ring that enqueues one `drain` job for each activation. Never raises."""
    queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)

    def ring(activation_ids: Iterable[UUID]) -> None:
        for activation_id in activation_ids:
            try:
                queue.enqueue(
                    JOB, str(activation_id), job_timeout=JOB_TIMEOUT, result_ttl=0, failure_ttl=3600
                )
            except RedisError as error:
                log.warning("doorbell out of order, the tick will ring: %s", error)
                return

    return ring


def ring_after_commit(session: Session, activation_ids: Iterable[UUID]) -> None:
    """Remember activations to ring once the surrounding transaction is committed."""
    session.info.setdefault("to_ring", set()).update(activation_ids)


def install(session_class: type[Session] | object, ring: Ring) -> None:
    """Ring after every commit of sessions made by this factory; forget on rollback."""

    @event.listens_for(session_class, "after_commit")
    def _ring(session: Session) -> None:
        waiting = session.info.pop("to_ring", set())
        if waiting:
            ring(waiting)

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop("to_ring", None)
