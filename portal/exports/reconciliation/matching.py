"""Which of the platform's listings is which of our vehicles. Pure.

Keys, the stronger first: what we know from an earlier activation, the platform's internal number, the
VIN. These match by themselves. What is left is compared by make, model, first registration and
mileage, which only suggests. Every step is a join by hash or a sort: no step compares all with all.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

from portal.platforms.contract import RemoteFacts, RemoteListing
from portal.vehicle_facts.vin import normalised

MAX_MILEAGE_DIFFERENCE = 500
"""Kilometres between two mileages of what may be one vehicle."""
VIN_LENGTH = 17
NO_FACTS = RemoteFacts()


class MatchMethod(StrEnum):
    """How a pair was found. LISTING, NUMBER and VIN match by themselves. SUGGESTION: confirmed by a person.
    The last three are reasons of suggestions: the same facts; the same number with another VIN; a vehicle
    that is in stock but not released at this activation."""

    LISTING = "listing"
    NUMBER = "number"
    VIN = "vin"
    SUGGESTION = "suggestion"
    BY_HAND = "by_hand"
    ALIKE = "alike"
    OTHER_VIN = "other_vin"
    NOT_RELEASED = "not_released"


@dataclass(frozen=True)
class OurVehicle:
    """A vehicle as it would stand at the platform; `listing_id` is what we know from an earlier time."""

    vehicle_id: UUID
    number: str = ""
    vin: str = ""
    facts: RemoteFacts = NO_FACTS
    listing_id: str | None = None

    def contradicts(self, listing: RemoteListing) -> bool:
        """Two whole VINs that differ: a number that was given again, not the same vehicle."""
        if self.vin == listing.vin:
            return False
        here, there = vin_of(self), vin_of(listing)
        return bool(here and there) and here != there


class MatchedPair(NamedTuple):
    """`distance` in kilometres, where mileage was compared."""

    vehicle_id: UUID
    listing_id: str
    method: MatchMethod
    distance: int | None = None


@dataclass(frozen=True)
class MatchResult:
    """No vehicle and no listing is in more than one pair or suggestion. In the order of the vehicles' ids."""

    pairs: tuple[MatchedPair, ...]
    suggestions: tuple[MatchedPair, ...]


Side = TypeVar("Side", OurVehicle, RemoteListing)


def match_stocks(ours: Collection[OurVehicle], theirs: Collection[RemoteListing]) -> MatchResult:
    """The same result in whatever order they come."""
    free = _Free({one.vehicle_id.int: one for one in ours}, {one.listing_id: one for one in theirs})
    by_number = _joined(free, lambda mine: mine.number.strip(), lambda there: there.internal_number.strip())
    by_vin = _joined(free, vin_of, vin_of)
    # Unless two vehicles claim the same listing.
    claims = _unique(free.ours.values(), lambda one: one.listing_id or "")
    pairs = free.take(
        [
            MatchedPair(one.vehicle_id, key, MatchMethod.LISTING)
            for key, one in claims.items()
            if key in free.theirs
        ]
    )
    numbered = [
        _pair(mine, listing, MatchMethod.OTHER_VIN if mine.contradicts(listing) else MatchMethod.NUMBER)
        for mine, listing in by_number
    ]
    pairs += free.take(pair for pair in numbered if pair.method == MatchMethod.NUMBER)
    left = ((mine, listing) for mine, listing in by_vin if listing.listing_id in free.theirs)
    pairs += free.take(_pair(mine, listing, MatchMethod.VIN) for mine, listing in left)
    suggestions = free.take(pair for pair in numbered if pair.method == MatchMethod.OTHER_VIN)
    # Two whole VINs that differ are two vehicles: at least one side has none.
    suggestions += free.take(_nearest(free.ours.values(), _with_vin(free.theirs.values(), False)))
    without = _with_vin(free.ours.values(), False)
    suggestions += free.take(_nearest(without, _with_vin(free.theirs.values(), True)))
    return MatchResult(_ordered(pairs), _ordered(suggestions))


def _ordered(pairs: Iterable[MatchedPair]) -> tuple[MatchedPair, ...]:
    return tuple(sorted(pairs, key=lambda pair: pair.vehicle_id.int))


def vin_of(one: OurVehicle | RemoteListing) -> str:
    """In its normal form, as platforms and older stocks may not have it; empty where it is no whole VIN."""
    vin = normalised(one.vin)
    return vin if len(vin) == VIN_LENGTH and vin.isalnum() else ""


def _with_vin(side: Iterable[Side], has: bool) -> list[Side]:
    return [one for one in side if bool(vin_of(one)) is has]


