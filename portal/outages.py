"""When a server that the portal needs does not answer: told from other errors, and said once.

Each process says when an outage begins and when it is over; what fails in between because of it is not
repeated in the log.
"""

from __future__ import annotations

import logging
import sys
import time
from threading import Lock

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import Pool

log = logging.getLogger(__name__)

# https://www.postgresql.org/docs/current/errcodes-appendix.html
CONNECTION_TROUBLE = ("08", "57P", "53300")
"""Connection exceptions, shutdown, crash, still starting, too many connections."""


def is_database_away(error: BaseException | None) -> bool:
    """Whether the same statement would go through a moment later: nothing is wrong with itself."""
    if isinstance(error, PoolExhausted):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state: str | None = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated:
        return True
    if state is None:  # there was no server to give one
        return isinstance(error, OperationalError)
    return state.startswith(CONNECTION_TROUBLE)


def is_redis_away(error: BaseException | None) -> bool:
    return isinstance(error, RedisConnectionError | RedisTimeout)


class Outage:
    """Of one server, as this process sees it."""

    def __init__(self, server: str) -> None:
        self.server = server
        self._since: float | None = None
        self._lock = Lock()

    def began(self, error: BaseException) -> None:
        """Also called as long as it lasts."""
        with self._lock:
            if self._since is not None:
                return
            self._since = time.monotonic()
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        said = reason[0] if reason else type(error).__name__
        log.error("%s does not answer: %s", self.server, said, extra={"outage": self.server})

    def over(self) -> None:
        """Also called while all is well."""
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            seconds = round(time.monotonic() - since, 1)
            told = {"outage": self.server, "seconds": seconds}
            log.warning("%s answers again after %s s", self.server, seconds, extra=told)


DATABASE, REDIS = Outage("PostgreSQL"), Outage("Redis")


@event.listens_for(Pool, "connect")
def _database_answers(_connection: object, _record: object) -> None:
    """After an outage no old connection is left, so the first one that is made tells."""
    DATABASE.over()


class SayOnce(logging.Filter):
    """Of a log: lines about what failed because a server is away become the one line that says so."""

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "outage"):
            return True
        # What it reports: named in the line, attached to it, or being handled where it is written. RQ writes
        # the traceback of a job as text.
        named = record.args if isinstance(record.args, tuple) else ()
        attached = record.exc_info[1] if record.exc_info else None
        for error in (*named, attached, sys.exc_info()[1]):
            if not isinstance(error, BaseException):
                continue
            if is_database_away(error):
                DATABASE.began(error)
                return False
            if is_redis_away(error):
                REDIS.began(error)
                return False
        return True


PAUSE = 1.0
"""Seconds."""


def wait_for_redis(redis: Redis) -> None:
    """Until it answers; says so once, and when it does."""
    while True:
        try:
            redis.ping()
        except RedisError as error:
            if not is_redis_away(error):
                raise
            REDIS.began(error)
            time.sleep(PAUSE)
        else:
            return REDIS.over()
