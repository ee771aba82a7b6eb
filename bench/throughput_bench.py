"""API transfers against a platform with 50 ms latency and 16 parallel requests,
beside what that allows in theory and beside one RQ job for each vehicle."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select

from bench.report import Row, at_least
from bench.surroundings import Surroundings, make_dealer, surroundings
from portal.exports.core.runtime import Runtime, make_runtime, runtime_from_environment
from portal.exports.jobs import run_activation
from portal.exports.planning import queue
from portal.exports.planning.cases import load_cases, rules_of
from portal.exports.planning.plan import Planned, plan
from portal.models import Activation, Vehicle
from portal.outbox import note_activation
from portal.platforms.contract import Account, Client, Json

LATENCY_MS, PARALLEL = 50, 16
VEHICLES, JOBS = int(os.environ.get("BENCH_TRANSFERS", "3000")), 60


def run() -> list[Row]:
    with surroundings(LATENCY_MS, lean=True) as around:
        runtime = make_runtime(around.settings, ring=lambda *_: None)
        ours, processor = _drained(around, runtime)
        bare = _bare_client(around, runtime)
        limit = _marketplace_alone(around)
        jobs = _one_job_each(around, runtime)
        runtime.engine.dispose()
    theory = PARALLEL * 1000 / LATENCY_MS
    name = f"API transfers, {LATENCY_MS} ms latency, {PARALLEL} parallel"
    return [
        at_least(name, f"{ours:.0f}/s", f"{theory:.0f}/s in theory", ours / theory, 0.85),
        Row(
            "the same",
            f"{ours:.0f}/s",
            f"{bare:.0f}/s the bare client in {PARALLEL} threads",
            ours / bare,
            "–",
            True,
        ),
        Row(
            "the same",
            f"{ours:.0f}/s",
            f"{limit:.0f}/s the marketplace of the benchmark by itself",
            ours / limit,
            "–",
            True,
        ),
        at_least("the same", f"{ours:.0f}/s", f"{jobs:.1f}/s with one RQ job each", ours / jobs, 5),
        Row(
            "the same, processor time of the portal",
            f"{processor * 1000:.2f} ms each",
            f"{1000 / theory:.2f} ms where one core does it all",
            processor * theory,
            "–",
            True,
        ),
    ]


def _drained(around: Surroundings, runtime: Runtime) -> tuple[float, float]:
    """Transfers per second, slice after slice, and the seconds of processor time that each costs the portal;
    the first few vehicles warm the reference data."""
    activation_id = make_dealer(around.settings, VEHICLES)
    with runtime.sessions.begin() as session:
        note_activation(session, session.get_one(Activation, activation_id))
    started, before = time.perf_counter(), time.process_time()
    while _is_left(runtime, activation_id):
        run_activation(runtime, activation_id)
    seconds, processor = time.perf_counter() - started, time.process_time() - before
    online = len(around.sandbox.get("/control/ads", params={"online": "1"}).json()["ads"])
    if online != VEHICLES:
        raise RuntimeError(f"{online} of {VEHICLES} vehicles are online")
    return VEHICLES / seconds, processor / VEHICLES


def _is_left(runtime: Runtime, activation_id: UUID) -> bool:
    with runtime.sessions() as session:
        return queue.line_of_waiting(session, activation_id) is not None


def _bare_client(around: Surroundings, runtime: Runtime) -> float:
    """What this platform on this machine allows: payloads that are ready, and nothing but requests."""
    around.sandbox.post("/control/reset", json={})
    activation_id = make_dealer(around.settings, VEHICLES)
    with runtime.sessions() as session:
        vehicle_ids = list(session.scalars(select(Vehicle.id)))
    client, planned = _prepared(runtime, activation_id, vehicle_ids)
    started = time.perf_counter()
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda item: client.create(_payload(item), str(item.vehicle_id)), planned))
    seconds = time.perf_counter() - started
    client.close()
    return VEHICLES / seconds


def _marketplace_alone(around: Surroundings) -> float:
    """What it takes of requests that cost next to nothing to make: bytes that are ready, through sockets."""
    url = around.sandbox.base_url
    body = b"x" * 2_500
    head = (
        f"POST /seller-api/sellers/1000471/ads HTTP/1.1\r\nHost: {url.host}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body

    def talk(times: int) -> None:
        with socket.create_connection((url.host, url.port or 80)) as line:
            for _ in range(times):
                line.sendall(request)
                line.recv(65_536)

    started = time.perf_counter()
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(talk, [VEHICLES // PARALLEL] * PARALLEL))
    return VEHICLES // PARALLEL * PARALLEL / (time.perf_counter() - started)


def _prepared(
    runtime: Runtime, activation_id: UUID, vehicle_ids: Sequence[UUID]
) -> tuple[Client, list[Planned]]:
    with runtime.sessions() as session:
        activation = session.get_one(Activation, activation_id)
        rules = rules_of(activation.dealer)
        account = Account.from_json(activation.account)
        platform, stores = runtime.platform(activation.app), runtime.stores(activation.app)
        mapper = platform.mapper(activation.settings, account, rules, stores)
        planned = plan(load_cases(session, activation, rules, vehicle_ids), mapper)
    return platform.open(account, stores), planned


def _payload(planned: Planned) -> Json:
    return planned.prepared.payload if planned.prepared else {}


def _one_job_each(around: Surroundings, runtime: Runtime) -> float:
    """The obvious design: every vehicle a job that loads it, opens a connection and sends it."""
    around.sandbox.post("/control/reset", json={})
    activation_id = make_dealer(around.settings, JOBS)
    redis = Redis.from_url(around.settings.redis_url)
    queue = Queue("bench", connection=redis, serializer=JSONSerializer)
    with runtime.sessions() as session:
        vehicle_ids = [str(row) for row in session.scalars(select(Vehicle.id))]
    for vehicle_id in vehicle_ids:
        queue.enqueue("bench.throughput_bench.send_one", str(activation_id), vehicle_id)
    started = time.perf_counter()
    work = (
        "import bench.throughput_bench; from redis import Redis; from rq import Worker; "
        "from rq.serializers import JSONSerializer; import os; "
        "Worker(['bench'], connection=Redis.from_url(os.environ['REDIS_URL']), "
        "serializer=JSONSerializer).work(burst=True, logging_level='WARNING')"
    )
    subprocess.run([sys.executable, "-c", work], env=around.environment, check=True)
    return JOBS / (time.perf_counter() - started)


def send_one(activation_id: str, vehicle_id: str) -> None:
    """The job of that design."""
    client, [planned] = _prepared(runtime_from_environment(), UUID(activation_id), [UUID(vehicle_id)])
    client.create(_payload(planned), vehicle_id)
    client.close()
