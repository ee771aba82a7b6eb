"""The lease as a worker takes it, for tests of what is done under it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from portal.exports.core.lease import Lease


def take(sessions: sessionmaker[Session], activation_id: UUID) -> Lease | None:
    with sessions.begin() as session:
        return Lease.take(session, activation_id)


@contextmanager
def hold(sessions: sessionmaker[Session], activation_id: UUID) -> Iterator[Lease | None]:
    """None if another one holds it."""
    lease = take(sessions, activation_id)
    if lease is None:
        yield None
        return
    with lease.kept(sessions):
        yield lease
