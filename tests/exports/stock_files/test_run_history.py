"""Files are kept as long as the history, and the last good one for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from portal.exports.jobs import housekeeping
from portal.models.exports import RunState
from portal.models.runs import FeedFetch, Run, RunFilePart, RunVehicle
from tests.exports.stock_files.conftest import FileStage


def age(stage: FileStage, days: int) -> None:
    """As if everything had happened so many days ago."""
    past = datetime.now(UTC) - timedelta(days=days)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Run).values(created_at=past))
        session.execute(update(FeedFetch).values(fetched_at=past))


def test_the_last_good_file_is_never_forgotten(stage: FileStage) -> None:
    stage.vehicles(2)
    stage.run()
    last = stage.run()
    age(stage, 6)
    housekeeping(stage.runtime)
    assert [run.id for run in stage.runs()] == [last.id]
    assert len(stage.numbers()) == 2
    assert stage.session.scalar(select(func.count()).select_from(RunVehicle)) == 2
    assert stage.session.scalar(select(func.count()).select_from(RunFilePart)) == 1


def test_within_the_history_everything_is_kept(stage: FileStage) -> None:
    stage.vehicle()
    stage.run()
    stage.run()
    stage.build._add(FeedFetch(activation_id=stage.activation.id, status=200))
    age(stage, 4)
    housekeeping(stage.runtime)
    assert len(stage.runs()) == 2
    assert stage.session.scalar(select(func.count()).select_from(FeedFetch)) == 1


def test_fetches_are_forgotten_too(stage: FileStage) -> None:
    stage.build._add(FeedFetch(activation_id=stage.activation.id, status=200))
    age(stage, 6)
    housekeeping(stage.runtime)
    assert stage.session.scalar(select(func.count()).select_from(FeedFetch)) == 0


def test_a_run_that_waits_for_somebody_is_kept_however_old(stage: FileStage) -> None:
    vehicles = stage.vehicles(20)
    stage.run()
    stage.take_offline(*vehicles[:8])
    held = stage.run()
    age(stage, 6)
    housekeeping(stage.runtime)
    assert held.id in {run.id for run in stage.runs()}


def test_what_was_asked_for_of_an_app_that_ended_is_cancelled(stage: FileStage) -> None:
    stage.ask()
    stage.put(state="deactivated")
    housekeeping(stage.runtime)
    assert [run.state for run in stage.runs()] == [RunState.CANCELLED]
