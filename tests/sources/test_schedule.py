"""When a source is looked at again, and since when it stays away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.sources.schedule import KEPT_GAPS, RETRIES, away_since, pause_after, with_gap

NOON, DAY = datetime(2026, 11, 30, 12, tzinfo=UTC), timedelta(days=1)
DAILY = [86_400] * 4
OVER_A_WEEKEND = [86_400, 86_400, 3 * 86_400, 86_400]


def test_attempts_in_vain_pause_longer_and_end() -> None:
    assert [pause_after(number) for number in range(1, len(RETRIES) + 2)] == [*RETRIES, None]


def test_only_the_last_gaps_count() -> None:
    assert with_gap([], None, NOON) == []
    assert with_gap([], NOON - DAY, NOON) == [86_400]
    assert with_gap(range(KEPT_GAPS), NOON - DAY, NOON) == [*range(1, KEPT_GAPS), 86_400]


@pytest.mark.parametrize(
    ("gaps", "days", "missing", "away"),
    [
        (DAILY, 1.9, False, False),
        (DAILY, 2.1, False, True),
        (DAILY, 2.1, True, True),
        (OVER_A_WEEKEND, 5.9, False, False),
        (OVER_A_WEEKEND, 6.1, False, True),
        ([3600] * 5, 0.9, True, False),
        ([3600] * 5, 1.1, False, True),
        ([86_400], 30, False, False),
        ([], 0.9, True, False),
        ([], 1.1, True, True),
    ],
)
def test_it_stays_away_when_nothing_new_comes_for_twice_as_long_as_ever(
    gaps: list[int], days: float, missing: bool, away: bool
) -> None:
    taken = NOON - timedelta(days=days)
    assert away_since(NOON, NOON - 90 * DAY, taken, gaps, missing=missing) == (taken if away else None)


def test_what_never_came_is_missed_since_the_source_was_made() -> None:
    assert away_since(NOON, NOON - 2 * DAY, None, [], missing=True) == NOON - 2 * DAY
