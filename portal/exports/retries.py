"""When a transfer that was not delivered is tried again. Pure."""

from __future__ import annotations

PLAN = (5.0, 30.0, 120.0, 600.0, 3600.0, 4 * 3600.0)
"""Seconds before the second, third, … attempt; after the last one the transfer has failed."""
SHORTEST, LONGEST = 1.0, 4 * 3600.0
LONGEST_PAUSE = 600.0
"""A platform that is down as a whole is tried again at least this often."""


def delay(attempts: int, asked: float | None = None) -> float | None:
    """Seconds until the next attempt after `attempts` made; None when they are used up.

    What the platform asked for (Retry-After) wins over the plan, clamped to 1 s … 4 h.
    """
    if attempts > len(PLAN):
        return None
    return clamp(asked) if asked is not None else PLAN[max(attempts, 1) - 1]


def pause(failures: int, asked: float | None = None) -> float:
    """Seconds to leave a platform alone that failed as a whole so many times in a row."""
    planned = PLAN[min(max(failures, 1), len(PLAN)) - 1]
    return clamp(asked) if asked is not None else min(planned, LONGEST_PAUSE)


def clamp(seconds: float) -> float:
    return min(max(seconds, SHORTEST), LONGEST)
