"""What a run refuses to publish, and how people decide about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from portal.audit import Who
from portal.exports.mass_change.lock import ShownNumbers, approve_lock, discard_lock
from portal.models import Listing, Vehicle
from portal.models.exports import ActivationState, RunState
from portal.models.notifications import Problem
from portal.models.runs import Lock, LockedVehicle, Run, RunFile
from tests.exports.stock_files.conftest import FileStage
from tests.words import german


def test_a_drop_above_the_limit_is_held_and_the_last_good_file_stays(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    good = stage.run()
    stage.take_offline(*vehicles[:7])
    held = stage.run()
    assert held.state == RunState.HELD
    activation = stage.now()
    assert activation.state == ActivationState.LOCKED
    assert activation.published_run_id == good.id
    assert len(stage.numbers()) == 20
    assert len(stage.numbers(held)) == 13
    assert len(stage.online()) == 20


def test_the_lock_shows_the_numbers_and_why_each_vehicle_is_missing(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:6])
    _change(stage, vehicles[6], make="")
    held = stage.run()
    lock = stage.lock()
    assert lock is not None
    assert (lock.run_id, lock.online, lock.deletions, lock.deletion_limit) == (held.id, 20, 7, 5)
    assert lock.creations == 0
    rows = stage.session.scalars(select(LockedVehicle)).all()
    assert {row.vehicle_id for row in rows} == {vehicle.id for vehicle in vehicles[:7]}
    reasons = {german(row.reason) for row in rows}
    assert reasons == {"Das Fahrzeug ist nicht online geschaltet.", "Die Marke fehlt."}
    kinds = stage.session.scalars(select(Problem.kind).where(Problem.closed_at.is_(None))).all()
    assert "lock" in kinds


def test_as_many_as_usual_may_go(stage: FileStage) -> None:
    """Five, or a tenth where that is more."""
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:5])
    assert stage.run().state == RunState.DONE
    assert len(stage.numbers()) == 15


def test_a_slow_bleed_is_held_too(stage: FileStage) -> None:
    """What the runs of a day drop counts together."""
    vehicles = stage.vehicles(30)
    stage.run()
    stage.take_offline(*vehicles[:3])
    assert stage.run().state == RunState.DONE
    stage.take_offline(*vehicles[3:7])
    assert stage.run().state == RunState.HELD
    lock = stage.lock()
    assert lock is not None
    assert lock.deletions == 7


def test_what_went_and_came_back_on_one_day_counts_once_in_the_base(stage: FileStage) -> None:
    """51 in the file, five of them gone and back again: a tenth is one of 51, not of 56."""
    vehicles = stage.vehicles(51)
    stage.run()
    stage.take_offline(*vehicles[:5])
    stage.run()
    stage.put_online(*vehicles[:5])
    stage.run()
    stage.take_offline(*vehicles[:2])
    held = stage.run()
    lock = stage.lock()
    assert lock is not None
    assert (held.state, lock.online, lock.deletions, lock.deletion_limit) == (RunState.HELD, 51, 7, 6)


def test_what_is_gone_since_a_file_of_long_ago_still_belongs_to_the_base(stage: FileStage) -> None:
    """61 were in the file of two days ago; six went this morning: one more is the seventh of seven."""
    vehicles = stage.vehicles(61)
    long_ago = stage.run()
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Run).where(Run.id == long_ago.id).values(sent_at=two_days_ago))
        session.execute(update(Listing).values(sent_at=two_days_ago))
    stage.take_offline(*vehicles[:6])
    assert stage.run().state == RunState.DONE
    stage.take_offline(vehicles[6])
    assert stage.run().state == RunState.DONE
    stage.take_offline(vehicles[7])
    assert stage.run().state == RunState.HELD


def test_an_approval_that_was_carried_out_leaves_the_ordinary_allowance(stage: FileStage) -> None:
    vehicles = stage.vehicles(60)
    stage.run()
    stage.take_offline(*vehicles[:8])
    stage.run()
    approve(stage)
    stage.work()
    stage.take_offline(*vehicles[8:13])
    assert stage.run().state == RunState.DONE
    stage.take_offline(vehicles[13])
    assert stage.run().state == RunState.HELD


def test_a_worker_whose_clock_is_slow_counts_what_its_files_drop(
    stage: FileStage, slow_clock: Callable[[], None]
) -> None:
    """Else its files were of before the approval, and any number of vehicles would be gone after it."""
    vehicles = stage.vehicles(60)
    stage.run()
    stage.take_offline(*vehicles[:8])
    stage.run()
    approve(stage)
    slow_clock()
    stage.work()
    stage.take_offline(*vehicles[8:13])
    assert stage.run().state == RunState.DONE
    stage.take_offline(vehicles[13])
    assert stage.run().state == RunState.HELD


def test_a_worker_whose_clock_is_slow_begins_a_planned_run_in_time(
    stage: FileStage, slow_clock: Callable[[], None]
) -> None:
    stage.vehicle()
    stage.put(next_run_at=datetime.now(UTC) - timedelta(minutes=1))
    slow_clock()
    stage.work()
    assert stage.last().state == RunState.DONE


def test_a_file_that_grows_beyond_the_limit_is_held_with_the_new_vehicles_listed(stage: FileStage) -> None:
    before = stage.vehicles(20)
    good = stage.run()
    new = stage.vehicles(11)
    stage.take_offline(before[0])
    held = stage.run()
    assert held.state == RunState.HELD
    assert stage.now().published_run_id == good.id
    assert len(stage.numbers()) == 20
    lock = stage.lock()
    assert lock is not None
    assert (lock.rule, lock.run_id) == ("creations", held.id)
    assert (lock.creations, lock.creation_limit, lock.deletions) == (11, 10, 1)
    rows = stage.session.scalars(select(LockedVehicle).where(LockedVehicle.action == "create")).all()
    assert {row.vehicle_id for row in rows} == {vehicle.id for vehicle in new}
    approve(stage)
    stage.work()
    assert stage.last().state == RunState.DONE
    assert len(stage.numbers()) == 30


def test_as_many_new_vehicles_as_usual_and_the_first_file_pass(stage: FileStage) -> None:
    stage.vehicles(60)
    assert stage.run().state == RunState.DONE
    stage.vehicles(12)
    assert stage.run().state == RunState.DONE
    assert len(stage.numbers()) == 72


def test_growing_slowly_over_the_files_of_a_day_is_held_too(stage: FileStage) -> None:
    stage.vehicles(20)
    stage.run()
    stage.vehicles(6)
    assert stage.run().state == RunState.DONE
    stage.vehicles(6)
    assert stage.run().state == RunState.HELD
    lock = stage.lock()
    assert lock is not None
    assert (lock.creations, lock.creations_done) == (12, 6)


def test_an_emptied_stock_is_always_held(stage: FileStage) -> None:
    vehicles = stage.vehicles(2)
    stage.run()
    stage.take_offline(*vehicles)
    held = stage.run()
    assert held.state == RunState.HELD
    lock = stage.lock()
    assert lock is not None
    assert lock.rule == "emptied"
    assert len(stage.numbers()) == 2


def test_an_approved_drop_is_published_from_the_stock_of_that_moment(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:8])
    held = stage.run()
    stage.put_online(vehicles[0])
    approve(stage)
    stage.work()
    run = stage.last()
    assert (run.id, run.state, run.total) == (held.id, RunState.DONE, 13)
    assert vehicles[0].offer_number in stage.numbers()
    assert stage.now().state == ActivationState.ACTIVE
    assert len(stage.online()) == 13


def test_an_approval_is_a_ceiling_and_no_licence(stage: FileStage) -> None:
    vehicles = stage.vehicles(30)
    stage.run()
    stage.take_offline(*vehicles[:8])
    stage.run()
    approve(stage)
    stage.take_offline(*vehicles[8:14])
    stage.work()
    assert stage.last().state == RunState.HELD
    lock = stage.lock()
    assert lock is not None
    assert (lock.deletions, lock.deletion_limit) == (14, 8)
    assert len(stage.numbers()) == 30


def test_an_approved_empty_stock_publishes_an_empty_file(stage: FileStage) -> None:
    vehicles = stage.vehicles(3)
    stage.run()
    stage.take_offline(*vehicles)
    stage.run()
    approve(stage)
    stage.work()
    assert stage.last().state == RunState.DONE
    assert stage.numbers() == []
    assert stage.online() == set()
    assert stage.run().state == RunState.CANCELLED, "an empty stock that stays empty is nothing new"


def test_discarding_keeps_the_last_good_file_and_asks_again_next_time(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    good = stage.run()
    stage.take_offline(*vehicles[:8])
    held = stage.run()
    with stage.runtime.sessions.begin() as session:
        discard_lock(session, _lock_id(stage), Who(name="Alice"))
    stage.work()
    activation = stage.now()
    assert (activation.state, activation.published_run_id) == (ActivationState.ACTIVE, good.id)
    run = stage.last()
    assert (run.id, run.state) == (held.id, RunState.CANCELLED)
    assert "Verworfen" in german(run.message)
    assert stage.run().state == RunState.HELD


def test_a_stock_that_is_whole_again_lifts_the_lock_by_itself(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:8])
    held = stage.run()
    stage.put_online(*vehicles[:8])
    run = stage.run()
    assert (run.id, run.state) == (held.id, RunState.DONE)
    assert stage.now().state == ActivationState.ACTIVE
    lock = stage.session.scalars(select(Lock)).one()
    assert lock.closed_how == "healed"


def test_while_it_is_held_the_schedule_looks_again_and_the_numbers_follow(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:7])
    stage.run()
    stage.take_offline(vehicles[7])
    stage.run()
    assert [run.state for run in stage.runs()] == [RunState.DONE, RunState.HELD]
    lock = stage.lock()
    assert lock is not None
    assert lock.deletions == 8


def test_a_held_run_waits_for_somebody(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:7])
    before = stage.run()
    written_at = before.started_at
    stage.work()
    assert stage.last().started_at == written_at


def test_the_candidate_can_be_looked_at(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:7])
    held = stage.run()
    file = stage.session.get_one(RunFile, held.id)
    assert file.size == len(stage.file(held))


def approve(stage: FileStage) -> None:
    lock = stage.lock()
    assert lock is not None
    with stage.runtime.sessions.begin() as session:
        approve_lock(session, lock.id, ShownNumbers(lock.deletions, lock.creations), Who(name="Alice"))


def _lock_id(stage: FileStage):  # type: ignore[no-untyped-def]
    lock = stage.lock()
    assert lock is not None
    return lock.id


def _change(stage: FileStage, vehicle: Vehicle, **facts: object) -> None:
    with stage.runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, vehicle.id)
        row.set_facts(row.facts().model_copy(update=facts))
