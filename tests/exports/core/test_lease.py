"""One worker at a time; whoever lost the lease changes nothing any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.core.lease import Lease, LeaseLost, hold
from portal.models import Activation
from tests.builders import Build, fresh


def test_a_second_worker_gets_nothing_until_the_first_gives_back(
    build: Build, sessions: sessionmaker[Session]
) -> None:
    activation = build.activation(build.dealer())
    with hold(sessions, activation.id) as first:
        assert first is not None
        with hold(sessions, activation.id) as second:
            assert second is None
    with hold(sessions, activation.id) as third:
        assert third is not None


def test_an_expired_lease_is_taken_over_and_the_late_worker_is_refused(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    activation = build.activation(
        build.dealer(), lease_token=uuid4(), lease_until=datetime.now(UTC) - timedelta(seconds=1)
    )
    late = Lease(activation.id, activation.lease_token)
    with hold(sessions, activation.id) as lease:
        assert lease is not None
        with sessions.begin() as transaction, pytest.raises(LeaseLost):
            late.guard(transaction)
        with sessions.begin() as transaction:
            lease.guard(transaction)


def test_giving_back_does_not_take_the_lease_from_its_next_holder(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    activation = build.activation(build.dealer())
    other = uuid4()
    with hold(sessions, activation.id), sessions.begin() as transaction:
        transaction.execute(update(Activation).values(lease_token=other))
    assert fresh(session, Activation, activation.id).lease_token == other


def test_a_late_heartbeat_keeps_nobody_elses_lease_alive(
    build: Build, session: Session, sessions: sessionmaker[Session]
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=3)
    activation = build.activation(build.dealer(), lease_token=uuid4(), lease_until=until)
    Lease(activation.id, uuid4()).extend(sessions)
    assert fresh(session, Activation, activation.id).lease_until == until
    Lease(activation.id, activation.lease_token).extend(sessions)
    assert fresh(session, Activation, activation.id).lease_until > until
