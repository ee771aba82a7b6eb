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
    """`token` is the fence: every write of a worker asks for it, so a worker that was taken for dead and
    wakes up again can write nothing any more."""

    activation_id: UUID
    token: UUID

    @classmethod
    def take(cls, sessions: sessionmaker[Session], activation_id: UUID) -> Lease | None:
        """None while another worker holds it."""
        lease = cls(activation_id, uuid4())
        free = or_(Activation.lease_until.is_(None), Activation.lease_until < func.now())
        with sessions.begin() as session:
            taken = session.execute(
                update(Activation)
                .where(Activation.id == activation_id, free)
                .values(lease_token=lease.token, lease_until=func.now() + LEASE)
                .returning(Activation.id)
            )
            return lease if taken.first() else None

    def extend(self, sessions: sessionmaker[Session]) -> None:
        """A heartbeat; without effect where another worker holds the lease by now."""
        with sessions.begin() as session:
            session.execute(
                update(Activation)
                .where(Activation.id == self.activation_id, Activation.lease_token == self.token)
                .values(lease_until=func.now() + LEASE)
            )

    def keep_alive(self, sessions: sessionmaker[Session], done: Event) -> None:
        """Until it is `done`. A heartbeat that fails is tried again."""
        while not done.wait(HEARTBEAT):
            try:
                self.extend(sessions)
            except SQLAlchemyError as error:
                log.warning("heartbeat of %s failed: %s", self.activation_id, error)

    def give_back(self, sessions: sessionmaker[Session]) -> None:
        """Never raises: what cannot be given back expires."""
        give_back = (
            update(Activation)
            .where(Activation.id == self.activation_id, Activation.lease_token == self.token)
            .values(lease_token=None, lease_until=None)
        )
        try:
            with sessions.begin() as session:
                session.execute(give_back)
        except SQLAlchemyError as error:
            log.warning("lease of %s could not be given back, it expires: %s", self.activation_id, error)

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


def lock_activation(session: Session, activation_id: UUID) -> Activation:
    """The activation as it is now, nobody else's to change until the commit; with or without a lease."""
    statement = (
        select(Activation)
        .where(Activation.id == activation_id)
        .with_for_update(of=Activation, key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.scalars(statement).one()


@contextmanager
def hold(sessions: sessionmaker[Session], activation_id: UUID) -> Iterator[Lease | None]:
    """Take the lease, keep it alive in the background, give it back. None if another one holds it."""
    lease = Lease.take(sessions, activation_id)
    if lease is None:
        yield None
        return
    done = Event()
    heart = Thread(target=lease.keep_alive, args=(sessions, done), daemon=True)
    heart.start()
    try:
        yield lease
    finally:
        done.set()
        heart.join()
        lease.give_back(sessions)


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
