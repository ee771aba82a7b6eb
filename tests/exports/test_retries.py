from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.exports.retries import LONGEST, LONGEST_PAUSE, PLAN, SHORTEST, delay, pause

attempts = st.integers(1, 40)
asked = st.one_of(st.none(), st.floats(0, 1e9))


def test_the_plan_grows_from_five_seconds_to_four_hours_and_then_gives_up() -> None:
    assert [delay(n) for n in range(1, 8)] == [*PLAN, None]


@given(attempts, asked)
def test_every_wait_is_bounded(made: int, after: float | None) -> None:
    waits = [wait for wait in (delay(made, after), pause(made, after)) if wait is not None]
    assert all(SHORTEST <= wait <= LONGEST for wait in waits)


@given(st.integers(1, len(PLAN)), st.floats(SHORTEST, LONGEST))
def test_what_the_platform_asks_for_is_obeyed(made: int, after: float) -> None:
    assert delay(made, after) == after
    assert pause(made, after) == after


@given(attempts, asked)
def test_attempts_are_used_up_however_politely_the_platform_asks(made: int, after: float | None) -> None:
    assert (delay(made, after) is None) == (made > len(PLAN))


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
    if made <= len(PLAN):
        assert (delay(made, less) or 0) <= (delay(made, more) or 0)
