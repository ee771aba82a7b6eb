"""From the commit of a problem to the mail: the bell, a real Valkey, a real worker."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from portal.models import Dealer, User
from portal.notifications import bell
from portal.notifications.problems import ProblemKind, open_problem
from tests.builders import Build
from tests.notifications.office import Office
from tests.programs import plain_environment
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def worker(
    settings: Settings, office: Office, redis: Redis, valkey_url: str, tmp_path: Path
) -> Iterator[None]:
    """Listening: what starting takes on a busy machine says nothing about the bell."""
    environment = plain_environment(
        DATABASE_URL=settings.database_url,
        REDIS_URL=valkey_url,
        SMTP_URL=office.url,
        PORTAL_DATA_DIR=str(tmp_path),
    )
    command = [sys.executable, "worker.py", "--workers", "1", "--no-scheduler"]
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    until(lambda: Worker.count(connection=redis) == 1 or process.poll() is not None)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)


def test_a_problem_becomes_a_mail_without_waiting_for_the_scheduler(
    sessions: sessionmaker[Session],
    redis: Redis,
    build: Build,
    house: Dealer,
    alice: User,
    office: Office,
    worker: None,
) -> None:
    bell.install(sessions, bell.rq_ring(redis))
    activation = build.activation(house)
    with sessions.begin() as session:
        open_problem(session, session.merge(activation, load=False), ProblemKind.STOPPED)
    until(office.mails)
    assert office.recipients() == ["alice@example.org"]


def test_one_commit_rings_once_and_a_rollback_not_at_all(
    sessions: sessionmaker[Session], redis: Redis
) -> None:
    bell.install(sessions, bell.rq_ring(redis))
    queue = Queue(bell.QUEUE, connection=redis, serializer=JSONSerializer)
    with sessions() as session:
        session.execute(select(1))
        bell.ring_after_commit(session)
        session.rollback()
        session.commit()
        assert queue.count == 0
        bell.ring_after_commit(session)
        bell.ring_after_commit(session)
        session.commit()
        session.commit()
    assert queue.count == 1


def test_a_bell_out_of_order_hurts_nobody() -> None:
    bell.rq_ring(Redis.from_url("redis://127.0.0.1:1/0"))()
