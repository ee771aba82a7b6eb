"""When a whole-stock file is due. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def next_run(after: datetime, times: Sequence[str]) -> datetime | None:
    """The first moment later than `after` at one of these local times ("02:00"); None without any.

    A time that does not exist on a day (the clock goes forward) runs at the next moment that does,
    one that exists twice (it goes back) runs the first time only.
    """
    today = after.astimezone(ZONE).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 3))
    moments = (moment_of(day, time.fromisoformat(spelled)) for day in days for spelled in times)
    return min((moment for moment in moments if moment > after), default=None)


def moment_of(day: date, at: time) -> datetime:
    """That local time of that day, as UTC."""
    wanted = datetime.combine(day, at, ZONE)
    moment = wanted.astimezone(UTC)
    return moment if _local(moment) == wanted.replace(tzinfo=None) else _end_of_gap(wanted)


def _end_of_gap(wanted: datetime) -> datetime:
    """The moment at which the clock goes forward over `wanted`."""
    moment = wanted.replace(fold=1).astimezone(UTC)
    before = moment.astimezone(ZONE).utcoffset()
    while moment.astimezone(ZONE).utcoffset() == before:
        moment += MINUTE
    return moment


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None)
