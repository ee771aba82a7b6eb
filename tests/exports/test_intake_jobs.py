"""What the clock and the workers do for what comes in."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

import worker
from portal.exports import intake_jobs
from portal.exports.core.runtime import Runtime
from portal.outbox import Line
from portal.vehicles.incoming_pictures import count_waiting
from portal.vehicles.stock_import import import_stock
from tests.exports.conftest import Stage
from tests.formats.stock_file import line


def bring_a_broken_picture(stage: Stage) -> object:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("bestand.csv", line(B="A1"))
        archive.writestr("A1_1.jpg", b"no picture")
    report = import_stock(
        stage.session, stream, stage.dealer, stage.dealer.locations[0], "b.zip", partial=True
    )
    stage.session.commit()
    return report.id


@pytest.fixture
def ringing(runtime: Runtime, valkey_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """With a Valkey."""
    connected = replace(runtime, settings=replace(runtime.settings, redis_url=valkey_url))
    monkeypatch.setattr(intake_jobs, "runtime_from_environment", lambda: connected)
    return connected


def test_pictures_that_wait_are_rung_for_once_and_a_worker_takes_them(
    stage: Stage, ringing: Runtime, redis: Redis
) -> None:
    assert intake_jobs.ring_for_pictures(ringing) is False
    report_id = bring_a_broken_picture(stage)
    assert intake_jobs.ring_for_pictures(ringing) is True
    intake_jobs.ring_for_pictures(ringing)
    queue = Queue(Line.BULK, connection=redis, serializer=JSONSerializer)
    assert len(queue) == 1
    (job,) = queue.jobs
    assert worker.is_ours(job)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
    assert count_waiting(stage.session, report_id) == 0  # type: ignore[arg-type]
    assert intake_jobs.ring_for_pictures(ringing) is False


def test_without_redis_the_scheduler_takes_them(stage: Stage, runtime: Runtime) -> None:
    report_id = bring_a_broken_picture(stage)
    intake_jobs.take_here(runtime)
    assert count_waiting(stage.session, report_id) == 0  # type: ignore[arg-type]
