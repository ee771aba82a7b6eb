from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.exports.core.retries import (
    LONGEST,
    LONGEST_PAUSE,
    PAUSES,
    RECHECK_PAUSES,
    RECHECK_SPREAD,
    SHORTEST,
    delay,
    first_recheck,
    next_recheck,
    pause,
)

attempts = st.integers(1, 40)
asked = st.one_of(st.none(), st.floats(0, 1e9))


def test_the_plan_grows_from_five_seconds_to_four_hours_and_then_gives_up() -> None:
    assert [delay(n) for n in range(1, 8)] == [*PAUSES, None]


@given(attempts, asked)
def test_every_wait_is_bounded(made: int, after: float | None) -> None:
    waits = [wait for wait in (delay(made, after), pause(made, after)) if wait is not None]
    assert all(SHORTEST <= wait <= LONGEST for wait in waits)


@given(st.integers(1, len(PAUSES)), st.floats(SHORTEST, LONGEST))
def test_what_the_platform_asks_for_is_obeyed(made: int, after: float) -> None:
    assert delay(made, after) == after
    assert pause(made, after) == after


@given(attempts, asked)
def test_attempts_are_used_up_however_politely_the_platform_asks(made: int, after: float | None) -> None:
    assert (delay(made, after) is None) == (made > len(PAUSES))


@given(attempts, attempts)
def test_without_a_wish_of_the_platform_later_attempts_never_wait_shorter(one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert pause(first) <= pause(second) <= LONGEST_PAUSE
    planned = [wait for wait in (delay(first), delay(second)) if wait is not None]
    assert planned == sorted(planned)
    assert delay(second) is None or delay(first) is not None


@given(attempts, st.floats(0, 1e9), st.floats(0, 1e9))
def test_who_asks_for_longer_is_left_alone_for_at_least_as_long(made: int, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert pause(made, less) <= pause(made, more)
    if made <= len(PAUSES):
        assert (delay(made, less) or 0) <= (delay(made, more) or 0)


# When a stopped activation looks again.


ids = st.uuids()


def looks(activation_id: UUID, number: int) -> list[timedelta]:
    """How long after the stop it looks, when every look is in vain."""
    moments = [first_recheck(activation_id)]
    while len(moments) < number:
        moments.append(moments[-1] + next_recheck(activation_id, moments[-1]))
    return moments


@given(ids)
def test_it_looks_after_five_minutes_a_quarter_an_hour_and_then_hourly(activation_id: UUID) -> None:
    moments = looks(activation_id, 8)
    pauses = [moments[0], *(later - earlier for earlier, later in itertools.pairwise(moments))]
    for each, planned in zip(pauses, (*RECHECK_PAUSES, *[RECHECK_PAUSES[-1]] * 5), strict=True):
        assert planned <= each <= planned * (1 + RECHECK_SPREAD)


@given(ids, st.timedeltas(timedelta(), timedelta(days=365)))
def test_a_pause_is_bounded_however_long_it_has_been_stopped(activation_id: UUID, since: timedelta) -> None:
    assert (
        RECHECK_PAUSES[0] <= next_recheck(activation_id, since) <= RECHECK_PAUSES[-1] * (1 + RECHECK_SPREAD)
    )


def test_activations_that_stopped_together_do_not_look_together() -> None:
    assert len({first_recheck(uuid4()) for _ in range(200)}) > 100
