"""Runs the programs of `make run` side by side.

Not honcho: it ends everything when one program ends, keeps no log per program and signals only
the process it started. Here workers come back, the last lines of a dead program are shown, and
whole process trees end.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import psutil

from portal.launching.checks import LaunchError
from portal.launching.children import die_with_parent, kill_all, tree, wait_all

GRACE = 10.0
"""Seconds to finish what is under way; after that the engine's own crash safety has to do."""
RESTARTS = 5
"""More deaths than this within `RESTART_WINDOW` seconds: restarting does not help."""
RESTART_WINDOW = 60.0
TAIL = 15


@dataclass(frozen=True)
class Program:
    """`late`: ends after the others, because they may still need it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    restart: bool = False
    late: bool = False


class Child:
    """A running program, its log and its last lines."""

    def __init__(self, program: Program, log: Path, out: TextIO) -> None:
        self.program = program
        self.log = log
        self.tail: deque[str] = deque(maxlen=TAIL)
        self.deaths: deque[float] = deque(maxlen=RESTARTS + 1)
        self._out = out
        self.process = self._spawn()

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

    def again(self) -> None:
        """Start it once more, unless it keeps dying."""
        now = time.monotonic()
        self.deaths.append(now)
        if len(self.deaths) > RESTARTS and now - self.deaths[0] < RESTART_WINDOW:
            raise LaunchError(self.obituary())
        self.process = self._spawn()

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
        """Restart what may be restarted. Raises LaunchError when something else died."""
        for child in self.children:
            if child.process.poll() is None:
                continue
            if not child.program.restart:
                raise LaunchError(child.obituary())
            self._out.write(
                f"{child.program.name:<8}| ended ({child.process.returncode}), starting it again\n"
            )
            child.again()

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
