from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from portal.sandbox import SandboxSettings, create_sandbox
from portal.sandbox.server import PortTaken, SandboxServer, running
from tests.sandbox.conftest import Box, golf
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
PORTS = ("port", "smtp_port", "sftp_port", "ftp_port")
VARIABLES = tuple(f"SANDBOX_{name.upper()}" for name in PORTS)


@contextmanager
def taken_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


@contextmanager
def box_of(settings: SandboxSettings) -> Iterator[Box]:
    with running(settings) as server, closing(Box(server)) as box:
        yield box


def start(tmp_path: Path, **variables: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PORTAL_DATA_DIR": str(tmp_path), **variables}
    return subprocess.Popen(
        [sys.executable, "-m", "portal.sandbox"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ads_accounts_and_log_survive_a_restart(tmp_path: Path) -> None:
    settings = SandboxSettings(tmp_path / "sandbox.sqlite", port=0, smtp_port=0)
    with box_of(settings) as box:
        box.create(insertion_id="one")
        box.http.put("/control/sellers/4711002", json={"linked": False})
    with box_of(settings) as box:
        assert box.create(insertion_id="one").status_code == 303
        assert box.api.get("/sellers/1000472/ads").status_code == 403
        assert len(box.log(kind="create")) == 2


@pytest.mark.parametrize("taken", PORTS)
def test_a_taken_port_is_named_and_leaves_nothing_open(tmp_path: Path, taken: str) -> None:
    database = tmp_path / "sandbox.sqlite"
    with taken_port() as port, pytest.raises(PortTaken, match=f"Port {port} cannot be used"):
        SandboxServer(SandboxSettings(database, **(dict.fromkeys(PORTS, 0) | {taken: port})))


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_process_ends_with_1_and_a_message_when_a_port_is_taken(tmp_path: Path, variable: str) -> None:
    with taken_port() as port:
        ports = dict.fromkeys(VARIABLES, "0") | {variable: str(port)}
        process = start(tmp_path, **ports)
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert errors.startswith(f"sandbox: Port {port} cannot be used")
    assert f"set {variable}" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_until_it_is_told_to_end(tmp_path: Path, ending: signal.Signals) -> None:
    process = start(tmp_path, **dict.fromkeys(VARIABLES, "0"))
    assert process.stdout
    greeting = process.stdout.readline().split()
    answer = httpx.get(f"{greeting[1]}/seller-api/sellers", auth=("portal", "portal-sandbox"))
    process.send_signal(ending)
    _, errors = process.communicate(timeout=PATIENCE)
    assert answer.status_code == 200
    assert (process.returncode, errors) == (0, "")
    assert (tmp_path / "sandbox.sqlite").exists()


def test_every_answer_takes_the_latency_that_is_set(tmp_path: Path) -> None:
    settings = SandboxSettings(tmp_path / "sandbox.sqlite", port=0, smtp_port=0, latency_ms=100)
    with box_of(settings) as box:
        started = time.monotonic()
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda n: box.create(golf(internalNumber=f"G-{n}")), range(16)))
        took = time.monotonic() - started
    assert {answer.status_code for answer in answers} == {201}
    # Side by side: far from the 1.6 seconds that they would take one after the other.
    assert 0.1 <= took < 1.2


def test_control_is_closed_to_other_machines(tmp_path: Path) -> None:
    app = create_sandbox(SandboxSettings(tmp_path / "sandbox.sqlite"))
    foreign = {"REMOTE_ADDR": "192.0.2.1"}
    with closing(app.extensions["sandbox"].database):
        assert app.test_client().get("/control/ads", environ_base=foreign).status_code == 403
        assert app.test_client().get("/control/ads").status_code == 200
