"""RQ as a doorbell that is rung once: at most one job stands in line for each thing to look at.

A ring says "look into the database", it carries no data. Which things stand in line is noted in a hash
beside the queue, and struck out when the job begins: a change during the job rings once more, a hundred
changes before it do not. Nothing rests on the note: a ring that was lost with its note still there is
found by `forget_lost`, which every tick asks before it rings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from portal.outages import REDIS

log = logging.getLogger(__name__)
FAILED_FOR = 3600
"""Seconds that a failed job can still be looked at."""


@dataclass(frozen=True)
class RingQueue:
    redis: Redis
    name: str
    job: str
    """Dotted name of the function that looks."""
    timeout: int
    """Seconds; a job that lives longer is ended, and the next ring goes on."""

    @property
    def noted(self) -> str:
        return f"portal:rung:{self.name}"

    def ring(self, keys: Iterable[str], *, with_key: bool = True) -> bool:
        """Put those in line that do not stand there. Never raises; False when Redis does not answer."""
        try:
            for key in keys:
                self._ring(key, with_key)
        except RedisError as error:
            log.warning("the doorbell %s is out of order, the tick will look: %s", self.name, error)
            return False
        REDIS.over()
        return True

    def _ring(self, key: str, with_key: bool) -> None:
        job_id = str(uuid4())
        if not self.redis.hsetnx(self.noted, key, job_id):
            return
        try:
            self._queue().enqueue(
                self.job,
                *([key] if with_key else []),
                job_id=job_id,
                job_timeout=self.timeout,
                result_ttl=0,
                failure_ttl=FAILED_FOR,
            )
        except RedisError:
            self.answer(key)
            raise

    def answer(self, key: str) -> None:
        """The job begins: whoever rings from now on is served by the next one. Never raises."""
        try:
            self.redis.hdel(self.noted, key)
        except RedisError as error:
            log.warning("could not note that %s of %s is served: %s", key, self.name, error)

    def is_waited_in(self) -> bool:
        """Somebody stands in line; True also where Redis does not answer. Never raises."""
        try:
            return self._queue().count > 0
        except RedisError:
            return True

    def forget_lost(self) -> int:
        """Strike out what is noted but stands in no line: its job died before it began, or Redis forgot the
        line. Returns how many. Never raises.

        A ring between its note and its job is struck out too; then a second job stands in line for once.
        """
        try:
            noted = {_text(key): _text(job) for key, job in self.redis.hgetall(self.noted).items()}
            standing = set(self._queue().get_job_ids()) if noted else set()
            lost = [key for key, job_id in noted.items() if job_id not in standing]
            if lost:
                self.redis.hdel(self.noted, *lost)
        except RedisError:
            return 0
        return len(lost)

    def _queue(self) -> Queue:
        return Queue(self.name, connection=self.redis, serializer=JSONSerializer)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
