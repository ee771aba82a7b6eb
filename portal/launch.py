"""`make run`: everything the portal needs, on one machine, until Ctrl-C.

While the fork server loads what the programs share, the services start; then the sandbox beside migrations
and demo dealers, then web, workers with the scheduler, and what tells open pages of changes.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading

from config import Settings, load_settings
from portal.launching import checks
from portal.launching.checks import LaunchError
from portal.launching.forks import preload, run_to_end
from portal.launching.programs import greeting, preparation, programs, wait_until_ready, wanted_ports
from portal.launching.services import Services, start_services
from portal.launching.supervisor import Supervisor

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Someone pressed Ctrl-C or sent SIGTERM."""


def main() -> int:
    logging.basicConfig(level=logging.WARNING)
    stopping = threading.Event()
    for sign in SIGNALS:
        signal.signal(sign, lambda *_: stopping.set())
    try:
        _run(_settings(), stopping)
    except LaunchError as error:
        if not stopping.is_set():
            print(f"\n{error}", file=sys.stderr)
            return 1
    except OSError as error:
        complaint = checks.full_disk(error)
        if not complaint:
            raise
        print(f"\n{complaint}", file=sys.stderr)
        return 1
    except Stopped:
        pass
    tell("Everything has ended.")
    return 0


def _settings() -> Settings:
    try:
        settings = load_settings()
    except ValueError as error:
        raise LaunchError(f"A variable in the environment is wrong: {error}") from error
    if settings.production:
        raise LaunchError(
            "make run is for trying the portal out: it starts a marketplace of its own and loads people with "
            "known passwords. docs/operations.md says how production runs; unset PORTAL_ENV to try it out."
        )
    return settings


def tell(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be closed: everything has to end all the same
        print(text, flush=True)


def _run(settings: Settings, stopping: threading.Event) -> None:
    folder = settings.data_dir
    checks.data_dir(folder)
    with checks.only_one(folder):
        checks.disk_space(folder)
        checks.ports(wanted_ports(settings, os.environ))
        tell(
            "Starting the portal: some seconds; the first time about a minute for database and demo dealers."
        )
        preload()
        tell(f"Starting PostgreSQL and Valkey (data in {folder}) …")
        services = start_services(settings)
        try:
            _start_and_serve(services, stopping)
        finally:
            services.stop()


def _start_and_serve(services: Services, stopping: threading.Event) -> None:
    """The sandbox needs nothing of the others and starts while the database is brought up to date."""
    settings, supervisor = services.settings, Supervisor(services.settings.data_dir / "log")

    def look() -> None:
        if stopping.is_set():
            raise Stopped
        services.look()
        supervisor.look()

    sandbox, *others = programs(settings, os.environ)
    try:
        supervisor.start(sandbox)
        run_to_end(preparation(settings, os.environ), look)
        tell("Starting web, workers and sandbox …")
        for program in others:
            supervisor.start(program)
        wait_until_ready(settings, os.environ, look)
        run_to_end(greeting(settings, os.environ), look)
        while not stopping.wait(0.5):
            services.revive(tell)
            supervisor.revive()
    finally:
        tell("Stopping …")
        supervisor.stop()


if __name__ == "__main__":
    sys.exit(main())
