"""`make chaos`: the storm in full, the worst moments, cut uploads; figures go into docs/reliability.md."""

from __future__ import annotations

import argparse
import sys
import time

from tests.chaos import moments, report
from tests.chaos.ground import NO_BRAKE, Ground, ground
from tests.chaos.platforms import ChaosPlatform
from tests.chaos.storm import Plan, blow
from tests.chaos.uploads import cut_a_hundred_uploads
from tests.chaos.verdict import judge
from tests.chaos.yard import stock
from tests.programs import end_with_this_process


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=20_261_124)
    seed = options.parse_args().seed
    plan = Plan(
        seed,
        vehicles=300,
        changes=8_000,
        kills=200,
        valkey_restarts=20,
        postgres_restarts=20,
        seconds=1_800,
        outages=20,
        idle_connections=300,
        strikes=2_000,
    )
    end_with_this_process()
    with ground() as here:
        storm = _storm(here, plan)
        print(report.of_storm(storm), flush=True)
        played = [_moment(here, moment, platform) for moment, platform in moments.ALL]
    uploads = cut_a_hundred_uploads()
    figures = report.Figures(storm, played, uploads)
    print(report.of_rest(figures))
    report.write(figures)
    return 0 if figures.clean else 1


def _storm(here: Ground, plan: Plan) -> report.Storm:
    print(f"seed {plan.seed}, {plan.changes} changes over {plan.vehicles} vehicles …", flush=True)
    yard = stock(here, plan.vehicles)
    groups = [here.group("--workers", "2", **NO_BRAKE) for _ in range(2)]
    weather = blow(here, yard, groups, plan)
    return report.Storm(weather, judge(here, yard), yard.refused)


def _moment(here: Ground, moment: moments.Play, platform: ChaosPlatform) -> report.Moment:
    here.clean()
    started = time.monotonic()
    verdict = moment(here, platform)
    name = f"{moment.__name__} ({platform.app})"
    print(f"{name}: {'clean' if verdict.clean else verdict}", flush=True)
    return report.Moment(name, verdict, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
