"""A storm of changes against a real Valkey: the lines never hold more than one job for each activation."""

from __future__ import annotations

import random
from uuid import UUID, uuid5

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from portal import outbox
from portal.outbox import Line

ACTIVATIONS = [uuid5(UUID(int=0), str(number)) for number in range(1_000)]
EVENTS = 6_000
TICK_EVERY = 500
AT_ONCE = 40
"""Activations that the tick, or a change of everything, rings for together."""


def lengths(redis: Redis) -> dict[Line, int]:
    return {line: Queue(line, connection=redis, serializer=JSONSerializer).count for line in Line}


def begin_next(redis: Redis, line: Line) -> None:
    """What a worker does first: take the job, and strike the activation out of both lines."""
    queue = Queue(line, connection=redis, serializer=JSONSerializer)
    if queue.is_empty():
        return
    job = queue.fetch_job(queue.pop_job_id() or "")
    assert job is not None
    for one in Line:
        outbox.activation_rings(redis, one).answer(str(job.args[0]))


def test_the_queue_is_never_longer_than_there_are_activations(redis: Redis) -> None:
    ring, choose = outbox.rq_ring(redis), random.Random(20261128)  # noqa: S311  # a seed, no secret
    longest = dict.fromkeys(Line, 0)
    for event in range(EVENTS // AT_ONCE):
        line = choose.choice(tuple(Line))
        ring(choose.sample(ACTIVATIONS, AT_ONCE), line)
        if choose.random() < 0.5:
            begin_next(redis, choose.choice(tuple(Line)))
        if event % (TICK_EVERY // AT_ONCE) == 0:
            ring(ACTIVATIONS[: AT_ONCE * 5], line)
        longest = {line: max(longest[line], length) for line, length in lengths(redis).items()}
    assert all(AT_ONCE < length <= len(ACTIVATIONS) for length in longest.values())


def test_a_ring_for_what_stands_in_line_adds_nothing(redis: Redis) -> None:
    ring = outbox.rq_ring(redis)
    for _ in range(3):
        ring(ACTIVATIONS[:100])
    assert lengths(redis) == {Line.PEOPLE: 100, Line.BULK: 0}
