"""The breaker's state machine, exhaustively, and what single answers say of the platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product, takewhile

import pytest

from portal.exports.core.retries import LONGEST, LONGEST_PAUSE, PAUSES, SHORTEST
from portal.exports.trouble.breaker import (
    STREAK,
    SUSPICIOUS,
    Breaker,
    Phase,
    PlatformTrouble,
    Sign,
    Streak,
    after_answer,
    after_failure,
    probe_failed,
    sign_of,
)
from portal.platforms.contract import (
    Accepted,
    Answer,
    Exchange,
    Gone,
    Outcome,
    Rejected,
    Retry,
    Stop,
    StopCause,
)


def test_a_streak_is_of_one_kind_and_ends_with_a_proper_answer() -> None:
    for signs in product(Sign, repeat=STREAK + 1):
        streak = Streak()
        for found in signs:
            streak = streak.then(found)
        told = [found for found in signs if found != Sign.NONE]
        last = told[-1] if told else Sign.NONE
        alike = list(takewhile(lambda found, last=last: found == last, reversed(told)))
        assert streak.long == (last in SUSPICIOUS and len(alike) >= STREAK)


START = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
SICK, ASKED = PlatformTrouble("gestört"), PlatformTrouble("langsamer", 1200.0)
LENGTH = 6


@dataclass(frozen=True)
class World:
    breaker: Breaker
    now: datetime


def fails(world: World) -> World:
    return World(after_failure(world.breaker, world.now, SICK), world.now)


def asks_for_patience(world: World) -> World:
    return World(after_failure(world.breaker, world.now, ASKED), world.now)


def answers(world: World) -> World:
    return World(after_answer(world.breaker, world.now), world.now)


def a_moment_passes(world: World) -> World:
    return World(world.breaker, world.now + timedelta(seconds=1))


def the_pause_ends(world: World) -> World:
    return World(world.breaker, max(world.now, world.breaker.paused_until or world.now))


EVENTS: tuple[Callable[[World], World], ...] = (
    fails,
    asks_for_patience,
    answers,
    a_moment_passes,
    the_pause_ends,
)


def phase(world: World) -> Phase:
    return world.breaker.phase(world.now)


def check_failure(before: World, after: World, event: Callable[[World], World]) -> None:
    """A failure opens, counts where a request could go out and no wait was asked for, and never shortens what
    was asked for."""
    assert phase(after) == Phase.OPEN
    counted = phase(before) != Phase.OPEN
    if event is asks_for_patience:
        assert after.breaker.failures == max(before.breaker.failures, 1)
    else:
        assert after.breaker.failures == before.breaker.failures + counted
    assert after.breaker.failing_since == (before.breaker.failing_since or before.now)
    assert before.breaker.paused_until is None or after.breaker.paused_until >= min(
        before.breaker.paused_until, before.now
    )
    wait = (after.breaker.paused_until - before.now).total_seconds()
    if event is asks_for_patience:
        assert wait >= ASKED.asked
    elif counted:
        assert SHORTEST <= wait <= LONGEST_PAUSE


def check_answer(before: World, after: World) -> None:
    """A proper answer closes it, except that one from before the pause does not end the pause."""
    if phase(before) == Phase.OPEN:
        assert after == before
    else:
        assert after.breaker == Breaker()


def check_waiting(before: World, after: World) -> None:
    """Time opens nothing and closes nothing: at most an open one becomes half open."""
    assert after.breaker == before.breaker
    if phase(after) != phase(before):
        assert (phase(before), phase(after)) == (Phase.OPEN, Phase.HALF_OPEN)


def check(before: World, after: World, event: Callable[[World], World]) -> None:
    assert (phase(after) == Phase.CLOSED) == (after.breaker.failing_since is None)
    assert (phase(after) == Phase.CLOSED) == (after.breaker.failures == 0)
    if event in (fails, asks_for_patience):
        check_failure(before, after, event)
    elif event is answers:
        check_answer(before, after)
    else:
        check_waiting(before, after)


def test_every_sequence_of_events_keeps_the_rules() -> None:
    seen = set()
    for events in product(EVENTS, repeat=LENGTH):
        world = World(Breaker(), START)
        for event in events:
            after = event(world)
            check(world, after, event)
            seen.add((phase(world), event.__name__, phase(after)))
            world = after
    assert {(before, event) for before, event, _ in seen} == {
        (before, event.__name__) for before in Phase for event in EVENTS
    }
    assert {(before, after) for before, _, after in seen} == {
        (Phase.CLOSED, Phase.CLOSED),
        (Phase.CLOSED, Phase.OPEN),
        (Phase.OPEN, Phase.OPEN),
        (Phase.OPEN, Phase.HALF_OPEN),
        (Phase.HALF_OPEN, Phase.HALF_OPEN),
        (Phase.HALF_OPEN, Phase.OPEN),
        (Phase.HALF_OPEN, Phase.CLOSED),
    }


def test_each_failed_probe_is_followed_by_a_longer_pause_up_to_ten_minutes() -> None:
    world, pauses = World(Breaker(), START), []
    for _ in range(7):
        world = fails(world)
        pauses.append((world.breaker.paused_until - world.now).total_seconds())
        world = the_pause_ends(world)
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[1] < pauses[2] < pauses[3] == pauses[-1] == LONGEST_PAUSE
    assert world.breaker.failing_since == START


@pytest.mark.parametrize(("asked", "seconds"), [(90, 90), (0, SHORTEST), (1e9, LONGEST)])
def test_what_the_platform_asks_for_is_obeyed_within_bounds(asked: float, seconds: float) -> None:
    opened = after_failure(Breaker(), START, PlatformTrouble("429", asked))
    assert opened.paused_until == START + timedelta(seconds=seconds)
    later = after_failure(fails(World(Breaker(), START)).breaker, START, PlatformTrouble("429", asked))
    assert later.paused_until >= opened.paused_until
    assert later.failures == 1


def an_answer(outcome: Outcome, status: int | None = 500, exchanges: int = 1) -> Answer:
    return Answer(outcome, (Exchange("PUT", "/ads/1", status, 5),) * exchanges)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (an_answer(Accepted("1", "u"), 201), Sign.WELL),
        (an_answer(Rejected(()), 400), Sign.WELL),
        (an_answer(Gone(), 404), Sign.WELL),
        (an_answer(Retry("503", platform_wide=True), 503), Sign.DOWN),
        (an_answer(Retry("no connection", platform_wide=True), None), Sign.DOWN),
        (an_answer(Retry("500"), 500), Sign.SICK),
        (an_answer(Retry("time-out"), None), Sign.SICK),
        (an_answer(Retry("408"), 408), Sign.SICK),
        (an_answer(Retry("a login page instead of an ad"), 200), Sign.SICK),
        (an_answer(Retry("429"), 429), Sign.LIMITED),
        (an_answer(Retry("pictures have expired"), 400), Sign.NONE),
        (an_answer(Retry("a bug of ours"), exchanges=0), Sign.NONE),
        (an_answer(Stop(StopCause.CREDENTIALS, "401"), 401), Sign.NONE),
    ],
)
def test_what_an_answer_says_of_the_platform(answer: Answer, meaning: Sign) -> None:
    assert sign_of(answer) == meaning
    assert probe_failed([meaning]) == (meaning in (Sign.DOWN, Sign.SICK, Sign.LIMITED))


def test_waits_that_were_obeyed_lengthen_no_other() -> None:
    """40 s of 429 with Retry-After: 1, and then one failure without: that one waits its ordinary time."""
    world = World(Breaker(), START)
    for _ in range(40):
        opened = after_failure(world.breaker, world.now, PlatformTrouble("429", 1.0))
        assert opened.paused_until == world.now + timedelta(seconds=1)
        world = World(opened, world.now + timedelta(seconds=1))
    then = after_failure(world.breaker, world.now, PlatformTrouble("503"))
    assert then.paused_until is not None
    assert (then.paused_until - world.now).total_seconds() <= PAUSES[1]
