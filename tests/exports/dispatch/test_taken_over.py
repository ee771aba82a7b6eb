"""Wherever the lease is taken over, nothing more is written: tried after each commit of each task."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from portal.audit import PORTAL
from portal.exports.core.runtime import Runtime
from portal.exports.drift import control as drift_control
from portal.exports.full_transfer import control as full_transfer_control
from portal.exports.full_transfer.control import FullTransferReason
from portal.models import Activation
from portal.models.exports import ActivationState, ListingState, Trigger
from tests.builders import Build
from tests.conftest import empty_tables
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace
from tests.test_url_map import everything

MOST = 40
"""Commits; no task here needs so many."""
CACHES = ("reference_list",)
"""What is kept of the platform's own words belongs to no activation."""


class Thief:
    """Another worker that takes the lease, and the rows on their way, right after a certain commit."""

    def __init__(self, runtime: Runtime, commit: int) -> None:
        self._runtime, self._left = runtime, commit
        self.found: dict[str, str] | None = None
        """What the database held when he had come."""
        event.listen(runtime.sessions, "after_commit", self)

    def __call__(self, _session: Session) -> None:
        self._left -= 1
        if self._left == 0:
            with self._runtime.engine.begin() as connection:
                connection.execute(text(TAKE), {"token": uuid4()})
            with Session(self._runtime.engine) as session:
                self.found = written(session)


TAKE = """
    WITH taken AS (UPDATE activation_lease SET token = :token, until = now() + interval '1 hour')
    UPDATE transfer SET lease_token = :token WHERE state = 'sending'
"""


def written(session: Session) -> dict[str, str]:
    return {name: mark for name, mark in everything(session).items() if name not in CACHES}


def changes(stage: Stage) -> None:
    """Something to create, to update, to delete, and something that cannot be sent."""
    kept, gone, _ = stage.others_online(3)
    stage.vehicle()
    stage.vehicle(make="")
    stage.note(kept)
    stage.take_offline(gone)


def doubts(stage: Stage) -> None:
    """Listings of which nobody knows whether they are there."""
    for state in (ListingState.MISSING, ListingState.CREATING):
        vehicle = stage.vehicle()
        stage.build.listing(vehicle, stage.activation, state=state, creation_id=uuid4())
        stage.take_offline(vehicle)


def left_over(stage: Stage) -> None:
    """A worker died while it sent."""
    vehicle = stage.build.vehicle(stage.dealer)
    stage.build.release(vehicle, stage.activation)
    stage.build.transfer(vehicle, stage.activation, state="sending", lease_token=uuid4(), attempt_count=1)


def a_check(stage: Stage) -> None:
    stage.others_online(3)
    with stage.runtime.sessions.begin() as session:
        drift_control.request_check(
            session, session.get_one(Activation, stage.activation.id), None, Trigger.BY_HAND
        )


def a_full_transfer(stage: Stage) -> None:
    stage.others_online(3)
    with stage.runtime.sessions.begin() as session:
        activation = session.get_one(Activation, stage.activation.id)
        full_transfer_control.start(session, activation, FullTransferReason.MISSING, PORTAL)


def a_stop(stage: Stage) -> None:
    _put(stage, state=ActivationState.STOPPED, stop_cause="credentials", recheck_at=_long_ago())


def trouble(stage: Stage) -> None:
    """A platform that has failed, and nothing that waits."""
    _put(stage, failing_since=_long_ago(), failures=3, paused_until=_long_ago())


def _put(stage: Stage, **columns: object) -> None:
    for name, value in columns.items():
        setattr(stage.activation, name, value)
    stage.session.commit()


def _long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=2)


SITUATIONS = (changes, doubts, left_over, a_check, a_full_transfer, a_stop, trouble)


@pytest.mark.parametrize("status_input", SITUATIONS)
def test_after_the_lease_was_taken_over_nothing_more_is_written(
    status_input: Callable[[Stage], None],
    app: Flask,
    build: Build,
    runtime: Runtime,
    marketplace: Marketplace,
) -> None:
    for commit in range(1, MOST):
        with app.app_context():
            empty_tables()
        build.session.expunge_all()
        marketplace.reset()
        stage = Stage(build, runtime)
        status_input(stage)
        thief = Thief(runtime, commit)
        stage.drain()
        event.remove(runtime.sessions, "after_commit", thief)
        if thief.found is None:
            break
        assert written(build.session) == thief.found, f"after commit {commit}"
    assert 2 < commit < MOST - 1
