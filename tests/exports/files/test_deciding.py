"""What is to be done with an open run, for every state that it can be in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from portal.exports.files.deciding import FRESH, MOST_INTERRUPTED, Next, Standing, decide
from portal.models.exports import ActivationState, LockEnd, RunState

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
AGES = (timedelta(minutes=1), FRESH + timedelta(seconds=1))
EVERY = list(
    product(
        (RunState.WAITING, RunState.RUNNING, RunState.HELD),
        (True, False),
        (True, False),
        AGES,
        (0, MOST_INTERRUPTED),
        (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.CLOSING),
        ("", *LockEnd),
    )
)


def standing(
    state: str, due: bool, whole: bool, age: timedelta, interrupted: int, activation: str, how: str
) -> Standing:
    return Standing(state, due, whole, NOW - age, interrupted, activation, how)


@pytest.mark.parametrize("facts", EVERY, ids=lambda facts: "-".join(map(str, facts)))
def test_every_combination(facts: tuple[str, bool, bool, timedelta, int, str, str]) -> None:
    run = standing(*facts)
    step = decide(run, NOW)
    if run.state == RunState.HELD:
        assert step != Next.SEND, "a held file is never sent, a freshly written one may be"
        discarded = run.decision in (LockEnd.DISCARDED, LockEnd.ENDED)
        assert (step == Next.CANCEL) == discarded
        asked = run.due or run.activation == ActivationState.ACTIVE
        assert (step == Next.WAIT) == (not discarded and not asked)
        return
    assert step != Next.CANCEL
    assert (step == Next.WAIT) == (not run.due)
    fresh = NOW - AGES[0] == run.started_at
    assert (step == Next.SEND) == (run.due and run.state == RunState.RUNNING and run.whole and fresh)
    if step in (Next.BUILD, Next.GIVE_UP):
        assert (step == Next.GIVE_UP) == (run.interrupted >= MOST_INTERRUPTED)


def test_a_whole_file_that_is_old_is_written_anew() -> None:
    old = standing(RunState.RUNNING, True, True, AGES[1], 0, ActivationState.ACTIVE, "")
    assert decide(old, NOW) == Next.BUILD
