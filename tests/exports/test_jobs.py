"""What the clock does: ring for what was missed, forget what is old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.exports.core.runtime import Runtime
from portal.exports.jobs import housekeeping, ring_for_moments, tick
from portal.exports.retention import forget_old
from portal.models import Activation, Publication
from portal.models.exports import ActivationState, TransferState
from tests.bell import Bell
from tests.exports.conftest import Stage

SOON = timedelta(minutes=5)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


def test_a_lost_ring_is_made_good(stage: Stage, runtime: Runtime, bell: Bell) -> None:
    stage.vehicle()
    bell.rung.clear()
    assert tick(runtime) == 1
    assert bell.rung == [stage.activation.id]


def test_rows_that_a_dead_worker_left_are_rung_for(stage: Stage, runtime: Runtime, bell: Bell) -> None:
    stage.build.transfer(stage.build.vehicle(stage.dealer), stage.activation, state=TransferState.SENDING)
    tick(runtime)
    assert bell.rung == [stage.activation.id]


@pytest.mark.parametrize(
    "columns",
    [
        {"state": ActivationState.STOPPED},
        {"paused_until": FAR},
    ],
)
def test_nobody_is_rung_who_may_not(stage: Stage, runtime: Runtime, columns: dict[str, object]) -> None:
    stage.vehicle()
    with runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        for name, value in columns.items():
            setattr(activation, name, value)
    assert tick(runtime) == 0


def test_nobody_is_rung_whom_a_worker_is_at(stage: Stage, runtime: Runtime) -> None:
    stage.vehicle()
    stage.build.lease(stage.activation, FAR)
    stage.session.commit()
    assert tick(runtime) == 0


def test_a_retry_is_rung_for_when_its_time_has_come(stage: Stage, runtime: Runtime) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    row = stage.build.transfer(vehicle, stage.activation, not_before=datetime.now(UTC) + SOON)
    assert tick(runtime) == 0
    row.not_before = datetime.now(UTC) - SOON
    stage.session.commit()
    assert tick(runtime) == 1


@pytest.mark.parametrize("moment", ["attempt", "pause", "lease"])
def test_what_becomes_due_is_rung_for_at_its_moment(
    stage: Stage, runtime: Runtime, bell: Bell, moment: str
) -> None:
    """A pulse finds what came due just now, and neither what is to come nor what was seen to long ago."""
    vehicle = stage.build.vehicle(stage.dealer)
    row = stage.build.transfer(vehicle, stage.activation) if moment == "attempt" else stage.activation
    column = {"attempt": "not_before", "pause": "paused_until", "lease": "until"}[moment]
    if moment == "lease":
        row = stage.build.lease(stage.activation, FAR)
    for ends_in, rings in ((SOON, 0), (timedelta(seconds=-1), 1), (-SOON, 0)):
        setattr(row, column, datetime.now(UTC) + ends_in)
        stage.session.commit()
        assert ring_for_moments(runtime) == rings


def test_final_transfers_older_than_the_history_are_forgotten(stage: Stage, runtime: Runtime) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    old = datetime.now(UTC) - timedelta(days=5, minutes=1)
    for state in (TransferState.OK, TransferState.REJECTED, TransferState.WAITING):
        stage.build.transfer(vehicle, stage.activation, state=state, created_at=old)
    stage.build.transfer(vehicle, stage.activation, state=TransferState.OK)
    assert forget_old(runtime.sessions, 5) == {"transfer": 2}
    assert sorted(row.state for row in stage.transfers()) == ["ok", "waiting"]


def test_vehicles_are_released_when_their_stock_days_are_reached(stage: Stage, runtime: Runtime) -> None:
    long_ago = datetime.now(UTC).date() - timedelta(days=30)
    ripe = stage.build.vehicle(stage.dealer, stock_date=long_ago)
    stage.build.vehicle(stage.dealer, stock_date=datetime.now(UTC).date())
    with runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).settings = {"kinds": {"used": 14}}
    housekeeping(runtime)
    released = stage.session.query(Publication).all()
    assert [row.vehicle_id for row in released] == [ripe.id]
    assert [row.vehicle_id for row in stage.transfers()] == [ripe.id]


def test_what_came_back_undelivered_after_a_deactivation_is_discarded(stage: Stage, runtime: Runtime) -> None:
    stage.vehicle()
    with runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.DEACTIVATED
    housekeeping(runtime)
    assert [row.state for row in stage.transfers()] == [TransferState.DISCARDED]
