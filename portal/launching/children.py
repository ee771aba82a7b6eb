"""Children that end with their parent, and are replaced when they end before."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess

PR_SET_PDEATHSIG = 1
ENDINGS = (signal.SIGTERM, signal.SIGINT)
log = logging.getLogger(__name__)


def die_with_parent(sign: int = signal.SIGTERM) -> None:
    """Called in a child: the kernel sends it a signal when its parent ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)


def keep_running(duties: Sequence[Callable[[], None]]) -> None:
    """Fork one process for each duty and replace those that end, until SIGTERM or Ctrl-C;
    then let them finish what they are at."""
    stopping = threading.Event()
    for sign in ENDINGS:
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
    """A child that is asked to end before it has handlers of its own would take it for its parent's affair,
    and live on: until then such a signal waits."""
    process = multiprocessing.get_context("fork").Process(target=_as_child, args=(duty,))
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    return process


def _as_child(duty: Callable[[], None]) -> None:
    die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which sends SIGTERM
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    duty()
