"""Redis is away: the scheduler sees to what is due by itself, and steps back when it is there again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis import Redis

import worker
from portal.exports import jobs
from portal.exports.core.runtime import Runtime
from portal.models.exports import TransferState
from tests.exports.conftest import Stage

NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def alone(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """The runtime of a scheduler that reaches no Redis."""
    lonely = replace(runtime, settings=replace(runtime.settings, redis_url=NOBODY_THERE))
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: lonely)
    return lonely


def test_the_tick_sends_what_is_due(stage: Stage, alone: Runtime) -> None:
    vehicle = stage.vehicle()
    assert jobs.run_tick() is False
    assert [row.state for row in stage.transfers(vehicle)] == [TransferState.OK]


def test_one_turn_is_bounded_and_what_people_changed_comes_first(stage: Stage, alone: Runtime) -> None:
    other = Stage(stage.build, alone, customer_number="4711002")
    machine = other.build.vehicle(other.dealer)
    other.build.release(machine, other.activation)
    other.build.transfer(machine, other.activation, bulk=True)
    person = stage.vehicle()
    assert jobs.drain_here(alone, budget=0) == 1
    assert [row.state for row in stage.transfers(person)] == [TransferState.OK]
    assert [row.state for row in stage.transfers(machine)] == [TransferState.WAITING]


def test_whoever_trips_keeps_no_other_from_its_turn(
    stage: Stage, alone: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Stage(stage.build, alone, customer_number="4711002")
    first.vehicle()
    vehicle = stage.vehicle()
    run = jobs.run_activation

    def trip(runtime: Runtime, activation_id: object) -> None:
        if activation_id == first.activation.id:
            raise RuntimeError("bug")
        run(runtime, stage.activation.id)

    monkeypatch.setattr(jobs, "run_activation", trip)
    assert jobs.drain_here(alone) == 2
    assert [row.state for row in stage.transfers(vehicle)] == [TransferState.OK]


def test_the_log_says_when_it_begins_and_when_it_ends(
    stage: Stage,
    alone: Runtime,
    redis: Redis,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert worker._look(True) is False
    assert worker._look(False) is False
    assert [record.levelname for record in caplog.records if "by itself" in record.message] == ["ERROR"]
    back = replace(alone)
    back.__dict__["redis"] = redis
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: back)
    assert worker._look(False) is True
    assert "answers again" in caplog.text
