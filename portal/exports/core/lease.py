"""The right to send for an activation: one worker at a time, fenced by a token.

The database's clock decides, so that a machine whose clock jumps wins nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from portal.models.exports import Activation, ActivationLease

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=12)
"""So long, and until its last requests have settled, an activation is silent after its worker was killed. A
slow call outlasts it: the heartbeat goes on meanwhile."""
HEARTBEAT = 3.0
"""Seconds; three may fail before the lease is over."""


class LeaseLost(Exception):
    """Another worker holds the lease now; whatever this one still knows is void."""


@dataclass
class Renewal:
    """When a lease was asked for last, with success, by the counter of this machine."""

    asked: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Lease:
    """`token` is the fence: every write of a worker asks for it, so a worker that was taken for dead and
    wakes up again can write nothing any more."""

    activation_id: UUID
    token: UUID
    ended: Event = field(default_factory=Event, compare=False, repr=False)
    """Set once it was given back: no heartbeat any more."""
    renewed: Renewal = field(default_factory=Renewal, compare=False, repr=False)

    @classmethod
    def take(cls, session: Session, activation_id: UUID) -> Lease | None:
        """Ours with the commit; None while another worker holds it, or is still writing under it."""
        lease = cls(activation_id, uuid4())
        known = {"activation": activation_id, "token": lease.token, "lease": LEASE}
        return lease if session.execute(_TAKE, known).first() else None

    @property
    def may_be_over(self) -> bool:
        """Another worker may hold it by now, though nobody has told us: heartbeats do not get through."""
        return time.monotonic() - self.renewed.asked >= LEASE.total_seconds()

    def extend(self, sessions: sessionmaker[Session]) -> None:
        """A heartbeat; without effect where another worker holds the lease by now.

        Waits for nobody: neither for who changes the activation nor for writes under this lease.
        """
        asked = time.monotonic()
        longer = update(ActivationLease).where(*self.is_ours).values(until=func.now() + LEASE)
        with sessions.begin() as session:
            held = session.execute(longer.returning(ActivationLease.activation_id)).first()
        if held is not None:
            self.renewed.asked = asked

    @contextmanager
    def kept(self, sessions: sessionmaker[Session]) -> Iterator[None]:
        """Alive in the background, and given back at the end where that was not done with the last write."""
        heart = Thread(target=self._beat, args=(sessions,), daemon=True)
        heart.start()
        try:
            yield
        finally:
            given_back = self.ended.is_set()
            self.ended.set()
            heart.join()
            if not given_back:
                self.give_back(sessions)

    def _beat(self, sessions: sessionmaker[Session]) -> None:
        """Until it has ended. A heartbeat that fails is tried again."""
        while not self.ended.wait(HEARTBEAT):
            try:
                self.extend(sessions)
            except SQLAlchemyError as error:
                log.warning("heartbeat of %s failed: %s", self.activation_id, error)

    def give_back(self, sessions: sessionmaker[Session]) -> None:
        """Never raises: what cannot be given back expires."""
        give_back = update(ActivationLease).where(*self.is_ours).values(token=None, until=None)
        try:
            with sessions.begin() as session:
                session.execute(give_back)
        except SQLAlchemyError as error:
            log.warning("lease of %s could not be given back, it expires: %s", self.activation_id, error)

    def guard(self, session: Session) -> None:
        """Assert inside a transaction that the lease is ours until it commits. Raises LeaseLost."""
        held = select(ActivationLease.activation_id).where(*self.is_ours)
        if session.scalar(held.with_for_update(read=True, key_share=True)) is None:
            raise LeaseLost(self.activation_id)

    def lock_activation(self, session: Session) -> Activation:
        """The activation as it is now, nobody else's to change until the commit. Raises LeaseLost."""
        ours = guarded(_locked(self.activation_id), self.activation_id, self.token)
        activation = session.scalars(ours).one_or_none()
        if activation is None:
            raise LeaseLost(self.activation_id)
        return activation

    @property
    def is_ours(self) -> tuple[ColumnElement[bool], ...]:
        return ActivationLease.activation_id == self.activation_id, ActivationLease.token == self.token


Selected = TypeVar("Selected", bound=Select[Any])


def guarded(activations: Selected, activation_id: Any, token: Any) -> Selected:
    """The same as `Lease.guard`, in a statement that reads the activation: no row when the lease is lost."""
    held = ActivationLease.activation_id == activation_id, ActivationLease.token == token
    ours = activations.where(*held, ActivationLease.activation_id == Activation.id)
    return ours.suffix_with(text("FOR KEY SHARE OF activation_lease"))


_TAKE = text(
    """
    WITH free AS (
        SELECT activation_id FROM activation_lease
        WHERE activation_id = :activation AND (until IS NULL OR until < now()) FOR UPDATE SKIP LOCKED),
    taken AS (
        UPDATE activation_lease AS l SET token = :token, until = now() + CAST(:lease AS interval)
        FROM free WHERE l.activation_id = free.activation_id RETURNING 1),
    first AS (
        INSERT INTO activation_lease (activation_id, token, until)
        SELECT id, :token, now() + CAST(:lease AS interval) FROM activation AS a WHERE id = :activation
            AND NOT EXISTS (SELECT FROM activation_lease AS l WHERE l.activation_id = a.id)
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT 1 FROM taken UNION ALL SELECT 1 FROM first
    """
)
"""SKIP LOCKED: who still writes under an expired lease is slow, not dead; nobody waits for them."""


def is_leased(activation_id: Any) -> ColumnElement[bool]:
    """A worker is at this activation; `activation_id` is a column of the statement around it."""
    return (
        select(ActivationLease.activation_id)
        .where(ActivationLease.activation_id == activation_id, ActivationLease.until > func.now())
        .exists()
    )


def lock_activation(session: Session, activation_id: UUID) -> Activation:
    """The activation as it is now, nobody else's to change until the commit; with or without a lease."""
    return session.scalars(_locked(activation_id)).one()


def _locked(activation_id: UUID) -> Select[Activation]:
    return (
        select(Activation)
        .where(Activation.id == activation_id)
        .with_for_update(of=Activation, key_share=True)
        .execution_options(populate_existing=True)
    )


# The time of the database, for a worker whose own clock may be wrong or jump.


@dataclass(frozen=True)
class DatabaseClock:
    """Read once, then carried on by the machine's steady counter, which nobody can set.

    Counted from when the answer was here, so it is never ahead: what it dates is older than whatever the
    database begins later.
    """

    read: datetime
    counter: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.read + timedelta(seconds=time.monotonic() - self.counter)


def read_clock(session: Session) -> DatabaseClock:
    return DatabaseClock(session.scalars(select(func.clock_timestamp())).one())
