"""The lock rule: what passes, what stops, and that it cannot be slipped past."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from portal.exports.mass_change.rules import Deviation, GuardLimits, guard_limits, judge, share
from portal.models.exports import LockRule

LIMITS = GuardLimits()
numbers = st.integers(0, 400)


@st.composite
def deviations(draw: st.DrawFn) -> Deviation:
    online = draw(numbers)
    return Deviation(
        online=online,
        deletions=draw(st.integers(0, online)),
        creations=draw(numbers),
        deletions_done=draw(numbers),
        creations_done=draw(numbers),
        approved_deletions=draw(numbers),
        approved_creations=draw(numbers),
        approved_empty=draw(st.booleans()),
        first=draw(st.booleans()),
        truncated=draw(st.booleans()),
    )


def test_the_documented_example_six_of_sixty_pass_eight_lock() -> None:
    assert judge(Deviation(online=60, deletions=6), LIMITS) is None
    stop = judge(Deviation(online=60, deletions=8), LIMITS)
    assert stop is not None
    assert (stop.rule, stop.deletion_limit) == (LockRule.DELETIONS, 6)


@pytest.mark.parametrize(
    ("online", "deletions", "passes"),
    [
        (60, 7, False),
        (20, 5, True),
        (20, 6, False),
        (51, 6, True),
        (50, 6, False),
        (1000, 100, True),
        (1000, 101, False),
    ],
)
def test_deletions_beyond_five_or_ten_percent_lock(online: int, deletions: int, passes: bool) -> None:
    assert (judge(Deviation(online=online, deletions=deletions), LIMITS) is None) is passes


@pytest.mark.parametrize(
    ("online", "creations", "passes"), [(0, 10, True), (0, 11, False), (60, 12, True), (60, 13, False)]
)
def test_creations_beyond_ten_or_twenty_percent_lock(online: int, creations: int, passes: bool) -> None:
    assert (judge(Deviation(online=online, creations=creations), LIMITS) is None) is passes


def test_the_first_transfer_creates_as_many_as_were_confirmed() -> None:
    assert judge(Deviation(online=0, creations=5_000, first=True), LIMITS) is None


def test_a_slow_bleed_locks_as_well() -> None:
    """60 were online: three went out this morning, three at noon, the next one is too many."""
    assert judge(Deviation(online=57, deletions=3, deletions_done=3), LIMITS) is None
    stop = judge(Deviation(online=54, deletions=1, deletions_done=6), LIMITS)
    assert stop is not None
    assert stop.rule == LockRule.DELETIONS


def test_a_slow_flood_locks_as_well() -> None:
    assert judge(Deviation(online=60, creations=2, creations_done=10), LIMITS) is None
    stop = judge(Deviation(online=60, creations=3, creations_done=10), LIMITS)
    assert stop is not None
    assert stop.rule == LockRule.CREATIONS


def test_the_share_is_one_of_the_stock_before_the_first_deletion() -> None:
    """51 were online: six are ten percent of them, and stay so while they go one by one."""
    assert judge(Deviation(online=46, deletions=1, deletions_done=5), LIMITS) is None
    stop = judge(Deviation(online=45, deletions=1, deletions_done=6), LIMITS)
    assert stop is not None
    assert stop.deletion_limit == 6


def test_what_is_already_done_does_not_lock_by_itself() -> None:
    assert judge(Deviation(online=50, deletions_done=40, creations_done=40), LIMITS) is None


def test_the_last_vehicle_of_a_small_stock_locks() -> None:
    stop = judge(Deviation(online=1, deletions=1), LIMITS)
    assert stop is not None
    assert stop.rule == LockRule.EMPTIED


def test_a_stock_that_is_exchanged_is_not_empty() -> None:
    assert judge(Deviation(online=2, deletions=2, creations=2), LIMITS) is None


def test_a_cut_import_locks_on_a_single_deletion() -> None:
    stop = judge(Deviation(online=60, deletions=1, truncated=True), LIMITS)
    assert stop is not None
    assert stop.rule == LockRule.TRUNCATED


def test_an_approval_is_a_ceiling_and_no_licence() -> None:
    approved = Deviation(online=60, deletions=8, approved_deletions=8)
    assert judge(approved, LIMITS) is None
    assert judge(replace(approved, deletions=3, deletions_done=5), LIMITS) is None
    assert judge(replace(approved, deletions=9), LIMITS) is not None
    assert judge(replace(approved, deletions=4, deletions_done=5), LIMITS) is not None


def test_what_was_approved_and_carried_out_leaves_the_ordinary_allowance() -> None:
    """8 approved and done, 50 still online: five more pass, the sixth locks."""
    done = Deviation(online=50, deletions_done=8, approved_deletions=8)
    assert judge(replace(done, deletions=5), LIMITS) is None
    assert judge(replace(done, deletions=3, online=48, deletions_done=10), LIMITS) is None
    stop = judge(replace(done, deletions=6), LIMITS)
    assert stop is not None
    assert stop.deletion_limit == 13
    flood = Deviation(online=50, creations_done=20, approved_creations=20)
    assert judge(replace(flood, creations=10), LIMITS) is None
    assert judge(replace(flood, creations=11), LIMITS) is not None


def test_what_went_and_came_back_counts_once_in_the_base() -> None:
    """60 online, six of them deleted and created again today: ten percent of 60, not of 66."""
    again = Deviation(online=60, deletions_done=6, online_again=6)
    assert again.before == 60


def test_each_ceiling_is_for_its_own_kind() -> None:
    creating = Deviation(online=60, creations=20)
    assert judge(replace(creating, approved_creations=20), LIMITS) is None
    assert judge(replace(creating, approved_deletions=20), LIMITS) is not None
    deleting = Deviation(online=60, deletions=20)
    assert judge(replace(deleting, approved_deletions=20), LIMITS) is None
    assert judge(replace(deleting, approved_creations=20), LIMITS) is not None


def test_an_approved_emptying_is_one_of_as_many_as_were_shown() -> None:
    approved = Deviation(online=2, deletions=2, approved_deletions=1, approved_empty=True)
    stop = judge(approved, LIMITS)
    assert stop is not None
    assert stop.rule == LockRule.EMPTIED


def test_an_approved_emptying_goes_on_after_a_crash_in_its_middle() -> None:
    approved = Deviation(online=60, deletions=60, approved_deletions=60, approved_empty=True)
    assert judge(approved, LIMITS) is None
    assert judge(replace(approved, online=20, deletions=20, deletions_done=40), LIMITS) is None


def test_approved_deletions_do_not_approve_an_empty_stock() -> None:
    stop = judge(Deviation(online=8, deletions=8, approved_deletions=8), LIMITS)
    assert stop is not None
    assert stop.rule == LockRule.EMPTIED


@given(deviations(), st.integers(1, 50))
def test_more_deletions_never_open_the_brake(deviation: Deviation, more: int) -> None:
    """Monotone, as long as there is that much online to delete."""
    if judge(deviation, LIMITS) is None or deviation.deletions + more > deviation.online:
        return
    assert judge(replace(deviation, deletions=deviation.deletions + more), LIMITS) is not None


@given(deviations(), st.integers(1, 50))
def test_more_creations_open_the_brake_only_where_they_fill_an_empty_stock(
    deviation: Deviation, more: int
) -> None:
    stop = judge(deviation, LIMITS)
    if stop is None or stop.rule == LockRule.EMPTIED:
        return
    assert judge(replace(deviation, creations=deviation.creations + more), LIMITS) is not None


@given(deviations())
def test_an_emptied_stock_never_passes_without_an_approval_for_it(deviation: Deviation) -> None:
    emptied = replace(
        deviation,
        online=max(deviation.online, 1),
        deletions=max(deviation.online, 1),
        creations=0,
        approved_empty=False,
    )
    assert judge(emptied, LIMITS) is not None


@given(deviations())
def test_nothing_planned_never_locks(deviation: Deviation) -> None:
    assert judge(replace(deviation, deletions=0, creations=0), LIMITS) is None


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100_000))
def test_a_share_is_rounded_up_and_never_below_the_floor(floor: int, percent: int, of: int) -> None:
    found = share(floor, percent, of)
    assert found >= floor
    assert found * 100 >= min(percent * of, found * 100)
    assert found == floor or (found - 1) * 100 < percent * of


@given(deviations(), st.integers(0, 50), st.integers(0, 50))
def test_what_passes_with_the_most_and_with_no_creations_passes_with_any_number_between(
    deviation: Deviation, most: int, some: int
) -> None:
    ends = (deviation, replace(deviation, creations=deviation.creations + most))
    between = replace(deviation, creations=deviation.creations + min(some, most))
    assert any(judge(end, GuardLimits()) for end in ends) or judge(between, GuardLimits()) is None


def test_the_limits_are_those_of_the_settings() -> None:
    settings = Settings(lock_deletions=1, lock_deletion_percent=2, lock_creations=3, lock_creation_percent=4)
    assert guard_limits(settings) == GuardLimits(1, 2, 3, 4)
