"""Runs programs side by side and ends them with everything that they started.

Not honcho, circus or supervisor: docs/decisions.md says what they can't do here.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO

import psutil

from portal.launching.checks import LaunchError
from portal.launching.forks import FORKS, Program, fork
from portal.launching.revival import Revival


def tree(pid: int) -> list[psutil.Process]:
    """The process and all its descendants, also those in process groups of their own."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def kill_all(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def wait_all(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for their end; returns those that still live."""
    deadline = time.monotonic() + seconds
    alive = list(processes)
    while alive and time.monotonic() < deadline:
        _gone, alive = psutil.wait_procs(alive, timeout=0.1)
    return alive


GRACE = 10.0
"""Seconds to finish what is under way; after that the engine's own crash safety has to do."""
TAIL = 15


class Child:
    """A running program, its log and its last lines."""

    def __init__(self, program: Program, log: Path, out: TextIO) -> None:
        self.program = program
        self.log = log
        self.tail: deque[str] = deque(maxlen=TAIL)
        self.revival = Revival()
        self._out = out
        self.start()

    def start(self) -> None:
        lines, writing = FORKS.Pipe(duplex=False)
        self.process = fork(self.program, {1: writing, 2: writing})
        self._reader = threading.Thread(target=self._relay, args=(lines,), daemon=True)
        self._reader.start()
        self.revival.started()

    @property
    def has_ended(self) -> bool:
        return self.process.exitcode is not None

    def family(self) -> list[psutil.Process]:
        pid = self.process.pid
        return tree(pid) if pid and not self.has_ended else []

    def _relay(self, reading: Connection) -> None:
        with open(os.dup(reading.fileno()), errors="replace") as lines, self.log.open("a") as log:
            reading.close()
            for line in lines:
                self.tail.append(line.rstrip())
                # A full disk or a closed terminal must not stop the reading: the program would wait.
                with contextlib.suppress(OSError):
                    self._out.write(f"{self.program.name:<8}| {line}")
                    self._out.flush()
                with contextlib.suppress(OSError):
                    log.write(line)
                    log.flush()

    def obituary(self) -> str:
        self._reader.join(1)
        last = "\n".join(f"  {line}" for line in self.tail) or "  (it wrote nothing)"
        return (
            f"{self.program.name} ended unexpectedly (exit code {self.process.exitcode}). "
            f"Its log: {self.log}. Its last lines:\n{last}"
        )


class Supervisor:
    def __init__(self, log_dir: Path, out: TextIO = sys.stdout) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._log_dir = log_dir
        self._out = out
        self.children: list[Child] = []

    def start(self, program: Program) -> None:
        log = self._log_dir / f"{program.name}.log"
        log.write_text("")
        self.children.append(Child(program, log, self._out))

    def look(self) -> None:
        """While everything starts. Raises LaunchError when something died."""
        for child in self.children:
            if child.has_ended:
                raise LaunchError(child.obituary())

    def revive(self) -> None:
        """Start again what has ended, in longer and longer pauses; nothing is given up."""
        for child in self.children:
            if not child.has_ended:
                continue
            if child.revival.ended_at is None:
                self._say(child, f"ended ({child.process.exitcode}), starting it again")
            if child.revival.is_due():
                child.start()

    def _say(self, child: Child, text: str) -> None:
        with contextlib.suppress(OSError):
            self._out.write(f"{child.program.name:<8}| {text}\n")
            self._out.flush()

    def stop(self, grace: float = GRACE) -> None:
        """End all programs and everything they started."""
        for late in (False, True):
            members = [child for child in self.children if child.program.late is late]
            everyone = [process for child in members for process in child.family()]
            for child in members:
                child.process.terminate()
            kill_all(wait_all(everyone, grace))
            for child in members:
                child.process.join()
        self.children.clear()
