"""When a whole-stock file is due, and what is to be done with an open run now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.models.exports import ActivationState, LockEnd, RunState

LOCAL_ZONE = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
MAX_FILE_AGE = timedelta(minutes=15)
"""A file that is older when it can be sent at last is written anew from the stock of that moment."""
MAX_INTERRUPTIONS = 5


RUN_WINDOW = timedelta(minutes=45)
"""Runs of one hour are spread over so long, so that ten thousand dealers do not begin at once."""


def run_shift(activation_id: UUID) -> timedelta:
    """How long after its hour an activation runs: within the window, always the same for it."""
    return timedelta(seconds=activation_id.int % int(RUN_WINDOW.total_seconds()))


def run_window(local: str) -> tuple[str, str]:
    """From when to when a run of this local time begins: ("02:00", "02:45")."""
    begin = datetime.combine(date.min, time.fromisoformat(local))
    return begin.strftime("%H:%M"), (begin + RUN_WINDOW).strftime("%H:%M")


def next_run(after: datetime, times: Sequence[str], shift: timedelta = timedelta()) -> datetime | None:
    """The first moment later than `after` that is `shift` after one of these local times ("02:00"); None
    without any.

    A time that does not exist on a day (the clock goes forward) runs at the next moment that does,
    one that exists twice (it goes back) runs the first time only.
    """
    today = after.astimezone(LOCAL_ZONE).date()
    days = (today + timedelta(days=ahead) for ahead in range(-1, 3))
    moments = (moment_of(day, time.fromisoformat(local)) + shift for day in days for local in times)
    return min((moment for moment in moments if moment > after), default=None)


def moment_of(day: date, at: time) -> datetime:
    """That local time of that day, as UTC."""
    wanted = datetime.combine(day, at, LOCAL_ZONE)
    moment = wanted.astimezone(UTC)
    if moment.astimezone(LOCAL_ZONE).replace(tzinfo=None) == wanted.replace(tzinfo=None):
        return moment
    # The clock goes forward over that time: the moment at which it does.
    moment = wanted.replace(fold=1).astimezone(UTC)
    before = moment.astimezone(LOCAL_ZONE).utcoffset()
    while moment.astimezone(LOCAL_ZONE).utcoffset() == before:
        moment += MINUTE
    return moment


class RunStep(StrEnum):
    """WAIT: nothing for now. GIVE_UP: writing was interrupted again and again."""

    BUILD = "build"
    SEND = "send"
    CANCEL = "cancel"
    GIVE_UP = "give_up"
    WAIT = "wait"


@dataclass(frozen=True)
class OpenFileRun:
    """An open run and what surrounds it."""

    state: str
    due: bool
    """Its time has come: `not_before` is past, or empty for one that waits or was interrupted."""
    whole: bool = False
    """Its file is written and passed the guards."""
    started_at: datetime | None = None
    interrupted: int = 0
    activation: str = ActivationState.ACTIVE
    decision: str = ""
    """How the lock around a held file was closed; empty while it is open."""


def next_step(run: OpenFileRun, now: datetime) -> RunStep:
    if run.state == RunState.HELD and run.decision in (LockEnd.DISCARDED, LockEnd.ENDED):
        return RunStep.CANCEL
    if run.state == RunState.HELD and not (run.due or run.activation == ActivationState.ACTIVE):
        return RunStep.WAIT
    if run.state != RunState.HELD and not run.due:
        return RunStep.WAIT
    fresh = run.started_at is not None and now - run.started_at <= MAX_FILE_AGE
    if run.state == RunState.RUNNING and run.whole and fresh:
        return RunStep.SEND
    return RunStep.GIVE_UP if run.interrupted >= MAX_INTERRUPTIONS else RunStep.BUILD
