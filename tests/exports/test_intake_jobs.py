"""What the clock and the workers do for what comes in."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

import worker
from portal.exports import jobs
from portal.exports.core.runtime import Runtime
from portal.models import StockPickup, StockSource
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
    monkeypatch.setattr(jobs, "runtime_from_environment", lambda: connected)
    return connected


def test_pictures_that_wait_are_rung_for_once_and_a_worker_takes_them(
    stage: Stage, ringing: Runtime, redis: Redis
) -> None:
    assert jobs.ring_for_pictures(ringing) is False
    report_id = bring_a_broken_picture(stage)
    assert jobs.ring_for_pictures(ringing) is True
    jobs.ring_for_pictures(ringing)
    queue = Queue(Line.BULK, connection=redis, serializer=JSONSerializer)
    assert len(queue) == 1
    (job,) = queue.jobs
    assert worker.is_ours(job)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
    assert count_waiting(stage.session, report_id) == 0  # type: ignore[arg-type]
    assert jobs.ring_for_pictures(ringing) is False


def test_without_redis_the_scheduler_takes_them(stage: Stage, runtime: Runtime) -> None:
    report_id = bring_a_broken_picture(stage)
    jobs.take_pictures_here(runtime)
    assert count_waiting(stage.session, report_id) == 0  # type: ignore[arg-type]


def test_a_source_whose_time_has_come_is_rung_for_once_and_a_worker_turns_to_it(
    stage: Stage, ringing: Runtime, redis: Redis
) -> None:
    place = {"dealer_id": stage.dealer.id, "location_id": stage.dealer.locations[0].id}
    nowhere = {"transport": "ftp", "host": "localhost", "file_name": "bestand.csv"}
    source = StockSource(**place, name="DMS", partial=True, settings=nowhere, next_at=func.now())
    stage.session.add(source)
    stage.session.commit()
    assert [jobs.ring_for_sources(ringing) for _ in range(2)] == [1, 1]
    queue = Queue(Line.BULK, connection=redis, serializer=JSONSerializer)
    (job,) = queue.jobs
    assert worker.is_ours(job)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")
    stage.session.expire_all()
    pickup = stage.session.scalars(select(StockPickup)).one()
    assert (pickup.source_id, pickup.state) == (source.id, "failed"), "this machine is no public server"
    assert source.lease_token is None
    assert jobs.ring_for_sources(ringing) == 0
