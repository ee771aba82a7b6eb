"""Runs programs side by side and ends them with everything that they started.

Not honcho, circus or supervisor: docs/decisions.md says what they can't do here.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TextIO

import psutil

from portal.launching.checks import LaunchError
from portal.launching.revival import Revival

PR_SET_PDEATHSIG = 1
log = logging.getLogger(__name__)


def die_with_parent(sign: int = signal.SIGTERM) -> None:
    """Called in a child: the kernel sends it a signal when its parent ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)


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


def keep_running(duties: Sequence[Callable[[], None]]) -> None:
    """Fork one process for each duty and replace those that end, until SIGTERM or Ctrl-C;
    then let them finish what they are at."""
    stopping = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopping.set())
    running = [_fork(duty) for duty in duties]
    while not stopping.wait(0.5):
        for index, process in enumerate(running):
            if not process.is_alive():
                level = logging.WARNING if process.exitcode else logging.INFO
                log.log(level, "a process ended with code %s, starting another", process.exitcode)
                running[index] = _fork(duties[index])
    for process in running:
        process.terminate()
    for process in running:
        process.join()


def _fork(duty: Callable[[], None]) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=_as_child, args=(duty,))
    process.start()
    return process


def _as_child(duty: Callable[[], None]) -> None:
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which sends SIGTERM
    duty()


GRACE = 10.0
"""Seconds to finish what is under way; after that the engine's own crash safety has to do."""
TAIL = 15


@dataclass(frozen=True)
class Program:
    """`late`: ends after the others, because they may still need it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    late: bool = False


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
        self.process = self._spawn()
        self.revival.started()

    def _spawn(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603  # our own programs
            self.program.command,
            env=dict(self.program.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self._reader = threading.Thread(target=self._relay, args=(process,), daemon=True)
        self._reader.start()
        return process

    def _relay(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        with process.stdout as lines, self.log.open("a") as log:
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
            f"{self.program.name} ended unexpectedly (exit code {self.process.returncode}). "
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
            if child.process.poll() is not None:
                raise LaunchError(child.obituary())

    def revive(self) -> None:
        """Start again what has ended, in longer and longer pauses; nothing is given up."""
        for child in self.children:
            if child.process.poll() is None:
                continue
            if child.revival.ended_at is None:
                self._say(child, f"ended ({child.process.returncode}), starting it again")
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
            families = {child: tree(child.process.pid) for child in members}
            for child in members:
                if child.process.poll() is None:
                    child.process.send_signal(signal.SIGTERM)
            everyone: list[psutil.Process] = [p for family in families.values() for p in family]
            kill_all(wait_all(everyone, grace))
            for child in members:
                child.process.wait()
        self.children.clear()
