"""PostgreSQL and Valkey for `make run`: the embedded ones, unless the environment names others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from config import Settings
from portal.embedded import (
    ServiceError,
    launch_valkey,
    log_tail,
    postgres_runs,
    restart_postgres,
    start_postgres,
    start_valkey,
    valkey_runs,
)
from portal.launching import checks
from portal.launching.checks import LaunchError
from portal.launching.revival import Revival


@dataclass
class Service:
    """An embedded server, and how it comes back under its old address."""

    name: str
    log: Path
    runs: Callable[[], bool]
    start: Callable[[], None]
    """Raises ServiceError."""
    revival: Revival = field(default_factory=Revival)
    complaint: str = ""

    def look(self) -> None:
        """Raises LaunchError when it died."""
        if not self.runs():
            raise LaunchError(f"{self.name} ended unexpectedly.\n{log_tail(self.log)}")

    def revive(self, say: Callable[[str], None]) -> None:
        """Start it where it has ended. Says when it is gone, why it does not start, and when it is back."""
        if self.runs():
            if self.revival.ended_at is not None:
                say(f"{self.name} is back after {self.revival.started():.0f} s.")
                self.complaint = ""
            return
        if self.revival.ended_at is None:
            say(f"{self.name} ended unexpectedly, starting it again. {log_tail(self.log)}")
        if not self.revival.is_due():
            return
        try:
            self.start()
        except (ServiceError, OSError) as error:
            self.revival.failed()
            if str(error) != self.complaint:
                self.complaint = str(error)
                say(f"{self.name} does not start, trying on. {error}")


@dataclass
class Services:
    settings: Settings
    """With the addresses of both services filled in."""
    embedded: list[Service] = field(default_factory=list)
    valkey: Any = None

    def look(self) -> None:
        """Raises LaunchError when an embedded service died."""
        for service in self.embedded:
            service.look()

    def revive(self, say: Callable[[str], None]) -> None:
        for service in self.embedded:
            service.revive(say)

    def start_postgres(self) -> None:
        folder = self.settings.data_dir / "postgres"
        self.settings = replace(self.settings, database_url=start_postgres(folder))
        start = partial(restart_postgres, folder)
        self.embedded.append(Service("PostgreSQL", folder / "log", partial(postgres_runs, folder), start))

    def start_valkey(self) -> None:
        self.valkey, url = start_valkey(self.settings.data_dir)
        self.settings = replace(self.settings, redis_url=url)
        start, runs = partial(launch_valkey, self.valkey), partial(valkey_runs, self.valkey)
        self.embedded.append(Service("Valkey", Path(self.valkey.log_path), runs, start))

    def stop(self) -> None:
        """PostgreSQL is stopped by its library when the last process that uses it ends."""
        if self.valkey:
            self.valkey.terminate()


def start_services(settings: Settings) -> Services:
    services = Services(settings)
    try:
        if settings.database_url:
            checks.database(settings.database_url)
        else:
            services.start_postgres()
        if settings.redis_url:
            checks.redis(settings.redis_url)
        else:
            services.start_valkey()
    except ServiceError as error:
        raise LaunchError(str(error)) from error
    return services
