"""The right to send for an activation: one worker at a time, fenced by a token.

The database's clock decides, so that a machine whose clock jumps wins nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from portal.models.exports import Activation

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
"""Longer than the longest call (30 s read time-out), shorter than a dealer's patience after a crash."""
HEARTBEAT = 10.0


class LeaseLost(Exception):
    """Another worker holds the lease now; whatever this one still knows is void."""


@dataclass(frozen=True)
class Lease:
    activation_id: UUID
    token: UUID

    def guard(self, session: Session) -> None:
        """Assert inside a transaction that the lease is ours until it commits. Raises LeaseLost."""
        held = (
            select(Activation.id)
            .where(Activation.id == self.activation_id, Activation.lease_token == self.token)
            .with_for_update(read=True)
        )
        if session.scalar(held) is None:
            raise LeaseLost(self.activation_id)

    def lock_activation(self, session: Session) -> Activation:
        """The activation as it is now, nobody else's to change until the commit. Raises LeaseLost."""
        held = (
            select(Activation)
            .where(Activation.id == self.activation_id, Activation.lease_token == self.token)
            .with_for_update(of=Activation, key_share=True)
            .execution_options(populate_existing=True)
        )
        activation = session.scalars(held).one_or_none()
        if activation is None:
            raise LeaseLost(self.activation_id)
        return activation


@contextmanager
def hold(sessions: sessionmaker[Session], activation_id: UUID) -> Iterator[Lease | None]:
    """Take the lease, keep it alive in the background, give it back. None if another one holds it."""
    lease = _acquire(sessions, activation_id)
    if lease is None:
        yield None
        return
    done = Event()
    heart = Thread(target=_beat, args=(sessions, lease, done), daemon=True)
    heart.start()
    try:
        yield lease
    finally:
        done.set()
        heart.join()
        _release(sessions, lease)


def _acquire(sessions: sessionmaker[Session], activation_id: UUID) -> Lease | None:
    lease = Lease(activation_id, uuid4())
    free = or_(Activation.lease_until.is_(None), Activation.lease_until < func.now())
    with sessions.begin() as session:
        taken = session.execute(
            update(Activation)
            .where(Activation.id == activation_id, free)
            .values(lease_token=lease.token, lease_until=func.now() + LEASE)
            .returning(Activation.id)
        )
        return lease if taken.first() else None


def _beat(sessions: sessionmaker[Session], lease: Lease, done: Event) -> None:
    while not done.wait(HEARTBEAT):
        try:
            _extend(sessions, lease)
        except SQLAlchemyError as error:
            log.warning("heartbeat of %s failed: %s", lease.activation_id, error)


def _extend(sessions: sessionmaker[Session], lease: Lease) -> None:
    with sessions.begin() as session:
        session.execute(
            update(Activation)
            .where(Activation.id == lease.activation_id, Activation.lease_token == lease.token)
            .values(lease_until=func.now() + LEASE)
        )


def _release(sessions: sessionmaker[Session], lease: Lease) -> None:
    try:
        with sessions.begin() as session:
            session.execute(
                update(Activation)
                .where(Activation.id == lease.activation_id, Activation.lease_token == lease.token)
                .values(lease_token=None, lease_until=None)
            )
    except SQLAlchemyError as error:
        log.warning("lease of %s could not be given back, it expires: %s", lease.activation_id, error)


# The time of the database, for a worker whose own clock may be wrong or jump.


@dataclass(frozen=True)
class DatabaseClock:
    """Read once, then carried on by the machine's steady counter, which nobody can set."""

    read: datetime
    counter: float

    def now(self) -> datetime:
        return self.read + timedelta(seconds=time.monotonic() - self.counter)


def read_clock(session: Session) -> DatabaseClock:
    counter = time.monotonic()
    return DatabaseClock(session.scalars(select(func.clock_timestamp())).one(), counter)
