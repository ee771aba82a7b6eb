"""`make run`: what it says when it cannot start, and that nothing is left when it ends."""

from __future__ import annotations

import fcntl
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from config import Settings
from portal.launching import checks
from portal.launching.checks import LaunchError
from portal.launching.programs import programs
from portal.launching.supervisor import Program, Supervisor
from tests.conftest import open_folder
from tests.programs import WHOLE_MACHINE, free_port, plain_environment
from tests.waiting import PATIENCE, until

pytestmark = WHOLE_MACHINE
ROOT = Path(__file__).parents[1]


@pytest.fixture
def data() -> Path:
    """The data folder of a run; not there yet."""
    return open_folder() / "data"


@pytest.fixture
def environment(data: Path) -> dict[str, str]:
    names = ("PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT", "SANDBOX_SFTP_PORT", "SANDBOX_FTP_PORT")
    ports = {name: str(free_port()) for name in names}
    return plain_environment(**ports, PORTAL_DATA_DIR=str(data), WORKERS="1")


def launch(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "portal.launch"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )


def test_a_taken_port_is_named_with_the_way_out(environment: dict[str, str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = launch({**environment, "SANDBOX_PORT": str(port)})
    assert result.returncode == 1
    assert f"Port {port} (sandbox) is taken" in result.stderr
    assert "SANDBOX_PORT=" in result.stderr
    assert "Traceback" not in result.stderr


def test_two_programs_on_one_port_are_refused(environment: dict[str, str]) -> None:
    result = launch({**environment, "SANDBOX_PORT": environment["PORT"]})
    assert result.returncode == 1
    assert "SANDBOX_PORT and PORT are both" in result.stderr


def test_a_port_that_is_no_number_is_refused(environment: dict[str, str]) -> None:
    result = launch({**environment, "PORT": "eighty"})
    assert result.returncode == 1
    assert "A variable in the environment is wrong" in result.stderr
    assert "eighty" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_data_folder_that_is_a_file_is_named(environment: dict[str, str], data: Path) -> None:
    data.write_text("no folder")
    result = launch(environment)
    assert result.returncode == 1
    assert f"The data folder {data} cannot be written" in result.stderr


def test_a_second_run_on_the_same_folder_is_refused(environment: dict[str, str], data: Path) -> None:
    data.mkdir()
    with (data / "run.lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = launch(environment)
    assert result.returncode == 1
    assert "The portal already runs" in result.stderr
    assert "process 4711" in result.stderr


def test_a_database_that_does_not_answer_is_named(environment: dict[str, str]) -> None:
    url = f"postgresql+psycopg://portal:s3cret@127.0.0.1:{free_port()}/portal"
    result = launch({**environment, "DATABASE_URL": url})
    assert result.returncode == 1
    assert "DATABASE_URL does not answer" in result.stderr
    assert "s3cret" not in result.stderr


def test_a_postgres_that_cannot_start_shows_its_log(environment: dict[str, str], data: Path) -> None:
    cluster = data / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    result = launch(environment)
    assert result.returncode == 1
    assert "PostgreSQL did not start" in result.stderr
    assert str(cluster / "log") in result.stderr


def test_too_little_space_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"MB are free in .*PORTAL_DATA_DIR"):
        checks.disk_space(tmp_path, least=2**60)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with (tmp_path / "out").open("w") as out:
        supervisor = Supervisor(tmp_path / "log", out)
        yield supervisor
        supervisor.stop(grace=2)


def program(name: str, code: str, **more: bool) -> Program:
    return Program(name, (sys.executable, "-u", "-c", code), plain_environment(), **more)


def test_a_dead_program_is_named_with_its_last_lines(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program("web", "print('cannot go on'); raise SystemExit(3)"))
    until(lambda: supervisor.children[0].process.poll() is not None)
    with pytest.raises(LaunchError, match=r"web ended unexpectedly \(exit code 3\)") as failure:
        supervisor.look()
    assert "cannot go on" in str(failure.value)
    assert "web     | cannot go on" in (tmp_path / "out").read_text()
    assert (tmp_path / "log" / "web.log").read_text() == "cannot go on\n"


def test_a_dead_worker_comes_back(supervisor: Supervisor) -> None:
    supervisor.start(program("worker", "import time; time.sleep(60)", restart=True))
    first = supervisor.children[0].process
    first.kill()
    first.wait()
    supervisor.look()
    second = supervisor.children[0].process
    assert second.pid != first.pid
    assert second.poll() is None


def test_a_worker_that_keeps_dying_is_given_up(supervisor: Supervisor) -> None:
    supervisor.start(program("worker", "raise SystemExit('no use')", restart=True))

    def given_up() -> bool:
        try:
            supervisor.look()
        except LaunchError as failure:
            return "no use" in str(failure)
        return False

    until(given_up)


def test_whole_process_trees_end_even_those_that_refuse(supervisor: Supervisor) -> None:
    """The grandchild has a session of its own and ignores SIGTERM."""
    child = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"
    )
    parent = (
        "import subprocess, sys, time;"
        f"subprocess.Popen([sys.executable, '-u', '-c', {child!r}], start_new_session=True); time.sleep(60)"
    )
    supervisor.start(program("worker", parent))
    until(lambda: "deaf" in supervisor.children[0].tail)
    family = psutil.Process(supervisor.children[0].process.pid).children(recursive=True)
    assert len(family) == 1
    supervisor.stop(grace=0.3)
    _gone, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "portal.launch"]
    with (tmp_path / "run.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
        )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)


