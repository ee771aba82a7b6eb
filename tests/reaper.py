"""A process beside pytest: when pytest has ended, however it did, it kills what its tests left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import psutil

MARK = "PORTAL_TEST_RUN"
"""Names the run of pytest to which a process belongs, in the environment of each of them."""
GRACE = 5.0
"""Seconds in which what is stopping already may end by itself."""


def main(mark: str, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    psutil.wait_procs(_members(mark), timeout=GRACE)
    while members := _members(mark):
        for process in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(members, timeout=1)
    for folder in Path(tempfile.gettempdir()).glob(folders_of(mark)):
        shutil.rmtree(folder, ignore_errors=True)


def folders_of(mark: str) -> str:
    """The temporary folders of a run, as a pattern."""
    return f"portal-test-{mark[-12:]}-*"


def _members(mark: str) -> list[psutil.Process]:
    """Processes that were started in this run, and in runs inside it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK, "").startswith(mark):
                found.append(process)
    return found


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
