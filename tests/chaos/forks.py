"""Worker groups as forks of one process that has loaded what they run: each start of Python would import the
same libraries for more than a second. `make run` starts its workers in this way, too."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.chaos import quick
from tests.programs import plain_environment

ROOT = Path(__file__).parents[2]


class Forks:
    """The side of those who start groups: any of their threads."""

    def __init__(self) -> None:
        self._one_by_one = threading.Lock()
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.forks"],
            cwd=ROOT,
            env=plain_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
        )

    def start(self, options: Sequence[str], environment: Mapping[str, str], log: Path) -> psutil.Process:
        """A group with a session of its own by now."""
        assert self._server.stdin
        assert self._server.stdout
        with self._one_by_one:
            self._server.stdin.write(json.dumps([[*options], {**environment}, str(log)]) + "\n")
            return psutil.Process(int(self._server.stdout.readline()))

    def end(self) -> None:
        """Groups go on."""
        self._server.communicate()


def _become(options: list[str], environment: dict[str, str], log: str) -> None:
    os.setsid()
    os.write(1, f"{os.getpid()}\n".encode())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for ours, its in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(ours, its)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["worker", *options]


def main() -> None:
    """A line for each group, and its process id is the answer."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever has ended is gone
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        if os.fork() == 0:
            _become(*json.loads(line))
            quick.main()
            break


if __name__ == "__main__":
    main()
