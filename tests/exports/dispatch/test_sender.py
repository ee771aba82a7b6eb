"""The window of running requests: how it is halted, and how a platform in trouble is probed."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from portal.exports.core import lease
from portal.exports.core.lease import Lease
from portal.exports.dispatch.window import Sender
from portal.exports.planning.cases import KnownListing
from portal.exports.planning.outcome import InFlight
from portal.exports.planning.plan import Planned, PlanStep
from portal.platforms.contract import Accepted, Answer, Exchange, Json, RemoteList, Retry, Stop, StopCause
from tests.waiting import PATIENCE

WELL = Answer(Accepted("1", ""))
SICK = Answer(Retry("gestört"), (Exchange("POST", "/ads", 500, 1),))
STOP = Answer(Stop(StopCause.CREDENTIALS, "nein"))


class Platform:
    """Answers in this order, each when it may, and counts how often it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = iter(answers)
        self.asked = 0
        self.may = Event()
        self.may.set()

    def create(self, _payload: Json, _request_id: str) -> Answer:
        self.asked += 1
        assert self.may.wait(PATIENCE)
        return next(self._answers)

    def update(self, _listing_id: str, _payload: Json) -> Answer:
        raise NotImplementedError

    def delete(self, _listing_id: str) -> Answer:
        raise NotImplementedError

    def remote_listings(self) -> RemoteList:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


def one() -> InFlight:
    return InFlight(uuid4(), Planned(uuid4(), PlanStep.CREATE, KnownListing()), uuid4(), 1)


def sender_to(platform: Platform, parallel: int = 1, *, probing: bool = False) -> Sender:
    return Sender(platform, Lease(uuid4(), uuid4()), parallel, probing=probing)


def sent(sender: Sender, count: int) -> list[Answer | None]:
    sender.submit([one() for _ in range(count)])
    found: list[Answer | None] = []
    while sender.busy:
        found += [answer for _, answer in sender.collect()]
    sender.close()
    return found


@pytest.mark.parametrize("answer", [SICK, STOP])
def test_the_first_probe_that_fails_ends_it(answer: Answer) -> None:
    platform = Platform(answer, WELL)
    sender = sender_to(platform, 1, probing=True)
    assert set(sent(sender, 2)) == {answer, None}
    assert (sender.halted, sender.free_slots, platform.asked) == (True, 0, 1)


def test_a_probe_has_room_for_itself_alone_until_it_is_answered() -> None:
    platform = Platform(WELL)
    platform.may.clear()
    sender = sender_to(platform, 3, probing=True)
    assert sender.free_slots == 1
    sender.submit([one()])
    assert (sender.free_slots, sender.wants_refill, sender.collect(0)) == (0, False, [])
    platform.may.set()
    while sender.busy:
        sender.collect()
    assert (sender.probing, sender.halted) == (False, False)
    assert sender.free_slots > 1
    sender.close()


def test_otherwise_one_that_is_sick_halts_nobody() -> None:
    platform = Platform(SICK, WELL)
    assert set(sent(sender_to(platform), 2)) == {SICK, WELL}


def test_five_in_a_row_halt_it_and_the_rest_is_handed_back() -> None:
    platform = Platform(*[SICK] * 5, WELL)
    found = sent(sender_to(platform), 6)
    assert (found.count(SICK), found.count(None)) == (5, 1)
    assert platform.asked == 5


def test_nothing_goes_out_once_the_lease_may_be_another_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The successor would send the same, and whichever request arrives last wins."""
    platform = Platform(WELL)
    sender = sender_to(platform)
    monkeypatch.setattr(lease, "LEASE", timedelta(0))
    assert sent(sender, 2) == [None, None]
    assert (sender.halted, platform.asked) == (True, 0)
