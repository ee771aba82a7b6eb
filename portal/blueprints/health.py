"""For load balancers and monitoring: is the process alive, can it do its work, how is the work going."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from portal.extensions import db
from portal.figures import RINGS, SLICES, STATEMENTS, HandedIn, read_handed_in
from portal.metrics import Metric, read_metrics
from portal.outbox import Line
from portal.web.access import machine, public

blueprint = Blueprint("health", __name__)
Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
METRICS = "text/plain; version=0.0.4; charset=utf-8"


@blueprint.get("/healthz")
@public
def alive() -> tuple[str, int]:
    return "ok", 200


@blueprint.get("/readyz")
@public
def ready() -> tuple[str, int]:
    """503 while the database does not answer. Without Redis the portal works on, only slower, and says so."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "database unavailable", 503
    if not _redis_answers():
        return "ok, without Redis: the scheduler sends by itself, slower", 200
    return "ok", 200


@blueprint.get("/metrics")
@machine
def metrics() -> Response:
    """For Prometheus: with METRICS_TOKEN as bearer token, without one from this machine only."""
    settings: Settings = current_app.extensions["settings"]
    if settings.metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
            abort(401)
    elif not _is_here(request.remote_addr or ""):
        abort(403)
    registry = CollectorRegistry()
    said = "Whether Redis answers; without it the scheduler sends by itself."
    redis = Metric("portal_redis_up", said, (), {(): float(_redis_answers())})
    lines = (
        [(line.name.lower(), Queue(line, connection=_redis()).count) for line in Line]
        if redis.values[()]
        else []
    )
    queued = Metric(
        "portal_queue_jobs", "Activations that stand in line.", ("line",), {(line,): n for line, n in lines}
    )
    registry.register(_Read([*read_metrics(db.session()), redis, queued], read_handed_in(_redis())))
    return Response(generate_latest(registry), content_type=METRICS)


class _Read:
    """Figures that were read, as the library wants to collect them."""

    def __init__(self, figures: list[Metric], handed_in: HandedIn) -> None:
        self._figures = figures
        self._handed_in = handed_in

    def collect(self) -> list[Family]:
        families = [*self._of_workers()]
        for figure in self._figures:
            family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
            for labels, value in figure.values.items():
                family.add_metric(labels, value)
            families.append(family)
        return families

    def _of_workers(self) -> Iterator[Family]:
        for name, counted, said in WORKER_COUNTERS:
            yield CounterMetricFamily(f"portal_{name}", said, value=self._handed_in.counts.get(counted, 0))
        buckets, total = self._handed_in.waits()
        waits = HistogramMetricFamily(
            "portal_commit_to_request_seconds", "From the commit of a change to its first request."
        )
        waits.add_metric([], buckets, total)
        yield waits
        memory = GaugeMetricFamily(
            "portal_worker_resident_bytes", "Memory that a worker holds.", labels=("worker",)
        )
        for worker, size in self._handed_in.memory.items():
            memory.add_metric([worker], size)
        yield memory


WORKER_COUNTERS = (
    ("rings", RINGS, "Rings that workers have answered."),
    ("ring_statements", STATEMENTS, "SQL statements of workers; by the rings they are those of a ring."),
    ("slices", SLICES, "Slices that were sent."),
)


def _is_here(address: str) -> bool:
    """What a proxy hands on may be no address at all."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _redis() -> Redis:
    redis: Redis = current_app.extensions["redis"]
    return redis


def _redis_answers() -> bool:
    try:
        return bool(_redis().ping())
    except RedisError:
        return False
