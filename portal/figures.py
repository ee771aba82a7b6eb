"""What workers count while they work, kept in Redis for /metrics. Nothing rests on it.

A process counts for itself and hands in after each job, in one round trip: counters that only grow, the
distribution of waiting times, and how much memory it holds.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

import psutil
from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

COUNTED, WORKERS = "portal:figures", "portal:worker_memory"
RINGS, STATEMENTS, SLICES = "rings", "statements", "slices"
BUCKETS = (0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0, 14400.0)
"""Seconds from the commit of a change to its first request."""
SILENT_AFTER = 300.0
"""Seconds; a worker that handed in nothing for so long is not shown."""


@dataclass
class Tally:
    """Counts of one process since it handed in last; safe to use from several threads."""

    _counts: Counter[str] = field(default_factory=Counter, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, name: str, number: int = 1) -> None:
        with self._lock:
            self._counts[name] += number

    def note_waits(self, seconds: Iterable[float]) -> None:
        """Of changes whose first request goes out now."""
        with self._lock:
            for waited in seconds:
                self._counts[f"waited:{bisect_left(BUCKETS, waited)}"] += 1
                self._counts["waited_ms"] += max(round(waited * 1000), 0)

    def hand_in(self, redis: Redis) -> None:
        """Never raises: what Redis did not take is handed in the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            with redis.pipeline(transaction=False) as pipe:
                for name, number in counts.items():
                    pipe.hincrby(COUNTED, name, number)
                process = f"{socket.gethostname()}:{os.getpid()}"
                pipe.hset(WORKERS, process, f"{psutil.Process().memory_info().rss} {time.time():.0f}")
                pipe.execute()
        except RedisError as error:
            log.info("figures are handed in later: %s", error)
            with self._lock:
                self._counts.update(counts)


@dataclass(frozen=True)
class HandedIn:
    """What all processes have handed in since Redis began to count."""

    counts: Mapping[str, int] = field(default_factory=dict)
    memory: Mapping[str, float] = field(default_factory=dict)
    """Bytes by process."""

    def waits(self) -> tuple[list[tuple[str, float]], float]:
        """Cumulative numbers by the upper bound of each bucket, and the sum of all in seconds."""
        bounds, number = [], 0
        for place, bound in enumerate([*BUCKETS, float("inf")]):
            number += self.counts.get(f"waited:{place}", 0)
            bounds.append(("+Inf" if bound == float("inf") else str(bound), float(number)))
        return bounds, self.counts.get("waited_ms", 0) / 1000


def read_handed_in(redis: Redis) -> HandedIn:
    """Nothing where Redis does not answer; processes that are gone are struck out."""
    try:
        counts = {_text(name): int(number) for name, number in redis.hgetall(COUNTED).items()}
        said = {_text(worker): _text(value).split() for worker, value in redis.hgetall(WORKERS).items()}
        silent = [worker for worker, (_, at) in said.items() if float(at) < time.time() - SILENT_AFTER]
        if silent:
            redis.hdel(WORKERS, *silent)
    except RedisError:
        return HandedIn()
    memory = {worker: float(size) for worker, (size, _) in said.items() if worker not in silent}
    return HandedIn(counts, memory)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
