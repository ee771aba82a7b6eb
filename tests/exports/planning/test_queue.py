"""Quick changes fold: whatever came before, the platform gets one request for what a vehicle is at the end.

Every sequence of up to three events is played, each with a vehicle of its own that was online before, and
of four all that say nothing twice in a row: that is told by the shorter ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, product
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.exports.core.runtime import Runtime
from portal.models import Transfer, Vehicle
from portal.models.exports import TransferState
from portal.outbox import note_changes
from portal.vehicle_facts.data import Prices
from tests.builders import Build
from tests.exports.conftest import Stage
from tests.marketplace import Marketplace

EVENTS = ("cheaper", "dearer", "off", "on", "sold", "unsold")
LONGEST = 4
PRICES = {"cheaper": 8_000, "dearer": 18_000}


@dataclass(frozen=True)
class Story:
    vehicle_id: UUID
    number: str
    events: tuple[str, ...]

    @property
    def wanted(self) -> bool:
        """Only the last word on each question counts, in whatever order the words came."""
        return self._last("off", "on") != "off" and self._last("sold", "unsold") != "sold"

    @property
    def price(self) -> str:
        last = self._last(*PRICES)
        return f"{PRICES[last] if last else 12_990}.00"

    def _last(self, *which: str) -> str:
        return next((event for event in reversed(self.events) if event in which), "")


def sequences() -> Iterator[tuple[str, ...]]:
    for length in range(1, LONGEST):
        yield from product(EVENTS, repeat=length)
    for longest in product(EVENTS, repeat=LONGEST):
        if all(before != after for before, after in pairwise(longest)):
            yield longest


def play(session: Session, vehicle: Vehicle, event: str) -> None:
    facts = vehicle.facts()
    if event in PRICES:
        facts = facts.model_copy(update={"prices": Prices(selling=Decimal(PRICES[event]))})
    if event in ("sold", "unsold"):
        facts = facts.model_copy(update={"sold": event == "sold"})
    if event in ("off", "on"):
        vehicle.online = event == "on"
    vehicle.set_facts(facts)


def test_every_sequence_of_changes_is_one_request_for_the_last_state(
    build: Build, runtime: Runtime, marketplace: Marketplace
) -> None:
    unbraked = replace(
        runtime, settings=replace(runtime.settings, lock_deletions=10_000, lock_creations=10_000)
    )
    stage = Stage(build, unbraked)
    stories = begin(stage)
    seen = len(marketplace.requests("create", "update", "delete"))
    for position in range(LONGEST):
        play_round(stage, stories, position)
    waiting = (
        select(func.count()).where(Transfer.state == TransferState.WAITING).group_by(Transfer.vehicle_id)
    )
    assert set(stage.session.scalars(waiting)) == {1}
    stage.drain_all()
    found = {number: ad["price"]["consumerPriceGross"] for number, ad in marketplace.online().items()}
    assert found == {story.number: story.price for story in stories if story.wanted}
    sent = Counter(row["internalNumber"] for row in marketplace.requests("create", "update", "delete")[seen:])
    assert max(sent.values()) == 1
    assert not any(sent[story.number] for story in stories if story.wanted and story.price == "12990.00")


def begin(stage: Stage) -> list[Story]:
    """All vehicles online, at the same price."""
    stories = []
    with stage.build.at_once():
        for events in sequences():
            vehicle = stage.build.vehicle(stage.dealer)
            stage.build.release(vehicle, stage.activation)
            stories.append(Story(vehicle.id, vehicle.offer_number, events))
    with stage.runtime.sessions.begin() as session:
        note_changes(session, [story.vehicle_id for story in stories])
    stage.drain_all()
    return stories


def play_round(stage: Stage, stories: list[Story], position: int) -> None:
    """The event at this position of every story, each kind of event in a transaction of its own."""
    by_event: defaultdict[str, list[UUID]] = defaultdict(list)
    for story in stories:
        if position < len(story.events):
            by_event[story.events[position]].append(story.vehicle_id)
    for event, ids in by_event.items():
        with stage.runtime.sessions.begin() as session:
            for vehicle in session.scalars(select(Vehicle).where(Vehicle.id.in_(ids))):
                play(session, vehicle, event)
            note_changes(session, ids)
