"""`worker.py` against a real Valkey: serves the queue, waits for Redis, lets a job finish."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from flask import Flask
from redis import Redis
from rq import Callback, Queue, Worker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.webhook import Webhook
from sqlalchemy.orm import Session

import worker
from config import Settings
from portal import garbage, outbox
from portal.embedded import start_valkey
from portal.exports import jobs
from portal.notifications import bell
from tests.builders import Build, fresh
from tests.conftest import open_folder
from tests.forks import forks
from tests.programs import WHOLE_MACHINE, plain_environment
from tests.waiting import PATIENCE, until

pytestmark = WHOLE_MACHINE
ROOT = Path(__file__).parents[1]
Start = Callable[..., subprocess.Popen[str]]
Fork = Callable[..., psutil.Process]


@pytest.fixture
def start_worker(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start(redis_url: str, *options: str) -> subprocess.Popen[str]:
        environment = plain_environment(
            DATABASE_URL=settings.database_url, REDIS_URL=redis_url, PORTAL_DATA_DIR=str(tmp_path)
        )
        with (tmp_path / "worker.log").open("a") as log:
            command = [sys.executable, "worker.py", *options]
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
            )
        started.append(process)
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


@pytest.fixture
def fork_worker(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Fork]:
    """The same without the seconds of its start, of which `start_worker` has an exit code."""
    started: list[psutil.Process] = []

    def start(redis_url: str, *options: str) -> psutil.Process:
        environment = plain_environment(
            DATABASE_URL=settings.database_url, REDIS_URL=redis_url, PORTAL_DATA_DIR=str(tmp_path)
        )
        log = tmp_path / "worker.log"
        started.append(forks().start("worker", *options, environment=environment, log=log))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE)


def queue(redis: Redis) -> Queue:
    return Queue(outbox.Line.PEOPLE, connection=redis, serializer=JSONSerializer)


def ring_for_mails(redis: Redis) -> Job:
    """One of the portal's own jobs that has nothing to do."""
    return queue(redis).enqueue(bell.JOB)


def test_a_ring_ends_in_the_engine(
    redis: Redis, fork_worker: Fork, valkey_url: str, build: Build, session: Session
) -> None:
    """An activation in the middle of its deactivation: the drain finds nothing left and closes it."""
    activation = build.activation(build.dealer(), state="closing")
    fork_worker(valkey_url, "--workers", "1", "--no-scheduler")
    outbox.rq_ring(redis)([activation.id])
    until(lambda: fresh(session, type(activation), activation.id).state == "deactivated")


def test_a_job_that_fails_leaves_the_worker_alive(redis: Redis, fork_worker: Fork, valkey_url: str) -> None:
    fork_worker(valkey_url, "--workers", "1", "--no-scheduler")
    failing = queue(redis).enqueue(outbox.JOB, "no id")
    until(lambda: failing.get_status(refresh=True) == "failed")
    next_one = ring_for_mails(redis)
    until(lambda: next_one.get_status(refresh=True) == "finished")


def test_a_worker_is_warm_one_process_serves_job_after_job(
    redis: Redis, fork_worker: Fork, valkey_url: str
) -> None:
    process = fork_worker(valkey_url, "--workers", "1", "--no-scheduler")
    until(lambda: Worker.count(connection=redis) == 1)
    (child,) = psutil.Process(process.pid).children()
    for _ in range(3):
        job = ring_for_mails(redis)
        until(lambda job=job: job.get_status(refresh=True) == "finished")
        assert psutil.Process(process.pid).children(recursive=True) == [child]


def test_a_worker_looks_for_garbage_rarely(monkeypatch: pytest.MonkeyPatch, valkey_url: str) -> None:
    """Once it has loaded what it works with, and before its first job."""
    came: list[str] = []
    monkeypatch.setattr(garbage, "collect_rarely", lambda: came.append("collector"))
    monkeypatch.setattr(worker.PortalWorker, "work", lambda *_, **__: came.append("work"))
    worker.work(valkey_url)
    assert came == ["collector", "work"]


