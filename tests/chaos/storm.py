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
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from portal.exports.dispatch.loop import UNFINISHED_STATES
from portal.models import Activation, ActivationLease, Transfer
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
"""Seconds of calm at most between two faults."""
AIMED = 0.8
CALM = 2.0
"""Seconds at most between two database connections that are killed."""
DOWN = (3.0, 7.0)
"""Seconds that the platform is down for all."""
LONGEST_WAIT = 6.0
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
    """Over which all of it is spread; more on a slow machine."""
    outages: int = 0
    """Times that the platform is down for all."""
    idle_connections: int = 0
    """Held beside the workers' for the whole run, one of them with a transaction that pins old rows."""
    strikes: int = 0
    """Requests struck by a fault at least: changes go on until then."""


@dataclass
class Weather:
    """What was done to the portal, and how long it took to get over it."""

    plan: Plan
    kills: int = 0
    clocks: int = 0
    valkey_restarts: int = 0
    postgres_restarts: int = 0
    connections_killed: int = 0
    outages: int = 0
    crowds: int = 0
    """How often the idle connections had to come back, the first time included."""
    sky: threading.Lock = field(default_factory=threading.Lock)
    """Faults are played one at a time: ending one ends them all."""
    faults: Counter[str] = field(default_factory=Counter)
    healed_after: float = 0.0


def blow(ground: Ground, yard: Yard, groups: list[Group], plan: Plan) -> Weather:
    """Changes in this thread, everything else in others; returns when all is quiet again.

    On a slow machine it takes longer: it begins with the first request, changes wait while most of the
    stock waits, and most kills wait for a request.
    """
    weather, choose, over = Weather(plan), seeded(plan.seed), threading.Event()
    for group in groups:
        group.start()
    until(lambda: bool(ground.market.requests(*WRITES)), "nobody has begun to send")
    lasting = [
        _start(partial(_play_until, over, ground, yard, weather, seeded(choose.random()))),
        _start(partial(_kill_connections_until, over, ground, weather, seeded(choose.random()))),
        _start(partial(_crowd_until, over, ground, weather)),
    ]
    threads = [
        _spread(plan.seconds, plan.kills, choose, lambda r: _kill(ground, groups, weather, r)),
        _spread(plan.seconds, plan.valkey_restarts, choose, lambda _: _restart_valkey(ground, weather)),
        _spread(plan.seconds, plan.postgres_restarts, choose, lambda _: _restart_postgres(ground, weather)),
        _spread(plan.seconds, plan.outages, choose, lambda r: _take_platform_down(ground, weather, r)),
    ]
    _make_changes(ground, yard, plan, choose)
    for thread in threads:
        thread.check()
    over.set()
    for thread in lasting:
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
        self.join()
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

    return _start(play)


def _start(act: Callable[[], None]) -> _Thread:
    thread = _Thread(target=act, daemon=True)
    thread.start()
    return thread


