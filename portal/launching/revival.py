"""When something that has ended is started again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY = 60.0
"""Seconds; whoever has lived so long is started again at once when it ends."""


@dataclass
class Revival:
    """At once what has lived for long, else after pauses that double; nothing is given up. In seconds."""

    clock: Callable[[], float] = time.monotonic
    ended_at: float | None = None
    _started_at: float = float("-inf")
    _pause: float = 0.0
    _next_try: float = 0.0

    def is_due(self) -> bool:
        """Asked as long as it is down; the first question notes the end."""
        now = self.clock()
        if self.ended_at is None:
            self.ended_at = now
            self._wait(now, brief=now - self._started_at < STEADY)
        return now >= self._next_try

    def started(self) -> float:
        """It was started; returns for how long it was down."""
        now = self._started_at = self.clock()
        down = now - (self.ended_at if self.ended_at is not None else now)
        self.ended_at = None
        return down

    def failed(self) -> None:
        """It could not be started."""
        self._wait(self.clock(), brief=True)

    def _wait(self, now: float, *, brief: bool) -> None:
        self._pause = min(max(self._pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE) if brief else 0.0
        self._next_try = now + self._pause
