"""Trouble that a platform has with all of us: one request finds out whether it is over, however many wait."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, update

from portal.exports import jobs
from portal.exports.core.lease import LEASE
from portal.exports.core.runtime import Runtime
from portal.exports.trouble import breaker_state, platform_state
from portal.exports.trouble.breaker import STREAK, PlatformTrouble
from portal.exports.trouble.platform_state import SUSPECTS
from portal.models import Activation, PlatformBreaker, Transfer
from portal.models.exports import ActivationState, TransferState
from portal.notifications.problems import ProblemKind, open_problem
from tests.builders import Build, fresh
from tests.exports.conftest import Stage
from tests.exports.leases import take
from tests.marketplace import Marketplace

DEALERS = 12
WORKERS = 2
WRITES = ("create", "update", "delete")


class Fair:
    """Many dealers at one platform, each with one change, and several workers."""

    def __init__(self, build: Build, runtime: Runtime, dealers: int) -> None:
        self.session, self.runtime = build.session, runtime
        self.stages = [Stage(build, runtime, customer_number=f"48{number:05}") for number in range(dealers)]
        for number, stage in enumerate(self.stages):
            stage.vehicle(offer_number=f"FAIR{number}")

    def drain(self, stages: Sequence[Stage] | None = None) -> None:
        """Every worker looks at every activation, as if all had been rung at once."""
        rung = list(stages or self.stages)

        def work(first: int) -> None:
            for stage in rung[first:] + rung[:first]:
                stage.drain()

        workers = [threading.Thread(target=work, args=(n * len(rung) // WORKERS,)) for n in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def platform(self) -> PlatformBreaker:
        return fresh(self.session, PlatformBreaker, "mobile-de")

    def end_pause(self) -> None:
        self.pause(timedelta(seconds=-1))

    def pause(self, length: timedelta) -> None:
        with self.runtime.sessions.begin() as session:
            session.execute(update(PlatformBreaker).values(paused_until=func.now() + length))
            session.execute(update(Transfer).values(not_before=None))

    def activation(self, number: int) -> Activation:
        return fresh(self.session, Activation, self.stages[number].activation.id)


@pytest.fixture
def fair(build: Build, runtime: Runtime) -> Fair:
    return Fair(build, runtime, DEALERS)


@pytest.fixture
def few(build: Build, runtime: Runtime) -> Fair:
    return Fair(build, runtime, SUSPECTS)


def requests(marketplace: Marketplace) -> int:
    return len(marketplace.requests(*WRITES))


def tell(fair: Fair) -> None:
    with fair.runtime.sessions.begin() as session:
        platform_state.tell_activations(session)


def test_a_platform_that_is_down_for_many_costs_one_request_for_each_probe(
    fair: Fair, marketplace: Marketplace
) -> None:
    marketplace.fault("error", *WRITES, status=503)
    fair.drain()
    assert requests(marketplace) <= WORKERS, "what was under way when it was found out"
    for probe in range(3):
        before, failures = requests(marketplace), fair.platform().failures
        fair.pause(timedelta(minutes=10))
        fair.drain()
        assert requests(marketplace) == before, f"before pause {probe} is over"
        fair.end_pause()
        fair.drain(fair.stages[: 2 * WORKERS])
        assert requests(marketplace) == before + 1
        assert fair.platform().failures == failures + 1
    marketplace.heal()
    fair.end_pause()
    fair.drain()
    fair.drain()
    assert fair.platform().failing_since is None
    assert len(marketplace.online()) == len(marketplace.generations()) == DEALERS
    assert {row.attempt_count for row in fair.stages[0].transfers()} == {1}, "no vehicle pays for it"


def test_one_asks_and_the_others_wait_for_it_until_its_lease_is_over(
    few: Fair, marketplace: Marketplace
) -> None:
    marketplace.fault("error", *WRITES, status=503)
    few.stages[0].drain()
    few.end_pause()
    marketplace.heal()
    before = requests(marketplace)
    asking = take(few.runtime.sessions, few.stages[0].activation.id)
    assert asking is not None
    with few.runtime.sessions.begin() as session:
        assert platform_state.take_turn(session, "mobile-de", asking)
    few.drain(few.stages[1:])
    assert requests(marketplace) == before
    with few.runtime.sessions.begin() as session:
        over = func.now() - LEASE
        session.execute(update(jobs.ActivationLease).values(until=over))
    few.drain(few.stages[1:])
    few.drain()
    assert len(marketplace.online()) == SUSPECTS


def test_what_the_operators_account_is_asked_for_holds_for_every_dealer(
    few: Fair, marketplace: Marketplace
) -> None:
    first, second = few.stages[:2]
    for number in range(STREAK):
        first.vehicle(offer_number=f"MORE{number}")
    marketplace.fault("rate-limit", "create", retryAfter=1800)
    first.drain()
    asked_until = few.platform().paused_until
    assert asked_until is not None
    assert timedelta(minutes=29) < asked_until - datetime.now(UTC) <= timedelta(minutes=30)
    marketplace.heal()
    before = requests(marketplace)
    second.drain()
    assert requests(marketplace) == before


@pytest.mark.parametrize("effect", ["error", "reset"])
def test_several_dealers_in_a_row_with_one_vehicle_each_are_the_platforms_trouble(
    few: Fair, marketplace: Marketplace, effect: str
) -> None:
    marketplace.fault(effect, *WRITES, status=500)
    for number, stage in enumerate(few.stages, start=1):
        stage.drain()
        assert (few.platform().failing_since is not None) == (number >= SUSPECTS)


def test_a_proper_answer_for_anybody_clears_the_suspicion(few: Fair, marketplace: Marketplace) -> None:
    *sick, well = few.stages
    marketplace.fault("error", *WRITES, status=500, count=len(sick))
    for stage in sick:
        stage.drain()
    assert len(few.platform().suspects) == len(sick)
    well.drain()
    assert few.platform().suspects == []
    assert few.platform().failing_since is None


def test_trouble_far_apart_is_of_the_vehicles(few: Fair, marketplace: Marketplace) -> None:
    marketplace.fault("error", *WRITES, status=500)
    for stage in few.stages:
        stage.drain()
        with few.runtime.sessions.begin() as session:
            session.execute(update(PlatformBreaker).values(suspected_at=func.now() - timedelta(minutes=2)))
    assert few.platform().failing_since is None


def test_trouble_of_one_seller_stays_with_his_activation(few: Fair, marketplace: Marketplace) -> None:
    alone = few.stages[0]
    for number in range(STREAK):
        vehicle = alone.vehicle(offer_number=f"POISON{number}")
        marketplace.fault("error", internalNumber=vehicle.offer_number, status=500)
    marketplace.fault("error", internalNumber="FAIR0", status=500)
    alone.drain()
    assert few.activation(0).failing_since is not None
    assert not few.activation(0).shares_trouble
    few.drain(few.stages[1:])
    assert set(marketplace.online()) == {f"FAIR{number}" for number in range(1, SUSPECTS)}
    assert few.platform().failing_since is None


def test_whoever_has_something_waiting_reads_of_the_trouble_and_of_its_end(
    few: Fair, marketplace: Marketplace
) -> None:
    marketplace.fault("error", *WRITES, status=503)
    few.stages[0].drain()
    tell(few)
    told = few.activation(1)
    assert (told.failing_since, told.paused_until) == (
        few.platform().failing_since,
        few.platform().paused_until,
    )
    with few.runtime.sessions.begin() as session:
        problem = open_problem(session, session.merge(told), ProblemKind.FAILING, detail={})
    marketplace.heal()
    few.end_pause()
    few.stages[2].drain()
    tell(few)
    assert [few.activation(n).failing_since for n in range(SUSPECTS)] == [None] * SUSPECTS
    assert problem is None or few.session.get(type(problem), problem.id).closed_at is not None  # type: ignore[union-attr]


def test_an_activation_with_nothing_to_send_has_no_trouble_to_show(few: Fair) -> None:
    with few.runtime.sessions.begin() as session:
        session.execute(update(Transfer).values(state=TransferState.OK))
        breaker_state.note_failure(session, few.stages[0].activation.id, PlatformTrouble("-"), for_all=True)
    tell(few)
    assert few.activation(1).failing_since is None


def test_when_the_pause_is_over_one_is_rung_and_when_it_is_well_all_are(
    few: Fair, marketplace: Marketplace
) -> None:
    marketplace.fault("error", *WRITES, status=503)
    few.stages[0].drain()
    assert rung(few) == 0
    few.end_pause()
    assert rung(few) == 1
    marketplace.heal()
    few.stages[0].drain()
    assert rung(few) == SUSPECTS - 1, "the first has sent already"


def rung(fair: Fair) -> int:
    with fair.runtime.sessions() as session:
        return len(platform_state.to_ring(session, jobs.MOMENTS_BACK))


def test_where_nothing_waits_one_activation_asks_for_all(few: Fair, marketplace: Marketplace) -> None:
    with few.runtime.sessions.begin() as session:
        session.execute(update(Transfer).values(state=TransferState.OK))
        breaker_state.note_failure(session, few.stages[0].activation.id, PlatformTrouble("-"), for_all=True)
    few.end_pause()
    few.drain()
    assert len(marketplace.requests("sellers")) == 1
    assert few.platform().failing_since is None


def test_a_stopped_activation_does_not_look_by_itself_while_the_platform_is_left_alone(
    few: Fair, marketplace: Marketplace
) -> None:
    stopped = {"state": ActivationState.STOPPED, "stop_cause": "credentials", "stopped_at": func.now()}
    with few.runtime.sessions.begin() as session:
        breaker_state.note_failure(
            session, few.stages[0].activation.id, PlatformTrouble("-", 600), for_all=True
        )
        values: dict[str, Any] = {**stopped, "recheck_at": func.now()}
        session.execute(update(Activation).values(**values))
    few.drain()
    assert marketplace.requests("sellers") == []
    few.end_pause()
    marketplace.fault("error", "sellers", status=503)
    few.drain()
    assert len(marketplace.requests("sellers")) == 1
    assert few.platform().failures == 1 + 1


def test_another_platform_goes_on(few: Fair) -> None:
    with few.runtime.sessions.begin() as session:
        platform_state.note_failure(session, "autoscout24", datetime.now(UTC), PlatformTrouble("-", 600))
    assert {row for row, _ in jobs.due_now(few.runtime)} == {stage.activation.id for stage in few.stages}


def test_whoever_has_no_lease_any_more_asks_nothing(few: Fair) -> None:
    """A probe is barred by a lease that lives, not by a token that was left in the row."""
    with few.runtime.sessions.begin() as session:
        breaker_state.note_failure(session, few.stages[0].activation.id, PlatformTrouble("-"), for_all=True)
        session.execute(update(PlatformBreaker).values(probe_token=uuid4(), paused_until=func.now()))
    lease = take(few.runtime.sessions, few.stages[1].activation.id)
    assert lease is not None
    with few.runtime.sessions.begin() as session:
        assert platform_state.take_turn(session, "mobile-de", lease)
