"""When something is tried again: a transfer that was not delivered, a platform that failed as a whole, a
stopped activation. Pure.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 4 * 3600.0)
"""Seconds before the second, third, … attempt; after the last one the transfer has failed."""
SHORTEST, LONGEST = 1.0, 4 * 3600.0
LONGEST_PAUSE = 600.0
"""A platform that is down as a whole is tried again at least this often."""


def delay(attempts: int, asked: float | None = None) -> float | None:
    """Seconds until the next attempt after `attempts` made; None when they are used up.

    What the platform asked for (Retry-After) wins over the plan, clamped to 1 s … 4 h.
    """
    if attempts > len(PAUSES):
        return None
    return clamp(asked) if asked is not None else PAUSES[max(attempts, 1) - 1]


def pause(failures: int, asked: float | None = None) -> float:
    """Seconds to leave a platform alone that failed as a whole so many times in a row."""
    planned = PAUSES[min(max(failures, 1), len(PAUSES)) - 1]
    return clamp(asked) if asked is not None else min(planned, LONGEST_PAUSE)


def clamp(seconds: float) -> float:
    return min(max(seconds, SHORTEST), LONGEST)


# When a stopped activation looks by itself whether its cause is gone. Pure.


RECHECK_PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""Before the first look, the second and the third; the last pause for ever."""
RECHECK_SPREAD = 0.1
"""Share of a pause by which activations differ: those that stopped together do not ask together."""


def first_recheck(activation_id: UUID) -> timedelta:
    return _spread(RECHECK_PAUSES[0], activation_id)


def next_recheck(activation_id: UUID, stopped_for: timedelta) -> timedelta:
    """The pause after a look in vain."""
    longer = next((pause for pause in RECHECK_PAUSES if pause > stopped_for), RECHECK_PAUSES[-1])
    return _spread(longer, activation_id)


def _spread(pause: timedelta, activation_id: UUID) -> timedelta:
    return pause * (1 + RECHECK_SPREAD * (activation_id.int % 1000) / 1000)
