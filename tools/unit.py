"""Starts and stops a unit of deploy/ without systemd: `unit.py FOLDER start|stop|restart|enable UNIT`.

Its ExecStart runs with its EnvironmentFile in its WorkingDirectory, and what it writes goes to a log.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PGPORT", "PORTAL_TEST_RUN")
STOPPING = 60


def main(machine: Path, verb: str, unit: str) -> None:
    if verb in ("stop", "restart"):
        stop(machine / "run" / f"{unit}.pid")
    if verb in ("enable", "start", "restart"):
        start(machine, unit)


def start(machine: Path, unit: str) -> None:
    text = (machine / "etc" / "systemd" / "system" / f"{unit}.service").read_text()
    here = re.sub(r"=/(?=opt/|etc/)", f"={machine}/", text)
    said = dict(re.findall(r"^(ExecStart|EnvironmentFile|WorkingDirectory)=(.*)$", here, re.MULTILINE))
    command = f"set -a; . {said['EnvironmentFile']}; set +a; exec {said['ExecStart']}"
    with (machine / "log" / f"{unit}.log").open("ab") as log:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=said["WorkingDirectory"],
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    (machine / "run" / f"{unit}.pid").write_text(str(process.pid))
    print(f"{unit} is started as process {process.pid}")


def stop(file: Path) -> None:
    """Whoever started it has ended, so nobody but init knows its end: its directory in /proc goes."""
    pid = int(file.read_text())
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOPPING
    while alive(pid):
        if time.monotonic() > deadline:
            sys.exit(f"process {pid} does not end")
        time.sleep(0.1)
    file.unlink()
    print(f"process {pid} has ended")


def alive(pid: int) -> bool:
    """A zombie is not: here may be no init that buries it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
