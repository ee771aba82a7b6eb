"""When a stopped activation looks by itself whether its cause is gone. Pure."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

PLAN = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""Before the first look, the second and the third; the last pause for ever."""
SPREAD = 0.1
"""Share of a pause by which activations differ: those that stopped together do not ask together."""


def first(activation_id: UUID) -> timedelta:
    return _spread(PLAN[0], activation_id)


def following(activation_id: UUID, stopped_for: timedelta) -> timedelta:
    """The pause after a look in vain."""
    longer = next((pause for pause in PLAN if pause > stopped_for), PLAN[-1])
    return _spread(longer, activation_id)


def _spread(pause: timedelta, activation_id: UUID) -> timedelta:
    return pause * (1 + SPREAD * (activation_id.int % 1000) / 1000)
