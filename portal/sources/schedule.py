"""When a source is looked at again, and since when it stays away. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

SETTLE = timedelta(seconds=20)
"""A file that is the same after so long is whole."""
GROWS_AT_MOST = timedelta(hours=1)
RETRIES = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))
KEPT_GAPS, FEWEST_GAPS = 10, 3
AWAY_AFTER = timedelta(days=1)
"""At the earliest."""
TIMES_LONGER = 2


def pause_after(attempts: int) -> timedelta | None:
    """After so many attempts in vain; None: it is given up until its next time."""
    return RETRIES[attempts - 1] if attempts <= len(RETRIES) else None


def with_gap(gaps: Sequence[int], before: datetime | None, now: datetime) -> list[int]:
    """The last gaps between two files, with the newest one."""
    new = [] if before is None else [round((now - before).total_seconds())]
    return [*gaps, *new][-KEPT_GAPS:]


def away_since(
    now: datetime, created: datetime, taken: datetime | None, gaps: Sequence[int], *, missing: bool
) -> datetime | None:
    """Since when nothing new has come, if that is longer than usual: twice the longest gap of the last ones.

    Without enough gaps to know what is usual, only a file that is not there at all is missed, after a day.
    """
    since = taken or created
    if len(gaps) >= FEWEST_GAPS:
        patience = max(AWAY_AFTER, TIMES_LONGER * timedelta(seconds=max(gaps)))
    elif missing:
        patience = AWAY_AFTER
    else:
        return None
    return since if now - since > patience else None
