"""What every program that a test starts is given: a plain environment, ports of its own, an end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.reaper import MARK

WHOLE_MACHINE = pytest.mark.xdist_group("whole machine")
"""For what starts large programs or kills them: all of it in one process, one after the other."""
AS_ON_A_SERVER = pytest.mark.xdist_group("as on a server")
"""For what runs as docs/operations.md says, below a folder of its own: in one process, beside the rest."""
ONE_BROWSER = pytest.mark.xdist_group("browser")
"""For what looks at the running portal: it and its browser are started once."""
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", MARK)
_reserved: list[socket.socket] = []
"""Bound until the tests end, never listening."""
_started: list[subprocess.Popen[bytes]] = []
"""Nobody waits for it: it is to outlive us."""


def plain_environment(**more: str) -> dict[str, str]:
    """Nothing of the person's own settings reaches a program under test."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | more


def free_port() -> int:
    """A port that the kernel gives to nobody else.

    It stays bound, so neither another test nor an outgoing connection gets it meanwhile; a server that
    sets SO_REUSEADDR, as all of ours do, may listen there all the same.
    """
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    _reserved.append(reserved)
    return int(reserved.getsockname()[1])


def end_with_this_process() -> None:
    """Whatever is started from here on ends when this process does, be it by SIGKILL.

    Programs that are told to stop can do that themselves only while somebody tells them; PostgreSQL and
    RQ's work horses leave our process group. So a second process waits for our end and then looks for
    the mark. A run inside a run adds to the mark, so that the outer one finds the inner one's programs.
    """
    os.environ[MARK] = f"{os.environ.get(MARK, '')}/{uuid4().hex}"
    command = [sys.executable, "-m", "tests.reaper", os.environ[MARK], str(os.getpid())]
    reaper = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _started.append(reaper)
