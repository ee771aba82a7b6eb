"""A saved vehicle → its request at the platform, with real workers, at two sizes of stock."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from bench.report import Row, at_most
from bench.surroundings import Surroundings, make_dealer, surroundings
from portal.exports.core.runtime import Runtime, make_runtime
from portal.models import Vehicle
from portal.outbox import note_changes

SMALL, LARGE = 200, 100_000
SAVES = 60
BUDGET_MS = 150


def run() -> list[Row]:
    with surroundings() as around, _workers(around):
        runtime = make_runtime(around.settings)
        small, large = _p95(around, runtime, SMALL), _p95(around, runtime, LARGE)
        runtime.engine.dispose()
    return [
        _row(f"save → request, p95, {SMALL} vehicles", small),
        _row(f"save → request, p95, {LARGE:,} vehicles", large),
        at_most(
            "the large stock beside the small",
            f"{large * 1000:.0f} ms",
            f"{small * 1000:.0f} ms",
            large / small,
            1.2,
        ),
    ]


def _row(name: str, seconds: float) -> Row:
    return at_most(name, f"{seconds * 1000:.0f} ms", f"{BUDGET_MS} ms", seconds * 1000 / BUDGET_MS, 1)


@contextmanager
def _workers(around: Surroundings) -> Iterator[None]:
    # Every save is a new listing: more of them than a dealer may have in a day without being asked.
    environment = around.environment | {"LOCK_CREATIONS": str(2 * SAVES)}
    process = subprocess.Popen([sys.executable, "worker.py"], env=environment, start_new_session=True)
    time.sleep(3)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _p95(around: Surroundings, runtime: Runtime, vehicles: int) -> float:
    """Seconds. Each save is a commit of its own, spaced so that none folds into another."""
    make_dealer(around.settings, vehicles)
    around.sandbox.post("/control/reset", json={})
    with runtime.sessions() as session:
        ids = list(session.scalars(select(Vehicle.id).order_by(Vehicle.id).limit(SAVES + 1)))
    _save(runtime, ids[0])
    time.sleep(2)  # the first one reads the reference data
    saved = [_save(runtime, vehicle_id) for vehicle_id in ids[1:]]
    time.sleep(1)
    arrived = _arrivals(around)
    waits = [arrived[number] - moment for number, moment in saved]
    return statistics.quantiles(waits, n=20)[-1]


def _save(runtime: Runtime, vehicle_id: UUID) -> tuple[str, float]:
    started = time.time()
    with runtime.sessions.begin() as session:
        vehicle = session.get_one(Vehicle, vehicle_id)
        facts = vehicle.facts()
        vehicle.set_facts(facts.model_copy(update={"mileage": (facts.mileage or 0) + 1}))
        number = vehicle.offer_number
        note_changes(session, [vehicle_id])
    time.sleep(0.25)
    return number, started


def _arrivals(around: Surroundings) -> dict[str, float]:
    rows = around.sandbox.get("/control/requests", params={"kind": "create"}).json()["requests"]
    return {row["internalNumber"]: datetime.fromisoformat(row["at"]).timestamp() for row in rows}