def _make_changes(ground: Ground, yard: Yard, plan: Plan, choose: random.Random) -> None:
    """Whole bursts for one vehicle among them: quick changes that fold."""
    started, last = time.monotonic(), choose.choice(yard.cars)
    for number in range(plan.changes):
        time.sleep(max(0.0, started + plan.seconds * number / plan.changes - time.monotonic()))
        if number % 10 == 0:
            _wait(lambda: unfinished(ground) <= len(yard.cars) // 2)
        last = last if choose.random() < 0.2 else choose.choice(yard.cars)
        yard.change(last, choose)
    while _struck(ground) < plan.strikes:
        for car in choose.choices(yard.cars, k=20):
            yard.change(car, choose)
        _wait(lambda: unfinished(ground) <= len(yard.cars) // 2)


def _struck(ground: Ground) -> int:
    return sum(bool(row["fault"]) for row in ground.market.requests())


def _kill(ground: Ground, groups: list[Group], weather: Weather, choose: random.Random) -> None:
    """One of the groups dies as a whole and comes back, perhaps on a machine with a wrong clock.

    Most kills wait for a moment in which something is being sent: those hurt.
    """
    group, clock = choose.choice(groups), choose.choice(CLOCKS)
    if choose.random() < AIMED:
        _wait(lambda: unfinished(ground, TransferState.SENDING) > 0)
    time.sleep(choose.uniform(0, LATENCY / 1000))
    group.kill()
    group.start(clock)
    weather.kills += 1
    weather.clocks += clock != 0


def _wait(condition: Callable[[], bool]) -> None:
    """A moment at most; the database may be away."""
    deadline = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < deadline:
        with contextlib.suppress(DBAPIError):
            if condition():
                return
        time.sleep(0.02)


def _restart_valkey(ground: Ground, weather: Weather) -> None:
    ground.flush_and_restart_valkey()
    weather.valkey_restarts += 1


def _restart_postgres(ground: Ground, weather: Weather) -> None:
    ground.restart_postgres()
    weather.postgres_restarts += 1


def _kill_connections_until(
    over: threading.Event, ground: Ground, weather: Weather, choose: random.Random
) -> None:
    """Now and then one of the portal's, in whatever it is doing; not those that only stand about."""
    while not over.wait(choose.uniform(0, CALM)):
        with contextlib.suppress(DBAPIError), ground.watcher.connect() as connection:
            weather.connections_killed += len(connection.execute(_KILL_ONE).all())


_KILL_ONE = text(
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND application_name <> 'crowd'
    ORDER BY state = 'idle', random() LIMIT 1
    """
)


def _crowd_until(over: threading.Event, ground: Ground, weather: Weather) -> None:
    """Idle connections, and a transaction that keeps PostgreSQL from cleaning up; back after each restart."""
    while not over.is_set():
        with contextlib.suppress(DBAPIError), contextlib.ExitStack() as crowd:
            connections = [
                crowd.enter_context(ground.watcher.connect()) for _ in range(weather.plan.idle_connections)
            ]
            for connection in connections:
                connection.execute(text("SET application_name = 'crowd'"))
                connection.commit()
            weather.crowds += 1
            if connections:
                _pin_rows(over, connections[0])
        over.wait(1)


def _pin_rows(over: threading.Event, connection: Connection) -> None:
    """Until it is over, or the server is restarted."""
    connection.execution_options(isolation_level="REPEATABLE READ")
    while not over.wait(1):
        connection.execute(text("SELECT count(*) FROM transfer"))


def _take_platform_down(ground: Ground, weather: Weather, choose: random.Random) -> None:
    with weather.sky:
        ground.market.fault("error", status=503)
        time.sleep(choose.uniform(*DOWN))
        ground.market.heal()
    weather.outages += 1


def _play_until(
    over: threading.Event, ground: Ground, yard: Yard, weather: Weather, choose: random.Random
) -> None:
    while not over.wait(choose.uniform(0, GUST)):
        with weather.sky:
            _play(ground, yard, weather, choose)


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
    until(lambda: _is_quiet(ground), lambda: f"it never healed: {describe(ground)}", HEALED_BY)
    return time.monotonic() - started


def _is_quiet(ground: Ground) -> bool:
    """The connection with which this is asked may be the last one that was killed."""
    with contextlib.suppress(DBAPIError):
        return not unfinished(ground)
    return False


def unfinished(ground: Ground, *states: str) -> int:
    with ground.runtime.sessions() as session:
        return (
            session.scalar(select(func.count()).where(Transfer.state.in_(states or UNFINISHED_STATES))) or 0
        )


def describe(ground: Ground) -> list[str]:
    """What waits where, and why, for whoever reads a run that went wrong."""
    with ground.runtime.sessions() as session:
        rows = session.execute(
            select(
                Activation, ActivationLease.until, Transfer.state, func.count(), func.min(Transfer.not_before)
            )
            .join(Transfer, Transfer.activation_id == Activation.id)
            .outerjoin(ActivationLease, ActivationLease.activation_id == Activation.id)
            .where(Transfer.state.in_(UNFINISHED_STATES))
            .group_by(Activation.id, ActivationLease.until, Transfer.state)
        )
        return [
            f"{row.customer_number}: {count} {state} from {soon}; {row.state}, lease until {leased},"
            f" failing since {row.failing_since} until {row.paused_until}: {row.pause_reason}"
            for row, leased, state, count, soon in rows
        ]


def of(yard: Yard, numbers: set[str]) -> list[Car]:
    return [car for car in yard.cars if car.number in numbers]
