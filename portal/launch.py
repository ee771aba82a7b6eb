"""`make run`: everything the portal needs, on one machine, until Ctrl-C.

Services, migrations and demo dealers first, then web, workers with the scheduler, and the sandbox.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config import Settings, load_settings
from portal.launching import checks
from portal.launching.checks import LaunchError
from portal.launching.programs import environment_of, programs, smtp_port, wait_until_ready, wanted_ports
from portal.launching.services import Services, start_services
from portal.launching.supervisor import Supervisor
from portal.platforms import APPS
from portal.platforms.contract.environment import BASE_URL

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Someone pressed Ctrl-C or sent SIGTERM."""


def main() -> int:
    logging.basicConfig(level=logging.WARNING)  # what the demo does is no news
    stopping = threading.Event()
    for sign in SIGNALS:
        signal.signal(sign, lambda *_: stopping.set())
    try:
        _run(_settings(), stopping)
    except LaunchError as error:
        if not stopping.is_set():
            print(f"\n{error}", file=sys.stderr)
            return 1
    except (DBAPIError, OSError) as error:
        complaint = checks.refusal(error)
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
        tell(f"Starting PostgreSQL and Valkey (data in {folder}) …")
        services = start_services(settings)
        try:
            _prepare(services, stopping)
            _serve(services, stopping)
        finally:
            services.stop()


def _prepare(services: Services, stopping: threading.Event) -> None:
    """Bring the database up to date and load the demo dealers into an empty one, in a process that ends:
    this one stays, and would keep the memory that loading took."""
    command = (sys.executable, "-m", "portal.launching.preparation")
    environment = environment_of(services.settings, os.environ)
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    complaint = None
    while complaint is None:
        try:
            _, complaint = process.communicate(timeout=0.1)
        except subprocess.TimeoutExpired:
            if stopping.is_set():
                process.terminate()
    _go_on(stopping)
    if process.returncode:
        raise LaunchError(complaint.strip() or f"The preparation ended with {process.returncode}.")


def _go_on(stopping: threading.Event) -> None:
    if stopping.is_set():
        raise Stopped


def _serve(services: Services, stopping: threading.Event) -> None:
    supervisor = Supervisor(services.settings.data_dir / "log")
    tell("Starting web, workers and sandbox …")

    def look() -> None:
        _go_on(stopping)
        services.look()
        supervisor.look()

    try:
        for program in programs(services.settings, os.environ):
            supervisor.start(program)
        wait_until_ready(services.settings, os.environ, look)
        _place_listings(services.settings)
        tell(_welcome(services.settings))
        while not stopping.wait(0.5):
            services.revive(tell)
            supervisor.revive()
    finally:
        tell("Stopping …")
        supervisor.stop()


def _place_listings(settings: Settings) -> None:
    """One of the demo dealers has listings at the sandbox already; at real platforms nothing is put in."""
    from portal.demo.listings import MARKETS, place

    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        for market in MARKETS:
            if market.app in settings.platforms and not _named_url(market.app):
                place(session, settings, market)
    engine.dispose()


def _welcome(settings: Settings) -> str:
    from portal.demo.load import AGENT_SECRET

    platforms = "\n".join(
        f"  {APPS[slug].name!s:<9}  {_named_url(slug) or 'the sandbox'}" for slug in settings.platforms
    )
    return f"""
  Portal     http://localhost:{settings.port}
  Sandbox    http://localhost:{settings.sandbox_port}   (marketplaces to develop against; caught mails)
  Mail       smtp://localhost:{smtp_port(os.environ)}
  Files      sftp://localhost:{settings.sandbox_sftp_port}, ftp://localhost:{settings.sandbox_ftp_port}
             (user 4711001, password portal-sandbox)
{platforms}
  Data       {settings.data_dir}   (logs in {_short(settings.data_dir / "log")})

  Demo logins (password "demo"):
    anna    Autohaus Muster, 60 vehicles, mobile.de 4711001 and AutoScout24 2142000471
    bernd   Autohaus Sonnenschein, 300 vehicles, mobile.de 4711002 and AutoScout24 2142000472,
            45 listings at each
    sam     support, with a second factor: {AGENT_SECRET} is the secret for an
            authenticator app, `.venv/bin/python -m portal.demo.code` prints the code of now

  Ctrl-C ends everything.
"""


def _named_url(slug: str) -> str:
    """Where the environment points a platform to; empty: to the sandbox."""
    return next((os.environ.get(v.name, "") for v in APPS[slug].environment if v.key == BASE_URL), "")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    sys.exit(main())
