"""Who hears which word, and what bounds the streams."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid4

import pytest

from portal.changes import ChangeKind, Word
from portal.live import hub
from portal.live.hub import ENDED, MOST_BEHIND, MOST_OF_USER, MOST_WORDS, PULSE, Hub, Stream
from portal.live.listeners import Listener, Place
from portal.models.realm import Realm
from tests import asynchronous

HAMBURG, KIEL = UUID(int=1), UUID(int=2)
ALICES, CHARLIES = UUID(int=10), UUID(int=11)


class Wire:
    """What went out, and how much of it the browser has not read."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = False
        self.behind = 0

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    @property
    def transport(self) -> Wire:
        return self

    def get_write_buffer_size(self) -> int:
        return self.behind


class Office:
    """Logins by cookie and places of things, as the database would tell."""

    def __init__(self) -> None:
        self.logins: dict[str, Listener] = {}
        self.places: dict[Word, Place] = {}
        self.hub = Hub(self.identify, self.locate)

    async def identify(self, cookie: str) -> Listener | None:
        return self.logins.get(cookie)

    async def locate(self, words: Collection[Word]) -> dict[Word, Place]:
        return {word: self.places[word] for word in words if word in self.places}

    def open(self, name: str, dealer_id: UUID = ALICES, *locations: UUID) -> Stream:
        known = self.logins.get(name)
        listener = known or Listener(name, uuid4(), Realm(dealer_id, locations))
        self.logins[name] = listener
        stream = Stream(listener, name, Wire())  # type: ignore[arg-type]
        self.hub.join(stream)
        return stream

    def change(self, subject: ChangeKind, dealer_id: UUID = ALICES, location_id: UUID = HAMBURG) -> Word:
        word = (subject, uuid4())
        self.places[word] = Place(dealer_id, location_id)
        self.hub.hear([word])
        return word

    def tell(self) -> None:
        asynchronous.run(self.hub.tell())


@pytest.fixture
def office() -> Office:
    return Office()


def sent(stream: Stream) -> bytes:
    return stream.wire.sent  # type: ignore[attr-defined, no-any-return]


def is_closed(stream: Stream) -> bool:
    return stream.wire.is_closing()


def test_the_dealer_hears_and_a_stranger_does_not(office: Office) -> None:
    alice, charlie = office.open("alice"), office.open("charlie", CHARLIES)
    _subject, vehicle_id = office.change(ChangeKind.VEHICLE)
    office.tell()
    assert sent(alice) == f"data: vehicle {vehicle_id}\n\n".encode()
    assert sent(charlie) == b""


def test_who_is_limited_to_a_location_hears_of_that_one(office: Office) -> None:
    bob = office.open("bob", ALICES, KIEL)
    office.change(ChangeKind.APP, location_id=HAMBURG)
    _subject, there = office.change(ChangeKind.APP, location_id=KIEL)
    office.tell()
    assert sent(bob) == f"data: app {there}\n\n".encode()


def test_what_does_not_exist_is_told_to_nobody(office: Office) -> None:
    alice = office.open("alice")
    office.hub.hear([(ChangeKind.VEHICLE, uuid4())])
    office.tell()
    assert sent(alice) == b""


def test_a_burst_is_one_message_and_many_vehicles_are_the_stock(office: Office) -> None:
    alice = office.open("alice")
    for _ in range(MOST_WORDS + 1):
        office.change(ChangeKind.VEHICLE)
    office.tell()
    office.tell()
    assert sent(alice) == b"data: stock\n\n"


def test_the_stock_is_no_more_than_the_stock(office: Office) -> None:
    alice = office.open("alice")
    office.change(ChangeKind.STOCK)
    office.tell()
    assert sent(alice) == b"data: stock\n\n"


def test_a_page_hears_what_was_said_between_its_making_and_its_stream(office: Office) -> None:
    _subject, vehicle_id = office.change(ChangeKind.VEHICLE)
    office.tell()
    alice, charlie = office.open("alice"), office.open("charlie", CHARLIES)
    for stream in (alice, charlie):
        asynchronous.run(office.hub.catch_up(stream, age=0.4))
    assert sent(alice) == f"data: vehicle {vehicle_id}\n\n".encode()
    assert sent(charlie) == b""


