"""A database, a Valkey and a sandbox of the benchmark's own, in processes of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import create_engine, text

from config import Settings
from portal.embedded import start_postgres, start_valkey
from portal.models import Base
from portal.platforms import read_environment

SELLER = {"customer_number": "4711001", "seller_key": "1000471", "limits": {"max_images": 30}}
FACTS = """jsonb_build_object(
    'offer_number', 'B' || lpad(n::text, 6, '0'), 'vin', 'WVWZZZ1KZ' || lpad(n::text, 8, '0'),
    'make', 'VW', 'model', 'Golf', 'model_description', '1.4 TSI Comfortline ' || n,
    'body_type', 'saloon', 'first_registration', '2018-05', 'mileage', 10000 + n, 'power', 92,
    'displacement', 1395, 'fuel', 'petrol', 'gearbox', 'manual', 'damaged', false,
    'description', repeat('Gepflegter Wagen aus erster Hand. ', 20),
    'prices', jsonb_build_object('selling', '12990'))"""


@dataclass(frozen=True)
class Surroundings:
    settings: Settings
    sandbox: httpx.Client

    @property
    def environment(self) -> dict[str, str]:
        """For processes of the portal that work in these surroundings."""
        settings = self.settings
        return os.environ | {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "PORTAL_DATA_DIR": str(settings.data_dir),
            "MOBILE_DE_API_URL": settings.platforms["mobile-de"]["api_url"],
        }


@contextmanager
def surroundings(latency_ms: int = 0, *, lean: bool = False) -> Iterator[Surroundings]:
    """`lean`: with a marketplace that takes next to no processor time (`bench/lean_market.py`)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        database_url = start_postgres(folder / "postgres", database="bench")
        engine = create_engine(database_url)
        Base.metadata.create_all(engine)
        engine.dispose()
        valkey, redis_url = start_valkey(folder)
        with _marketplace(folder, latency_ms, lean=lean) as sandbox:
            settings = Settings(
                database_url=database_url,
                redis_url=redis_url,
                data_dir=folder,
                platforms=read_environment({}, str(sandbox.base_url).rstrip("/")),
            )
            yield Surroundings(settings, sandbox)
        valkey.stop()


@contextmanager
def _marketplace(folder: Path, latency_ms: int, *, lean: bool) -> Iterator[httpx.Client]:
    with _sandbox(folder, 0 if lean else latency_ms) as sandbox:
        if not lean:
            yield sandbox
            return
        port, behind = free_port(), str(sandbox.base_url).rstrip("/")
        command = (sys.executable, "-m", "bench.lean_market", str(port), str(latency_ms), behind)
        with _running(subprocess.Popen(command), port) as market:
            yield market


@contextmanager
def _running(process: subprocess.Popen[bytes], port: int) -> Iterator[httpx.Client]:
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            _wait_for(client)
            yield client
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _sandbox(folder: Path, latency_ms: int) -> Iterator[httpx.Client]:
    port = free_port()
    environment = os.environ | {
        "SANDBOX_PORT": str(port),
        "SANDBOX_SMTP_PORT": str(free_port()),
        "SANDBOX_SFTP_PORT": str(free_port()),
        "SANDBOX_FTP_PORT": str(free_port()),
        "SANDBOX_DB": str(folder / "sandbox.sqlite"),
        "SANDBOX_LATENCY_MS": str(latency_ms),
    }
    process = subprocess.Popen([sys.executable, "-m", "portal.sandbox"], env=environment)
    with _running(process, port) as client:
        yield client


def _wait_for(client: httpx.Client) -> None:
    for _ in range(1200):
        try:
            client.get("/control/faults")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the sandbox did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_dealer(settings: Settings, vehicles: int, *, released: bool = True) -> UUID:
    """A dealer with so many vehicles and mobile.de activated; returns the activation's id."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE dealer CASCADE"))
        dealer = connection.execute(
            text("INSERT INTO dealer (key, name) VALUES ('bench', 'Bench') RETURNING id")
        ).scalar_one()
        location = connection.execute(
            text("INSERT INTO location (dealer_id, code, name) VALUES (:d, 'B', 'B') RETURNING id"),
            {"d": dealer},
        ).scalar_one()
        activation = connection.execute(
            text(
                "INSERT INTO activation "
                "(dealer_id, location_id, app, customer_number, account, state, activated_at) "
                "VALUES (:d, :l, 'mobile-de', '4711001', CAST(:a AS jsonb), 'active', now()) RETURNING id"
            ),
            {"d": dealer, "l": location, "a": json.dumps(SELLER)},
        ).scalar_one()
        connection.execute(
            text(
                f"INSERT INTO vehicle (dealer_id, location_id, online, data) "
                f"SELECT :d, :l, true, {FACTS} FROM generate_series(1, :n) AS n"
            ),
            {"d": dealer, "l": location, "n": vehicles},
        )
        if released:
            connection.execute(
                text(
                    "INSERT INTO publication (vehicle_id, activation_id, released) "
                    "SELECT id, :a, true FROM vehicle"
                ),
                {"a": activation},
            )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    key: UUID = activation
    return key
