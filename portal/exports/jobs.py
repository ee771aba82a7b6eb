"""What RQ calls. Nothing rests on RQ: a lost or doubled job loses and doubles nothing."""

from __future__ import annotations

from uuid import UUID

from portal.exports.runtime import runtime_from_environment
from portal.exports.tick import housekeeping, tick
from portal.exports.work import work
from portal.notices import rounds

NOTICES_BUDGET = 10.0
"""Seconds."""


def drain_activation(activation_id: str) -> None:
    """The job behind a ring of the doorbell."""
    runtime = runtime_from_environment()
    # A forked worker inherits the pool of its parent; two processes must not share a connection.
    runtime.engine.dispose(close=False)
    work(runtime, UUID(activation_id))


def run_tick() -> int:
    return tick(runtime_from_environment())


def run_notices() -> None:
    """The job behind a ring for notices and mails."""
    runtime = runtime_from_environment()
    runtime.engine.dispose(close=False)
    rounds.go(runtime.sessions, runtime.settings)


def look_for_notices() -> None:
    """What the scheduler does at each tick: short, so that the next tick is not late."""
    runtime = runtime_from_environment()
    rounds.go(runtime.sessions, runtime.settings, budget=NOTICES_BUDGET)


def run_housekeeping() -> None:
    housekeeping(runtime_from_environment())
