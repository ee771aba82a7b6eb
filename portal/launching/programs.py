"""The programs of `make run`, their commands and ports, and when all of them answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import urllib3
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from config import Settings
from portal.launching.checks import LaunchError
from portal.launching.forks import Program

SMTP_PORT = 8025
WEB_PROCESSES, WEB_THREADS = 2, 8


def smtp_port(environ: Mapping[str, str]) -> int:
    return int(environ.get("SANDBOX_SMTP_PORT", SMTP_PORT))


def wanted_ports(settings: Settings, environ: Mapping[str, str]) -> dict[str, tuple[int, str]]:
    """Variable → port and what listens there."""
    return {
        "PORT": (settings.port, "web"),
        "EVENTS_PORT": (settings.events_port, "changes for open pages"),
        "DROP_PORT": (settings.drop_port, "drop folders"),
        "SANDBOX_PORT": (settings.sandbox_port, "sandbox"),
        "SANDBOX_SMTP_PORT": (smtp_port(environ), "mail catcher of the sandbox"),
        "SANDBOX_SFTP_PORT": (settings.sandbox_sftp_port, "SFTP server of the sandbox"),
        "SANDBOX_FTP_PORT": (settings.sandbox_ftp_port, "FTP server of the sandbox"),
    }


def environment_of(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """What every program of `make run` is started with."""
    books = environ.get("SANDBOX_DB", str(settings.data_dir / "sandbox.sqlite"))
    # The sandbox's FTPS server can be tried out; in production nobody but the known authorities is trusted.
    authority = (
        "" if settings.production else str(Path(books).with_name("sandbox-files") / "server" / "ca.pem")
    )
    return {
        **environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PORTAL_DATA_DIR": str(settings.data_dir),
        "PORT": str(settings.port),
        "EVENTS_PORT": str(settings.events_port),
        "DROP_PORT": str(settings.drop_port),
        "EVENTS_URL": settings.events_url or f":{settings.events_port}/events",
        "SANDBOX_PORT": str(settings.sandbox_port),
        "SANDBOX_SMTP_PORT": str(smtp_port(environ)),
        "SANDBOX_SFTP_PORT": str(settings.sandbox_sftp_port),
        "SANDBOX_FTP_PORT": str(settings.sandbox_ftp_port),
        "SANDBOX_DB": books,
        "DELIVERY_CA_FILE": settings.delivery_ca_file or authority,
    }


def programs(settings: Settings, environ: Mapping[str, str]) -> tuple[Program, ...]:
    """In the order in which they start: the sandbox first, which needs none of the others."""
    environment = environment_of(settings, environ)
    gunicorn = (
        "portal:create_app()",
        f"--bind=127.0.0.1:{settings.port}",
        "--worker-class=portal.web_worker.WholeRequestWorker",
        f"--workers={WEB_PROCESSES}",
        f"--threads={WEB_THREADS}",
        "--preload",  # both processes share what is loaded
        "--graceful-timeout=5",
        "--log-level=warning",
        "--no-control-socket",
    )
    return (
        Program("sandbox", "portal.sandbox", (), environment, late=True),
        Program("web", "gunicorn", gunicorn, environment),
        Program("events", "portal.live", (), environment),
        Program("drops", "portal.drop_folders", (), environment),
        Program("worker", "worker", (), environment),
    )


def preparation(settings: Settings, environ: Mapping[str, str]) -> Program:
    """Brings the database up to date, and loads the demo dealers into an empty one."""
    return Program("preparation", "portal.launching.preparation", (), environment_of(settings, environ))


def greeting(settings: Settings, environ: Mapping[str, str]) -> Program:
    return Program("greeting", "portal.launching.greeting", (), environment_of(settings, environ))


START_PATIENCE = 60.0


def wait_until_ready(settings: Settings, environ: Mapping[str, str], look: Callable[[], None]) -> None:
    """`look` raises when something died meanwhile. Raises LaunchError when something stays silent."""
    questions: dict[str, Callable[[], bool]] = {
        f"web on port {settings.port}": lambda: _answers(f"http://127.0.0.1:{settings.port}/readyz"),
        f"changes on port {settings.events_port}": lambda: _answers(
            f"http://127.0.0.1:{settings.events_port}/healthz"
        ),
        f"drop folders on port {settings.drop_port}": lambda: _listens(settings.drop_port),
        f"sandbox on port {settings.sandbox_port}": lambda: _listens(settings.sandbox_port),
        f"mail catcher on port {smtp_port(environ)}": lambda: _listens(smtp_port(environ)),
        f"SFTP on port {settings.sandbox_sftp_port}": lambda: _listens(settings.sandbox_sftp_port),
        f"FTP on port {settings.sandbox_ftp_port}": lambda: _listens(settings.sandbox_ftp_port),
        "worker": lambda: _workers(settings) >= settings.workers,
    }
    deadline = time.monotonic() + START_PATIENCE
    while questions:
        look()
        questions = {name: answered for name, answered in questions.items() if not answered()}
        if questions and time.monotonic() > deadline:
            logs = settings.data_dir / "log"
            raise LaunchError(
                f"No answer after {START_PATIENCE:.0f} s: {', '.join(questions)}. The logs: {logs}"
            )
        if questions:
            time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return urllib3.request("GET", url, timeout=2, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _workers(settings: Settings) -> int:
    try:
        return Worker.count(connection=Redis.from_url(settings.redis_url, socket_timeout=2))
    except RedisError:
        return 0
