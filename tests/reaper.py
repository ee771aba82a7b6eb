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
GRACE = float(os.environ.get("PORTAL_TEST_GRACE", "5"))
"""Seconds in which what is stopping already may end by itself."""


def main(mark: str, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    psutil.wait_procs(members(mark), timeout=GRACE)
    while left := members(mark):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)
    for folder in Path(tempfile.gettempdir()).glob(folders_of(mark)):
        shutil.rmtree(folder, ignore_errors=True)


def folders_of(mark: str) -> str:
    """The temporary folders of a run, as a pattern."""
    return f"portal-test-{mark[-12:]}-*"


def members(mark: str) -> list[psutil.Process]:
    """Processes that were started in this run, and in runs inside it.

    Valkey writes its title over its environment; it is known by the folder in which it works.
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get(MARK, "").startswith(mark) or _works_in(process, folders_of(mark))
            if ours and process.pid != os.getpid():
                found.append(process)
    return found


def _works_in(process: psutil.Process, folders: str) -> bool:
    here = Path(process.cwd())
    return any(folder.match(folders) for folder in (here, *here.parents))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
