"""`worker.py` as it is, with shorter times, so that fifty crashes and their repair fit into minutes.

What is shorter: the lease (5 s instead of 12), the tick (2 s instead of 15), the retry plan (a fifth, 2.5 s
at least) and the time-out of the platforms (2 s instead of 10 or 30). `CHAOS_CLOCK` moves what our code reads
of the machine's clock by so many seconds; `CHAOS_DIE_AT` names a moment at which a process kills itself.
"""

from __future__ import annotations

import datetime as real
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import worker
from portal.exports.core import lease, retries
from portal.exports.dispatch import claims, in_doubt
from portal.platforms.autoscout24.platform import AutoScout24
from portal.platforms.autoscout24_ch.platform import AutoScout24Ch
from portal.platforms.common.http import TimeLimits
from portal.platforms.mobile_de import transport
from portal.platforms.mobile_de.platform import MobileDe

SHARE = 5.0
TIME_OUT = 2.0
SETTLED = 2.5
"""Seconds before a second attempt at least. A request that was given up may still be carried out, here by a
sandbox that shares its cores with everything else: the next one must not overtake it."""
DIED = "died"
"""A file in the portal's folder: the process that was to kill itself has done so."""
LEASE, HEARTBEAT, TICK = 5.0, 1.0, 2


def hurry() -> None:
    lease.LEASE = timedelta(seconds=float(os.environ.get("CHAOS_LEASE", LEASE)))
    lease.HEARTBEAT = float(os.environ.get("CHAOS_HEARTBEAT", HEARTBEAT))
    os.environ["TICK_SECONDS"] = str(TICK)
    retries.PAUSES = tuple(max(SETTLED, seconds / SHARE) for seconds in retries.PAUSES)
    retries.LONGEST_PAUSE /= SHARE
    in_doubt.POSTPONED /= SHARE
    in_doubt.SECOND_LOOK /= SHARE  # still longer apart than half lists come in one gust
    patience = TimeLimits(float(os.environ.get("CHAOS_TIME_OUT", TIME_OUT)), connect=TIME_OUT)
    transport.PATIENT = patience
    for platform in (MobileDe, AutoScout24, AutoScout24Ch):
        platform._http.__defaults__ = (patience,)


def move_clock(seconds: int) -> None:
    """`time.time` for everybody, `datetime.now` for every module of ours."""
    true_time, shift = time.time, timedelta(seconds=seconds)
    time.time = lambda: true_time() + seconds

    class Moved(real.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.datetime.now(tz) + shift

    for name, module in list(sys.modules.items()):
        ours = name.split(".")[0] in ("portal", "worker", "config")
        if ours and getattr(module, "datetime", None) is real.datetime:
            module.datetime = Moved


def die_at(moment: str) -> None:
    """Once: the mark in the data folder keeps those that come after alive."""
    if moment == "outcome":
        claims.write_outcomes = _die


def _die(*arguments: Any) -> Any:
    mark = Path(os.environ["PORTAL_DATA_DIR"]) / DIED
    if mark.exists():
        return _WRITE(*arguments)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return None


_WRITE = claims.write_outcomes

if __name__ == "__main__":
    hurry()
    if shift := int(os.environ.get("CHAOS_CLOCK", "0")):
        move_clock(shift)
        print(f"clock {lease.datetime.now(real.UTC).isoformat()}", file=sys.stderr, flush=True)
    die_at(os.environ.get("CHAOS_DIE_AT", ""))
    worker.main()
