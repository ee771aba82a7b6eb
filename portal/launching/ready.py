"""When everything answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping

import httpx
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from config import Settings
from portal.launching.checks import LaunchError
from portal.launching.programs import smtp_port

PATIENCE = 60.0


def wait_until_ready(settings: Settings, environ: Mapping[str, str], look: Callable[[], None]) -> None:
    """`look` raises when something died meanwhile. Raises LaunchError when something stays silent."""
    questions: dict[str, Callable[[], bool]] = {
        f"web on port {settings.port}": lambda: _answers(f"http://127.0.0.1:{settings.port}/readyz"),
        f"sandbox on port {settings.sandbox_port}": lambda: _listens(settings.sandbox_port),
        f"mail catcher on port {smtp_port(environ)}": lambda: _listens(smtp_port(environ)),
        f"SFTP on port {settings.sandbox_sftp_port}": lambda: _listens(settings.sandbox_sftp_port),
        f"FTP on port {settings.sandbox_ftp_port}": lambda: _listens(settings.sandbox_ftp_port),
        "worker": lambda: _workers(settings) >= settings.workers,
    }
    deadline = time.monotonic() + PATIENCE
    while questions:
        look()
        questions = {name: answered for name, answered in questions.items() if not answered()}
        if questions and time.monotonic() > deadline:
            logs = settings.data_dir / "log"
            raise LaunchError(f"No answer after {PATIENCE:.0f} s: {', '.join(questions)}. The logs: {logs}")
        if questions:
            time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
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
