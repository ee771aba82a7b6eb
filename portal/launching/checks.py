"""What must hold before anything is started. Each failure is one line that says what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import IO

LEAST_SPACE = 500 * 1024 * 1024


class LaunchError(Exception):
    """The portal cannot start or go on; the message is for a person."""


def data_dir(folder: Path) -> None:
    """Make the folder and try to write in it."""
    probe = folder / f".write-test-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise LaunchError(
            f"The data folder {folder} cannot be written ({error.strerror}). "
            "Make it writable or name another one: PORTAL_DATA_DIR=/path make run"
        ) from error


def disk_space(folder: Path, least: int = LEAST_SPACE) -> None:
    free = shutil.disk_usage(folder).free
    if free < least:
        raise LaunchError(
            f"Only {free // 2**20} MB are free in {folder}, at least {least // 2**20} MB are needed. "
            "Free some space or name another folder: PORTAL_DATA_DIR=/path make run"
        )


def full_disk(error: OSError) -> str:
    """For a person; empty for what nobody expects."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full ({error.filename or 'data folder'}). Free some space."
    return ""


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def ports(wanted: Mapping[str, tuple[int, str]]) -> None:
    """`wanted` maps a variable to its port and what listens there."""
    taken: dict[int, str] = {}
    for variable, (port, purpose) in wanted.items():
        if port in taken:
            raise LaunchError(
                f"{variable} and {taken[port]} are both {port}. Choose another port for one of them."
            )
        taken[port] = variable
        if not port_is_free(port):
            raise LaunchError(
                f"Port {port} ({purpose}) is taken by another program. "
                f"Stop it or choose another port: {variable}={port + 100} make run"
            )


def database(url: str) -> None:
    """Libraries that only an own database needs are loaded for it alone: the launcher stays small."""
    import psycopg

    try:
        psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=5).close()
    except psycopg.Error as error:
        raise LaunchError(f"The database named by DATABASE_URL does not answer: {error}") from error


def redis(url: str) -> None:
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5).ping()
    except RedisError as error:
        raise LaunchError(f"The Redis named by REDIS_URL does not answer: {error}") from error


def only_one(folder: Path) -> IO[str]:
    """Hold the data folder for this process; the lock falls with the returned file."""
    file = (folder / "run.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise LaunchError(
            f"The portal already runs on {folder} (process {owner}). "
            "Stop it first or name another folder: PORTAL_DATA_DIR=/path make run"
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
