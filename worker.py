"""RQ workers and the ticking scheduler. As many of these as you like, on as many machines as you like."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from rq.utils import as_text

from portal import garbage, logs, outbox
from portal.exports import jobs
from portal.exports.core.runtime import runtime_from_environment
from portal.launching.children import keep_running
from portal.notifications import bell
from portal.outages import wait_for_redis

HOUSEKEEPING, PAUSE = 300.0, 3.0
PULSE = 1.0
"""Seconds; how late a moment is noticed."""
TICK_WITHOUT_REDIS = 2.0
"""Seconds; then a tick is all that an activation waits for."""
MOST_JOBS = 2_000
"""Then a new process takes over."""
MOST_MEMORY = 600 * 2**20
"""Bytes resident after a job; a process that has grown beyond is replaced."""
LONGEST_JOB, GRACE = 3600, 60
"""Seconds. RQ interrupts a job at its time-out; one that goes on all the same ends with its process."""
log = logging.getLogger("worker")


PASS = 1.0
"""Seconds that a worker serves rings in a row before it goes through all that RQ does between two jobs."""
SHORTEST_WAIT = 0.01
"""Seconds; Redis takes none for ever."""
PEOPLE_IN_A_ROW = 4
"""Jobs; then a line that waits behind the people's has its turn."""


class PortalJob(Job):
    """A job that leads to nothing but its function, which is one of the portal's.

    RQ imports names that stand in Redis in other places than the work itself: its housekeeping calls the
    callback of a job whose worker died, and posts to the addresses that such a job names.
    """

    @property
    def func(self) -> Any:
        if not is_ours(self):
            raise PermissionError("not one of the portal's jobs")
        return super().func

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def send_webhooks(self, *_args: object, **_more: object) -> None:
        return None


class PortalWorker(SimpleWorker):
    """A warm worker: no fork for each job, so connections and reference lists outlive it.

    It calls the portal's own jobs and nothing else, whatever stands in Redis: the names of functions and
    callbacks that RQ would import come from whoever can write there. A process that has grown or served long
    is replaced; a job that neither ends nor lets itself be interrupted ends with its process.
    """

    served_people = 0
    """Jobs in a row that went before the last line."""

    def reorder_queues(self, reference_queue: Queue) -> None:
        """After a job of this queue: in the order of the queues, but the last one does not starve behind a
        line that never ends."""
        last = self.queues[-1]
        self.served_people = 0 if reference_queue.name == last.name else self.served_people + 1
        rest = list(self.queues[:-1])
        self._ordered_queues = [last, *rest] if self.served_people >= PEOPLE_IN_A_ROW else [*rest, last]

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        if not is_ours(job):
            log.error("refused job %s, which is not the portal's", job.id)
            job.delete()
            return False
        began = time.monotonic()
        try:
            with _ended_where_it_hangs(job):
                done = bool(super().perform_job(job, queue, execution))
            while done and not self._stop_requested and (left := began + PASS - time.monotonic()) > 0:
                if not self.serve_next_ring(left):
                    break
            return done
        finally:
            if psutil.Process().memory_info().rss > MOST_MEMORY:
                signal.raise_signal(signal.SIGTERM)  # as everybody asks it to end after the current job

    def serve_next_ring(self, patience: float) -> bool:
        """Whether a ring stood first in line, or came within so many seconds, and was served here: RQ asks
        Redis two dozen things about a job that nothing rests on. One that fails is told in the log; for
        whatever it left, and for one that is lost on its way, the tick rings."""
        try:
            job = self._take_ring(patience)
        except RedisError:
            return False  # RQ waits for it
        if job is None:
            return False
        try:
            with _ended_where_it_hangs(job), self._interrupted_in_time(job):
                job.perform()
        except Exception:
            log.exception("ring %s failed", job.id)
        return True

    def _take_ring(self, patience: float) -> Job | None:
        """What this worker is to do next, out of its line, if that is a ring for an activation; all else goes
        back to where it stood, for RQ."""
        lines = {line.key: line for line in self._ordered_queues}
        found = self.connection.blpop([*lines], max(patience, SHORTEST_WAIT))
        if found is None:
            return None
        key, job_id = map(as_text, found)
        job = lines[key].fetch_job(job_id)
        if job is None or not is_ours(job) or job.func_name != outbox.JOB:
            self.connection.lpush(key, job_id)
            return None
        self.reorder_queues(lines[key])
        self.connection.delete(job.key)
        return job

    def _interrupted_in_time(self, job: Job) -> AbstractContextManager[Any]:
        return self.death_penalty_class(job.timeout or LONGEST_JOB, JobTimeoutException, job_id=job.id)


