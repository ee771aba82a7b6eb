"""Children of a program: they end with it, whenever it is asked to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
SLOW_TO_BEGIN = """
import os, time
from portal.launching import children

def slowly():
    print(os.getpid(), flush=True)
    time.sleep(1)

children.die_with_parent = slowly
children.keep_running([lambda: time.sleep(600)])
"""


def test_a_child_that_has_hardly_begun_ends_as_well() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SLOW_TO_BEGIN], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    try:
        parent.terminate()
        assert parent.wait(30) == 0
        assert not child.is_running()
    finally:
        parent.kill()
        parent.stdout.close()
        if child.is_running():
            child.kill()
