"""What an answer means, and when a message is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

HOUR = 3600.0
PAUSES = (5.0, 60.0, 300.0, 1800.0, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR)
"""Seconds before the second, third, … attempt of a message; the last one for all that follow."""
PAUSES_OF_ENDPOINT = (5.0, 30.0, 60.0, 300.0, 900.0, 1800.0)
"""Seconds in which a receiver that failed is left alone with all its messages."""
LONGEST = 12 * HOUR
"""However much later the receiver asks to be told."""
GIVE_UP_AFTER = timedelta(days=3)
"""Of a message, and of a receiver that has taken nothing in that time."""
SPREAD = 0.1
"""Share of a pause by which messages differ: what failed together does not come again together."""


def is_taken(status: int) -> bool:
    return 200 <= status < 300


def is_goodbye(status: int) -> bool:
    """The receiver asks to be told nothing more."""
    return status == 410


def next_attempt(
    now: datetime, until: datetime, attempts: int, key: UUID, asked: float | None
) -> datetime | None:
    """After `attempts` in vain; None when that was the last one. `asked`: seconds of a Retry-After."""
    if now >= until:
        return None
    planned = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    seconds = max(planned * (1 + SPREAD * (key.int % 1000) / 1000), asked or 0)
    return min(now + timedelta(seconds=seconds), until)


def pause_of_endpoint(failures: int, asked: float | None) -> timedelta:
    planned = PAUSES_OF_ENDPOINT[min(max(failures, 1), len(PAUSES_OF_ENDPOINT)) - 1]
    return timedelta(seconds=max(planned, asked or 0))


def asked_pause(retry_after: str, now: datetime) -> float | None:
    """Seconds of the header Retry-After, a number or a date, at most LONGEST; None where it says nothing."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    return min(max((moment - now).total_seconds(), 0.0), LONGEST)
