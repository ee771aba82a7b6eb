"""Nobody waits behind a big one: sending goes in slices, and what a person changed goes before the rest."""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import select

from portal.exports.core.runtime import Runtime
from portal.exports.dispatch import window
from portal.exports.jobs import run_activation, tick
from portal.exports.mass_change import rules
from portal.models import Activation, Vehicle
from portal.models.exports import ActivationState, TransferState, Trigger
from portal.outbox import Line, activation_rings, note_changes
from portal.platforms import read_environment
from tests.bell import Bell
from tests.conftest import Work
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

MANY = 140


@pytest.fixture
def crowd(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An import has brought a whole stock, and a slice is over after one window."""
    with stage.build.at_once():
        vehicles = [stage.build.vehicle(stage.dealer) for _ in range(MANY)]
        for vehicle in vehicles:
            stage.build.release(vehicle, stage.activation)
    with stage.runtime.sessions.begin() as session:
        note_changes(session, [vehicle.id for vehicle in vehicles], bulk=True)
    monkeypatch.setattr(window, "SLICE", 0.0)
    return stage


def states(stage: Stage) -> list[str]:
    return [row.state for row in stage.transfers()]


def test_a_slice_leaves_the_rest_and_rings_at_the_end_of_the_line(crowd: Stage, bell: Bell) -> None:
    bell.rung.clear()
    bell.lines.clear()
    crowd.drain()
    assert 0 < states(crowd).count(TransferState.WAITING) < MANY
    assert (bell.rung, bell.lines) == ([crowd.activation.id], [Line.BULK])


def test_slice_by_slice_everything_goes_out_once(crowd: Stage, bell: Bell, marketplace: Marketplace) -> None:
    bell.rung.clear()
    runs = 1
    crowd.drain()
    while bell.rung:
        bell.rung.clear()
        crowd.drain()
        runs += 1
    assert runs > 1
    assert TransferState.WAITING not in states(crowd)
    assert len(states(crowd)) == MANY


def test_what_a_person_changes_between_two_slices_is_in_the_next(crowd: Stage, bell: Bell) -> None:
    crowd.drain()
    assert states(crowd).count(TransferState.WAITING) > 0
    waiting = [row.vehicle_id for row in crowd.transfers() if row.state == TransferState.WAITING]
    last = waiting[-1]
    with crowd.runtime.sessions.begin() as session:
        note_changes(session, [last])
    assert bell.lines[-1] == Line.PEOPLE
    crowd.drain()
    [row] = [row for row in crowd.transfers() if row.vehicle_id == last]
    assert row.state != TransferState.WAITING


def test_another_dealers_change_waits_for_one_slice_at_most(
    crowd: Stage, runtime: Runtime, bell: Bell
) -> None:
    """One worker serves both lines, the people's first: a whole stock of one, a price change of another."""
    other = Stage(crowd.build, runtime, customer_number="4711002")
    vehicle = other.vehicle()
    bell.rung.clear()
    bell.lines.clear()
    crowd.drain()
    other.change(vehicle, mileage=77_777)
    line = sorted(zip(bell.lines, bell.rung, strict=True), key=lambda one: one[0] == Line.BULK)
    assert line[0] == (Line.PEOPLE, other.activation.id)
    run_activation(runtime, line[0][1])
    assert {row.state for row in other.transfers(vehicle)} <= {TransferState.OK, TransferState.WARNING}
    assert TransferState.WAITING in states(crowd)


@pytest.fixture
def alone(crowd: Stage, redis: Redis, valkey_url: str, at_work: Work, marketplace: Marketplace) -> Stage:
    """The line that others would stand in is empty."""
    crowd.runtime = at_work(redis_url=valkey_url, platforms=read_environment({}, marketplace.url))
    return crowd


def test_where_nobody_waits_it_goes_on(alone: Stage) -> None:
    """To begin anew takes as long as a hundred requests."""
    alone.drain()
    assert TransferState.WAITING not in states(alone)


@pytest.mark.parametrize("line", Line)
def test_whoever_stands_in_line_ends_it(alone: Stage, redis: Redis, line: Line) -> None:
    assert activation_rings(redis, line).ring([str(uuid4())])
    alone.drain()
    assert TransferState.WAITING in states(alone)


def test_a_change_that_came_meanwhile_ends_it(alone: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted before anybody who waits is asked for, so it is there at the end of the first slice."""
    waiting = [row.vehicle_id for row in alone.transfers()]
    others_wait = alone.runtime.others_wait

    def change_one() -> bool:
        alone.note(alone.session.get_one(Vehicle, waiting[-1]))
        return others_wait()

    monkeypatch.setattr(alone, "runtime", replace(alone.runtime, others_wait=change_one))
    alone.drain()
    assert TransferState.WAITING in states(alone)


def test_it_does_not_go_on_for_ever(alone: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is told to stop ends with its slice."""
    monkeypatch.setattr(window, "LONGEST", 0.0)
    alone.drain()
    assert TransferState.WAITING in states(alone)


def test_the_tick_rings_in_the_line_of_what_waits(crowd: Stage, runtime: Runtime, bell: Bell) -> None:
    bell.lines.clear()
    tick(runtime)
    assert bell.lines == [Line.BULK]
    crowd.vehicle()
    bell.lines.clear()
    tick(runtime)
    assert bell.lines == [Line.PEOPLE]


@pytest.mark.parametrize(("trigger", "line"), [(Trigger.CHANGE, Line.PEOPLE), (Trigger.SCHEDULE, Line.BULK)])
def test_what_the_schedule_changes_is_a_machines(
    stage: Stage, bell: Bell, trigger: Trigger, line: Line
) -> None:
    [vehicle] = stage.others_online()
    bell.lines.clear()
    with stage.runtime.sessions.begin() as session:
        note_changes(session, [vehicle.id], trigger)
    assert bell.lines == [line]


def test_the_guard_judges_everything_although_a_slice_sends_a_part(crowd: Stage) -> None:
    """Deletions beyond the rule lock before anything goes out, whatever the next slice would send."""
    leaving = crowd.others_online(rules.GuardLimits().deletions + 40)
    for vehicle in leaving:
        crowd.take_offline(vehicle)
    crowd.drain()
    assert set(states(crowd)) == {TransferState.WAITING}
    assert crowd.session.scalars(select(Activation.state)).all() == [ActivationState.LOCKED]


def test_a_slice_is_told_to_the_operator_with_dealer_app_counts_and_seconds(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.events")
    stage.vehicle()
    stage.drain()
    [told, *_] = [vars(one) for one in caplog.records if vars(one).get("event") == "slice"]
    assert (told["app"], told["due"], told["done"], told["halted"]) == ("mobile-de", 1, 1, False)
    assert told["dealer"] == str(stage.activation.dealer_id)
    assert told["seconds"] >= 0
