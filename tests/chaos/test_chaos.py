"""The short form of `make chaos`: a storm of half a minute, and the worst moments one by one."""

from __future__ import annotations

import pytest

from tests.chaos import moments
from tests.chaos.ground import NO_BRAKE, Ground
from tests.chaos.platforms import ChaosPlatform
from tests.chaos.storm import Plan, blow
from tests.chaos.verdict import judge
from tests.chaos.yard import stock
from tests.programs import WHOLE_MACHINE

SHORT = Plan(
    seed=4711,
    vehicles=45,
    changes=250,
    kills=5,
    valkey_restarts=1,
    postgres_restarts=1,
    seconds=20.0,
    outages=1,
    idle_connections=20,
)


pytestmark = WHOLE_MACHINE


def test_a_storm_loses_nothing_and_doubles_nothing(field: Ground) -> None:
    yard = stock(field, SHORT.vehicles)
    groups = [field.group("--workers", "2", **NO_BRAKE) for _ in range(2)]
    weather = blow(field, yard, groups, SHORT)
    verdict = judge(field, yard)
    verdict.assert_clean()
    assert (weather.kills, weather.valkey_restarts, weather.postgres_restarts) == (5, 1, 1)
    assert (weather.outages, weather.crowds >= 1, weather.connections_killed > 0) == (1, True, True)
    assert weather.faults.total() > 0
    assert verdict.requests > SHORT.vehicles, "the storm met a portal that did nothing"


@pytest.mark.parametrize(
    ("moment", "platform"), moments.SHORT, ids=lambda part: getattr(part, "app", None) or part.__name__
)
def test_the_worst_moment(field: Ground, moment: moments.Play, platform: ChaosPlatform) -> None:
    moment(field, platform).assert_clean()
