"""Import of 50,000 rows beside bare csv.reader + COPY, and beside tablib with an ORM object per row.

    python -m bench.import_bench [--rows 50000]

All in one run, on one embedded PostgreSQL, over the same file. The floor reads the rows with csv.reader
and copies all their cells into a table of text columns without any index. tablib and the ORM do what
django-import-export does: look each vehicle up, make or change its object, flush; measured over a tenth of
the rows and extrapolated.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tablib
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from bench.report import Row, at_least, at_most, table
from portal.embedded import start_postgres
from portal.formats.mobile_de_csv import StockReader, write_row
from portal.models import Base, Dealer, Location, Vehicle
from portal.vehicle_facts.data import VehicleData
from portal.vehicles.readiness import as_problems
from portal.vehicles.stock_import import import_stock

ROWS = 50_000
CHARSET = "iso-8859-15"
MODELS = (("VW", "Golf"), ("Opel", "Astra"), ("BMW", "3ER"), ("Audi", "A4"), ("Ford", "Focus"))
FEATURES = ("abs", "esp", "navigation", "central_locking", "power_windows", "heated_seats", "alloy_wheels")


ROUNDS = 3
"""Floor and import alternate; the best of each counts, so that a busy moment decides nothing."""


def run(rows: int = ROWS) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as engine:
        file, tenth = Path(folder) / "bestand.csv", Path(folder) / "zehntel.csv"
        _write(file, rows)
        _write(tenth, rows // 10)
        rounds = [_round(engine, file) for _ in range(ROUNDS)]
        slow = _timed(lambda: _tablib(engine, tenth)) * 10
    bare, first, again = (min(times) for times in zip(*rounds, strict=True))
    name = f"import of {rows:,} rows"
    floor = f"{bare:.2f} s csv.reader + COPY"
    by_row = f"{slow:.1f} s tablib + ORM, from {rows // 10:,} rows"
    return [
        at_most(f"{name}, all new", f"{first:.2f} s", floor, first / bare, 3),
        at_most(f"{name}, all unchanged", f"{again:.2f} s", floor, again / bare, 2),
        at_least(f"{name}, times faster than row by row", f"{first:.2f} s", by_row, slow / first, 10),
    ]


def _round(engine: Engine, file: Path) -> tuple[float, float, float]:
    """Seconds of the floor, of an import of new vehicles, of the same import again."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bare"))
        connection.execute(text("TRUNCATE dealer CASCADE"))
    return (
        _timed(lambda: _bare(engine, file)),
        _timed(lambda: _import(engine, file)),
        _timed(lambda: _import(engine, file)),
    )


@contextmanager
def _database(folder: Path) -> Iterator[Engine]:
    engine = create_engine(start_postgres(folder / "pg", database="bench"))
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _write(file: Path, rows: int) -> None:
    chance = random.Random(4711)
    with file.open("w", encoding=CHARSET, newline="") as stream:
        writer = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerows(write_row(_facts(chance, number), "4711") for number in range(rows))


def _facts(chance: random.Random, number: int) -> dict[str, object]:
    make, model = chance.choice(MODELS)
    return {
        "offer_number": f"B{number:06}",
        "vin": f"WVWZZZ1KZ{number:08}",
        "make": make,
        "model": model,
        "model_description": f"{make} {model} {chance.randint(10, 30) / 10} Comfortline",
        "body_type": "saloon",
        "first_registration": f"{chance.randint(2005, 2023)}-{chance.randint(1, 12):02}",
        "mileage": chance.randint(0, 200_000),
        "power": chance.randint(40, 250),
        "prices": {"selling": str(chance.randint(900, 60_000)), "taxation": "margin_scheme"},
        "damaged": False,
        "fuel": "petrol",
        "gearbox": "manual",
        "equipment": {"features": chance.sample(FEATURES, 4)},
    }


def _bare(engine: Engine, file: Path) -> None:
    """The floor: every cell, once through csv.reader and once through COPY."""
    with engine.begin() as connection, file.open(encoding=CHARSET, newline="") as stream:
        rows = csv.reader(stream, delimiter=";")
        first = next(rows)
        columns = ", ".join(f"c{index} text" for index in range(len(first)))
        connection.execute(text(f"CREATE TABLE bare ({columns})"))
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("COPY bare FROM STDIN") as copy:
            copy.write_row(first)
            for row in rows:
                copy.write_row(row)


def _import(engine: Engine, file: Path) -> None:
    with Session(engine) as session, file.open("rb") as stream:
        dealer = session.scalar(select(Dealer).where(Dealer.key == "bench"))
        if dealer is None:
            dealer = Dealer(key="bench", name="Bench", locations=[Location(code="HH", name="Hamburg")])
            session.add(dealer)
            session.flush()
        report = import_stock(session, stream, dealer, dealer.locations[0], file.name, partial=False)
        session.commit()
        assert (report.rejected, report.error) == (0, "")


def _tablib(engine: Engine, file: Path) -> None:
    """One object for each row: looked up, made, flushed."""
    data = tablib.Dataset()
    data.load(file.read_text(CHARSET), format="csv", headers=False, delimiter=";")
    with Session(engine) as session:
        dealer = Dealer(key="slow", name="Slow", locations=[Location(code="HH", name="Hamburg")])
        session.add(dealer)
        session.flush()
        with file.open("rb") as stream:
            for cells, row in zip(data, StockReader(stream), strict=True):
                assert cells[1] == row.offer_number
                _save_one(session, dealer, row.vehicle)
        session.commit()


def _save_one(session: Session, dealer: Dealer, facts: VehicleData | None) -> None:
    assert facts is not None
    where = (Vehicle.location_id == dealer.locations[0].id, Vehicle.offer_number == facts.offer_number)
    vehicle = session.scalar(select(Vehicle).where(*where, Vehicle.withdrawn_at.is_(None)))
    if vehicle is None:
        vehicle = Vehicle(dealer_id=dealer.id, location_id=dealer.locations[0].id)
        session.add(vehicle)
    vehicle.set_facts(facts)
    vehicle.problems = as_problems(facts)
    session.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(table(run(parser.parse_args().rows)))
