"""When a stopped activation looks again."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.exports.rechecks import PLAN, SPREAD, first, following

ids = st.uuids()


def looks(activation_id: UUID, number: int) -> list[timedelta]:
    """How long after the stop it looks, when every look is in vain."""
    moments = [first(activation_id)]
    while len(moments) < number:
        moments.append(moments[-1] + following(activation_id, moments[-1]))
    return moments


@given(ids)
def test_it_looks_after_five_minutes_a_quarter_an_hour_and_then_hourly(activation_id: UUID) -> None:
    moments = looks(activation_id, 8)
    pauses = [moments[0], *(later - earlier for earlier, later in itertools.pairwise(moments))]
    for each, planned in zip(pauses, (*PLAN, *[PLAN[-1]] * 5), strict=True):
        assert planned <= each <= planned * (1 + SPREAD)


@given(ids, st.timedeltas(timedelta(), timedelta(days=365)))
def test_a_pause_is_bounded_however_long_it_has_been_stopped(activation_id: UUID, since: timedelta) -> None:
    assert PLAN[0] <= following(activation_id, since) <= PLAN[-1] * (1 + SPREAD)


def test_activations_that_stopped_together_do_not_look_together() -> None:
    assert len({first(uuid4()) for _ in range(200)}) > 100