@dataclass(frozen=True)
class _Free:
    """What is not matched yet. Vehicles by the number behind their id, whose hash costs nothing."""

    ours: dict[int, OurVehicle]
    theirs: dict[str, RemoteListing]

    def take(self, pairs: Iterable[MatchedPair]) -> list[MatchedPair]:
        """Those of which both sides are free; they are not free any more."""
        taken = []
        for pair in pairs:
            if pair.vehicle_id.int in self.ours and pair.listing_id in self.theirs:
                del self.ours[pair.vehicle_id.int], self.theirs[pair.listing_id]
                taken.append(pair)
        return taken


def _joined(
    free: _Free, our_key: Callable[[OurVehicle], str], their_key: Callable[[RemoteListing], str]
) -> Iterator[tuple[OurVehicle, RemoteListing]]:
    """Those with the same key; one that is ambiguous on either side, as they are now, matches nothing. One
    after the other: a hundred thousand pairs that stay have Python look for garbage among all of them."""
    here, there = _unique(free.ours.values(), our_key), _unique(free.theirs.values(), their_key)
    return ((mine, there[key]) for key, mine in here.items() if key in there)


Key = TypeVar("Key", bound=Hashable)


def _unique(side: Collection[Side], key: Callable[[Side], Key]) -> dict[Key, Side]:
    """By their keys; what has none, or shares it with another, is left out."""
    keys = [key(one) for one in side]
    found = dict(zip(keys, side, strict=True))
    if len(found) < len(keys):
        counts = Counter(keys)
        return {value: one for value, one in found.items() if value and counts[value] == 1}
    return {value: one for value, one in found.items() if value}


def _pair(mine: OurVehicle, listing: RemoteListing, method: MatchMethod) -> MatchedPair:
    here, there = mine.facts.mileage, listing.facts.mileage
    distance = None
    if method == MatchMethod.OTHER_VIN and here is not None and there is not None:
        distance = abs(here - there)
    return MatchedPair(mine.vehicle_id, listing.listing_id, method, distance)


def _nearest(ours: Iterable[OurVehicle], theirs: Iterable[RemoteListing]) -> Iterator[MatchedPair]:
    """The nearest of equal facts, within a distance that may lie between two readings."""
    groups: defaultdict[Hashable, list[_Point]] = defaultdict(list)
    for listing in theirs:
        _add(groups, listing.facts, False, listing.listing_id)
    for mine in ours:
        _add(groups, mine.facts, True, str(mine.vehicle_id))
    for points in groups.values():
        yield from _close_pairs(sorted(points))


class _Point(NamedTuple):
    """One of either side on the line of mileages."""

    mileage: int
    ours: bool
    key: str


def _add(groups: defaultdict[Hashable, list[_Point]], facts: RemoteFacts, ours: bool, key: str) -> None:
    alike = (facts.make, facts.model, facts.first_registration)
    if all(alike) and facts.mileage is not None:
        groups[alike].append(_Point(facts.mileage, ours, key))


def _close_pairs(points: Sequence[_Point]) -> Iterator[MatchedPair]:
    """The nearest two of different sides, again and again.

    They are always neighbours among the points that are left: what lies between two is nearer to one of
    them. So only neighbours are kept in a heap: n log n, however alike a fleet is.
    """
    line = _Line(points)
    heap = [item for left in range(len(points) - 1) for item in line.neighbours(left, left + 1)]
    heapq.heapify(heap)
    while heap:
        distance, left, right = heapq.heappop(heap)
        if not (line.there[left] and line.there[right]):
            continue
        yield line.pair(left, right, distance)
        for item in line.neighbours(*line.remove(left, right)):
            heapq.heappush(heap, item)


class _Line:
    """Points in order, each with its neighbours that are still there."""

    def __init__(self, points: Sequence[_Point]) -> None:
        self.points = points
        self.there = [True] * len(points)
        self.before = list(range(-1, len(points) - 1))
        self.after = list(range(1, len(points) + 1))

    def neighbours(self, left: int, right: int) -> Iterator[tuple[int, int, int]]:
        """The two with their distance, if they could be one vehicle."""
        if left < 0 or right >= len(self.points):
            return
        distance = self.points[right].mileage - self.points[left].mileage
        if distance <= MAX_MILEAGE_DIFFERENCE and self.points[left].ours != self.points[right].ours:
            yield distance, left, right

    def remove(self, left: int, right: int) -> tuple[int, int]:
        """Returns who stands beside each other now."""
        outer = self.before[left], self.after[right]
        self.there[left] = self.there[right] = False
        if outer[0] >= 0:
            self.after[outer[0]] = outer[1]
        if outer[1] < len(self.points):
            self.before[outer[1]] = outer[0]
        return outer

    def pair(self, left: int, right: int, distance: int) -> MatchedPair:
        here, there = self.points[left], self.points[right]
        mine, listing = (here, there) if here.ours else (there, here)
        return MatchedPair(UUID(mine.key), listing.key, MatchMethod.ALIKE, distance)
