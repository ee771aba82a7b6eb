"""What open pages are told of: a word for each thing that a commit has changed, published to Redis.

A word carries no data, "this vehicle" or "this app": the page fetches what it shows by its usual route, with
its usual rights. Nothing rests on a word: pages look by themselves, more slowly, when none comes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from enum import StrEnum
from uuid import UUID

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.commits import after_commit
from portal.models import Activation, Lock, LoginSession, Run, SupportSession, User, Vehicle
from portal.models.notifications import Notification

log = logging.getLogger(__name__)
CHANNEL = "portal:changes"
TO_PUBLISH = "changes_to_publish"
MANY = 50
"""So many vehicles of one commit are named; of more only one is, as a sign for the whole stock."""
SILENCE = 5.0
"""Seconds without another try after Redis did not answer: no commit waits for it twice."""


class ChangeKind(StrEnum):
    VEHICLE = "vehicle"
    STOCK = "stock"
    """Many vehicles; the id is that of one of them."""
    APP = "app"
    USER = "user"
    """Logins, rights or inbox."""


Word = tuple[ChangeKind, UUID]
Publish = Callable[[Collection[Word]], None]


def note(session: Session, kind: ChangeKind, ids: Iterable[UUID | None]) -> None:
    """Remember what open pages are told once the surrounding transaction is committed.

    For what statements change beside the objects of a session; those are seen by themselves.
    """
    session.info.setdefault(TO_PUBLISH, set()).update((kind, found) for found in ids if found)


def spell(words: Collection[Word]) -> str:
    """One word a line, what is many as one."""
    vehicles = [word for word in words if word[0] == ChangeKind.VEHICLE]
    rest = [word for word in words if word[0] != ChangeKind.VEHICLE]
    named = vehicles if len(vehicles) <= MANY else [(ChangeKind.STOCK, vehicles[0][1])]
    return "\n".join(f"{kind} {found}" for kind, found in (*rest, *named))


def read(text: str) -> list[Word]:
    """The opposite of `spell`. What is no word is passed over."""
    words = []
    for line in text.splitlines():
        kind, _, found = line.partition(" ")
        try:
            words.append((ChangeKind(kind), UUID(found)))
        except ValueError:
            continue
    return words


def publisher(redis: Redis) -> Publish:
    """Never raises. While Redis is away nothing is told, and nothing waits for it."""
    silent_until = 0.0

    def publish(words: Collection[Word]) -> None:
        nonlocal silent_until
        if time.monotonic() < silent_until:
            return
        try:
            redis.publish(CHANNEL, spell(words))
        except RedisError as error:
            silent_until = time.monotonic() + SILENCE
            log.debug("open pages could not be told: %s", error)

    return publish


def install(session_class: type[Session] | object, publish: Publish) -> None:
    """Publish after every commit of sessions made by this factory."""
    after_commit(session_class, TO_PUBLISH, publish)

    @event.listens_for(session_class, "after_flush")
    def _collect(session: Session, _context: object) -> None:
        changed = (
            *session.new,
            *(one for one in session.dirty if session.is_modified(one)),
            *session.deleted,
        )
        found = [word for thing in changed for word in _words(thing)]
        if found:
            session.info.setdefault(TO_PUBLISH, set()).update(found)


def _words(thing: object) -> Iterator[Word]:
    match thing:
        case Vehicle(id=found):
            yield ChangeKind.VEHICLE, found
        case Activation(id=found) | Lock(activation_id=found) | Run(activation_id=found):
            yield ChangeKind.APP, found
        case User(id=found) | Notification(user_id=found) | LoginSession(user_id=found):
            yield ChangeKind.USER, found
        case SupportSession(agent_id=found):
            yield ChangeKind.USER, found
