"""What is to be done with an open run now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.models.exports import ActivationState, LockEnd, RunState

FRESH = timedelta(minutes=15)
"""A file that is older when it can be sent at last is written anew from the stock of that moment."""
MOST_INTERRUPTED = 5


class Next(StrEnum):
    """WAIT: nothing for now. GIVE_UP: writing was interrupted again and again."""

    BUILD = "build"
    SEND = "send"
    CANCEL = "cancel"
    GIVE_UP = "give_up"
    WAIT = "wait"


@dataclass(frozen=True)
class Standing:
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


def decide(run: Standing, now: datetime) -> Next:
    if run.state == RunState.HELD and run.decision in (LockEnd.DISCARDED, LockEnd.ENDED):
        return Next.CANCEL
    if run.state == RunState.HELD and not (run.due or run.activation == ActivationState.ACTIVE):
        return Next.WAIT
    if run.state != RunState.HELD and not run.due:
        return Next.WAIT
    if run.state == RunState.RUNNING and run.whole and _fresh(run, now):
        return Next.SEND
    return Next.GIVE_UP if run.interrupted >= MOST_INTERRUPTED else Next.BUILD


def _fresh(run: Standing, now: datetime) -> bool:
    return run.started_at is not None and now - run.started_at <= FRESH
