"""What a ring costs in statements, in a process that is warm."""

from __future__ import annotations

from sqlalchemy import event

from portal.exports.core.runtime import Runtime
from portal.exports.jobs import run_activation
from tests.conftest import count_queries
from tests.exports.conftest import Stage

FOR_ONE_CHANGE = 15
FOR_NOTHING = 3
"""Take the lease, ask what is due and give it back, look once more."""


def test_a_ring_for_one_changed_vehicle_costs_few_statements(stage: Stage, runtime: Runtime) -> None:
    vehicle = stage.vehicle()
    stage.others_online(3)
    stage.drain()
    stage.change(vehicle, mileage=77_777)
    with count_queries() as statements:
        run_activation(runtime, stage.activation.id)
    assert [row.state for row in stage.transfers(vehicle)] == ["ok", "ok"]
    assert len(statements) <= FOR_ONE_CHANGE


def test_the_last_outcome_is_written_with_the_end_of_the_lease(stage: Stage, runtime: Runtime) -> None:
    """One transaction, so one wait for the disk."""
    stage.vehicle()
    stage.others_online(3)
    stage.drain()
    stage.vehicle()
    transactions: list[list[str]] = [[]]
    event.listen(runtime.engine, "before_cursor_execute", lambda *asked: transactions[-1].append(asked[2]))
    event.listen(runtime.engine, "commit", lambda _connection: transactions.append([]))
    run_activation(runtime, stage.activation.id)
    [last] = [some for some in transactions if any("feedback = r.feedback" in one for one in some)]
    assert any("UPDATE activation_lease SET token=NULL" in one for one in last)


def test_a_ring_for_nothing_costs_three(stage: Stage, runtime: Runtime) -> None:
    stage.vehicle()
    stage.drain()
    with count_queries() as statements:
        run_activation(runtime, stage.activation.id)
    assert len(statements) == FOR_NOTHING
