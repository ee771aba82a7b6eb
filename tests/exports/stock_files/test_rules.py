"""When a file is due: the local clock, also where it jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.exports.stock_files.rules import (
    MAX_FILE_AGE,
    MAX_INTERRUPTIONS,
    RUN_WINDOW,
    OpenFileRun,
    RunStep,
    moment_of,
    next_run,
    next_step,
    run_shift,
    run_window,
)
from portal.models.exports import ActivationState, LockEnd, RunState

BERLIN = ZoneInfo("Europe/Berlin")
USUAL = ("02:00", "12:00")
DAYS_OF_CHANGE = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))

moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
times = st.lists(st.times().map(lambda at: f"{at:%H:%M}"), min_size=1, max_size=6, unique=True)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-07-01T00:30", "2026-07-01T02:00"),
        ("2026-07-01T02:00", "2026-07-01T12:00"),
        ("2026-07-01T11:59", "2026-07-01T12:00"),
        ("2026-07-01T12:00", "2026-07-02T02:00"),
        ("2026-12-31T13:00", "2027-01-01T02:00"),
    ],
)
def test_the_next_time_of_the_day_or_the_first_of_the_next(after: str, expected: str) -> None:
    assert next_run(berlin(after), USUAL) == berlin(expected)


def test_without_times_there_is_no_next_run() -> None:
    assert next_run(datetime(2026, 7, 1, tzinfo=UTC), ()) is None


@pytest.mark.parametrize("at", ["02:00", "02:30", "02:59"])
def test_a_time_that_the_clock_skips_runs_at_the_next_moment_that_exists(at: str) -> None:
    """On 29 March 2026 02:00 is followed by 03:00."""
    jump = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert next_run(berlin("2026-03-28T23:00"), (at,)) == jump
    assert next_run(jump, (at,)) == berlin(f"2026-03-30T{at}")


def test_two_times_in_the_skipped_hour_are_one_run() -> None:
    skipped = ("02:15", "02:45", "12:00")
    first = next_run(berlin("2026-03-29T01:00"), skipped)
    assert first == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert next_run(first, skipped) == berlin("2026-03-29T12:00")


@pytest.mark.parametrize("at", ["02:00", "02:30"])
def test_a_time_that_comes_twice_runs_the_first_time_only(at: str) -> None:
    """On 25 October 2026 the hour from 02:00 to 03:00 comes twice."""
    first = next_run(berlin("2026-10-25T01:00"), (at,))
    assert first == berlin(f"2026-10-25T{at}").replace(fold=0).astimezone(UTC)
    assert first is not None
    assert next_run(first, (at,)) == berlin(f"2026-10-26T{at}")


@given(moments, times)
def test_it_is_later_and_nothing_lies_between(after: datetime, wanted: list[str]) -> None:
    found = next_run(after, wanted)
    assert found is not None
    assert after < found
    for day in (after.date() + timedelta(days=ahead) for ahead in range(-2, 4)):
        for spelled in wanted:
            moment = moment_of(day, time.fromisoformat(spelled))
            assert not after < moment < found


@given(st.sampled_from(DAYS_OF_CHANGE), times)
def test_every_time_runs_once_on_the_day_of_a_change(day: date, wanted: list[str]) -> None:
    """A step through the whole day meets each wanted time, and no moment twice."""
    begin, end = (moment_of(day + timedelta(days=ahead), time(0, 0)) for ahead in (0, 1))
    met, after = [], begin - timedelta(seconds=1)
    while (found := next_run(after, wanted)) is not None and found < end:
        met.append(found)
        after = found
    assert len(met) == len(set(met))
    assert set(met) == {moment_of(day, time.fromisoformat(spelled)) for spelled in wanted}


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.times())
def test_a_moment_is_at_that_local_time_or_where_the_clock_jumps(day: date, at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    local = moment_of(day, at).astimezone(BERLIN)
    assert local.date() == day
    if local.timetz().replace(tzinfo=None) != at:
        assert (local - timedelta(minutes=1)).utcoffset() == local.utcoffset()
        before = (local.astimezone(UTC) - timedelta(minutes=1)).astimezone(BERLIN)
        assert before.utcoffset() != local.utcoffset()


# What is to be done with an open run, for every state that it can be in.


NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
AGES = (timedelta(minutes=1), MAX_FILE_AGE + timedelta(seconds=1))
EVERY = list(
    product(
        (RunState.WAITING, RunState.RUNNING, RunState.HELD),
        (True, False),
        (True, False),
        AGES,
        (0, MAX_INTERRUPTIONS),
        (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING),
        ("", *LockEnd),
    )
)


def standing(
    state: str, due: bool, whole: bool, age: timedelta, interrupted: int, activation: str, how: str
) -> OpenFileRun:
    return OpenFileRun(state, due, whole, NOW - age, interrupted, activation, how)


@pytest.mark.parametrize("facts", EVERY, ids=lambda facts: "-".join(map(str, facts)))
def test_every_combination(facts: tuple[str, bool, bool, timedelta, int, str, str]) -> None:
    run = standing(*facts)
    step = next_step(run, NOW)
    if run.state == RunState.HELD:
        assert step != RunStep.SEND, "a held file is never sent, a freshly written one may be"
        discarded = run.decision in (LockEnd.DISCARDED, LockEnd.ENDED)
        assert (step == RunStep.CANCEL) == discarded
        asked = run.due or run.activation == ActivationState.ACTIVE
        assert (step == RunStep.WAIT) == (not discarded and not asked)
        return
    assert step != RunStep.CANCEL
    assert (step == RunStep.WAIT) == (not run.due)
    fresh = NOW - AGES[0] == run.started_at
    assert (step == RunStep.SEND) == (run.due and run.state == RunState.RUNNING and run.whole and fresh)
    if step in (RunStep.BUILD, RunStep.GIVE_UP):
        assert (step == RunStep.GIVE_UP) == (run.interrupted >= MAX_INTERRUPTIONS)


def test_a_whole_file_that_is_old_is_written_anew() -> None:
    old = standing(RunState.RUNNING, True, True, AGES[1], 0, ActivationState.ACTIVE, "")
    assert next_step(old, NOW) == RunStep.BUILD


@given(st.uuids(), st.sampled_from(["02:00", "12:00", "23:40"]))
def test_runs_of_one_hour_are_spread_over_a_window(activation_id: UUID, at: str) -> None:
    """Within 45 minutes after the hour, always the same for one activation, once for each of its times."""
    shift = run_shift(activation_id)
    assert timedelta() <= shift < RUN_WINDOW
    first = next_run(berlin("2026-07-01T00:50"), (at,), shift)
    assert first is not None
    assert first - shift == next_run(berlin("2026-07-01T00:50"), (at,))
    assert next_run(first, (at,), shift) == first + timedelta(days=1)


def test_a_thousand_dealers_begin_all_over_the_window() -> None:
    shifts = sorted(run_shift(uuid4()) for _ in range(1_000))
    minutes = {shift // timedelta(minutes=1) for shift in shifts}
    assert len(minutes) == RUN_WINDOW // timedelta(minutes=1)


def test_the_window_is_announced_in_local_time() -> None:
    assert run_window("02:00") == ("02:00", "02:45")
    assert run_window("23:30") == ("23:30", "00:15")
