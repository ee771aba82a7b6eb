"""A full transfer against the sandbox: once a day, whole, and safe to interrupt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update

from portal.audit import Who
from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.full_transfer import control, task
from portal.exports.full_transfer.control import (
    FullTransferReason,
    FullTransferRefused,
    cancel,
    find_refusal,
    start,
)
from portal.exports.full_transfer.task import count_transfers
from portal.exports.jobs import tick
from portal.exports.mass_change.lock import ShownNumbers, approve_lock
from portal.models import Activation, AuditEvent, Listing, Lock, Run, Transfer, Vehicle
from portal.models.exports import ActivationState, ListingState, RunState, TransferState, Trigger
from portal.vehicle_facts.data import Prices
from tests.builders import fresh
from tests.exports.conftest import Stage
from tests.exports.killing import kill_once_it_sends
from tests.exports.leases import hold
from tests.marketplace import Marketplace
from tests.words import german

ALICE = Who(name="Alice")


def ask(stage: Stage, reason: FullTransferReason = FullTransferReason.MISSING) -> UUID:
    with stage.runtime.sessions.begin() as session:
        return start(session, session.get_one(Activation, stage.activation.id), reason, ALICE)


def call_off(stage: Stage, run_id: UUID) -> bool:
    with stage.runtime.sessions() as session:
        activation = session.get_one(Activation, stage.activation.id)
        return cancel(session, activation, session.get_one(Run, run_id), ALICE)


def perform(stage: Stage, duty: Callable[[Runtime, Lease], None]) -> None:
    """One duty alone, as the engine would under its lease."""
    with hold(stage.runtime.sessions, stage.activation.id) as lease:
        assert lease
        duty(stage.runtime, lease)


def why_not(stage: Stage, **columns: object) -> str:
    with stage.runtime.sessions.begin() as session:
        if columns:
            session.execute(update(Activation).values(**columns))
        found = find_refusal(session, session.get_one(Activation, stage.activation.id))
        return found.text if found else ""


def online(stage: Stage, number: int) -> list[Vehicle]:
    vehicles = [stage.vehicle() for _ in range(number)]
    stage.drain()
    assert {row.state for row in stage.transfers()} == {TransferState.OK}
    return vehicles


def run_of(stage: Stage, run_id: UUID) -> Run:
    found: Run = fresh(stage.session, Run, run_id)
    return found


def updates(marketplace: Marketplace) -> list[str]:
    return [row["internalNumber"] for row in marketplace.requests("update")]


def numbers(vehicles: Iterable[Vehicle]) -> list[str]:
    return sorted(vehicle.offer_number for vehicle in vehicles)


def test_every_vehicle_is_sent_although_nothing_has_changed(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = online(stage, 4)
    run_id = ask(stage)
    stage.drain()
    run = run_of(stage, run_id)
    assert sorted(updates(marketplace)) == numbers(vehicles)
    assert (run.state, run.total, run.accepted) == (RunState.DONE, 4, 4)
    assert run.counts["reason"] == FullTransferReason.MISSING
    assert {row.trigger for row in stage.transfers() if row.run_id == run_id} == {Trigger.BY_HAND}
    assert len(marketplace.generations()) == 4
    assert "full_transfer.started" in stage.session.scalars(select(AuditEvent.what)).all()


def test_a_vehicle_that_the_platform_refused_is_sent_again(stage: Stage, marketplace: Marketplace) -> None:
    [vehicle] = online(stage, 1)
    marketplace.fault("reject", "update", count=1)
    stage.change(vehicle, mileage=70_000)
    stage.drain()
    run_id = ask(stage)
    stage.drain()
    assert run_of(stage, run_id).accepted == 1
    assert marketplace.online()[vehicle.offer_number]["mileage"] == 70_000


def test_it_is_possible_once_in_24_hours(stage: Stage) -> None:
    online(stage, 1)
    run_id = ask(stage)
    with pytest.raises(FullTransferRefused, match="läuft bereits"):
        ask(stage)
    stage.drain()
    with pytest.raises(FullTransferRefused, match="einmal in 24 Stunden") as refused:
        ask(stage)
    assert refused.value.refusal.until == run_of(stage, run_id).created_at + timedelta(hours=24)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, run_id).created_at = datetime.now(UTC) - timedelta(hours=24, minutes=1)
    assert ask(stage) != run_id


@pytest.mark.parametrize("state", [state for state in ActivationState if state != ActivationState.ACTIVE])
def test_it_is_refused_with_its_reason(stage: Stage, state: ActivationState) -> None:
    assert why_not(stage) == ""
    assert why_not(stage, state=state) == control.REFUSAL_OF_STATE[state]
    with pytest.raises(FullTransferRefused):
        ask(stage)
    assert stage.session.scalars(select(Run)).all() == []


def test_a_change_on_the_way_goes_out_once_for_both(stage: Stage, marketplace: Marketplace) -> None:
    vehicle, other = online(stage, 2)
    stage.change(vehicle, prices=Prices(selling=Decimal(9_990)))
    run_id = ask(stage)
    stage.change(other, mileage=65_000)
    stage.drain()
    assert sorted(updates(marketplace)) == numbers([vehicle, other])
    assert run_of(stage, run_id).accepted == 2
    ad = marketplace.online()[vehicle.offer_number]
    assert ad["price"]["consumerPriceGross"] == "9990.00"


def test_a_change_that_arrives_while_its_vehicle_is_tried_again_takes_its_place(
    stage: Stage, marketplace: Marketplace
) -> None:
    """The older row folds into the newer one, which then has to be sent as well, and counts."""
    [vehicle] = online(stage, 1)
    run_id = ask(stage)
    perform(stage, task.begin_run)
    [row] = [row for row in stage.transfers() if row.run_id]
    with stage.runtime.sessions.begin() as session:
        session.get_one(Transfer, row.id).state = TransferState.SENDING
    stage.note(vehicle)
    stage.drain()  # what was left is given time to settle
    stage.make_due()
    stage.drain()
    assert updates(marketplace) == [vehicle.offer_number]
    run = run_of(stage, run_id)
    assert (run.state, run.total, run.accepted) == (RunState.DONE, 1, 1)


def test_what_is_refused_or_not_delivered_makes_it_partial(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = online(stage, 3)
    marketplace.fault("reject", "update", internalNumber=vehicles[0].offer_number)
    run_id = ask(stage)
    stage.drain()
    run = run_of(stage, run_id)
    assert (run.state, run.accepted, run.rejected) == (RunState.PARTIAL, 2, 1)
    assert german(run.message) == "Nicht alle Fahrzeuge sind angekommen."


def test_blocked_vehicles_count_as_well(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 2)
    blocked = stage.build.vehicle(stage.dealer, gearbox=None, fuel=None, mileage=None)
    stage.build.release(blocked, stage.activation)
    run_id = ask(stage)
    stage.drain()
    run = run_of(stage, run_id)
    assert (run.state, run.total, run.accepted) == (RunState.DONE, 3, 2)
    assert count_transfers(stage.session, run).untouched == 1


def test_it_lasts_until_the_last_attempt_and_the_tick_ends_it(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = online(stage, 2)
    marketplace.fault("error", "update", internalNumber=vehicles[0].offer_number, count=1)
    run_id = ask(stage)
    stage.drain()
    run = run_of(stage, run_id)
    counted = count_transfers(stage.session, run)
    assert (run.state, counted.ok, counted.later, counted.done) == (RunState.RUNNING, 1, 1, 1)
    stage.make_due()
    assert tick(stage.runtime) == 1
    stage.drain()
    assert run_of(stage, run_id).state == RunState.DONE


def test_called_off_it_leaves_ordinary_changes_behind(stage: Stage, marketplace: Marketplace) -> None:
    vehicle, _other = online(stage, 2)
    run_id = ask(stage)
    perform(stage, task.begin_run)
    stage.change(vehicle, mileage=70_000)
    assert call_off(stage, run_id)
    assert not call_off(stage, run_id)
    assert {(row.run_id, row.forced) for row in stage.transfers() if row.state == "waiting"} == {
        (None, False)
    }
    stage.drain()
    run = run_of(stage, run_id)
    counted = count_transfers(stage.session, run)
    assert (run.state, counted.released, counted.untouched) == (RunState.CANCELLED, 2, 0)
    assert run.finished_at is not None
    assert updates(marketplace) == [vehicle.offer_number]
    assert "full_transfer.cancelled" in stage.session.scalars(select(AuditEvent.what)).all()
    assert why_not(stage) == "", "nothing was sent, so it does not count"


def test_called_off_before_it_began_nothing_happens(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 2)
    run_id = ask(stage)
    assert call_off(stage, run_id)
    stage.drain()
    assert run_of(stage, run_id).state == RunState.CANCELLED
    assert updates(marketplace) == []


def test_a_cancellation_that_was_interrupted_is_completed(stage: Stage, marketplace: Marketplace) -> None:
    online(stage, 2)
    run_id = ask(stage)
    perform(stage, task.begin_run)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, run_id).state = RunState.CANCELLED
    perform(stage, task.end_runs)
    run = run_of(stage, run_id)
    assert (run.state, count_transfers(stage.session, run).released) == (RunState.CANCELLED, 2)
    stage.drain()
    assert updates(marketplace) == []


def test_an_app_that_is_deactivated_meanwhile_ends_it(stage: Stage) -> None:
    online(stage, 1)
    run_id = ask(stage)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Activation, stage.activation.id).state = ActivationState.DEACTIVATED
    stage.drain()
    run = run_of(stage, run_id)
    assert (run.state, german(run.message)) == (
        RunState.CANCELLED,
        "Nicht begonnen, weil die App nicht mehr aktiv war.",
    )


def test_after_days_the_rest_is_left_to_the_ordinary_transfers(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = online(stage, 2)
    marketplace.fault("error", "update", internalNumber=vehicles[0].offer_number)
    run_id = ask(stage)
    stage.drain()
    with stage.runtime.sessions.begin() as session:
        session.get_one(Run, run_id).created_at = datetime.now(UTC) - timedelta(days=4, minutes=1)
    stage.drain()
    run = run_of(stage, run_id)
    assert (run.state, run.accepted) == (RunState.PARTIAL, 1)
    assert count_transfers(stage.session, run).released == 1


def test_a_worker_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    stage: Stage, marketplace: Marketplace
) -> None:
    vehicles = online(stage, 60)
    run_id = ask(stage)
    marketplace.fault("slow", delayMs=60)
    seen = len(marketplace.requests("create", "update", "delete"))
    kill_once_it_sends(stage.worker(), marketplace, seen)
    stage.outlive_the_dead()
    stage.change(vehicles[0], prices=Prices(selling=Decimal(5_000)))
    marketplace.heal()
    stage.make_due()
    stage.drain()
    run = run_of(stage, run_id)
    assert (run.state, run.total) == (RunState.DONE, 60)
    assert run.accepted == 60
    assert set(updates(marketplace)) == set(numbers(vehicles))
    assert len(marketplace.generations()) == 60
    assert set(stage.session.scalars(select(Listing.state))) == {ListingState.ONLINE}
    ad = marketplace.online()[vehicles[0].offer_number]
    assert ad["price"]["consumerPriceGross"] == "5000.00"


def test_the_lock_rule_holds_it_like_everything_else(stage: Stage, marketplace: Marketplace) -> None:
    vehicles = online(stage, 3)
    for _ in range(11):
        stage.build.release(stage.build.vehicle(stage.dealer), stage.activation)
    run_id = ask(stage)
    stage.drain()
    activation = fresh(stage.session, Activation, stage.activation.id)
    counted = count_transfers(stage.session, run_of(stage, run_id))
    assert activation.state == ActivationState.LOCKED
    assert (counted.later, counted.done) == (14, 0)
    assert updates(marketplace) == []
    with stage.runtime.sessions.begin() as session:
        lock = session.scalars(select(Lock)).one()
        approve_lock(session, lock.id, ShownNumbers(lock.deletions, lock.creations), ALICE)
    stage.drain()
    run = run_of(stage, run_id)
    assert (run.state, run.accepted) == (RunState.DONE, 14)
    assert sorted(updates(marketplace)) == numbers(vehicles)
    assert len(marketplace.online()) == 14
