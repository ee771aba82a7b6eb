"""Matching of 50,000 vehicles with 50,000 listings beside a bare dict join.

    python -m bench.reconciliation_bench [--rows 50000]

Of ten, six match by their number, two by their VIN, one only by its facts, one not at all. The floor
joins both sides by number, else by VIN, and makes the pairs: no rules about what is ambiguous or
contradicts itself, nothing that holds in any order, no suggestions.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from uuid import UUID

from bench.report import Row, at_most, table
from portal.exports.reconciliation.matching import MatchResult, OurVehicle, match_stocks
from portal.platforms.contract import RemoteFacts, RemoteListing

ROWS = 50_000
ROUNDS = 5
MODELS = (("VW", "Golf"), ("OPEL", "Astra"), ("BMW", "320"), ("AUDI", "A4"), ("FORD", "Focus"))
LIMIT = 10.0


def run(rows: int = ROWS) -> list[Row]:
    ours, theirs = _stocks(rows)
    # In turns, so that what else the machine does meets both alike.
    times = [
        (_timed(lambda: _bare(ours, theirs)), _timed(lambda: match_stocks(ours, theirs)))
        for _ in range(ROUNDS)
    ]
    bare, whole = (min(found) for found in zip(*times, strict=True))
    _check(match_stocks(ours, theirs), rows)
    name = f"reconciliation of {rows:,} with {rows:,}"
    return [at_most(name, f"{whole:.2f} s", f"{bare:.2f} s dict join", whole / bare, LIMIT)]


def _stocks(rows: int) -> tuple[list[OurVehicle], list[RemoteListing]]:
    chance = random.Random(4711)
    ours, theirs = [], []
    for number in range(rows):
        make, model = chance.choice(MODELS)
        month = f"{chance.randint(2012, 2023)}-{chance.randint(1, 12):02}"
        mileage = chance.randint(0, 200_000)
        facts = RemoteFacts(make, model, month, mileage, "12990.00")
        vin = f"WVWZZZ1KZ{number:08}"
        ours.append(OurVehicle(UUID(int=number + 1), f"B{number:06}", vin, facts))
        theirs.append(_listing(number, vin, facts))
    chance.shuffle(theirs)
    return ours, theirs


def _listing(number: int, vin: str, facts: RemoteFacts) -> RemoteListing:
    kind = number % 10
    ours = f"B{number:06}" if kind < 6 else f"K{number:06}"
    if kind == 9:
        facts, vin = RemoteFacts("SKODA", "Octavia", "2009-01", number), ""
    return RemoteListing(str(300_000_000 + number), ours, "" if kind == 8 else vin, "", "", {}, facts)


def _bare(ours: Sequence[OurVehicle], theirs: Sequence[RemoteListing]) -> list[tuple[UUID, str]]:
    by_number = {one.internal_number: one for one in theirs}
    by_vin = {one.vin: one for one in theirs}
    found = ((one, by_number.get(one.number) or by_vin.get(one.vin)) for one in ours)
    return [(one.vehicle_id, other.listing_id) for one, other in found if other]


def _check(matched: MatchResult, rows: int) -> None:
    if len(matched.pairs) != rows * 8 // 10 or not matched.suggestions:
        raise RuntimeError("the benchmark does not match what it should")


def _timed(work: Callable[[], object]) -> float:
    """Processor time: nothing here waits."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(table(run(parser.parse_args().rows)))
