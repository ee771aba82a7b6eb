"""Workers of their own for one activation, and their death at the worst moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from portal.exports.core.runtime import Runtime
from portal.models import Activation
from portal.platforms import APPS
from portal.platforms.contract.environment import BASE_URL
from tests.marketplace import Marketplace
from tests.waiting import until

ROOT = Path(__file__).parents[2]
DRAIN = "import sys; from portal.exports.jobs import drain_activation; drain_activation(sys.argv[1])"


def start_worker_of(runtime: Runtime, activation: Activation) -> subprocess.Popen[bytes]:
    """In a process group of its own, at the same database and the same platform as the test."""
    app, settings = APPS[activation.app], runtime.settings
    [variable] = [one.name for one in app.environment if one.key == BASE_URL]
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        variable: settings.platforms[app.slug][BASE_URL],
    }
    command = [sys.executable, "-c", DRAIN, str(activation.id)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)


def kill_once_it_sends(worker: subprocess.Popen[bytes], marketplace: Marketplace, seen: int) -> None:
    """SIGKILL to the whole group as soon as the platform has seen more requests than before."""

    def sends() -> bool:
        assert worker.poll() is None, "the worker ended before it could be killed"
        return len(marketplace.requests("create", "update", "delete")) > seen + 5

    until(sends)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
