"""Programs as forks of one process that has loaded what they have in common (`preloaded.py`).

Started one by one, each would spend seconds on importing the same libraries and keep them in a memory of its
own. The fork server is that of the standard library; it has no threads, whatever its client has.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from portal.launching.checks import LaunchError
from portal.launching.children import die_with_parent

PRELOADED = ["portal.launching.apart", "portal.launching.preloaded"]
FORKS = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Program:
    """What `python -m module arguments` runs. `late`: ends after the others, which may still need it."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    late: bool = False

    def become(self, streams: Mapping[int, Connection]) -> None:
        os.setsid()
        die_with_parent()
        for number, stream in streams.items():
            os.dup2(stream.fileno(), number)
        for stream in set(streams.values()):
            stream.close()
        sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115  # whole lines, also into a pipe
        os.environ.clear()
        os.environ.update(self.environment)
        sys.argv = [self.module, *self.arguments]
        # In the lists of `ps` and `top`, where a fork would carry the command line of the fork server.
        with contextlib.suppress(ModuleNotFoundError):  # an extra
            from setproctitle import setproctitle

            setproctitle(f"portal: {self.name}")
        runpy.run_module(self.module, run_name="__main__", alter_sys=True)


def preload() -> None:
    """Start the fork server; it loads while its client goes on."""
    FORKS.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()


def fork(program: Program, streams: Mapping[int, Connection]) -> BaseProcess:
    """Start it. `streams`: what becomes its standard output (1) and error (2); closed on this side."""
    process = FORKS.Process(target=program.become, args=(streams,), name=program.name)
    process.start()
    for stream in set(streams.values()):
        stream.close()
    return process


def run_to_end(program: Program, look: Callable[[], None]) -> None:
    """Wait for its end. `look` is asked meanwhile, and ends it by raising. Raises LaunchError with what it
    wrote to standard error when it fails."""
    reading, writing = FORKS.Pipe(duplex=False)
    task = fork(program, {2: writing})
    complaint = b""
    try:
        while block := _next_block(reading, look):
            complaint += block
        task.join()
    finally:
        task.terminate()
        task.join()
        reading.close()
    if task.exitcode:
        said = complaint.decode(errors="replace").strip()
        raise LaunchError(said or f"{program.name} ended with {task.exitcode}.")


def _next_block(reading: Connection, look: Callable[[], None]) -> bytes:
    """Empty at the end."""
    look()
    while not reading.poll(0.1):
        look()
    return os.read(reading.fileno(), 65_536)