def is_ours(job: Job) -> bool:
    """Judged by what was stored, before anything of it is imported or called."""
    try:
        name = job.func_name
    except (DeserializationError, TypeError, ValueError):
        return False
    callbacks = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name)
    return name in jobs.JOBS and not any(callbacks) and not job.webhooks and not job.instance


@contextmanager
def _ended_where_it_hangs(job: Job) -> Iterator[None]:
    hung = threading.Timer((job.timeout or LONGEST_JOB) + GRACE, _end_process)
    hung.daemon = True
    hung.start()
    try:
        yield
    finally:
        hung.cancel()


def _end_process() -> None:
    log.critical("a job hangs and cannot be interrupted; its process ends, another one goes on")
    os._exit(1)


def portal_worker(redis: Redis) -> PortalWorker:
    """Serves all lines: what people wait for first."""
    options: dict[str, Any] = {"connection": redis, "serializer": JSONSerializer, "job_class": PortalJob}
    names = (bell.QUEUE, outbox.Line.PEOPLE, outbox.Line.BULK)
    return PortalWorker([Queue(name, **options) for name in names], **options)


def work(redis_url: str) -> None:
    """Serve the queue until SIGTERM, which lets the current job finish, or until a new process is due.

    RQ itself waits for a Redis that goes away; where it gives up, another process takes over.
    """
    garbage.collect_rarely()
    try:
        # A forked worker inherits the pool of its parent; two processes must not share a connection.
        runtime_from_environment().engine.dispose(close=False)
        redis = Redis.from_url(redis_url, socket_connect_timeout=5)
        wait_for_redis(redis)
        worker = portal_worker(redis)
        worker.max_connection_wait_time = 15.0
        worker.work(logging_level="WARNING", max_jobs=MOST_JOBS)
    except RedisError as error:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        log.warning("Redis does not answer: %s", error)
        time.sleep(PAUSE)


def schedule(seconds: float) -> None:
    """Tick every so many seconds until SIGTERM. A tick that fails is logged; the next one does its work."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    next_tick = next_housekeeping = time.monotonic() + seconds
    with_redis = True
    keeping: threading.Thread | None = None
    while not stopping.wait(PULSE):
        if with_redis:
            _attempt(jobs.run_pulse)
        _attempt(jobs.look_for_webhooks)
        if time.monotonic() < next_tick:
            continue
        with_redis = _look(with_redis)
        next_tick = time.monotonic() + (seconds if with_redis else TICK_WITHOUT_REDIS)
        _attempt(jobs.look_for_notices)
        if time.monotonic() >= next_housekeeping:
            keeping = _keep_house(keeping)
            next_housekeeping = time.monotonic() + HOUSEKEEPING


def _keep_house(before: threading.Thread | None) -> threading.Thread:
    """Apart from the ticks, which the housekeeping of many dealers would hold up; one at a time."""
    if before is not None and before.is_alive():
        return before
    keeping = threading.Thread(target=_attempt, args=(jobs.run_housekeeping,), daemon=True)
    keeping.start()
    return keeping


def _look(had_redis: bool) -> bool:
    """A tick; whether the next one can leave the work to the workers."""
    has_redis = _attempt(jobs.run_tick) is not False
    if had_redis and not has_redis:
        log.error("Redis does not answer: no worker is rung, the scheduler sends by itself, slower")
    if has_redis and not had_redis:
        log.warning("Redis answers again: the workers send, the scheduler only rings")
    return has_redis


def _attempt(task: Callable[[], object]) -> object:
    try:
        return task()
    except Exception:
        log.exception("%s failed, it runs again soon", getattr(task, "__name__", task))
        return None


def main() -> None:
    settings = runtime_from_environment().settings  # before forking: children and jobs inherit it
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--workers", type=int, default=settings.workers, help="number of RQ workers")
    options.add_argument("--no-scheduler", action="store_true", help="another machine ticks")
    chosen = options.parse_args()
    logs.configure(settings)
    programs: list[Callable[[], None]] = [partial(work, settings.redis_url)] * chosen.workers
    if not chosen.no_scheduler:
        programs.append(partial(schedule, settings.tick_seconds))
    keep_running(programs)


if __name__ == "__main__":
    main()
