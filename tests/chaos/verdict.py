"""After the storm: do the marketplace's books show what was wanted, and does the history explain them?

What can be explained: a write that the marketplace saw is explained by an exchange in the attempts of
its vehicle's transfers with the same method and path, and the same status or none (the client did not
get the answer). Where the worker was killed before it wrote, nobody knows whether the request went out:
the next one notes an attempt of unknown outcome with the moment of the claim, and that explains at most
one request of this vehicle from that moment on. Reads (lists, customer checks, reference data) belong to
no vehicle and are counted apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from portal.models import Activation, Transfer, Vehicle
from tests.chaos.ground import Ground
from tests.chaos.platforms import Generation, Seller, platform_of
from tests.chaos.storm import WRITES
from tests.chaos.yard import Yard

SKEW = timedelta(seconds=1)
"""Between the database's clock and the marketplace's; both are this machine's."""
Json = dict[str, Any]
Place = tuple[str, str]
"""An app, and the number of a vehicle."""


@dataclass
class Verdict:
    lost: list[str] = field(default_factory=list)
    """Wanted in another state than the marketplace shows it, or not there."""
    unwanted: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    """Online twice at the same time, ever."""
    left: Counter[str] = field(default_factory=Counter)
    """Transfers that are not final, by state."""
    failed: int = 0
    requests: int = 0
    reads: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    """Requests that a fault has struck, by its effect."""
    explained: int = 0
    interrupted: int = 0
    """Attempts of unknown outcome: claimed by a worker that was killed before it wrote."""
    by_unknown: int = 0
    """Explained by an attempt of unknown outcome only."""
    unexplained: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        wrong = self.lost or self.unwanted or self.doubled or self.left or self.failed
        return not wrong and not self.unexplained

    def assert_clean(self) -> None:
        assert self.clean, self


def judge(ground: Ground, yard: Yard) -> Verdict:
    verdict = Verdict()
    for seller in yard.sellers:
        _compare(verdict, ground, yard, seller)
    log = ground.market.requests()
    writes = [row for row in log if row["kind"] in WRITES]
    verdict.requests, verdict.reads = len(writes), len(log) - len(writes)
    verdict.struck = Counter(row["fault"] for row in log if row["fault"])
    transfers = _transfers(ground)
    verdict.left = Counter(
        row.state for rows in transfers.values() for row in rows if row.state in ("waiting", "sending")
    )
    verdict.failed = sum(row.state == "failed" for rows in transfers.values() for row in rows)
    _explain(verdict, writes, transfers)
    return verdict


def _compare(verdict: Verdict, ground: Ground, yard: Yard, seller: Seller) -> None:
    generations = seller.platform.generations(ground.market, seller.number)
    there = {row.number: row.shown for row in generations if row.ended is None}
    wanted = yard.wanted(seller)
    for number, facts in wanted.items():
        if there.get(number) != facts:
            verdict.lost.append(f"{seller.number} {number}: wanted {facts}, shown {there.get(number)}")
    verdict.unwanted += sorted(f"{seller.number} {number}" for number in there.keys() - wanted.keys())
    verdict.doubled += sorted(f"{seller.number} {number}" for number in _overlapping(generations))


def _overlapping(generations: Iterable[Generation]) -> set[str]:
    by_number: defaultdict[str, list[Generation]] = defaultdict(list)
    for row in generations:
        by_number[row.number].append(row)
    return {number for number, rows in by_number.items() if _overlap(rows)}


def _overlap(rows: list[Generation]) -> bool:
    """A generation that began before the one before it had ended."""
    ordered = sorted(rows, key=lambda row: row.began)
    return any(one.ended is None or one.ended > other.began for one, other in pairwise(ordered))


def _transfers(ground: Ground) -> dict[Place, list[Transfer]]:
    found: defaultdict[Place, list[Transfer]] = defaultdict(list)
    with ground.runtime.sessions() as session:
        statement = (
            select(Activation.app, Vehicle.offer_number, Transfer)
            .join(Transfer, Transfer.vehicle_id == Vehicle.id)
            .join(Activation, Activation.id == Transfer.activation_id)
        )
        for app, number, transfer in session.execute(statement):
            found[app, number].append(transfer)
    return found


def _explain(verdict: Verdict, writes: list[Json], transfers: dict[Place, list[Transfer]]) -> None:
    by_place: defaultdict[Place, list[Json]] = defaultdict(list)
    for row in writes:
        platform = platform_of(row["path"])
        as_we_say = row | {"path": row["path"].removeprefix(platform.root)}
        by_place[platform.app, row["internalNumber"] or ""].append(as_we_say)
    verdict.interrupted = sum(
        attempt["outcome"] == "unknown"
        for rows in transfers.values()
        for row in rows
        for attempt in row.attempts
    )
    for place, rows in by_place.items():
        attempts = [attempt for transfer in transfers.get(place, ()) for attempt in transfer.attempts]
        left = _without_exchanges(rows, attempts)
        verdict.explained += len(rows) - len(left)
        mysteries = _without_unknown(left, attempts)
        verdict.by_unknown += len(left) - len(mysteries)
        verdict.unexplained += [
            f"{' '.join(place)}: {row['method']} {row['path']} {row['status']} {row['at']}"
            for row in mysteries
        ]


def _without_exchanges(rows: list[Json], attempts: list[Json]) -> list[Json]:
    """Requests of which no exchange tells; exact statuses are matched before missing answers."""
    told = Counter(
        (exchange["method"], exchange["path"].split("?")[0], exchange["status"])
        for attempt in attempts
        for exchange in attempt["exchanges"]
    )
    left = _take(rows, told, lambda row: row["status"])
    return _take(left, told, lambda _: None)


def _take(rows: list[Json], told: Counter[Any], status: Any) -> list[Json]:
    left = []
    for row in rows:
        key = (row["method"], row["path"], status(row))
        if told[key] > 0:
            told[key] -= 1
        else:
            left.append(row)
    return left


def _without_unknown(rows: list[Json], attempts: list[Json]) -> list[Json]:
    """The latest request takes the latest unknown attempt that began before it."""
    moments = sorted(datetime.fromisoformat(one["at"]) for one in attempts if one["outcome"] == "unknown")
    mysteries = []
    for row in sorted(rows, key=lambda row: str(row["at"]), reverse=True):
        seen = datetime.fromisoformat(row["at"]) + SKEW
        before = [moment for moment in moments if moment <= seen]
        if before:
            moments.remove(before[-1])
        else:
            mysteries.append(row)
    return mysteries
