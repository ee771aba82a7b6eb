"""`make run`: what it says when it cannot start, and that nothing is left when it ends."""

from __future__ import annotations

import ast
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest

from config import Settings
from portal.embedded import ServiceError
from portal.launching import checks
from portal.launching.checks import LaunchError
from portal.launching.forks import Program, run_to_end
from portal.launching.programs import programs
from portal.launching.revival import STEADY, Revival
from portal.launching.services import Service
from portal.launching.supervisor import Supervisor
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
    names = (
        "PORT",
        "EVENTS_PORT",
        "DROP_PORT",
        *(f"SANDBOX{kind}_PORT" for kind in ("", "_SMTP", "_SFTP", "_FTP")),
    )
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
    return Program(name, "tests.snippet", (code,), plain_environment(), **more)


def test_a_dead_program_is_named_with_its_last_lines(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(program("web", "print('cannot go on'); raise SystemExit(3)"))
    until(lambda: supervisor.children[0].has_ended)
    with pytest.raises(LaunchError, match=r"web ended unexpectedly \(exit code 3\)") as failure:
        supervisor.look()
    assert "cannot go on" in str(failure.value)
    assert "web     | cannot go on" in (tmp_path / "out").read_text()
    assert (tmp_path / "log" / "web.log").read_text() == "cannot go on\n"


def test_a_dead_worker_comes_back(supervisor: Supervisor) -> None:
    supervisor.start(program("worker", "import time; time.sleep(60)"))
    first = supervisor.children[0].process
    first.kill()
    first.join()
    until(lambda: supervisor.revive() or supervisor.children[0].process is not first)
    second = supervisor.children[0].process
    assert second.pid != first.pid
    assert second.is_alive()


def test_what_keeps_dying_is_started_again_for_ever_in_longer_pauses() -> None:
    now = 1000.0
    revival = Revival(clock=lambda: now)
    revival.started()
    pauses = []
    for _ in range(8):
        ended = now
        while not revival.is_due():
            now += 0.5
        pauses.append(now - ended)
        revival.started()
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    now += STEADY
    assert revival.is_due(), "what has lived for long comes back at once"


def test_what_does_not_start_is_tried_again_and_says_so_once(tmp_path: Path) -> None:
    now, attempts, said = 0.0, [0], []

    def start() -> None:
        attempts[0] += 1
        if attempts[0] < 4:
            raise ServiceError("no space left")

    service = Service("PostgreSQL", tmp_path / "log", lambda: attempts[0] >= 4, start)
    service.revival.clock = lambda: now
    for _ in range(60):
        service.revive(said.append)
        now += 0.5
    assert attempts == [4]
    [gone, why, back] = said
    assert gone.startswith("PostgreSQL ended unexpectedly, starting it again.")
    assert why == "PostgreSQL does not start, trying on. no space left"
    assert back.startswith("PostgreSQL is back after ")


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


def test_a_step_that_fails_is_told_by_what_it_wrote() -> None:
    with pytest.raises(LaunchError, match=r"^The database refused: no space left$"):
        run_to_end(program("preparation", "raise SystemExit('The database refused: no space left')"), int)
    with pytest.raises(LaunchError, match=r"^preparation ended with 3\.$"):
        run_to_end(program("preparation", "raise SystemExit(3)"), int)


def test_a_step_ends_when_somebody_presses_ctrl_c(tmp_path: Path) -> None:
    begun = tmp_path / "begun"

    def look() -> None:
        if begun.exists() and begun.read_text():
            raise KeyboardInterrupt

    write_pid = f"import os, pathlib; pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))"
    with pytest.raises(KeyboardInterrupt):
        run_to_end(program("preparation", f"{write_pid}; import time; time.sleep(60)"), look)
    assert not psutil.pid_exists(int(begun.read_text()))


def test_programs_have_the_environment_they_were_given_and_no_other(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_URL", "https://of-the-launcher.example")
    supervisor.start(program("web", "import os; print(sorted(os.environ), flush=True)"))
    until(lambda: supervisor.children[0].tail)
    assert set(ast.literal_eval(supervisor.children[0].tail[0])) - {"LC_CTYPE"} == set(plain_environment())


def test_ctrl_c_while_everything_is_loaded_is_no_fault(environment: dict[str, str]) -> None:
    """It reaches all of the terminal's group."""
    command = [sys.executable, "-m", "portal.launch"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    until(lambda: [one for one in psutil.Process(process.pid).children() if is_apart(one)])
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert said.splitlines()[-1] == "Everything has ended."
    assert "Traceback" not in said


def is_apart(process: psutil.Process) -> bool:
    """The fork server, once it has a session of its own."""
    return "forkserver" in title(process) and os.getsid(process.pid) == process.pid


def test_everything_ends_also_when_the_terminal_is_closed(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "portal.launch"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    until(lambda: [one for one in psutil.Process(process.pid).children(True) if "sandbox" in title(one)])
    family = psutil.Process(process.pid).children(recursive=True)
    process.stdout.close()
    process.send_signal(signal.SIGHUP)
    process.wait(PATIENCE)
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


@contextmanager
def launched(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "portal.launch"]
    with (folder / "run.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
        )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def house() -> Path:
    """A data folder for those who need a portal, whether it is new or of a run before: the first finds
    none and waits for the demo, which takes longer than all else."""
    return open_folder() / "data"


@pytest.fixture
def running(environment: dict[str, str], house: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment["PORTAL_DATA_DIR"] = str(house)
    with launched(environment, tmp_path) as process:
        yield process


def test_everything_starts_serves_and_leaves_nothing_behind(
    running: subprocess.Popen[str], environment: dict[str, str], house: Path, tmp_path: Path
) -> None:
    log = tmp_path / "run.log"
    until(lambda: "Ctrl-C ends everything" in log.read_text() or running.poll() is not None)
    assert running.poll() is None, log.read_text()
    assert "the first time about a minute" in log.read_text().splitlines()[0]
    base = f"http://127.0.0.1:{environment['PORT']}"
    with httpx.Client(base_url=base, trust_env=False) as browser:
        assert "password" in browser.get("/login").text
    assert httpx.get(f"http://127.0.0.1:{environment['SANDBOX_PORT']}/", trust_env=False).status_code == 200
    family = psutil.Process(running.pid).children(recursive=True)
    postgres = psutil.Process(int((house / "postgres/postmaster.pid").read_text().splitlines()[0]))
    assert all(
        address.laddr.ip == "127.0.0.1"
        for process in family
        for address in process.net_connections("tcp")
        if address.status == psutil.CONN_LISTEN
    )
    fork_server = next(one for one in family if "forkserver" in title(one))
    forks = sorted(title(one) for one in fork_server.children())
    assert forks == [
        "gunicorn: master [portal:create_app()]",
        *("portal: drops", "portal: events", "portal: sandbox", "portal: worker"),
    ], "as ps shows them"
    everything = [psutil.Process(running.pid), *family, postgres, *postgres.children(recursive=True)]
    assert sum(process.memory_full_info().pss for process in everything) < 450 * 2**20, (
        "while nobody is there"
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


def title(process: psutil.Process) -> str:
    """Empty for one that has just ended."""
    try:
        return " ".join(process.cmdline()).strip()
    except psutil.Error:
        return ""


def test_a_launcher_that_is_killed_takes_its_programs_along(
    running: subprocess.Popen[str], house: Path, tmp_path: Path
) -> None:
    log = tmp_path / "run.log"
    until(lambda: "Ctrl-C ends everything" in log.read_text() or running.poll() is not None)
    family = psutil.Process(running.pid).children(recursive=True)
    servers = [one for one in family if "valkey-server" in title(one)]
    running.kill()
    _gone, alive = psutil.wait_procs(set(family) - set(servers), timeout=PATIENCE)
    assert alive == []
    postgres = psutil.Process(int((house / "postgres/postmaster.pid").read_text().splitlines()[0]))
    for left in (*servers, postgres):  # the next start takes them over
        left.terminate()
    assert psutil.wait_procs([*servers, postgres], timeout=PATIENCE)[1] == []


def form_of(browser: httpx.Client, path: str) -> dict[str, str]:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(path).text)
    assert found, path
    return {"csrf_token": found[1]}


def test_it_survives_the_end_of_its_database_of_valkey_and_of_the_web(
    running: subprocess.Popen[str], environment: dict[str, str], house: Path, tmp_path: Path
) -> None:
    """What is saved meanwhile is answered with "once more", and what was typed is still there."""
    log = tmp_path / "run.log"
    until(lambda: "Ctrl-C ends everything" in log.read_text() or running.poll() is not None)
    assert running.poll() is None, log.read_text()
    base = f"http://127.0.0.1:{environment['PORT']}"
    with httpx.Client(base_url=base, trust_env=False, timeout=60) as browser:
        token = form_of(browser, "/login")
        browser.post("/login", data=token | {"login": "anna", "password": "demo"})
        token = form_of(browser, "/account")
        postgres = psutil.Process(int((house / "postgres/postmaster.pid").read_text().splitlines()[0]))
        postgres.send_signal(signal.SIGINT)  # its fast shutdown
        answers = []

        def is_saved() -> bool:
            answers.append(browser.post("/theme", data=token | {"theme": "dark"}))
            return answers[-1].status_code < 400 and "is back after" in log.read_text()

        until(is_saved)
        refused = [answer for answer in answers if answer.status_code >= 400]
        assert {answer.status_code for answer in refused} == {503}
        for answer in refused:
            assert answer.headers["Retry-After"]
            assert "Bitte gleich noch einmal" in answer.text
            assert 'name="theme">\ndark<' in answer.text
        assert 'data-bs-theme="dark"' in browser.get("/account").text
        for valkey_or_web in ("valkey-server", "gunicorn"):
            members = psutil.Process(running.pid).children(recursive=True)
            victim = next(one for one in members if valkey_or_web in title(one))
            victim.kill()
            victim.wait(PATIENCE)
        until(lambda: "Valkey is back after" in log.read_text())
        until(lambda: readyz(base) == "ok")
    assert running.poll() is None
    assert "Traceback" not in log.read_text()


def readyz(base: str) -> str:
    try:
        return httpx.get(f"{base}/readyz", trust_env=False).text
    except httpx.TransportError:
        return ""


def test_the_certificate_of_the_sandbox_is_trusted_in_development_only(tmp_path: Path) -> None:
    def authorities(settings: Settings, **environ: str) -> set[str]:
        return {program.environment["DELIVERY_CA_FILE"] for program in programs(settings, environ)}

    here = Settings(data_dir=tmp_path)
    assert authorities(here) == {str(tmp_path / "sandbox-files/server/ca.pem")}
    assert authorities(here, SANDBOX_DB="/srv/box.db") == {"/srv/sandbox-files/server/ca.pem"}
    assert authorities(replace(here, delivery_ca_file="/etc/ca.pem")) == {"/etc/ca.pem"}
    assert authorities(replace(here, production=True)) == {""}
