"""Fan-out: words come in by one subscription, and go out to the streams of those whom they concern.

Everything here runs in one thread, that of the event loop; what asks the database is handed in as awaitables.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Protocol
from uuid import UUID

from portal.changes import ChangeKind, Word
from portal.live.listeners import Listener, Place

log = logging.getLogger(__name__)
MOST_STREAMS = 5_000
"""Of this process; who comes then looks by himself, as everybody does without it."""
MOST_OF_USER = 12
"""Windows of one user; the oldest looks by itself for a while."""
MOST_BEHIND = 64 * 1024
"""Bytes that wait for a browser that does not read. It is let go and comes again."""
MOST_WORDS = 60
"""So many vehicles are named to a page at once; of more only that the stock has changed."""
GATHER = 0.25
"""Seconds in which words are gathered: a burst of changes costs a page one look."""
REMEMBERED = 15.0
"""Seconds for which words are kept for a page whose stream opens after it was made."""
MOST_REMEMBERED = 10_000
"""Words; the oldest are forgotten first."""
ON_THE_WAY = 1.0
"""Seconds that a request for a stream may travel: its age is as old as the browser that sent it."""
PULSE = b": still here\n\n"
ENDED = b"event: ended\ndata:\n\n"

Identify = Callable[[str], Awaitable[Listener | None]]
Locate = Callable[[Collection[Word]], Awaitable[dict[Word, Place]]]


class Wire(Protocol):
    """The part of asyncio.StreamWriter that a stream needs."""

    def write(self, data: bytes, /) -> None: ...
    def close(self) -> None: ...
    def is_closing(self) -> bool: ...
    @property
    def transport(self) -> asyncio.WriteTransport: ...


@dataclass(eq=False)
class Stream:
    listener: Listener
    cookie: str = field(repr=False)
    wire: Wire = field(repr=False)

    def send(self, data: bytes) -> None:
        if self.wire.transport.get_write_buffer_size() > MOST_BEHIND:
            self.wire.close()
        elif not self.wire.is_closing():
            self.wire.write(data)

    def end(self) -> None:
        """The page is told, so that it looks once more and finds out why."""
        self.send(ENDED)
        self.wire.close()

    def hears(self, word: Word, place: Place | None) -> bool:
        if word[0] == ChangeKind.USER:
            return word[1] == self.listener.user_id
        realm = self.listener.realm
        return place is not None and place.dealer_id == realm.dealer_id and realm.includes(place.location_id)


class Hub:
    def __init__(self, identify: Identify, locate: Locate) -> None:
        self._identify = identify
        self._locate = locate
        self._of_user: defaultdict[UUID, list[Stream]] = defaultdict(list)
        self._of_dealer: defaultdict[UUID, set[Stream]] = defaultdict(set)
        self._gathered: set[Word] = set()
        self._heard: OrderedDict[Word, float] = OrderedDict()
        """When each was said last, the newest at the end."""
        self.count = 0

    @property
    def full(self) -> bool:
        return self.count >= MOST_STREAMS

    def join(self, stream: Stream) -> None:
        of_user = self._of_user[stream.listener.user_id]
        if len(of_user) >= MOST_OF_USER:
            oldest = of_user[0]
            self.leave(oldest)
            oldest.end()  # told, it waits before it comes again; broken off, it would be back at once
        self._of_user[stream.listener.user_id].append(stream)
        self._of_dealer[stream.listener.realm.dealer_id].add(stream)
        self.count += 1

    def leave(self, stream: Stream) -> None:
        """Without effect for one that has left."""
        of_user, of_dealer = stream.listener.user_id, stream.listener.realm.dealer_id
        if stream not in self._of_user.get(of_user, ()):
            return
        self._of_user[of_user].remove(stream)
        self._of_dealer[of_dealer].discard(stream)
        self.count -= 1
        if not self._of_user[of_user]:
            del self._of_user[of_user]
        if not self._of_dealer[of_dealer]:
            del self._of_dealer[of_dealer]

    def hear(self, words: Iterable[Word]) -> None:
        words, now = set(words), time.monotonic()
        self._gathered |= words
        for word in words:
            self._heard[word] = now
            self._heard.move_to_end(word)
        while self._heard and (len(self._heard) > MOST_REMEMBERED or self._oldest < now - REMEMBERED):
            self._heard.popitem(last=False)

    async def catch_up(self, stream: Stream, age: float) -> None:
        """Tell it what was said in the last `age` seconds: the page was made before its stream opened."""
        since = time.monotonic() - age - ON_THE_WAY
        missed = list(takewhile(lambda word: self._heard[word] >= since, reversed(self._heard)))
        places = await self._locate(missed) if missed else {}
        if told := sorted(word for word in missed if stream.hears(word, places.get(word))):
            stream.send(message(told))

    @property
    def remembered(self) -> int:
        return len(self._heard)

    @property
    def _oldest(self) -> float:
        return next(iter(self._heard.values()))

    async def tell(self) -> None:
        """Pass on what was gathered; first of all end the streams that may hear no more."""
        words, self._gathered = self._gathered, set()
        if not words or not self.count:
            return
        await self.look_again({found for kind, found in words if kind == ChangeKind.USER})
        places = await self._locate(words)
        heard: defaultdict[Stream, list[Word]] = defaultdict(list)
        for word in sorted(words):
            for stream in self._concerned(word, places.get(word)):
                if stream.hears(word, places.get(word)):
                    heard[stream].append(word)
        for stream, told in heard.items():
            stream.send(message(told))

    def _concerned(self, word: Word, place: Place | None) -> Collection[Stream]:
        if word[0] == ChangeKind.USER:
            return tuple(self._of_user.get(word[1], ()))
        return tuple(self._of_dealer.get(place.dealer_id, ())) if place else ()

    async def look_again(self, users: Collection[UUID] | None = None) -> None:
        """End the streams of these users, or of all, whose login or rights are not what they were."""
        known: dict[str, Listener | None] = {}
        """By cookie: all windows of a browser have one."""
        for stream in list(self._streams(users)):
            if stream.cookie not in known:
                known[stream.cookie] = await self._identify(stream.cookie)
            if known[stream.cookie] != stream.listener:
                self.leave(stream)
                stream.end()

    def pulse(self) -> None:
        for stream in list(self._streams(None)):
            stream.send(PULSE)

    def close(self) -> None:
        """Redis is away, or the process ends: the pages look by themselves until they are let in again."""
        for stream in list(self._streams(None)):
            self.leave(stream)
            stream.wire.close()

    def _streams(self, users: Collection[UUID] | None) -> Iterator[Stream]:
        for user_id in self._of_user if users is None else users & self._of_user.keys():
            yield from self._of_user[user_id]


def message(words: Collection[Word]) -> bytes:
    """One event, one word a line; many vehicles are named as the stock."""
    vehicles = [word for word in words if word[0] in (ChangeKind.VEHICLE, ChangeKind.STOCK)]
    whole = len(vehicles) > MOST_WORDS or any(word[0] == ChangeKind.STOCK for word in vehicles)
    rest = [f"{kind} {found}" for kind, found in words if kind in (ChangeKind.APP, ChangeKind.USER)]
    named = ["stock"] if whole else [f"{kind} {found}" for kind, found in vehicles]
    return "".join(f"data: {line}\n" for line in (*rest, *named)).encode() + b"\n"
