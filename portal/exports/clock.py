"""The time of the database, for a worker whose own clock may be wrong or jump."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Clock:
    """Read once, then carried on by the machine's steady counter, which nobody can set."""

    read: datetime
    counter: float

    def now(self) -> datetime:
        return self.read + timedelta(seconds=time.monotonic() - self.counter)


def read_clock(session: Session) -> Clock:
    counter = time.monotonic()
    return Clock(session.scalars(select(func.clock_timestamp())).one(), counter)
