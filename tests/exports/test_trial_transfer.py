"""A trial tells what the platform says of one vehicle, and leaves everything as it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from portal.audit import Who
from portal.exports import retention, trial_transfer
from portal.exports.core.runtime import Runtime
from portal.exports.jobs import tick
from portal.exports.lifecycle.activation import deactivate
from portal.exports.trial_leftovers import LEFT, TOLD_AFTER
from portal.exports.trial_transfer import TrialResult, last_trial
from portal.models import Activation, Listing, Notification, Run, RunVehicle, Transfer, Vehicle
from portal.models.exports import ActivationState, RunState
from portal.platforms import APPS, connect
from portal.vehicles.images import add_image
from tests.builders import Build, golf
from tests.exports.autoscout24 import As24Books, As24Stage
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.platforms.stores import a_jpeg
from tests.words import german


@pytest.fixture
def as24(marketplace: Marketplace) -> Iterator[As24Books]:
    books = As24Books(marketplace)
    yield books
    books.close()


@pytest.fixture
def stage(build: Build, runtime: Runtime) -> As24Stage:
    return As24Stage(build, runtime)


def ask(stage: Stage, vehicle: Vehicle) -> UUID | None:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        return trial_transfer.request_trial(session, activation, vehicle, Who(name="Alice"))


def result(stage: Stage) -> tuple[Run, RunVehicle]:
    stage.session.expire_all()
    found = last_trial(stage.session, stage.activation.id)
    assert found is not None
    return found[0], found[1]


def tried(stage: Stage, vehicle: Vehicle) -> tuple[Run, RunVehicle]:
    ask(stage, vehicle)
    stage.drain()
    return result(stage)


def make_due(stage: Stage) -> None:
    """As if the time of the next look had come."""
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Run).values(not_before=datetime.now(UTC)))


def test_platform_sees_a_test_listing_only_and_nothing_of_ours_changes(
    stage: As24Stage, as24: As24Books
) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    run, entry = tried(stage, vehicle)
    assert (run.state, entry.result) == (RunState.DONE, TrialResult.ACCEPTED)
    assert [row["status"] for row in as24.requests("create")] == [201]
    assert as24.listings() == [], "taken away again"
    assert stage.transfers() == []
    assert stage.session.scalars(select(Listing)).all() == []


def test_real_listing_of_the_vehicle_stays_as_it_is(stage: As24Stage, as24: As24Books) -> None:
    vehicle = stage.vehicle()
    stage.drain()
    (before,) = as24.listings()
    stage.change(vehicle, mileage=99_000)
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Transfer).values(not_before=datetime.now(UTC) + timedelta(hours=1)))
    _, entry = tried(stage, vehicle)
    assert entry.result == TrialResult.ACCEPTED
    assert as24.listings() == [before]


def test_what_we_know_would_be_refused_is_told_and_not_sent(stage: As24Stage, as24: As24Books) -> None:
    run, entry = tried(stage, stage.build.vehicle(stage.dealer, golf(make="")))
    assert (run.state, entry.result) == (RunState.DONE, TrialResult.LEFT_OUT)
    assert "make" in {item["field"] for item in entry.feedback}
    assert as24.requests("create") == []


def test_refusal_of_the_platform_is_told_in_its_words(stage: As24Stage, as24: As24Books) -> None:
    as24.marketplace.fault("reject", "create", count=1)
    _, entry = tried(stage, stage.build.vehicle(stage.dealer))
    assert entry.result == TrialResult.REJECTED
    assert entry.feedback


def test_paid_extras_are_no_part_of_a_trial(stage: As24Stage, as24: As24Books) -> None:
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        activation.settings = {**activation.settings, "bookings": "vehicle"}
    vehicle = stage.build.vehicle(stage.dealer)
    stage.build.release(vehicle, stage.activation, bookings=["T40"])
    tried(stage, vehicle)
    sent = as24.requests("create")
    assert len(sent) == 1
    assert "marketing" not in str(sent[0])


def test_listing_that_the_platform_is_not_done_with_is_asked_for_again(
    stage: As24Stage, as24: As24Books
) -> None:
    as24.tell(enrichment="silent")
    run, entry = tried(stage, stage.build.vehicle(stage.dealer))
    assert (run.state, entry.result) == (RunState.WAITING, TrialResult.WAITING)
    assert run.not_before is not None
    stage.drain()
    assert result(stage)[0].attempt_count == 1, "never before its time"
    make_due(stage)
    stage.drain()
    assert result(stage)[0].attempt_count == 2
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Run).values(created_at=datetime.now(UTC) - timedelta(hours=1)))
    make_due(stage)
    stage.drain()
    run, entry = result(stage)
    assert (run.state, entry.result) == (RunState.FAILED, TrialResult.FAILED)
    assert as24.listings() == [], "nothing is left behind"


def test_vehicle_that_is_spoilt_while_the_platform_looks_leaves_nothing_there(
    stage: As24Stage, as24: As24Books
) -> None:
    as24.tell(enrichment="silent")
    vehicle = stage.build.vehicle(stage.dealer)
    tried(stage, vehicle)
    assert len(as24.listings()) == 1
    stage.change(vehicle, make="")
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Run).values(created_at=datetime.now(UTC) - timedelta(hours=1)))
    make_due(stage)
    stage.drain()
    assert result(stage)[0].finished_at is not None
    assert as24.listings() == []


def test_platform_that_is_down_is_asked_some_times_and_then_it_is_said(
    stage: As24Stage, as24: As24Books
) -> None:
    as24.marketplace.fault("error", "create", count=20)
    run, _ = tried(stage, stage.build.vehicle(stage.dealer))
    assert run.state == RunState.WAITING
    for _ in range(trial_transfer.MOST_ATTEMPTS):
        make_due(stage)
        stage.drain()
    run, entry = result(stage)
    assert (run.state, run.attempt_count) == (RunState.FAILED, trial_transfer.MOST_ATTEMPTS)
    assert len(as24.requests("create")) == trial_transfer.MOST_ATTEMPTS
    assert entry.result == TrialResult.FAILED
    assert german(run.message)
    assert tick(stage.runtime) == 0


def test_repeat_takes_away_what_an_unclear_answer_left(stage: As24Stage, as24: As24Books) -> None:
    as24.marketplace.fault("error-after-commit", "create", count=1)
    tried(stage, stage.build.vehicle(stage.dealer))
    assert len(as24.listings()) == 1
    make_due(stage)
    stage.drain()
    assert result(stage)[1].result == TrialResult.ACCEPTED
    assert as24.listings() == []


def test_listing_that_could_not_be_taken_away_is_tried_again_until_it_is(
    stage: As24Stage, as24: As24Books
) -> None:
    as24.marketplace.fault("error", "delete", count=1)
    run, entry = tried(stage, stage.build.vehicle(stage.dealer))
    assert (run.state, entry.result) == (RunState.DONE, TrialResult.ACCEPTED)
    assert len(as24.listings()) == 1
    stage.drain()
    assert len(as24.listings()) == 1, "never before its time"
    make_due(stage)
    assert tick(stage.runtime) == 1
    stage.drain()
    assert as24.listings() == []
    assert LEFT not in result(stage)[0].counts
    assert tick(stage.runtime) == 0


def test_after_some_tries_those_are_told_who_may_try_vehicles(
    stage: As24Stage, as24: As24Books, build: Build
) -> None:
    alice = build.alice(stage.dealer)
    as24.marketplace.fault("error", "delete", count=100)
    tried(stage, stage.build.vehicle(stage.dealer, offer_number="K77"))
    for _ in range(TOLD_AFTER + 2):
        make_due(stage)
        stage.drain()
    (told,) = stage.session.scalars(select(Notification).where(Notification.user_id == alice.id))
    assert "K77" in german(told.body)
    assert len(as24.listings()) == 1


def test_unclear_answer_to_the_last_attempt_leaves_nothing_behind(stage: As24Stage, as24: As24Books) -> None:
    as24.marketplace.fault("error-after-commit", "create", count=trial_transfer.MOST_ATTEMPTS)
    tried(stage, stage.build.vehicle(stage.dealer))
    for _ in range(trial_transfer.MOST_ATTEMPTS):
        make_due(stage)
        stage.drain()
    assert result(stage)[1].result == TrialResult.FAILED
    make_due(stage)
    stage.drain()
    assert as24.listings() == []


def test_only_one_at_a_time(stage: As24Stage) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    assert ask(stage, vehicle) is not None
    assert ask(stage, stage.build.vehicle(stage.dealer)) is None


@pytest.mark.usefixtures("as24")
def test_neither_a_lock_nor_an_open_reconciliation_stands_in_its_way(stage: As24Stage) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    for state in (ActivationState.LOCKED, ActivationState.RECONCILING):
        with stage.runtime.sessions.begin() as session:
            session.get_one(Activation, stage.activation.id).state = state
        assert tried(stage, vehicle)[1].result == TrialResult.ACCEPTED


def test_end_of_the_app_ends_it(stage: As24Stage, as24: As24Books) -> None:
    ask(stage, stage.build.vehicle(stage.dealer))
    with stage.runtime.sessions.begin() as session:
        deactivate(session, session.get_one(Activation, stage.activation.id))
    stage.drain()
    assert result(stage)[0].state == RunState.CANCELLED
    assert as24.requests("create") == []


def test_vehicle_that_is_deleted_meanwhile_ends_it(stage: As24Stage, as24: As24Books) -> None:
    vehicle = stage.build.vehicle(stage.dealer)
    ask(stage, vehicle)
    with stage.runtime.sessions.begin() as session:
        session.delete(session.get_one(Vehicle, vehicle.id))
    stage.drain()
    stage.session.expire_all()
    (run,) = stage.session.scalars(select(Run)).all()
    assert run.state == RunState.DONE
    assert as24.requests("create") == []


def test_pictures_of_a_trial_are_nobody_elses(stage: As24Stage, as24: As24Books) -> None:
    """The platform drops them with the test listing: named again in a real one they would be refused."""
    vehicle = stage.build.vehicle(stage.dealer)
    add_image(stage.session, vehicle, a_jpeg(640))
    stage.session.commit()
    tried(stage, vehicle)
    assert len(as24.requests("image")) == 1
    stage.build.release(vehicle, stage.activation)
    stage.note(vehicle)
    stage.drain()
    assert [row["status"] for row in as24.requests("create")] == [201, 201]
    (listing,) = as24.listings()
    assert len(listing["body"]["images"]) == 1


def test_old_ones_are_forgotten(stage: As24Stage, as24: As24Books) -> None:
    tried(stage, stage.build.vehicle(stage.dealer))
    with stage.runtime.sessions.begin() as session:
        session.execute(update(Run).values(created_at=datetime.now(UTC) - timedelta(days=30)))
    assert retention.forget_old(stage.runtime.sessions, 5)["run"] == 1


def test_apps_that_say_so_have_a_place_for_trials(runtime: Runtime) -> None:
    says = {slug for slug, app in APPS.items() if app.keeps_trials_apart}
    has = {
        slug
        for slug, app in APPS.items()
        if app.connect is not None and hasattr(connect(slug, runtime.settings), "open_for_trials")
    }
    assert says == has == {"autoscout24"}
