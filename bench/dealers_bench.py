"""Many dealers at once, with real workers: what a ring costs, how many are served, who waits for whom.

    python -m bench dealers                       # 1,000 dealers with 20 vehicles each
    BENCH_DEALERS=20 BENCH_BIG=200 python -m bench dealers

The figures of docs/scale.md are reckoned from those that this prints.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event, func, select, text

from bench.report import Row, at_least, at_most
from bench.surroundings import FACTS, Surroundings, surroundings
from portal.exports.core.runtime import Runtime, make_runtime
from portal.exports.jobs import run_activation
from portal.models import Activation, PlatformBreaker, Publication, Transfer, Vehicle
from portal.models.exports import TransferState
from portal.outbox import Line, note_changes

DEALERS = int(os.environ.get("BENCH_DEALERS", "1000"))
VEHICLES = 20
BIG = int(os.environ.get("BENCH_BIG", "20000"))
"""Vehicles of the dealer behind whom another one must not wait."""
AT_ONCE = min(150, DEALERS)
WORKERS = 2
WARMED = 20
SAVES = 20
PROBES = 3
NO_BRAKE = {"LOCK_CREATIONS": "1000000", "LOCK_DELETIONS": "1000000"}


def run() -> list[Row]:
    with surroundings(lean=True) as around, _workers(around):
        served = _one_change_each(around, make_runtime(around.settings))
    with surroundings() as around:
        free = replace(around.settings, lock_creations=1_000_000)
        runtime = make_runtime(free, ring=lambda *_: None)
        ringing = make_runtime(around.settings)
        rows = _ring(around, runtime) + served
        with _workers(around):
            rows += _all_at_once(around, ringing)
            rows += _behind_a_big_one(around, ringing)
            rows += _platform_down(around, ringing)
        runtime.engine.dispose()
        ringing.engine.dispose()
    return rows


def _ring(around: Surroundings, runtime: Runtime) -> list[Row]:
    """A changed vehicle in a warm process: the median of a few."""
    [activation_id] = make_dealers(around, 1, VEHICLES)
    statements: list[str] = []
    count = partial(_count, statements)
    event.listen(runtime.engine, "before_cursor_execute", count)
    costs = []
    for online in (False, True):  # what is new costs more; the budget is for a change
        for vehicle_id in _vehicles(runtime, activation_id):
            _save(runtime, vehicle_id)
            statements.clear()
            began = time.process_time()
            run_activation(runtime, activation_id)
            if online:
                costs.append((len(statements), time.process_time() - began))
    event.remove(runtime.engine, "before_cursor_execute", count)
    statement, seconds = (statistics.median(column) for column in zip(*costs, strict=True))
    name = "a ring for one changed vehicle, warm process"
    return [
        at_most(name, f"{statement:.0f} statements", "15", statement / 15, 1),
        at_most(name, f"{seconds * 1000:.1f} ms of processor time", "12 ms", seconds / 0.012, 1),
    ]


def _count(statements: list[str], _connection: object, _cursor: object, statement: str, *_: object) -> None:
    statements.append(statement)


def _one_change_each(around: Surroundings, runtime: Runtime) -> list[Row]:
    """At a marketplace that takes next to no processor time; the first ones warm the workers."""
    activations = make_dealers(around, WARMED + AT_ONCE, 1)
    changed = [_vehicles(runtime, activation_id)[0] for activation_id in activations]
    began = 0.0
    for some in (changed[:WARMED], changed[WARMED:]):
        began = time.perf_counter()
        for vehicle_id in some:
            _save(runtime, vehicle_id)
        _until_sent(runtime)
    rate = AT_ONCE / (time.perf_counter() - began)
    name = f"{AT_ONCE} activations with one change each, {WORKERS} workers"
    return [at_least(name, f"{rate:.0f}/s", "60/s", rate / 60, 1)]


def _all_at_once(around: Surroundings, runtime: Runtime) -> list[Row]:
    """Everything of everybody waits, and one more dealer saves a price now and then."""
    activations = make_dealers(around, DEALERS + 1, VEHICLES)
    *crowd, unconcerned = activations
    redis = Redis.from_url(around.settings.redis_url)
    _note_all(runtime, crowd)
    waits, longest = _saves_of(around, runtime, unconcerned, redis)
    began = time.perf_counter()
    _until_sent(runtime)
    name = f"{DEALERS:,} dealers × {VEHICLES} vehicles at once"
    online = len(around.sandbox.get("/control/ads", params={"online": "1"}).json()["ads"])
    print(f"the rest took {time.perf_counter() - began:.0f} s, {online:,} vehicles are online", flush=True)
    return [
        at_most(f"{name}: longest line", f"{longest} jobs", f"{DEALERS} activations", longest / DEALERS, 1),
        at_most(f"{name}: an unconcerned dealer's change, p95", f"{waits:.2f} s", "5 s", waits / 5, 1),
    ]


def _behind_a_big_one(around: Surroundings, runtime: Runtime) -> list[Row]:
    [small] = make_dealers(around, 1, VEHICLES)
    [big] = make_dealers(around, 1, BIG, first=DEALERS + 10)
    _note_all(runtime, [big])
    waits, _ = _saves_of(around, runtime, small, Redis.from_url(around.settings.redis_url))
    name = f"a dealer's change while another one sends {BIG:,}, p95"
    _end_all(runtime)
    return [at_most(name, f"{waits:.2f} s", "5 s", waits / 5, 1)]


def _platform_down(around: Surroundings, runtime: Runtime) -> list[Row]:
    """Requests while the platform is down for all, with so many probes."""
    activations = make_dealers(around, DEALERS, 1)
    around.sandbox.post("/control/faults", json={"effect": "error", "status": 503})
    _note_all(runtime, activations)
    counted = select(PlatformBreaker.failures).where(PlatformBreaker.app == "mobile-de")
    failures = 0
    while failures < PROBES:
        time.sleep(0.5)
        with runtime.sessions() as session:
            failures = session.scalar(counted) or 0
    requests = len(around.sandbox.get("/control/requests").json()["requests"])
    around.sandbox.delete("/control/faults")
    _end_all(runtime)
    allowed = PROBES + WORKERS
    name = f"a platform that is down for {DEALERS:,} dealers, {PROBES} probes"
    return [at_most(name, f"{requests} requests", f"{allowed} with those under way", requests / allowed, 1)]


# Dealers, their changes, and the workers.


def make_dealers(around: Surroundings, dealers: int, vehicles: int, first: int = 0) -> list[UUID]:
    """So many dealers, each with so many released vehicles and mobile.de; their activations."""
    engine = make_runtime(around.settings, ring=lambda *_: None).engine
    keys = {"first": first, "dealers": dealers, "vehicles": vehicles}
    with engine.begin() as connection:
        if not first:
            connection.execute(text("TRUNCATE dealer, platform_breaker CASCADE"))
        for statement in _DEALERS:
            connection.execute(text(statement), keys)
        found = connection.execute(text(_ACTIVATIONS), keys).scalars().all()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    around.sandbox.post("/control/reset", json={})
    return list(found)


_MINE = "d.key LIKE 'bench-%' AND substr(d.key, 7)::int >= :first"
_DEALERS = (
    """INSERT INTO dealer (key, name) SELECT 'bench-' || n, 'Bench ' || n
        FROM generate_series(CAST(:first AS int), CAST(:first AS int) + CAST(:dealers AS int) - 1) AS n""",
    f"INSERT INTO location (dealer_id, code, name) SELECT id, 'B', 'B' FROM dealer AS d WHERE {_MINE}",
    f"""INSERT INTO activation
            (dealer_id, location_id, app, customer_number, account, state, next_check_at, counted_from)
        SELECT d.id, l.id, 'mobile-de', substr(d.key, 7), jsonb_build_object(
            'customer_number', '4711001', 'seller_key', '1000471',
            'limits', jsonb_build_object('max_images', 30)), 'active', now() + interval '1 day', now()
        FROM dealer AS d JOIN location AS l ON l.dealer_id = d.id WHERE {_MINE}""",
    f"""INSERT INTO vehicle (dealer_id, location_id, online, data)
        SELECT d.id, l.id, true, {FACTS} || jsonb_build_object('offer_number', substr(d.key, 7) || '-' || n)
        FROM dealer AS d JOIN location AS l ON l.dealer_id = d.id,
            generate_series(1, CAST(:vehicles AS int)) AS n WHERE {_MINE}""",
    f"""INSERT INTO publication (vehicle_id, activation_id, released)
        SELECT v.id, a.id, true FROM vehicle AS v JOIN activation AS a ON a.dealer_id = v.dealer_id
        JOIN dealer AS d ON d.id = v.dealer_id WHERE {_MINE}""",
)
_ACTIVATIONS = f"SELECT a.id FROM activation AS a JOIN dealer AS d ON d.id = a.dealer_id WHERE {_MINE}"


def _vehicles(runtime: Runtime, activation_id: UUID) -> Sequence[UUID]:
    released = select(Publication.vehicle_id).where(Publication.activation_id == activation_id)
    with runtime.sessions() as session:
        return session.scalars(released).all()


def _save(runtime: Runtime, vehicle_id: UUID) -> tuple[str, float]:
    """A person's change; the number and when it was committed."""
    with runtime.sessions.begin() as session:
        vehicle = session.get_one(Vehicle, vehicle_id)
        facts = vehicle.facts()
        vehicle.set_facts(facts.model_copy(update={"mileage": (facts.mileage or 0) + 1}))
        number = vehicle.offer_number
        note_changes(session, [vehicle_id])
    return number, time.time()


