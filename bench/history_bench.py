"""The history page of one activation with 30,000 and with 3,000,000 transfers, rendered by Flask."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Table, create_engine, text

from bench.report import Row, at_most
from bench.surroundings import make_dealer
from config import Settings
from portal import create_app
from portal.embedded import start_postgres
from portal.extensions import db
from portal.models import Base, Transfer, User
from portal.web import sessions

SMALL, LARGE = 30_000, 3_000_000
VEHICLES = 5_000
RUNS = 60
BUDGET_MS = 20
PAGES = {"default filter": ("", 12), "widest filter": ("?period=120&rows=100&result=all", 18)}
"""Queries, and how many milliseconds of processor time the portal may take for each."""


@dataclass(frozen=True)
class Shop:
    """A logged-in browser and the page it opens."""

    client: FlaskClient
    address: str

    def milliseconds(self, query: str) -> tuple[float, float]:
        """By the clock, and of the portal's processor time."""
        begin, used = time.perf_counter(), time.process_time()
        answer = self.client.get(self.address + query)
        assert answer.status_code == 200
        return (time.perf_counter() - begin) * 1000, (time.process_time() - used) * 1000


def run() -> list[Row]:
    with _shop(SMALL) as small, _shop(LARGE) as large:
        return [row for name in PAGES for row in _rows(name, small, large)]


def _rows(name: str, small: Shop, large: Shop) -> Iterator[Row]:
    """Both take turns, so that what else the machine does meets both alike."""
    query, allowed = PAGES[name]
    for shop in (small, large) * 5:
        shop.milliseconds(query)
    pairs = [(small.milliseconds(query), large.milliseconds(query)) for _ in range(RUNS)]
    few, many = (sorted(clock for clock, _used in side) for side in zip(*pairs, strict=True))
    lean, full = (statistics.median(used for _clock, used in side) for side in zip(*pairs, strict=True))
    worst = _p95(many)
    yield at_most(
        f"history page, {LARGE:,} transfers, {name}, p95",
        _figure(many),
        f"{BUDGET_MS} ms",
        worst / BUDGET_MS,
        1,
    )
    yield at_most(
        f"the same beside {SMALL:,} transfers, p95", _figure(many), _figure(few), worst / _p95(few), 1.3
    )
    used = f"history page, {LARGE:,} transfers, {name}, processor time of the portal, p50"
    yield at_most(used, f"{full:.1f} ms", f"{allowed} ms", full / allowed, 1)
    beside = f"the same beside {SMALL:,} transfers, processor time, p50"
    yield at_most(beside, f"{full:.1f} ms", f"{lean:.1f} ms", full / lean, 1.1)


def _p95(times: list[float]) -> float:
    return times[int(len(times) * 0.95) - 1]


def _figure(times: list[float]) -> str:
    return f"{_p95(times):.1f} ms (p50 {statistics.median(times):.1f} ms)"


@contextmanager
def _shop(transfers: int) -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        settings = Settings(
            database_url=start_postgres(folder / "postgres", database="bench"),
            redis_url="redis://127.0.0.1:1/0",
            data_dir=folder,
        )
        activation = _fill(settings, transfers)
        app = create_app(settings)
        yield Shop(_browser(app), f"/apps/{activation}")
        with app.app_context():
            db.engine.dispose()


def _browser(app: flask.Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie, app.test_request_context():
        sessions.start(db.session.scalars(db.select(User)).one())
        cookie.update(flask.session)
    return client


def _fill(settings: Settings, transfers: int) -> UUID:
    engine = create_engine(settings.database_url)
    Base.metadata.create_all(engine)
    activation = make_dealer(settings, VEHICLES)
    table = Transfer.__table__
    assert isinstance(table, Table)
    with engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
        _insert(connection, activation, transfers)
        for index in table.indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return activation


def _insert(connection: Connection, activation: UUID, transfers: int) -> None:
    """Spread evenly over the five days that are kept, nine in ten of them ok."""
    connection.execute(text("SELECT setseed(0.5)"))
    connection.execute(
        _TRANSFERS, {"activation": activation, "count": transfers, "feedback": FEEDBACK, "attempts": ATTEMPTS}
    )
    connection.execute(
        text(
            'INSERT INTO "user" (dealer_id, login, password_hash, rights) '
            "SELECT id, 'bench', '-', ARRAY['view', 'edit_vehicles'] FROM dealer"
        )
    )


FEEDBACK = """[{"code": "unknown-colour", "text": "Die Farbe wird von der Plattform nicht angenommen.",
    "field": "colour", "who": "dealer", "platform_text": "unknown value for exteriorColor"}]"""
ATTEMPTS = """[{"at": "2026-01-01T10:00:00+00:00", "outcome": "accepted", "detail": "", "not_before": null,
    "exchanges": [{"method": "PUT", "path": "/seller-api/sellers/1000471/ads/30000123", "status": 200,
    "milliseconds": 52, "error": ""}]}]"""
_TRANSFERS = text(
    """
    WITH car AS (SELECT array_agg(id) AS ids, (array_agg(location_id))[1] AS location FROM vehicle)
    INSERT INTO transfer (id, activation_id, vehicle_id, location_id, state, action, trigger, feedback,
        attempts, attempt_count, url, listing_id, created_at, sent_at, finished_at)
    SELECT uuidv7(-age), :activation, car.ids[1 + CAST(random() * (array_length(car.ids, 1) - 1) AS int)],
        car.location, state,
        (ARRAY['update', 'update', 'update', 'create', 'delete'])[1 + CAST(floor(random() * 5) AS int)],
        (ARRAY['change', 'change', 'change', 'schedule', 'by_hand'])[1 + CAST(floor(random() * 5) AS int)],
        CASE WHEN state = 'ok' THEN '[]' ELSE CAST(:feedback AS jsonb) END, CAST(:attempts AS jsonb), 1,
        'http://localhost/inserat/' || n, n, now() - age, now() - age, now() - age
    FROM car, generate_series(1, :count) AS n,
        LATERAL (SELECT make_interval(secs => 431000.0 * n / :count) AS age) AS moment,
        LATERAL (SELECT (ARRAY['ok', 'warning', 'rejected', 'failed', 'discarded'])
            [1 + CAST(greatest(0, floor(random() * 40 + n * 0) - 35) AS int)] AS state) AS ending
    """
)
