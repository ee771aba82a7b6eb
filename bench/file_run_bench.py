"""A run of a file app as a worker does it, from the database to the published file, at two sizes of stock.

    python -m bench.file_run_bench

The first file prepares every vehicle; the next ones what has changed, which is nothing, then every
twentieth vehicle. Beside them bare csv.writer over the same rows, which are read back from the published
file. Each size has a process of its own, so that the peak of its memory is its own.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, create_engine, text

from bench.file_bench import MEGABYTE, MORE_MEMORY, VEHICLES, bare, example
from bench.report import Row, at_most, table
from config import Settings, load_settings
from portal import garbage
from portal.embedded import start_postgres
from portal.exports.core.runtime import Runtime, make_runtime
from portal.exports.stock_files import control, storage
from portal.exports.stock_files.task import advance_run
from portal.models import Activation, Base
from portal.models.exports import Trigger
from tests.exports.leases import hold

FEWER = VEHICLES // 10
ROUNDS = 2
"""Of what can be repeated the faster one counts."""
CHANGED = 20
"""Every so many-eth vehicle has another price in the last file."""
BATCH = 1_000


@dataclass(frozen=True)
class Measured:
    """Seconds of the first file, of one in which nothing has changed, and of one where a twentieth has.
    `memory` in bytes: the largest that the process has been."""

    first: float
    again: float
    changed: float
    bare: float
    memory: int


def run() -> list[Row]:
    with _database() as url:
        small, large = (_measured(url, _make_stock(url, count)) for count in (FEWER, VEHICLES))
    return [
        *_whole(FEWER, small),
        *_whole(VEHICLES, large),
        *(
            at_most(
                f"whole run of {VEHICLES:,} beside {FEWER:,} vehicles, tables never analysed, {which}",
                f"{many:.2f} s",
                f"{few:.2f} s",
                many / few,
                12,
            )
            for which, many, few in (
                ("first file", large.first, small.first),
                ("next file", large.again, small.again),
            )
        ),
        at_most(
            f"peak memory of the worker, {VEHICLES:,} vehicles beside {FEWER:,}",
            f"{large.memory / MEGABYTE:.0f} MB",
            f"{small.memory / MEGABYTE:.0f} MB + {MORE_MEMORY} MB allowed",
            max(large.memory - small.memory, 0) / MEGABYTE / MORE_MEMORY,
            1,
        ),
    ]


def _whole(vehicles: int, found: Measured) -> Iterator[Row]:
    """Database, preflight, mapping, file, listings."""
    runs = (
        ("the first file", found.first),
        ("a file with nothing new", found.again),
        ("a file with a twentieth changed", found.changed),
    )
    for what, seconds in runs:
        yield at_most(
            f"whole run of {vehicles:,} vehicles: {what}",
            f"{seconds:.2f} s",
            f"{found.bare:.2f} s bare csv.writer",
            seconds / found.bare,
            8,
        )


@contextmanager
def _database() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        url = start_postgres(folder / "postgres", database="bench")
        engine = create_engine(url)
        Base.metadata.create_all(engine)
        engine.dispose()
        yield url


def _make_stock(url: str, vehicles: int) -> UUID:
    """A dealer with so many released vehicles and an app that publishes mobile.de-CSV; its activation."""
    engine = create_engine(url)
    with engine.begin() as connection:
        keys = {"key": f"bench-{vehicles}"}
        keys |= {"dealer": _insert(connection, "dealer (key, name) VALUES (:key, 'Bench')", keys)}
        keys |= {
            "location": _insert(
                connection, "location (dealer_id, code, name) VALUES (:dealer, 'B', 'B')", keys
            )
        }
        keys |= {"activation": _insert(connection, _ACTIVATION, keys)}
        for start in range(0, vehicles, BATCH):
            rows = [keys | {"data": _json(number)} for number in range(start, start + BATCH)]
            connection.execute(text(_VEHICLE), rows)
        connection.execute(text(_PUBLICATIONS), keys)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    return UUID(str(keys["activation"]))


def _insert(connection: Connection, what: str, keys: dict[str, str]) -> str:
    return str(connection.execute(text(f"INSERT INTO {what} RETURNING id"), keys).scalar_one())


def _json(number: int) -> str:
    return example(number).vehicle.model_dump_json(exclude_defaults=True)


_ACTIVATION = """activation (dealer_id, location_id, app, kind, customer_number, account, state, settings)
    VALUES (:dealer, :location, 'dealer-website', 'file', :key,
        '{"customer_number": "bench", "seller_key": ""}', 'active', '{"pictures": "none"}')"""
_VEHICLE = """INSERT INTO vehicle (dealer_id, location_id, online, data)
    VALUES (:dealer, :location, true, CAST(:data AS jsonb))"""
_CHANGE = """UPDATE vehicle SET data = jsonb_set(data, '{prices,selling}', '"4711"') FROM (
        SELECT vehicle_id, row_number() OVER (ORDER BY vehicle_id) AS place FROM publication
        WHERE activation_id = :activation) AS of_it
    WHERE of_it.vehicle_id = id AND place % :each = 0"""
_PUBLICATIONS = """INSERT INTO publication (vehicle_id, activation_id, released)
    SELECT id, :activation, true FROM vehicle WHERE dealer_id = :dealer"""


def _measured(url: str, activation_id: UUID) -> Measured:
    command = [sys.executable, "-m", "bench.file_run_bench", url, str(activation_id)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(found.stdout))


def measure(url: str, activation_id: UUID) -> Measured:
    """In this process, of which nothing else is asked."""
    settings = Settings(
        database_url=url, redis_url="redis://127.0.0.1:1/0", data_dir=load_settings().data_dir
    )
    runtime = make_runtime(settings, ring=lambda *_: None)
    garbage.collect_rarely()  # as in the worker that is measured here
    first = _timed_run(runtime, activation_id)
    again = min(_timed_run(runtime, activation_id) for _ in range(ROUNDS))
    with runtime.sessions.begin() as session:
        session.execute(text(_CHANGE), {"activation": activation_id, "each": CHANGED})
    changed = _timed_run(runtime, activation_id)
    memory = _peak()
    rows = _published_rows(runtime, activation_id)
    floor = min(_timed_bare(rows) for _ in range(ROUNDS))
    runtime.engine.dispose()
    return Measured(first, again, changed, floor, memory)


def _timed_run(runtime: Runtime, activation_id: UUID) -> float:
    with runtime.sessions.begin() as session:
        control.request_run(session, activation_id, Trigger.BY_HAND)
    started = time.perf_counter()
    with hold(runtime.sessions, activation_id) as lease:
        if lease is None:
            raise RuntimeError("somebody else works at this app")
        advance_run(runtime, lease)
    return time.perf_counter() - started


def _peak() -> int:
    """Of this process since it began; what Python says includes that of the process it came from."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def _published_rows(runtime: Runtime, activation_id: UUID) -> list[list[str]]:
    with runtime.sessions() as session:
        file = storage.find_file(session, session.get_one(Activation, activation_id).published_run_id)
    if file is None:
        raise RuntimeError("nothing was published")
    content = b"".join(storage.plain_pieces(runtime.sessions, file))
    return list(csv.reader(io.StringIO(content.decode("iso-8859-15"), newline=""), delimiter=";"))


def _timed_bare(rows: list[list[str]]) -> float:
    with tempfile.NamedTemporaryFile() as stream:
        started = time.perf_counter()
        bare(rows, stream.name)
        return time.perf_counter() - started


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(vars(measure(sys.argv[1], UUID(sys.argv[2])))))
    else:
        print(table(run()))
