"""PostgreSQL and Valkey for `make run`: the embedded ones, unless the environment names others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
from redis import Redis
from redis.exceptions import RedisError

from config import Settings
from portal.embedded import ServiceError, log_tail, postmaster_pid, start_postgres, start_valkey
from portal.launching.checks import LaunchError


@dataclass
class Services:
    settings: Settings
    """With the addresses of both services filled in."""
    valkey: Any = None
    postgres: int | None = None
    """Process id of the embedded PostgreSQL."""

    def look(self) -> None:
        """Raises LaunchError when an embedded service died."""
        if self.postgres and not psutil.pid_exists(self.postgres):
            folder = self.settings.data_dir / "postgres"
            raise LaunchError(f"PostgreSQL ended unexpectedly.\n{log_tail(folder / 'log')}")
        if self.valkey and not self.valkey.is_running():
            raise LaunchError(f"Valkey ended unexpectedly.\n{log_tail(Path(self.valkey.log_path))}")

    def stop(self) -> None:
        """PostgreSQL is stopped by its library when the last process that uses it ends."""
        if self.valkey:
            self.valkey.terminate()


def start_services(settings: Settings) -> Services:
    services = Services(settings)
    try:
        if settings.database_url:
            _check_postgres(settings.database_url)
        else:
            url = start_postgres(settings.data_dir / "postgres")
            services.settings = replace(services.settings, database_url=url)
            services.postgres = postmaster_pid(settings.data_dir / "postgres")
        if settings.redis_url:
            _check_redis(settings.redis_url)
        else:
            services.valkey, url = start_valkey(settings.data_dir)
            services.settings = replace(services.settings, redis_url=url)
    except ServiceError as error:
        raise LaunchError(str(error)) from error
    return services


def _check_postgres(url: str) -> None:
    try:
        psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=5).close()
    except psycopg.Error as error:
        raise LaunchError(f"The database named by DATABASE_URL does not answer: {error}") from error


def _check_redis(url: str) -> None:
    try:
        Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5).ping()
    except RedisError as error:
        raise LaunchError(f"The Redis named by REDIS_URL does not answer: {error}") from error