def test_everything_starts_serves_and_leaves_nothing_behind(
    running: subprocess.Popen[str], environment: dict[str, str], data: Path, tmp_path: Path
) -> None:
    log = tmp_path / "run.log"
    until(lambda: "Ctrl-C ends everything" in log.read_text() or running.poll() is not None)
    assert running.poll() is None, log.read_text()
    base = f"http://127.0.0.1:{environment['PORT']}"
    with httpx.Client(base_url=base, trust_env=False) as browser:
        assert "password" in browser.get("/login").text
    assert httpx.get(f"http://127.0.0.1:{environment['SANDBOX_PORT']}/", trust_env=False).status_code == 200
    family = psutil.Process(running.pid).children(recursive=True)
    postgres = psutil.Process(int((data / "postgres/postmaster.pid").read_text().splitlines()[0]))
    assert all(
        address.laddr.ip == "127.0.0.1"
        for process in family
        for address in process.net_connections("tcp")
        if address.status == psutil.CONN_LISTEN
    )
    tick = [sys.executable, "-m", "flask", "--app", "portal", "tick"]
    beside = subprocess.run(tick, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert beside.stdout == "Rang for all that is due.\n", beside.stderr
    assert postgres.is_running(), "a command that ends leaves PostgreSQL to the others"
    running.send_signal(signal.SIGINT)
    assert running.wait(PATIENCE) == 0
    _gone, alive = psutil.wait_procs([*family, postgres], timeout=PATIENCE)
    assert alive == []
    assert "Traceback" not in log.read_text()


def test_the_certificate_of_the_sandbox_is_trusted_in_development_only(tmp_path: Path) -> None:
    def authorities(settings: Settings, **environ: str) -> set[str]:
        return {program.environment["DELIVERY_CA_FILE"] for program in programs(settings, environ)}

    here = Settings(data_dir=tmp_path)
    assert authorities(here) == {str(tmp_path / "sandbox-files/server/ca.pem")}
    assert authorities(here, SANDBOX_DB="/srv/box.db") == {"/srv/sandbox-files/server/ca.pem"}
    assert authorities(replace(here, delivery_ca_file="/etc/ca.pem")) == {"/etc/ca.pem"}
    assert authorities(replace(here, production=True)) == {""}
