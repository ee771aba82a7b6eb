"""A whole-stock file of 50,000 vehicles beside bare csv.writer over the same rows, in time and memory.

    python -m bench.file_bench [--vehicles 50000]

The floor writes the same 211 cells of every row, made before, with csv.writer into the same kind of file.
From the vehicle on, ours has preflight, mapping and spelling for the charset as well. Memory is the peak that
Python allocates while the entries come one by one, as the engine hands them over. A whole run with its
database is the affair of file_run_bench.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import BinaryIO

from bench.report import Row, at_most, table
from portal.platforms import get_app
from portal.platforms.contract import Account, Rules, Subject
from portal.platforms.contract.files import FileEntry, Surroundings, Writer
from portal.vehicle_facts.data import BodyType, Equipment, Fuel, Gearbox, Prices, VehicleData

VEHICLES = 50_000
ROUNDS = 3
"""Floor and file alternate; the best of each counts, so that a busy moment decides nothing."""
MORE_MEMORY = 20
"""MB that ten times the stock may take more."""
MODELS = (("VW", "Golf"), ("Opel", "Astra"), ("BMW", "3ER"), ("Audi", "A4"), ("Ford", "Focus"))
FEATURES = ("abs", "esp", "navigation", "central_locking", "power_windows", "heated_seats", "alloy_wheels")
MEGABYTE = 1024 * 1024


def run(vehicles: int = VEHICLES) -> list[Row]:
    writer = _writer()
    rows = [entry.values for entry in _entries(writer, vehicles)]
    rounds = [_round(writer, rows) for _ in range(ROUNDS)]
    floor, written, whole = (min(times) for times in zip(*rounds, strict=True))
    small, large = (_peak(writer, count) for count in (vehicles // 10, vehicles))
    name, beside = f"file of {vehicles:,} vehicles", f"{floor:.2f} s bare csv.writer"
    more = max(large - small, 0) / MEGABYTE
    return [
        at_most(f"{name}, rows to file", f"{written:.2f} s", beside, written / floor, 2),
        Row(
            "the same from the vehicles on, with preflight and mapping",
            f"{whole:.2f} s",
            beside,
            whole / floor,
            "–",
            met=True,
        ),
        at_most(
            f"{name}, peak memory beside {vehicles // 10:,}",
            f"{large / MEGABYTE:.1f} MB",
            f"{small / MEGABYTE:.1f} MB + {MORE_MEMORY} MB allowed",
            more / MORE_MEMORY,
            1,
        ),
    ]


def _writer() -> Writer:
    app = get_app("mobile-de-csv")
    assert app.file is not None
    around = Surroundings("https://portal.example/feeds/pictures", "Autohaus Muster", "Hamburg")
    return app.file.writer({"pictures": "none"}, Account("4711", ""), Rules(), around)


def _round(writer: Writer, rows: list[tuple[str, ...]]) -> tuple[float, float, float]:
    """Seconds of the floor and of our writer over the same rows, then the same from the vehicles on."""
    made = [FileEntry(row[1], row) for row in rows]
    stock = [example(number) for number in range(len(rows))]
    return (
        _timed(lambda stream: bare(rows, stream.name)),
        _timed(lambda stream: _write(writer, iter(made), stream)),
        _timed(lambda stream: _write(writer, map(writer.entry, stock), stream)),
    )


def bare(rows: Iterable[Sequence[str]], path: str) -> None:
    """The floor: the same cells, quoted and in the same charset."""
    with open(path, "w", encoding="iso-8859-15", newline="") as text:
        csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)


def _write(writer: Writer, entries: Iterator[FileEntry], stream: BinaryIO) -> None:
    writer.write(map(writer.record, entries), stream, lambda _sha256: None)


def _timed(work: Callable[[BinaryIO], None]) -> float:
    with tempfile.NamedTemporaryFile() as stream:
        start = time.perf_counter()
        work(stream)  # type: ignore[arg-type]
        stream.flush()
        return time.perf_counter() - start


def _peak(writer: Writer, vehicles: int) -> int:
    tracemalloc.start()
    with tempfile.NamedTemporaryFile() as stream:
        _write(writer, _entries(writer, vehicles), stream)  # type: ignore[arg-type]
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def _entries(writer: Writer, vehicles: int) -> Iterator[FileEntry]:
    return (writer.entry(example(number)) for number in range(vehicles))


def example(number: int) -> Subject:
    """A vehicle like many; the same number gives the same one."""
    chance = random.Random(number)
    make, model = chance.choice(MODELS)
    facts = VehicleData(
        offer_number=f"B{number:06}",
        vin=f"WVWZZZ1KZ{number:08}",
        make=make,
        model=model,
        model_description=f"{make} {model} {chance.randint(10, 30) / 10} Comfortline",
        body_type=BodyType.SALOON,
        first_registration=f"{chance.randint(2005, 2023)}-{chance.randint(1, 12):02}",
        mileage=chance.randint(1_000, 200_000),
        power=chance.randint(40, 250),
        displacement=1395,
        prices=Prices(selling=Decimal(chance.randint(900, 60_000))),
        damaged=False,
        fuel=Fuel.PETROL,
        gearbox=Gearbox.MANUAL,
        equipment=Equipment(features=frozenset(chance.sample(FEATURES, 4))),
        description="Gepflegter Wagen aus erster Hand, scheckheftgepflegt, Türen neu.\n" * 5,
    )
    return Subject(facts, "HH")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vehicles", type=int, default=VEHICLES)
    print(table(run(parser.parse_args().vehicles)))
