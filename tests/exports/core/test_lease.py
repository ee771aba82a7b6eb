"""One worker at a time; whoever lost the lease changes nothing any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal.exports.core.lease import LEASE, Lease, LeaseLost
from portal.models import Activation, ActivationLease
from portal.models.base import CONNECT_ARGS
from tests.builders import Build, fresh
from tests.exports.leases import hold, take

PAST, SOON = timedelta(seconds=-1), timedelta(seconds=3)


@pytest.fixture
def activation_id(build: Build) -> UUID:
    activation_id: UUID = build.activation(build.dealer()).id
    build.session.commit()
    return activation_id


def leased(build: Build, activation_id: UUID, ends_in: timedelta) -> Lease:
    row = build.lease(build.session.get_one(Activation, activation_id), datetime.now(UTC) + ends_in)
    build.session.commit()
    assert row.token is not None
    return Lease(activation_id, row.token)


@pytest.fixture
def hasty(sessions: sessionmaker[Session]) -> Iterator[sessionmaker[Session]]:
    """Sessions whose statements fail rather than wait for a lock."""
    options = {"connect_args": CONNECT_ARGS | {"options": "-c lock_timeout=300"}}
    engine = create_engine(sessions.kw["bind"].url, **options)
    yield sessionmaker(engine)
    engine.dispose()


def test_a_second_worker_gets_nothing_until_the_first_gives_back(
    activation_id: UUID, sessions: sessionmaker[Session]
) -> None:
    with hold(sessions, activation_id) as first:
        assert first is not None
        with hold(sessions, activation_id) as second:
            assert second is None
    with hold(sessions, activation_id) as third:
        assert third is not None


def test_nobody_gets_the_lease_of_what_does_not_exist(sessions: sessionmaker[Session]) -> None:
    assert take(sessions, uuid4()) is None


def test_an_expired_lease_is_taken_over_and_the_late_worker_is_refused(
    build: Build, activation_id: UUID, sessions: sessionmaker[Session]
) -> None:
    late = leased(build, activation_id, PAST)
    with hold(sessions, activation_id) as lease:
        assert lease is not None
        with sessions.begin() as transaction, pytest.raises(LeaseLost):
            late.guard(transaction)
        with sessions.begin() as transaction, pytest.raises(LeaseLost):
            late.lock_activation(transaction)
        with sessions.begin() as transaction:
            lease.guard(transaction)
            assert lease.lock_activation(transaction).id == activation_id


def test_whoever_has_given_back_is_refused(activation_id: UUID, sessions: sessionmaker[Session]) -> None:
    with hold(sessions, activation_id) as lease:
        assert lease is not None
    with sessions.begin() as transaction, pytest.raises(LeaseLost):
        lease.guard(transaction)


def test_giving_back_does_not_take_the_lease_from_its_next_holder(
    activation_id: UUID, session: Session, sessions: sessionmaker[Session]
) -> None:
    other = uuid4()
    with hold(sessions, activation_id), sessions.begin() as transaction:
        transaction.execute(update(ActivationLease).values(token=other))
    assert fresh(session, ActivationLease, activation_id).token == other


def test_a_late_heartbeat_keeps_nobody_elses_lease_alive(
    build: Build, activation_id: UUID, session: Session, sessions: sessionmaker[Session]
) -> None:
    lease = leased(build, activation_id, SOON)
    until = fresh(session, ActivationLease, activation_id).until
    Lease(activation_id, uuid4()).extend(sessions)
    assert fresh(session, ActivationLease, activation_id).until == until
    lease.extend(sessions)
    assert fresh(session, ActivationLease, activation_id).until > until


def test_the_heart_beats_while_transactions_hold_the_activation_and_the_lease(
    activation_id: UUID, sessions: sessionmaker[Session], hasty: sessionmaker[Session]
) -> None:
    """A run of an hour: its own transaction and somebody else's lock all that there is to lock."""
    lease = take(sessions, activation_id)
    assert lease is not None
    with sessions.begin() as own, sessions.begin() as foreign:
        lease.guard(own)
        foreign.execute(select(Activation).where(Activation.id == activation_id).with_for_update())
        with hasty.begin() as session:
            session.execute(update(ActivationLease).values(until=func.now()))
        lease.extend(hasty)
        with hasty.begin() as session:
            left = session.scalars(select(ActivationLease.until - func.now())).one()
        assert left is not None
        assert left > LEASE / 2


def test_who_still_writes_under_an_expired_lease_is_not_overtaken(
    build: Build, activation_id: UUID, sessions: sessionmaker[Session], hasty: sessionmaker[Session]
) -> None:
    """The fence holds to the commit, and who wants the lease does not wait for it."""
    slow = leased(build, activation_id, PAST)
    with sessions.begin() as own:
        slow.guard(own)
        assert take(hasty, activation_id) is None
    assert take(sessions, activation_id) is not None


def test_nobody_changes_what_a_guarded_activation_is_until_the_commit(
    activation_id: UUID, sessions: sessionmaker[Session], hasty: sessionmaker[Session]
) -> None:
    lease = take(sessions, activation_id)
    assert lease is not None
    with sessions.begin() as own:
        lease.lock_activation(own)
        with pytest.raises(OperationalError), hasty.begin() as other:
            other.execute(update(Activation).values(customer_number="1"))
        with pytest.raises(OperationalError), hasty.begin() as other:
            other.execute(update(ActivationLease).values(token=uuid4()))
