"""A platform that is down or sick: left alone, asked once, and no vehicle pays for it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from portal.exports.lifecycle.recheck import idle_and_failing
from portal.exports.trouble import breaker_state
from portal.exports.trouble.breaker import STREAK, PlatformTrouble
from portal.models import Activation, ActivationLease, Transfer
from portal.models.exports import ActivationState, TransferState
from portal.platforms import get_app
from portal.vehicle_facts.data import Prices
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

PARALLEL = get_app("mobile-de").parallel
MANY = 6 * PARALLEL
LATER = 600
"""Seconds that the marketplace asks for where a test must not meet the second attempt."""
WRITES = ("create", "update", "delete")


def activation(stage: Stage) -> Activation:
    return fresh(stage.session, Activation, stage.activation.id)


def burnt(stage: Stage) -> int:
    return sum(row.attempt_count for row in stage.transfers() if row.state == TransferState.WAITING)


def waits(stage: Stage) -> int:
    return len([row for row in stage.transfers() if row.state == TransferState.WAITING])


def requests_of(stage: Stage, marketplace: Marketplace) -> int:
    """How many a drain after the pause sends."""
    before = len(marketplace.requests(*WRITES))
    stage.make_due()
    stage.drain()
    return len(marketplace.requests(*WRITES)) - before


def test_a_platform_that_is_down_is_asked_by_one_request_until_it_answers(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicles(MANY)
    marketplace.fault("error", "create", status=503)
    stage.drain()
    opened = activation(stage)
    since, failures = opened.failing_since, opened.failures
    assert since is not None
    assert burnt(stage) == 0
    assert [requests_of(stage, marketplace) for _ in range(3)] == [1, 1, 1]
    failing_on = activation(stage)
    assert (failing_on.failing_since, failing_on.failures) == (since, failures + 3)
    assert burnt(stage) == 0
    marketplace.heal()
    stage.make_due()
    stage.drain()
    closed = activation(stage)
    assert (closed.failing_since, closed.failures, closed.paused_until) == (None, 0, None)
    assert len(marketplace.online()) == MANY


def test_nothing_goes_out_before_the_pause_is_over(stage: Stage, marketplace: Marketplace) -> None:
    stage.vehicle()
    marketplace.fault("error", "create", status=503, retryAfter=600)
    stage.drain()
    marketplace.heal()
    seen = len(marketplace.requests())
    stage.drain()
    assert len(marketplace.requests()) == seen


def test_a_sick_platform_burns_the_attempts_of_a_few_not_of_all(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicles(MANY)
    marketplace.fault("error", "create", status=500)
    stage.drain()
    assert activation(stage).failing_since is not None
    assert STREAK <= burnt(stage) < STREAK + PARALLEL
    before = burnt(stage)
    assert [requests_of(stage, marketplace) for _ in range(8)] == [1] * 8
    assert burnt(stage) == before
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert len(marketplace.online()) == MANY


def test_one_poison_vehicle_never_opens_the_breaker(stage: Stage, marketplace: Marketplace) -> None:
    poison = stage.vehicle()
    others = [stage.vehicle() for _ in range(STREAK)]
    marketplace.fault("error", internalNumber=poison.offer_number, status=500)
    for _ in range(STREAK + 1):
        stage.drain()
        assert activation(stage).failing_since is None
        stage.make_due()
    stage.drain()
    assert [row.state for row in stage.transfers(poison)] == [TransferState.FAILED]
    assert len(marketplace.online()) == len(others)


def test_vehicles_that_fail_one_after_the_other_open_it(stage: Stage, marketplace: Marketplace) -> None:
    marketplace.fault("error", "create", status=500, retryAfter=LATER)
    for number in range(1, STREAK + 1):
        stage.vehicle()
        stage.drain()
        assert (activation(stage).failing_since is not None) == (number == STREAK)


def test_a_proper_answer_in_between_ends_the_streak(stage: Stage, marketplace: Marketplace) -> None:
    for _ in range(2):
        marketplace.fault("error", "create", status=500, retryAfter=LATER, count=STREAK - 1)
        for _ in range(STREAK):
            stage.vehicle()
            stage.drain()
    assert activation(stage).failing_since is None
    assert waits(stage) == 2 * (STREAK - 1)


def test_different_troubles_are_no_streak(stage: Stage, marketplace: Marketplace) -> None:
    marketplace.fault("error", "create", status=500, retryAfter=LATER, count=STREAK - 1)
    marketplace.fault("rate-limit", "create", retryAfter=LATER, count=STREAK - 1)
    for _ in range(2 * (STREAK - 1)):
        stage.vehicle()
        stage.drain()
    assert activation(stage).failing_since is None
    assert waits(stage) == 2 * (STREAK - 1)


def test_vehicles_with_trouble_of_their_own_do_not_hold_up_a_new_one(
    stage: Stage, marketplace: Marketplace
) -> None:
    """Their streak opens the breaker; the probe is a vehicle that was never tried."""
    for number in range(STREAK):
        vehicle = stage.vehicle(offer_number=f"POISON{number}")
        marketplace.fault("error", internalNumber=vehicle.offer_number, status=500)
    stage.drain()
    assert activation(stage).failing_since is not None
    stage.vehicle(offer_number="GOOD")
    stage.make_due()
    stage.drain()
    assert list(marketplace.online()) == ["GOOD"]


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_platform_that_asks_several_for_patience_is_left_alone_as_long_as_it_asks(
    stage: Stage, marketplace: Marketplace, form: str
) -> None:
    stage.vehicles(MANY)
    marketplace.fault("rate-limit", "create", retryAfter=1800, retryAfterAs=form)
    stage.drain()
    found = activation(stage)
    assert found.failing_since is not None
    assert found.paused_until is not None
    pause = found.paused_until - found.failing_since
    assert timedelta(minutes=29) < pause <= timedelta(minutes=31)
    assert len(marketplace.requests("create")) < STREAK + PARALLEL


def test_reference_data_that_cannot_be_read_opens_it_longer_each_time(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    marketplace.fault("error", "refdata", status=503)
    pauses = []
    for _ in range(3):
        stage.make_due()
        stage.drain()
        found = activation(stage)
        pauses.append(found.paused_until - datetime.now(UTC))
    assert found.failures == 3
    assert pauses == sorted(pauses)
    assert marketplace.requests("create") == []


def test_an_answer_that_was_under_way_when_it_opened_does_not_end_the_pause(stage: Stage) -> None:
    with stage.runtime.sessions.begin() as session:
        breaker_state.note_failure(session, stage.activation.id, PlatformTrouble("gestört", 600))
        breaker_state.note_answer(session, stage.activation.id, success=True)
    found = activation(stage)
    assert found.failing_since is not None
    assert found.last_success_at is not None


def test_where_nothing_waits_any_more_the_account_itself_is_asked(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicle = stage.vehicle(mileage=1_000)
    stage.drain()
    marketplace.fault("error", "update", "sellers", status=503)
    stage.change(vehicle, mileage=2_000)
    stage.drain()
    stage.change(vehicle, prices=Prices())  # which keeps it from being sent
    stage.make_due()
    stage.drain()
    assert waits(stage) == 0
    stage.make_due()
    stage.drain()
    assert activation(stage).failures == 2, "the check failed as well"
    marketplace.heal()
    stage.make_due()
    assert list(stage.session.scalars(idle_and_failing())) == [stage.activation.id]
    stage.drain()
    assert activation(stage).failing_since is None


def test_what_a_dead_worker_left_says_so_and_has_used_up_nothing(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    [row] = stage.transfers()
    row.state, row.attempt_count, row.sent_at = TransferState.SENDING, 1, datetime.now(UTC)
    stage.session.commit()
    marketplace.fault("error", "create", status=500, count=1)
    stage.drain()
    stage.make_due()
    stage.drain()
    [row] = stage.transfers()
    assert [attempt["outcome"] for attempt in row.attempts] == ["unknown", "retry"]
    assert row.attempt_count == 1


def test_a_writer_whose_lease_was_taken_over_during_a_slow_call_changes_nothing(
    stage: Stage, marketplace: Marketplace
) -> None:
    stage.vehicle()
    marketplace.fault("slow", "create", delayMs=500)
    late = threading.Thread(target=stage.drain)
    late.start()
    while stage.session.scalar(select(func.count()).where(Transfer.state == TransferState.SENDING)) == 0:
        stage.session.rollback()
        time.sleep(0.01)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(ActivationLease).values(token=uuid4(), until=func.now()))
        session.execute(update(Transfer).values(lease_token=uuid4()))
    late.join()
    [row] = stage.transfers()
    assert (row.state, row.attempts) == (TransferState.SENDING, [])
    assert activation(stage).last_success_at is None
    stage.drain()
    stage.make_due()
    stage.drain()
    assert len(marketplace.generations()) == 1
    assert [row.state for row in stage.transfers()] == [TransferState.OK]


def test_a_closing_activation_stays_closing_and_is_asked_by_one_request(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = [stage.vehicle() for _ in range(3)]
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.CLOSING
    stage.note(*vehicles)
    marketplace.fault("error", "delete", status=503)
    stage.drain()
    assert requests_of(stage, marketplace) == 1
    marketplace.heal()
    stage.make_due()
    stage.drain()
    assert activation(stage).state == ActivationState.DEACTIVATED


def test_the_question_whether_it_is_well_again_obeys_what_the_platform_asks_for(
    stage: Stage, marketplace: Marketplace
) -> None:
    """Nothing waits that could be the probe; its answer asks for a minute."""
    stage.activation.failing_since, stage.activation.failures = datetime.now(UTC), 1
    stage.session.commit()
    marketplace.fault("error", "sellers", status=503, retryAfter=60)
    stage.drain()
    found = activation(stage)
    assert found.paused_until is not None
    assert 55 < (found.paused_until - datetime.now(UTC)).total_seconds() <= 60
    assert found.failures == 1, "a wait that was asked for"
