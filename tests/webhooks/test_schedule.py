"""When a message is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.webhooks.schedule import (
    GIVE_UP_AFTER,
    LONGEST,
    PAUSES,
    asked_pause,
    next_attempt,
    pause_of_endpoint,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = UUID(int=0)


def test_pauses_grow_for_three_days_and_the_last_attempt_is_at_their_end() -> None:
    until, moment, moments = NOW + GIVE_UP_AFTER, NOW, [NOW]
    while (found := next_attempt(moment, until, len(moments), KEY, None)) is not None:
        moment = found
        moments.append(moment)
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert tuple(pauses[: len(PAUSES)]) == PAUSES
    assert pauses[:-1] == sorted(pauses[:-1])
    assert moments[-1] == until
    assert len(moments) < 20


def test_what_failed_together_does_not_come_again_together() -> None:
    found = {next_attempt(NOW, NOW + GIVE_UP_AFTER, 4, UUID(int=number), None) for number in range(50)}
    assert len(found) == 50


def test_the_receiver_may_ask_for_more_time_never_for_less() -> None:
    until = NOW + GIVE_UP_AFTER
    assert next_attempt(NOW, until, 1, KEY, 600.0) == NOW + timedelta(seconds=600)
    assert next_attempt(NOW, until, 4, KEY, 1.0) == NOW + timedelta(seconds=PAUSES[3])
    assert pause_of_endpoint(1, 600.0) == timedelta(seconds=600)
    assert pause_of_endpoint(99, None) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Mon, 04 May 2026 12:01:00 GMT", 60.0),
        ("Mon, 04 May 2026 11:00:00 GMT", 0.0),
        ("9" * 5_000, LONGEST),
        ("Mon, 04 May 2099 12:00:00 GMT", LONGEST),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("Mon, 04 May 2026 12:01:00", None),
    ],
)
def test_retry_after_is_read_as_number_and_date(header: str, seconds: float | None) -> None:
    assert asked_pause(header, NOW) == seconds


@given(st.text(max_size=60))
def test_whatever_a_receiver_writes_is_read_or_left(header: str) -> None:
    found = asked_pause(header, NOW)
    assert found is None or 0 <= found <= LONGEST
