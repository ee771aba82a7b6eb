"""The run itself: changes, kills, restarts and faults at random moments, then the time until it is healed.

The seed decides what is changed, killed, restarted and played, and when. Which single request a fault
strikes is up to the processes.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.exports.drain import UNFINISHED
from portal.models import Activation, Transfer
from portal.models.exports import TransferState
from tests.chaos.ground import LATENCY, Ground, Group, until
from tests.chaos.yard import Car, Yard

WRITES = ("create", "update", "delete")
HALF_LIST = "half-list"
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("rate-limit", {"retryAfter": 1}),
    ("rate-limit", {"retryAfter": 2, "retryAfterAs": "date"}),
    ("error", {"status": 500}),
    ("error", {"status": 503}),
    ("error-after-commit", {"status": 500}),
    ("error-after-commit", {"status": 503}),
    ("reset", {}),
    ("reset-after-commit", {}),
    ("slow", {"delayMs": 2300}),
    ("garbage", {"body": "html"}),
    (HALF_LIST, {}),
)
"""Effect and facts. Slow is slower than the workers' patience: a time-out, carried out all the same."""
CLOCKS = (0, 0, 0, -3600)
"""One group in four comes back with its clock an hour back."""
GUST = 1.5
"""Seconds from one fault to the next, on average."""
AIMED, LONGEST_AIM = 0.8, 3.0
HEALED_BY = 300.0


@dataclass(frozen=True)
class Plan:
    seed: int
    vehicles: int
    changes: int
    kills: int
    valkey_restarts: int
    postgres_restarts: int
    seconds: float
    """Over which all of it is spread."""


@dataclass
class Weather:
    """What was done to the portal, and how long it took to get over it."""

    plan: Plan
    kills: int = 0
    clocks: int = 0
    valkey_restarts: int = 0
    postgres_restarts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    healed_after: float = 0.0


def blow(ground: Ground, yard: Yard, groups: list[Group], plan: Plan) -> Weather:
    """Changes in this thread, everything else in others; returns when all is quiet again."""
    weather, choose = Weather(plan), seeded(plan.seed)
    for group in groups:
        group.start()
    threads = [
        _spread(plan.seconds, plan.kills, choose, lambda r: _kill(ground, groups, weather, r)),
        _spread(plan.seconds, plan.valkey_restarts, choose, lambda _: _restart_valkey(ground, weather)),
        _spread(plan.seconds, plan.postgres_restarts, choose, lambda _: _restart_postgres(ground, weather)),
        _spread(plan.seconds, round(plan.seconds / GUST), choose, lambda r: _play(ground, yard, weather, r)),
    ]
    _make_changes(yard, plan, choose)
    for thread in threads:
        thread.join()
        thread.check()
    weather.healed_after = heal(ground)
    return weather


def seeded(seed: float) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable, not secret


class _Thread(threading.Thread):
    """One that hands on what went wrong in it."""

    error: BaseException | None = None

    def run(self) -> None:
        try:
            super().run()
        except BaseException as error:
            self.error = error

    def check(self) -> None:
        if self.error is not None:
            raise self.error


def _spread(
    seconds: float, times: int, choose: random.Random, act: Callable[[random.Random], None]
) -> _Thread:
    """Act so many times at random moments within so many seconds; late moments are made up for at once."""
    own = seeded(choose.random())
    moments = sorted(own.uniform(0, seconds) for _ in range(times))
    started = time.monotonic()

    def play() -> None:
        for moment in moments:
            time.sleep(max(0.0, started + moment - time.monotonic()))
            act(own)

    thread = _Thread(target=play, daemon=True)
    thread.start()
    return thread


def _make_changes(yard: Yard, plan: Plan, choose: random.Random) -> None:
    """Whole bursts for one vehicle among them: quick changes that fold."""
    started, last = time.monotonic(), choose.choice(yard.cars)
    for number in range(plan.changes):
        time.sleep(max(0.0, started + plan.seconds * number / plan.changes - time.monotonic()))
        last = last if choose.random() < 0.2 else choose.choice(yard.cars)
        yard.change(last, choose)


def _kill(ground: Ground, groups: list[Group], weather: Weather, choose: random.Random) -> None:
    """One of the groups dies as a whole and comes back, perhaps on a machine with a wrong clock.

    Most kills wait for a moment in which something is being sent: those hurt.
    """
    group, clock = choose.choice(groups), choose.choice(CLOCKS)
    if choose.random() < AIMED:
        _wait_for_requests(ground)
    time.sleep(choose.uniform(0, LATENCY / 1000))
    group.kill()
    group.start(clock)
    weather.kills += 1
    weather.clocks += clock != 0


def _wait_for_requests(ground: Ground) -> None:
    deadline = time.monotonic() + LONGEST_AIM
    sending = select(func.count()).where(Transfer.state == TransferState.SENDING)
    while time.monotonic() < deadline:
        with contextlib.suppress(DBAPIError), ground.runtime.sessions() as session:
            if session.scalar(sending):
                return
        time.sleep(0.02)


def _restart_valkey(ground: Ground, weather: Weather) -> None:
    ground.flush_and_restart_valkey()
    weather.valkey_restarts += 1


def _restart_postgres(ground: Ground, weather: Weather) -> None:
    ground.restart_postgres()
    weather.postgres_restarts += 1


def _play(ground: Ground, yard: Yard, weather: Weather, choose: random.Random) -> None:
    """A gust: for a moment a share of the requests is struck, then it is calm until the next one."""
    effect, facts = choose.choice(FAULTS)
    if effect == HALF_LIST:
        ground.market.fault(effect, "list")
        yard.ask_for_checks()
    else:
        ground.market.fault(effect, *WRITES, "list", probability=choose.uniform(0.05, 0.3), **facts)
    time.sleep(choose.uniform(0.3, 1.5))
    ground.market.heal()
    weather.faults[effect] += 1


def heal(ground: Ground) -> float:
    """No faults from here on; seconds until nothing waits and nothing is being sent."""
    ground.market.heal()
    started = time.monotonic()
    until(lambda: not unfinished(ground), lambda: f"it never healed: {describe(ground)}", HEALED_BY)
    return time.monotonic() - started


def unfinished(ground: Ground) -> int:
    with ground.runtime.sessions() as session:
        return session.scalar(select(func.count()).where(Transfer.state.in_(UNFINISHED))) or 0


def describe(ground: Ground) -> list[str]:
    """What waits where, and why, for whoever reads a run that went wrong."""
    with ground.runtime.sessions() as session:
        rows = session.execute(
            select(Activation, Transfer.state, func.count(), func.min(Transfer.not_before))
            .join(Transfer, Transfer.activation_id == Activation.id)
            .where(Transfer.state.in_(UNFINISHED))
            .group_by(Activation.id, Transfer.state)
        )
        return [
            f"{row.customer_number}: {count} {state} from {soon}; {row.state}, lease until {row.lease_until},"
            f" failing since {row.failing_since} until {row.paused_until}: {row.pause_reason}"
            for row, state, count, soon in rows
        ]


def of(yard: Yard, numbers: set[str]) -> list[Car]:
    return [car for car in yard.cars if car.number in numbers]
