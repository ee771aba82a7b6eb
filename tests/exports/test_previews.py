"""Previews of large stocks: found out by workers, slice by slice, whoever looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, update

import worker
from portal.exports import previews
from portal.exports.dispatch.preview import Preview, PreviewedVehicle
from portal.exports.planning.plan import PlanStep
from portal.exports.previews import PreviewQuestion
from portal.messages import say
from portal.models import StockPreview
from portal.outbox import Line
from tests.exports.conftest import Stage


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "VEHICLES_PER_CHUNK", 2)


def question_of(stage: Stage, **more: object) -> PreviewQuestion:
    activation = stage.activation
    return PreviewQuestion(
        stage.dealer.id,
        activation.app,
        activation.customer_number,
        activation.location_id,
        {"kinds": {"used": 0}, **more},
        activation.id,
        activation.account,
    )


def asked(stage: Stage, question: PreviewQuestion, total: int = 5) -> UUID:
    with stage.runtime.sessions.begin() as session:
        return previews.ask(session, question, total).id


def row_of(stage: Stage, preview_id: UUID) -> StockPreview:
    stage.session.expire_all()
    return stage.session.get_one(StockPreview, preview_id)


def released(stage: Stage, count: int) -> None:
    for _ in range(count):
        stage.build.release(stage.build.vehicle(stage.dealer), stage.activation)


def test_slices_follow_one_another_until_all_is_planned(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(stage, 5)
    monkeypatch.setattr(previews, "time", SimpleNamespace(monotonic=iter(range(1000)).__next__))
    monkeypatch.setattr(previews, "SLICE", 1.5)  # a chunk for each slice
    preview_id, done = asked(stage, question_of(stage)), []
    while previews.serve(stage.runtime, preview_id):
        done.append(row_of(stage, preview_id).done)
    row = row_of(stage, preview_id)
    assert done == [2, 4]
    assert (row.done, row.total, row.finished_at is not None) == (5, 5, True)
    assert Preview.from_json(row.found).create == 5


def test_a_file_goes_in_slices_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    files = stage.build.activation(stage.dealer, app="google-vehicle-ads", settings={"transport": "pull"})
    for _ in range(5):
        stage.build.release(stage.build.vehicle(stage.dealer), files)
    monkeypatch.setattr(previews, "time", SimpleNamespace(monotonic=iter(range(1000)).__next__))
    monkeypatch.setattr(previews, "SLICE", 1.5)  # a chunk for each slice
    question = replace(
        question_of(stage), app=files.app, settings=files.settings, activation_id=files.id, account=None
    )
    preview_id, done = asked(stage, question), []
    while previews.serve(stage.runtime, preview_id):
        done.append(row_of(stage, preview_id).done)
    row = row_of(stage, preview_id)
    found = Preview.from_json(row.found)
    assert (done, row.done, row.seen) == ([2, 4], 5, b"")
    assert found.create + found.blocked_vehicles == 5


def test_the_same_question_finds_the_same_row_and_another_one_does_not(stage: Stage) -> None:
    first = asked(stage, question_of(stage))
    assert asked(stage, question_of(stage)) == first
    assert asked(stage, question_of(stage, images=False)) != first


def test_what_a_killed_worker_left_the_next_goes_on_with_once_its_lease_is_over(stage: Stage) -> None:
    released(stage, 2)
    preview_id = asked(stage, question_of(stage))
    with stage.runtime.sessions.begin() as session:
        until = datetime.now(UTC) + timedelta(minutes=1)
        session.execute(update(StockPreview).values(lease_token=UUID(int=1), leased_until=until))
    assert previews.serve(stage.runtime, preview_id) is False
    assert row_of(stage, preview_id).finished_at is None
    with stage.runtime.sessions.begin() as session:
        session.execute(update(StockPreview).values(leased_until=func.now() - timedelta(seconds=1)))
    previews.serve(stage.runtime, preview_id)
    assert row_of(stage, preview_id).finished_at is not None


def test_one_that_fails_again_and_again_ends_and_says_so(stage: Stage) -> None:
    preview_id = asked(stage, question_of(stage))
    with stage.runtime.sessions.begin() as session:
        session.execute(update(StockPreview).values(attempts=previews.MOST_ATTEMPTS))
    assert previews.serve(stage.runtime, preview_id) is False
    row = row_of(stage, preview_id)
    assert (row.reason, row.found) == (previews.FAILED, {})


def test_a_dealer_has_three_open_at_most_the_newest(stage: Stage) -> None:
    ids = [asked(stage, question_of(stage, n=n)) for n in range(5)]
    assert set(stage.session.scalars(select(StockPreview.id))) == set(ids[-3:])


def test_it_is_shown_again_for_ten_minutes_unless_somebody_wants_it_anew(stage: Stage) -> None:
    question = question_of(stage)
    preview_id = asked(stage, question)
    previews.serve(stage.runtime, preview_id)
    with stage.runtime.sessions.begin() as session:
        assert previews.find(session, question) is not None
        previews.forget(session, question)
        assert previews.find(session, question) is None
        old = previews.ask(session, question, 0)
        old.finished_at = datetime.now(UTC) - previews.HOLDS_FOR - timedelta(seconds=1)
        session.flush()
        assert previews.find(session, question) is None


def test_workers_are_rung_once_for_each_and_take_it(
    stage: Stage, valkey_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = replace(stage.runtime, settings=replace(stage.runtime.settings, redis_url=valkey_url))
    monkeypatch.setattr(previews, "runtime_from_environment", lambda: connected)
    released(stage, 1)
    preview_id = asked(stage, question_of(stage))
    assert previews.ring_for_previews(connected) == 1
    previews.ring_for_previews(connected)
    queue = Queue(Line.PEOPLE, connection=redis, serializer=JSONSerializer)
    (job,) = queue.jobs
    assert worker.is_ours(job)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
    assert row_of(stage, preview_id).finished_at is not None
    assert previews.ring_for_previews(connected) == 0


def test_without_redis_the_scheduler_finds_it_out_by_itself(stage: Stage) -> None:
    released(stage, 3)
    preview_id = asked(stage, question_of(stage))
    previews.take_here(stage.runtime)
    assert Preview.from_json(row_of(stage, preview_id).found).create == 3


def test_a_preview_is_the_same_after_it_was_stored() -> None:
    one = PreviewedVehicle(UUID(int=1), "A1", "Golf", (say("{n} fehlt", n="Preis"), "wörtlich"))
    found = Preview(
        create=3,
        blocked=((say("Der Preis fehlt."), 2),),
        blocked_vehicles=2,
        entries={PlanStep.CREATE: (one,)},
    )
    assert Preview.from_json(found.as_json()) == found
    assert Preview.from_json({}) == Preview()
