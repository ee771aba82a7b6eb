"""Whatever the tests start ends with them, and no port is given twice."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

import psutil
import pytest

from tests.programs import MARK, WHOLE_MACHINE, free_port, plain_environment
from tests.reaper import folders_of, members
from tests.waiting import PATIENCE, until

pytestmark = WHOLE_MACHINE
ROOT = Path(__file__).parents[1]
CONFTEST = "from tests.conftest import database_url, pytest_configure, valkey_url"
TEST = """
import os, subprocess, sys, time
from pathlib import Path
from tests.programs import MARK

def test_that_never_ends(database_url, valkey_url):
    sleeper = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    subprocess.Popen([sys.executable, "-c", sleeper], start_new_session=True)
    Path({told!r}).write_text(os.environ[MARK])
    time.sleep(600)
"""

GROUP = """
import time
from pathlib import Path
import pytest
from tests.programs import WHOLE_MACHINE

@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("kind", [pytest.param("group", marks=WHOLE_MACHINE), "single"])
def test_one(kind, number, worker_id):
    Path({told!r}, f"{{kind}}-{{number}}.{{worker_id}}").touch()
    time.sleep(0.1)
"""


def test_a_run_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    """PostgreSQL, Valkey, pytest-xdist, a program in a session of its own and its child."""
    told = tmp_path / "told"
    (tmp_path / "test_long.py").write_text(TEST.format(told=str(told)))
    (tmp_path / "conftest.py").write_text(CONFTEST)
    ours = ["-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", "-n", "1", *ours, str(tmp_path)]
    with running(command, tmp_path / "out") as run:
        until(lambda: (told.exists() and told.read_text()) or run.poll() is not None)
        assert run.poll() is None, (tmp_path / "out").read_text()
        mark = told.read_text()
        assert mark.startswith(os.environ[MARK]), "the outer run finds what the inner one leaves"
        until(lambda: sum("time.sleep" in " ".join(one.cmdline()) for one in members(mark)) >= 2)
        alive = members(mark)
        names = " ".join(process.name() for process in alive)
    assert "postgres" in names
    assert "valkey" in names
    _gone, left = psutil.wait_procs(alive, timeout=PATIENCE)
    assert left == []
    until(lambda: not list(Path(gettempdir()).glob(folders_of(mark))))


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Killed at the end, and nobody else of its processes is."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=plain_environment(PORTAL_TEST_GRACE="0.5"), stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_belongs_together_runs_in_one_process(tmp_path: Path) -> None:
    """pytest-xdist writes the group behind the test's name, which not every pytest takes over."""
    (tmp_path / "test_group.py").write_text(GROUP.format(told=str(tmp_path)))
    ours = ["-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *ours, str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    together, apart = ({file.suffix for file in tmp_path.glob(f"{kind}-*.*")} for kind in ("group", "single"))
    assert len(together) == 1
    assert len(together | apart) == 2, "the others are shared"


@pytest.mark.parametrize("content", [b"PK made at 12:00:02" * 9, "a long text" * 9])
def test_no_content_of_a_file_names_a_test(request: pytest.FixtureRequest, content: str | bytes) -> None:
    assert request.node.name.startswith(f"{request.node.originalname}[content")


def test_a_port_that_is_given_to_a_test_is_given_to_nobody_else() -> None:
    port = free_port()
    others = [socket.create_server(("127.0.0.1", 0)) for _ in range(50)]
    assert port not in {other.getsockname()[1] for other in others}
    for other in others:
        other.close()
    with socket.create_server(("127.0.0.1", port)) as server:
        assert server.getsockname()[1] == port


def test_programs_see_nothing_of_the_persons_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plain_environment(DATABASE_URL="x").keys() <= {
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        MARK,
        "DATABASE_URL",
    }
