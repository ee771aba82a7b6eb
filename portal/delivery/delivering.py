"""The four things that can be asked of a target."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from portal.delivery.contract import (
    Delivered,
    HostKey,
    Missing,
    Reach,
    StepResult,
    Target,
    Undelivered,
)


def limit_of(transport: str) -> int | None:
    """Bytes that a file may have on this way; None: as many as the server takes."""
    raise NotImplementedError


def deliver(target: Target, file: Path | BinaryIO, reach: Reach) -> Delivered | Undelivered:
    """Bring the file (or the whole of a seekable stream) to the target under `target.file_name`.

    Written under a temporary name, its size verified, then renamed over the old file.
    """
    raise NotImplementedError


def test_connection(target: Target, reach: Reach) -> tuple[StepResult, ...]:
    """Every step of the target's transport, tried in order up to the first that fails.

    On file servers a tiny file is written, renamed and removed, under names that nobody imports. An HTTPS
    upload and a mail are not tried out: a platform might take the file for the whole stock.
    """
    raise NotImplementedError


def host_key(target: Target, reach: Reach) -> HostKey | Undelivered:
    """What an SFTP server shows as its key, without logging in; to be confirmed and pinned."""
    raise NotImplementedError


def fetch(target: Target, name: str, limit: int, reach: Reach) -> bytes | Missing | Undelivered:
    """A file of the same folder, for example a report; one larger than `limit` bytes is refused."""
    raise NotImplementedError