def test_what_was_said_before_the_page_was_asked_for_is_not_said_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(hub.time, "monotonic", lambda: now)
    office.change(ChangeKind.VEHICLE)
    now += 0.4 + hub.ON_THE_WAY + 0.1
    alice = office.open("alice")
    asynchronous.run(office.hub.catch_up(alice, age=0.4))
    assert sent(alice) == b""
    asynchronous.run(office.hub.catch_up(alice, age=0.5))
    assert sent(alice) != b""


def test_words_are_kept_for_seconds_and_never_more_than_so_many(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(hub.time, "monotonic", lambda: now)
    monkeypatch.setattr(hub, "MOST_REMEMBERED", 3)
    for _ in range(5):
        office.change(ChangeKind.VEHICLE)
    assert office.hub.remembered == 3
    now += hub.REMEMBERED + 1
    office.change(ChangeKind.VEHICLE)
    assert office.hub.remembered == 1


@pytest.mark.parametrize("becomes", ["logged out", "at another dealer", "at another location"])
def test_whoever_is_another_one_than_before_is_ended_before_anything_is_told(
    office: Office, becomes: str
) -> None:
    alice = office.open("alice")
    realms = {"at another dealer": Realm(CHARLIES), "at another location": Realm(ALICES, (KIEL,))}
    if becomes == "logged out":
        del office.logins["alice"]
    else:
        office.logins["alice"] = Listener("alice", alice.listener.user_id, realms[becomes])
    office.change(ChangeKind.VEHICLE)
    office.hub.hear([(ChangeKind.USER, alice.listener.user_id)])
    office.tell()
    assert sent(alice) == ENDED
    assert is_closed(alice)
    assert office.hub.count == 0


def test_a_word_about_a_user_reaches_him_and_nobody_else(office: Office) -> None:
    alice, bob = office.open("alice"), office.open("bob")
    office.hub.hear([(ChangeKind.USER, alice.listener.user_id)])
    office.tell()
    assert sent(alice) == f"data: user {alice.listener.user_id}\n\n".encode()
    assert sent(bob) == b""


def test_a_login_that_ran_out_without_a_word_ends_with_the_next_look(office: Office) -> None:
    alice, bob = office.open("alice"), office.open("bob")
    del office.logins["bob"]
    asynchronous.run(office.hub.look_again())
    assert (is_closed(alice), is_closed(bob)) == (False, True)


def test_one_window_too_many_lets_the_oldest_go(office: Office) -> None:
    streams = [office.open("alice") for _ in range(MOST_OF_USER + 1)]
    others = office.open("bob")
    assert [is_closed(stream) for stream in streams] == [True] + [False] * MOST_OF_USER
    assert sent(streams[0]) == ENDED, "one that breaks off without a word is back at once"
    assert not is_closed(others)
    assert office.hub.count == MOST_OF_USER + 1


def test_a_browser_that_does_not_read_is_let_go(office: Office) -> None:
    slow, alice = office.open("alice"), office.open("alice")
    slow.wire.behind = MOST_BEHIND + 1  # type: ignore[attr-defined]
    office.change(ChangeKind.APP)
    office.tell()
    assert (is_closed(slow), sent(slow)) == (True, b"")
    assert sent(alice)


def test_a_pulse_reaches_everybody(office: Office) -> None:
    streams = [office.open("alice"), office.open("charlie", CHARLIES)]
    office.hub.pulse()
    assert [sent(stream) for stream in streams] == [PULSE, PULSE]


def test_leaving_twice_counts_once(office: Office) -> None:
    alice = office.open("alice")
    office.hub.leave(alice)
    office.hub.leave(alice)
    assert office.hub.count == 0


def test_without_redis_every_stream_ends_so_that_pages_look_by_themselves(office: Office) -> None:
    alice = office.open("alice")
    office.hub.close()
    assert is_closed(alice)
    assert sent(alice) == b""
