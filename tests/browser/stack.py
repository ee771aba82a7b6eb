"""The whole portal as `make run` starts it, without the demo: web, workers, sandbox, PostgreSQL, Valkey."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import flask
import psutil
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from config import Settings
from portal import create_app
from portal.database import migrate
from portal.embedded import NOBODY_THERE, start_postgres
from portal.extensions import db
from portal.models import Dealer, User
from portal.web import sessions
from tests.conftest import trade_safety_for_speed
from tests.programs import free_port, plain_environment
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C ends everything"
TICK = 2
"""Seconds. Mails and files of sources wait for a tick, and the tests for them."""


@dataclass(frozen=True)
class Stack:
    """`app` shares database and key with the running portal: it only makes cookies."""

    url: str
    sandbox_url: str
    database_url: str
    drop_port: int
    """Of the SFTP server of the drop folders."""
    app: Flask

    @contextmanager
    def session(self) -> Iterator[Session]:
        engine = create_engine(self.database_url)
        with Session(engine, expire_on_commit=False) as session:
            yield session
        engine.dispose()

    def cookie(self, user_id: UUID) -> dict[str, str]:
        """What the login leaves in the browser. Logins themselves are limited to ten a minute."""
        client = self.app.test_client()
        with client.session_transaction() as cookie, self.app.test_request_context():
            sessions.start(db.session.get_one(User, user_id))
            cookie.update(flask.session)
        name = self.app.config["SESSION_COOKIE_NAME"]
        found = client.get_cookie(name)
        assert found
        return {"name": name, "value": found.value, "url": self.url}


@contextmanager
def running(folder: Path, *, demo: bool = False) -> Iterator[Stack]:
    """Start everything in `folder`, end all of it."""
    names = (
        "PORT",
        "EVENTS_PORT",
        "DROP_PORT",
        *(f"SANDBOX{kind}_PORT" for kind in ("", "_SMTP", "_SFTP", "_FTP")),
    )
    ports = {name: str(free_port()) for name in names}
    database_url = start_postgres(folder / "postgres")
    trade_safety_for_speed(database_url)
    app = create_app(Settings(database_url=database_url, redis_url=NOBODY_THERE, data_dir=folder))
    if not demo:
        _make_a_dealer(app)
    surroundings = plain_environment(
        **ports, PORTAL_DATA_DIR=str(folder), DATABASE_URL=database_url, TICK_SECONDS=str(TICK)
    )
    log = folder / "launch.log"
    command = (sys.executable, "-m", "portal.launch")
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=surroundings, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_ready(process, log)
        url, sandbox_url = (f"http://127.0.0.1:{ports[name]}" for name in ("PORT", "SANDBOX_PORT"))
        yield Stack(url, sandbox_url, database_url, int(ports["DROP_PORT"]), app)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    finally:
        _end(process)


def _make_a_dealer(app: Flask) -> None:
    """Where there is one the demo stays away, whose pictures take longer to draw than all else to start."""
    with app.app_context():
        migrate()
        db.session.add(Dealer(key="first", name="Autohaus am Anfang"))
        db.session.commit()
        db.session.remove()


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    until(lambda: READY in log.read_text() or process.poll() is not None)
    assert process.poll() is None, log.read_text()


def _end(process: subprocess.Popen[bytes]) -> None:
    """The launcher ends its programs; what it should leave behind goes with the group."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    _gone, alive = psutil.wait_procs(family, timeout=PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    assert alive == [], "the portal left programs behind"
