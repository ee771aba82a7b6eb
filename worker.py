"""RQ workers and the ticking scheduler. As many of these as you like, on as many machines as you like."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
import time
from collections.abc import Callable
from functools import partial

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from portal import logs, outbox
from portal.exports import jobs
from portal.exports.core.runtime import runtime_from_environment
from portal.launching.children import keep_running
from portal.notifications import bell

TICK, HOUSEKEEPING, PAUSE = 15.0, 300.0, 3.0
log = logging.getLogger("worker")


def work(redis_url: str) -> None:
    """Serve the queue until SIGTERM, which lets the current job finish.

    RQ itself waits for a Redis that goes away; where it gives up, another process takes over.
    """
    try:
        redis = Redis.from_url(redis_url, socket_connect_timeout=5)
        names = (bell.QUEUE, outbox.QUEUE)  # what people wait for first
        queues = [Queue(name, connection=redis, serializer=JSONSerializer) for name in names]
        worker = Worker(queues, connection=redis, serializer=JSONSerializer)
        worker.max_connection_wait_time = 15.0
        worker.work(logging_level="WARNING")
    except RedisError as error:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        log.warning("Redis does not answer: %s", error)
        time.sleep(PAUSE)


def schedule() -> None:
    """Tick until SIGTERM. A tick that fails is logged; the next one does its work."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    next_housekeeping = time.monotonic() + TICK
    while not stopping.wait(TICK):
        _attempt(jobs.run_tick)
        _attempt(jobs.look_for_notices)
        if time.monotonic() >= next_housekeeping:
            _attempt(jobs.run_housekeeping)
            next_housekeeping = time.monotonic() + HOUSEKEEPING


def _attempt(duty: Callable[[], object]) -> None:
    try:
        duty()
    except Exception:
        log.exception("%s failed, it runs again soon", getattr(duty, "__name__", duty))


def main() -> None:
    settings = runtime_from_environment().settings  # before forking: children and jobs inherit it
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--workers", type=int, default=settings.workers, help="number of RQ workers")
    options.add_argument("--no-scheduler", action="store_true", help="another machine ticks")
    chosen = options.parse_args()
    logs.configure(settings)
    schedulers = 0 if chosen.no_scheduler else 1
    keep_running([partial(work, settings.redis_url)] * chosen.workers + [schedule] * schedulers)


if __name__ == "__main__":
    main()