def _note_all(runtime: Runtime, activations: Sequence[UUID]) -> None:
    """As an import of each dealer would: a machine's changes."""
    for activation_id in activations:
        vehicle_ids = _vehicles(runtime, activation_id)
        with runtime.sessions.begin() as session:
            note_changes(session, vehicle_ids, bulk=True)


def _saves_of(around: Surroundings, runtime: Runtime, activation_id: UUID, redis: Redis) -> tuple[float, int]:
    """Seconds from save to request, p95, and the longest line that was seen meanwhile."""
    saved, longest = [], 0
    vehicle_ids = _vehicles(runtime, activation_id)
    for vehicle_id in vehicle_ids[:SAVES]:
        saved.append(_save(runtime, vehicle_id))
        time.sleep(0.5)
        lines = [Queue(line, connection=redis, serializer=JSONSerializer).count for line in Line]
        longest = max(longest, *lines)
    _until_sent(runtime, activation_id)
    rows = around.sandbox.get("/control/requests", params={"kind": "create"}).json()["requests"]
    arrived = {row["internalNumber"]: datetime.fromisoformat(row["at"]).timestamp() for row in rows}
    return statistics.quantiles([arrived[key] - at for key, at in saved], n=20)[-1], longest


def _until_sent(runtime: Runtime, activation_id: UUID | None = None) -> None:
    open_ones = Transfer.state.in_((TransferState.WAITING, TransferState.SENDING))
    left = select(func.count()).select_from(Transfer).where(open_ones)
    if activation_id is not None:
        left = left.where(Transfer.activation_id == activation_id)
    while True:
        with runtime.sessions() as session:
            if not session.scalar(left):
                return
        time.sleep(0.05)


def _end_all(runtime: Runtime) -> None:
    """What is left of this part is no burden for the next."""
    with runtime.sessions.begin() as session:
        session.query(Activation).update({"state": "deactivated"})
    time.sleep(5)  # longer than a slice


@contextmanager
def _workers(around: Surroundings) -> Iterator[None]:
    command = [sys.executable, "worker.py", "--workers", str(WORKERS)]
    process = subprocess.Popen(command, env=around.environment | NO_BRAKE, start_new_session=True)
    time.sleep(3)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    for row in run():
        print(row)
