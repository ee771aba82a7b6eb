"""A doorbell that is rung once: against a real Valkey."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from portal.ring_queue import RingQueue

JOB = "portal.exports.jobs.drain_activation"


@pytest.fixture
def rings(redis: Redis) -> RingQueue:
    return RingQueue(redis, "test", JOB, 60)


def line(rings: RingQueue) -> list[str]:
    queue = Queue("test", connection=rings.redis, serializer=JSONSerializer)
    return [job.args[0] for job in queue.get_jobs()]


def begin_next(rings: RingQueue) -> str | None:
    """What a worker does: take the first of the line, and say that it begins."""
    queue = Queue("test", connection=rings.redis, serializer=JSONSerializer)
    jobs = queue.get_jobs()
    if not jobs:
        return None
    key = str(jobs[0].args[0])
    queue.remove(jobs[0])
    rings.answer(key)
    return key


def test_a_hundred_rings_are_one_job(rings: RingQueue) -> None:
    for _ in range(100):
        rings.ring(["a", "b"])
    assert line(rings) == ["a", "b"]


def test_a_ring_while_the_job_runs_leads_to_exactly_one_more(rings: RingQueue) -> None:
    rings.ring(["a"])
    assert begin_next(rings) == "a"
    rings.ring(["a"])
    rings.ring(["a"])
    assert line(rings) == ["a"]


def test_a_job_that_died_before_it_began_is_rung_for_again(rings: RingQueue, redis: Redis) -> None:
    rings.ring(["a", "b"])
    Queue("test", connection=redis, serializer=JSONSerializer).empty()
    rings.ring(["a"])
    assert line(rings) == []
    assert rings.forget_lost() == 2
    rings.ring(["a"])
    assert line(rings) == ["a"]


def test_what_stands_in_line_is_not_forgotten(rings: RingQueue) -> None:
    rings.ring(["a"])
    assert rings.forget_lost() == 0
    rings.ring(["a"])
    assert line(rings) == ["a"]


def test_without_redis_a_ring_is_lost_and_nothing_raised() -> None:
    rings = RingQueue(Redis.from_url("redis://127.0.0.1:1/0"), "test", JOB, 60)
    assert not rings.ring(["a"])
    rings.answer("a")
    assert rings.forget_lost() == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["ring a", "ring b", "ring c", "begin", "flush", "look"]), max_size=30))
def test_the_line_is_never_longer_than_there_are_things_and_no_ring_is_lost(
    rings: RingQueue, redis: Redis, steps: list[str]
) -> None:
    """Whatever the order of changes, workers, crashes of Redis and ticks."""
    redis.flushdb()
    unserved: set[str] = set()
    for step in steps:
        if step.startswith("ring"):
            rings.ring([step[-1]])
            unserved.add(step[-1])
        elif step == "begin":
            unserved.discard(begin_next(rings) or "")
        elif step == "flush":
            redis.flushdb()
        else:  # a tick rings for whatever is due
            rings.forget_lost()
            rings.ring(sorted(unserved))
            assert unserved <= set(line(rings))
        assert max(Counter(line(rings)).values(), default=0) <= 1
