"""A whole-stock run from the button to the file, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Connection, event, select

from portal.exports.jobs import run_activation, tick
from portal.exports.lifecycle import activation as life
from portal.exports.stock_files import control
from portal.models import Transfer
from portal.models.exports import RunState, Trigger
from portal.models.runs import Run, RunFile
from portal.models.vehicles import Publication, Vehicle
from portal.outbox import note_changes
from portal.platforms import get_app
from portal.platforms.contract import Account
from tests.bell import Bell
from tests.builders import Build
from tests.exports.leases import hold
from tests.exports.stock_files import paper
from tests.exports.stock_files.conftest import FileStage, PaperApp
from tests.words import german


def test_a_run_publishes_the_released_vehicles_and_counts_them(stage: FileStage) -> None:
    good, hinted, incomplete = stage.vehicle(), stage.vehicle(vin=""), stage.vehicle(make="")
    stage.build.vehicle(stage.dealer)
    run = stage.run()
    assert run.state == RunState.PARTIAL
    assert (run.total, run.accepted, run.hinted, run.rejected) == (2, 1, 1, 0)
    assert run.counts["left_out"] == 1
    assert stage.numbers() == [good.offer_number, hinted.offer_number]
    assert stage.results(run) == {
        good.offer_number: "accepted",
        hinted.offer_number: "hinted",
        incomplete.offer_number: "left_out",
    }
    assert stage.online() == {good.offer_number, hinted.offer_number}


def test_what_keeps_a_vehicle_out_stands_with_its_publication_until_it_is_mended(stage: FileStage) -> None:
    stage.vehicle()
    incomplete = stage.vehicle(make="")
    stage.run()
    assert _publication(stage, incomplete).problems[0]["code"] == "make-missing"
    with stage.runtime.sessions.begin() as session:
        row = session.get_one(Vehicle, incomplete.id)
        row.set_facts(row.facts().model_copy(update={"make": "VW"}))
    assert stage.run().state == RunState.DONE
    assert _publication(stage, incomplete).problems == []
    assert incomplete.offer_number in stage.online()


def test_a_vehicle_that_the_filter_leaves_out_is_a_wish_and_no_defect(stage: FileStage) -> None:
    stage.vehicle()
    filtered = stage.vehicle(reserved=True)
    run = stage.run()
    assert (run.state, run.total, run.counts["left_out"], run.counts["filtered"]) == (RunState.DONE, 1, 0, 1)
    assert stage.results(run)[filtered.offer_number] == "filtered"
    assert _publication(stage, filtered).problems == []


def test_a_vehicle_that_is_not_wanted_any_more_loses_its_problems_too(stage: FileStage) -> None:
    stage.vehicle()
    incomplete = stage.vehicle(make="")
    stage.run()
    stage.take_offline(incomplete)
    stage.run()
    assert _publication(stage, incomplete).problems == []


def test_a_commit_waits_for_the_disk_unless_it_is_of_a_file_that_is_not_whole_yet(stage: FileStage) -> None:
    stage.vehicle()
    waits: set[tuple[str, bool, bool]] = set()

    @event.listens_for(stage.runtime.engine, "begin")
    def _as_usual(connection: Connection) -> None:
        _driver(connection).execute("SET LOCAL synchronous_commit = on")

    @event.listens_for(stage.runtime.engine, "commit")
    def _look(connection: Connection) -> None:
        asked = """SELECT current_setting('synchronous_commit'),
            EXISTS (SELECT FROM prepared_entry), EXISTS (SELECT FROM run_file WHERE sha256 <> '')"""
        waits.update(_driver(connection).execute(asked).fetchall())

    stage.run()
    assert {written for how, written, _whole in waits if how == "off"} == {True}
    assert {how for how, _written, whole in waits if whole} == {"on"}


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def test_the_same_stock_gives_the_same_bytes(stage: FileStage) -> None:
    stage.vehicles(3)
    first, second = stage.run(), stage.run()
    assert first.id != second.id
    assert stage.file(first) == stage.file(second)


def test_two_vehicles_with_one_number_are_not_both_in_the_file(stage: FileStage) -> None:
    place = stage.build.location(stage.dealer, "B")
    twin = stage.vehicle()
    other = stage.build.vehicle(stage.dealer)
    stage.build.release(other, stage.activation)
    with stage.runtime.sessions.begin() as session:
        session.get_one(Vehicle, other.id).location_id = place.id
        row = session.get_one(Vehicle, other.id)
        row.set_facts(row.facts().model_copy(update={"offer_number": twin.offer_number}))
    stage.run()
    assert stage.numbers() == [twin.offer_number]


def test_changes_leave_no_transfers_for_a_file_app(stage: FileStage) -> None:
    vehicle = stage.vehicle()
    api = stage.build.activation(stage.dealer, customer_number="4711009")
    stage.build.release(vehicle, api)
    stage.run()
    with stage.runtime.sessions.begin() as session:
        note_changes(session, [vehicle.id])
    assert {row.activation_id for row in stage.session.scalars(select(Transfer))} == {api.id}


def test_a_run_is_open_once_however_often_it_is_asked_for(stage: FileStage) -> None:
    stage.vehicle()
    for _ in range(3):
        stage.ask()
    assert len(stage.runs()) == 1
    stage.work()
    stage.work()
    assert [run.state for run in stage.runs()] == [RunState.DONE]


def test_nothing_happens_while_another_worker_has_the_lease(stage: FileStage) -> None:
    stage.vehicle()
    stage.ask()
    with hold(stage.runtime.sessions, stage.activation.id) as lease:
        assert lease is not None
        stage.work()
        assert stage.last().state == RunState.WAITING
    stage.work()
    assert stage.last().state == RunState.DONE


def test_an_empty_stock_publishes_nothing_and_says_why(stage: FileStage) -> None:
    run = stage.run()
    assert run.state == RunState.CANCELLED
    assert "leere Datei" in german(run.message)
    assert stage.now().published_run_id is None


def test_the_schedule_runs_once_however_many_times_were_missed(stage: FileStage, bell: Bell) -> None:
    stage.vehicle()
    stage.put(next_run_at=datetime.now(UTC) - timedelta(days=3))
    assert tick(stage.runtime) == 1
    assert bell.rung == [stage.activation.id]
    stage.work()
    stage.work()
    assert [run.trigger for run in stage.runs()] == [Trigger.SCHEDULE]
    next_run_at = stage.now().next_run_at
    assert next_run_at is not None
    assert next_run_at > datetime.now(UTC)
    assert tick(stage.runtime) == 0


def test_a_paused_schedule_runs_only_by_hand(stage: FileStage) -> None:
    stage.vehicle()
    stage.put(next_run_at=None)
    assert control.is_paused(stage.now())
    assert tick(stage.runtime) == 0
    stage.work()
    assert stage.runs() == []
    assert stage.run().state == RunState.DONE
    assert stage.now().next_run_at is None


def test_a_setting_that_changes_meanwhile_is_in_the_file(stage: FileStage, paper_app: PaperApp) -> None:
    """The file that was written with the old settings is never published."""
    stage.vehicle()
    paper_app(writer=paper.interrupted(lambda: stage.put(settings={"file_name": "neu.csv"}), times=1))
    run = stage.run()
    assert run.state == RunState.DONE
    assert stage.session.get_one(RunFile, run.id).name == "neu.csv"
    assert len(stage.runs()) == 1


def test_activating_runs_at_once_and_then_by_the_schedule(stage: FileStage, build: Build) -> None:
    dealer = build.dealer("Autohaus Neu", code="NE")
    build.bind(dealer, "4712", paper.SLUG)
    vehicle = build.vehicle(dealer)
    wish = life.ActivationRequest(
        dealer.id, get_app(paper.SLUG), "4712", dealer.locations[0].id, {"kinds": {"used": 0}}
    )
    with stage.runtime.sessions.begin() as session:
        activation = life.activate(session, wish, Account("4712", ""))
        key = activation.id
        assert activation.kind == "file"
    run_activation(stage.runtime, key)
    run = stage.session.scalars(select(Run).where(Run.activation_id == key)).one()
    assert (run.state, run.total, run.trigger) == (RunState.DONE, 1, Trigger.BY_HAND)
    assert stage.numbers(run) == [vehicle.offer_number]


def test_deactivating_ends_what_was_open(stage: FileStage) -> None:
    stage.vehicle()
    stage.ask()
    with stage.runtime.sessions.begin() as session:
        life.deactivate(session, session.get_one(type(stage.activation), stage.activation.id))
    stage.work()
    assert [run.state for run in stage.runs()] == [RunState.CANCELLED]
    assert stage.now().next_run_at is None


def test_closing_publishes_an_empty_file_and_deactivates(stage: FileStage) -> None:
    stage.vehicles(3)
    stage.run()
    with stage.runtime.sessions.begin() as session:
        life.close(session, session.get_one(type(stage.activation), stage.activation.id))
    stage.work()
    assert stage.numbers() == []
    assert stage.online() == set()
    assert stage.now().state == "deactivated"


def _publication(stage: FileStage, vehicle: Vehicle) -> Publication:
    stage.session.expire_all()
    return stage.session.get_one(Publication, (vehicle.id, stage.activation.id))


def test_what_is_odd_about_a_vehicle_stands_among_its_hints_and_is_no_matter_of_the_file(
    stage: FileStage,
) -> None:
    vehicle = stage.vehicle(power=92, model_description="1.4 TSI 92 PS")
    run = stage.run()
    assert stage.results(run) == {vehicle.offer_number: "accepted"}
    [hint] = _publication(stage, vehicle).hints
    assert (hint["code"], hint["field"], hint["odd"]) == ("power-in-ps", "power", True)
