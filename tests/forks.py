"""Programs as forks of one process that has loaded what the portal's workers run: each start of Python would
import the same libraries for more than a second. `make run` starts its programs in this way, too."""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import psutil

from tests.programs import plain_environment

ROOT = Path(__file__).parents[1]


class Forks:
    """The side of those who start programs: any of their threads."""

    def __init__(self) -> None:
        self._one_by_one = threading.Lock()
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            cwd=ROOT,
            env=plain_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )

    def start(self, module: str, *options: str, environment: Mapping[str, str], log: Path) -> psutil.Process:
        """`python -m module options`, in a session of its own; what it says is added to `log`."""
        assert self._server.stdin
        assert self._server.stdout
        log.touch()
        with self._one_by_one:
            self._server.stdin.write(json.dumps([[module, *options], {**environment}, str(log)]) + "\n")
            return psutil.Process(int(self._server.stdout.readline()))


@cache
def forks() -> Forks:
    """One for all tests of a process; it ends when the process does, and closes its input."""
    return Forks()


def _become(command: list[str], environment: dict[str, str], log: str) -> None:
    os.setsid()
    os.write(1, f"{os.getpid()}\n".encode())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for ours, its in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(ours, its)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command


def main() -> None:
    """A line for each program, and its process id is the answer."""
    import worker  # noqa: F401  # with all that it needs

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever has ended is gone
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        if os.fork() == 0:
            _become(*json.loads(line))
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
            break


if __name__ == "__main__":
    main()
