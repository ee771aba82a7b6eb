"""What workers hand in for /metrics, against a real Valkey."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.blueprints.health import _Read
from portal.figures import RINGS, SILENT_AFTER, WORKERS, HandedIn, Tally, read_handed_in


def samples(handed_in: HandedIn) -> dict[tuple[str, str], float]:
    registry = CollectorRegistry()
    registry.register(_Read([], handed_in))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name, sample.labels.get("le", "")): sample.value
        for family in families
        for sample in family.samples
    }


def test_counts_of_several_workers_add_up(redis: Redis) -> None:
    for rings in (3, 4):
        tally = Tally()
        tally.count(RINGS, rings)
        tally.hand_in(redis)
        tally.hand_in(redis)
    assert samples(read_handed_in(redis))["portal_rings_total", ""] == 3 + 4


def test_waits_are_a_histogram(redis: Redis) -> None:
    tally = Tally()
    tally.note_waits([0.04, 0.05, 0.12, 7, 99_999])
    tally.hand_in(redis)
    found = samples(read_handed_in(redis))
    name = "portal_commit_to_request_seconds"
    assert found[f"{name}_bucket", "0.05"] == 2
    assert found[f"{name}_bucket", "0.15"] == 3
    assert found[f"{name}_bucket", "5.0"] == 3
    assert found[f"{name}_bucket", "15.0"] == 4
    assert found[f"{name}_bucket", "+Inf"] == found[f"{name}_count", ""] == 5
    assert found[f"{name}_sum", ""] == 0.04 + 0.05 + 0.12 + 7 + 99_999


def test_a_worker_says_what_it_holds_and_one_that_is_gone_is_not_shown(redis: Redis) -> None:
    Tally().hand_in(redis)
    redis.hset(WORKERS, "gone:1", f"5 {1_700_000_000 - SILENT_AFTER:.0f}")
    [(worker, held)] = read_handed_in(redis).memory.items()
    assert worker.endswith(f":{os.getpid()}")
    assert held > 1_000_000
    assert redis.hlen(WORKERS) == 1


def test_without_redis_nothing_is_lost_of_what_was_counted(redis: Redis) -> None:
    tally, away = Tally(), Redis(port=1, retry=Retry(NoBackoff(), 0))
    tally.count(RINGS)
    tally.hand_in(away)
    assert read_handed_in(away) == HandedIn()
    tally.hand_in(redis)
    assert read_handed_in(redis).counts == {RINGS: 1}