def test_rings_in_line_are_served_in_the_workers_order_without_rqs_rounds(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr(jobs, "drain_activation", lambda key: served.append(names[UUID(key)]))
    people, machines = [[uuid4() for _ in range(number)] for number in (6, 2)]
    names = dict.fromkeys(people, "person") | dict.fromkeys(machines, "machine")
    ring = outbox.rq_ring(redis)
    ring(people)
    ring(machines, outbox.Line.BULK)
    serving = worker.portal_worker(redis)
    while serving.serve_next_ring(0):
        pass
    assert served == [*["person"] * 4, "machine", *["person"] * 2, "machine"]
    assert not redis.keys("rq:job:*")


def test_a_ring_that_fails_keeps_no_other_from_its_turn_and_what_is_no_ring_is_left_to_rq(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    served: list[str] = []
    monkeypatch.setattr(jobs, "drain_activation", lambda key: served.append(str(UUID(key))))
    queue(redis).enqueue(outbox.JOB, "no id")
    key = str(uuid4())
    queue(redis).enqueue(outbox.JOB, key)
    left = [ring_for_mails(redis).id, queue(redis).enqueue(outbox.JOB, str(uuid4())).id]
    serving = worker.portal_worker(redis)
    while serving.serve_next_ring(0):
        pass
    assert served == [key]
    assert "failed" in caplog.text
    assert queue(redis).job_ids == left, "in its place"


def test_a_worker_that_has_served_a_ring_waits_a_moment_for_the_next(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr(jobs, "drain_activation", served.append)
    key = uuid4()
    later = threading.Timer(0.2, lambda: outbox.rq_ring(redis)([key]))
    later.start()
    assert worker.portal_worker(redis).serve_next_ring(PATIENCE)
    later.join()
    assert served == [str(key)]


@pytest.mark.parametrize(
    "smuggled",
    [
        {"f": "os.mkdir", "args": ("FOLDER",)},
        {"f": "os.system", "args": ("mkdir FOLDER",)},
        {"f": bell.JOB, "on_success": Callback("os.mkdir")},
        {"f": "builtins.exec", "args": ("open('FOLDER', 'w')",)},
    ],
)
def test_whoever_can_write_into_redis_can_have_nothing_called_but_the_portals_jobs(
    redis: Redis, fork_worker: Fork, valkey_url: str, tmp_path: Path, smuggled: dict[str, Any]
) -> None:
    folder = tmp_path / "made"
    args = tuple(str(arg).replace("FOLDER", str(folder)) for arg in smuggled.get("args", ()))
    foreign = queue(redis).enqueue(**(smuggled | {"args": args}))
    ours = ring_for_mails(redis)
    fork_worker(valkey_url, "--workers", "1", "--no-scheduler")
    until(lambda: ours.get_status(refresh=True) == "finished")
    assert not folder.exists()
    assert not Job.exists(foreign.id, connection=redis), "refused and gone"


called: list[str] = []


def smuggled_callback(*_told: object) -> None:
    called.append("callback")


def test_the_housekeeping_of_rq_calls_nothing_that_stands_in_redis(redis: Redis) -> None:
    """A job whose worker died, as anybody who can write into Redis can make one up."""
    called.clear()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        line = queue(redis)
        planted = line.enqueue(
            bell.JOB,
            on_failure=Callback(f"{__name__}.smuggled_callback"),
            webhooks=[Webhook(f"http://127.0.0.1:{port}/", "failed", timeout=1)],
        )
        line.remove(planted)
        planted.set_status(JobStatus.STARTED)
        redis.zadd(line.started_job_registry.key, {f"{planted.id}:gone": 1})
        worker.portal_worker(redis).clean_registries()
        assert planted.get_status(refresh=True) == JobStatus.FAILED, "the housekeeping has seen it"
        assert called == []
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_it_starts_as_many_processes_as_it_is_told(redis: Redis, fork_worker: Fork, valkey_url: str) -> None:
    process = fork_worker(valkey_url, "--workers", "2")
    until(lambda: Worker.count(connection=redis) == 2)
    assert len(psutil.Process(process.pid).children()) == 3, "two workers and the scheduler"


def test_a_killed_process_is_replaced(redis: Redis, fork_worker: Fork, valkey_url: str) -> None:
    process = fork_worker(valkey_url, "--workers", "1", "--no-scheduler")
    until(lambda: Worker.count(connection=redis) == 1)
    first = psutil.Process(process.pid).children()[0]
    first.kill()
    until(lambda: [p.pid for p in psutil.Process(process.pid).children()] not in ([], [first.pid]))
    job = ring_for_mails(redis)
    until(lambda: job.get_status(refresh=True) == "finished")


def test_sigterm_lets_the_current_job_finish(
    redis: Redis, start_worker: Start, valkey_url: str, build: Build, session: Session
) -> None:
    """The job waits for a row that the test holds; SIGTERM comes meanwhile."""
    activation = build.activation(build.dealer(), state="closing")
    held = session.get_one(type(activation), activation.id, with_for_update=True)
    process = start_worker(valkey_url, "--workers", "1", "--no-scheduler")
    job = queue(redis).enqueue(outbox.JOB, str(activation.id))
    until(lambda: job.get_status(refresh=True) == "started")
    process.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    assert held.state == "closing"
    session.rollback()
    assert process.wait(PATIENCE) == 0
    assert fresh(session, type(activation), activation.id).state == "deactivated"


def test_it_waits_for_a_redis_that_is_not_there_yet(start_worker: Start, tmp_path: Path) -> None:
    before, url = start_valkey(open_folder())
    before.stop()
    process = start_worker(url, "--workers", "1", "--no-scheduler")
    until(lambda: "Redis does not answer" in (tmp_path / "worker.log").read_text())
    assert process.poll() is None
    after, _ = start_valkey(open_folder(), again=url)
    try:
        job = ring_for_mails(Redis.from_url(url))
        until(lambda: job.get_status(refresh=True) == "finished")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        after.terminate()


def test_it_survives_a_redis_that_goes_away(start_worker: Start, tmp_path: Path) -> None:
    before, url = start_valkey(open_folder())
    process = start_worker(url, "--workers", "1", "--no-scheduler")
    until(lambda: Worker.count(connection=Redis.from_url(url)) == 1)
    before.terminate()
    time.sleep(0.5)
    after, _ = start_valkey(open_folder(), again=url)
    try:
        job = ring_for_mails(Redis.from_url(url))
        until(lambda: job.get_status(refresh=True) == "finished")
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        after.terminate()
