"""The four things that can be asked of a target."""

from __future__ import annotations

import ftplib
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, TypeVar

import httpx
import paramiko

from portal.delivery import ftp, https, mail, sftp
from portal.delivery.contract import (
    HTTPS_LIMIT,
    MAIL_LIMIT,
    MEGABYTE,
    Delivered,
    Failure,
    HostKey,
    Missing,
    Reach,
    Refused,
    Step,
    StepResult,
    StepState,
    Target,
    Undelivered,
)
from portal.delivery.reasons import failure
from portal.delivery.trip import Trip
from portal.delivery.uploading import Server, checked_name, try_out, upload

T = TypeVar("T")
ERRORS = (
    Failure,
    Refused,
    OSError,
    EOFError,
    ftplib.Error,
    paramiko.SSHException,
    paramiko.SFTPError,
    struct.error,
    httpx.HTTPError,
)
"""What a server can cause. Anything else is a fault of ours and goes on."""
FILE_SERVERS: dict[str, Callable[[Trip], AbstractContextManager[Server]]] = {
    "sftp": sftp.open_server,
    "ftps": ftp.open_server,
    "ftp": ftp.open_server,
}
LIMITS = {"https": HTTPS_LIMIT, "mail": MAIL_LIMIT}
_FILE_STEPS = (Step.LOGIN, Step.FOLDER, Step.WRITE, Step.RENAME)
STEPS: dict[str, tuple[Step, ...]] = {
    "sftp": (Step.NAME, Step.CONNECT, Step.HOST_KEY, *_FILE_STEPS),
    "ftps": (Step.NAME, Step.CONNECT, Step.CERTIFICATE, *_FILE_STEPS),
    "ftp": (Step.NAME, Step.CONNECT, *_FILE_STEPS),
    "https": (Step.NAME, Step.CONNECT, Step.CERTIFICATE, Step.LOGIN, Step.WRITE),
    "mail": (Step.NAME, Step.WRITE),
}
UNTRIED = "Wird nicht ausprobiert: Das zeigt sich mit der ersten Datei."


def limit_of(transport: str) -> int | None:
    """Bytes that a file may have on this way; None: as many as the server takes."""
    return LIMITS.get(transport)


def deliver(
    target: Target, file: Path | BinaryIO, reach: Reach, go_on: Callable[[], bool] = lambda: True
) -> Delivered | Undelivered:
    """Bring the file (or the whole of a seekable stream) to the target under `target.file_name`.

    Written under a temporary name, its size verified, then renamed over the old file. `go_on` is asked once,
    right before the old file is replaced or the request or mail goes out; False ends the delivery.
    """
    if isinstance(file, Path):
        with file.open("rb") as stream:
            return deliver(target, stream, reach, go_on)
    size = file.seek(0, 2)
    file.seek(0)
    trip = Trip(target, reach, reach.patience.total, go_on)
    return _answer(trip, lambda: _delivered(trip, file, size))


def _delivered(trip: Trip, stream: BinaryIO, size: int) -> Delivered:
    target, answer = _checked(trip.target), ""
    name = checked_name(target.file_name)
    _check_size(target, size)
    if target.transport in FILE_SERVERS:
        with FILE_SERVERS[target.transport](trip) as server:
            upload(server, trip, name, stream, size)
    elif target.transport == "https":
        trip.ask_to_go_on()
        answer = https.upload(trip, name, stream)
    else:
        trip.ask_to_go_on()
        mail.send(trip, name, stream)
    return Delivered(name, size, answer)


def _checked(target: Target) -> Target:
    """Control characters could end a command and begin another. Raises Failure."""
    for label, text in (
        ("Server", target.host),
        ("Benutzername", target.username),
        ("Passwort", target.password),
        ("Ordner", target.folder),
    ):
        if not text.isprintable():
            raise Failure(Step.NAME, f"Das Feld „{label}“ enthält unzulässige Zeichen. Geben Sie es neu ein.")
    return target


def _check_size(target: Target, size: int) -> None:
    limit = limit_of(target.transport)
    if limit is not None and size > limit:
        shown = f"{size / MEGABYTE:.1f}".replace(".", ",")
        most = limit // MEGABYTE
        reason = (
            f"Die Datei ist mit {shown} MB zu groß; auf diesem Weg gehen {most} MB. Übertragen Sie sie ohne "
            "Bilder oder mit SFTP."
        )
        raise Failure(Step.WRITE, reason)


def test_connection(target: Target, reach: Reach) -> tuple[StepResult, ...]:
    """Every step of the target's transport, tried in order up to the first that fails.

    On file servers a tiny file is written, replaced and removed, under names that nobody imports. An HTTPS
    upload and a mail are not tried out: a platform might take the file for the whole stock.
    """
    trip = Trip(target, reach, reach.patience.trial)
    try:
        with trip.limited():
            hint = _tried(trip)
    except ERRORS as error:
        return tuple(_results(target, failure(error, trip)))
    return tuple(_results(target, None, hint))


def _tried(trip: Trip) -> str:
    target = _checked(trip.target)
    checked_name(target.file_name)
    if target.transport in FILE_SERVERS:
        with FILE_SERVERS[target.transport](trip) as server:
            return try_out(server, trip)
    if target.transport == "https":
        https.look(trip)
    else:
        mail.check_recipient(target)
    return ""


def _results(target: Target, failed: Failure | None, hint: str = "") -> Iterator[StepResult]:
    steps = STEPS[target.transport]
    ended = steps.index(failed.step) if failed and failed.step in steps else len(steps) if not failed else 0
    for position, step in enumerate(steps):
        if failed and position == ended:
            yield StepResult(step, StepState.FAILED, failed.reason, failed.host_key)
        elif position > ended:
            yield StepResult(step, StepState.SKIPPED, "")
        elif step is Step.WRITE and target.transport not in FILE_SERVERS:
            yield StepResult(step, StepState.SKIPPED, UNTRIED)
        elif step is Step.CERTIFICATE and https.is_unencrypted(target):
            yield StepResult(step, StepState.SKIPPED, "Die Verbindung ist nicht verschlüsselt.")
        else:
            yield StepResult(step, StepState.OK, hint if step is Step.RENAME else "")


def host_key(target: Target, reach: Reach) -> HostKey | Undelivered:
    """What an SFTP server shows as its key, without logging in; to be confirmed and pinned."""
    trip = Trip(target, reach, reach.patience.trial)
    return _answer(trip, lambda: sftp.host_key(trip))


def fetch(target: Target, name: str, limit: int, reach: Reach) -> bytes | Missing | Undelivered:
    """A file of the same folder, for example a report; one larger than `limit` bytes is refused."""
    trip = Trip(target, reach, reach.patience.trial)
    return _answer(trip, lambda: _fetched(trip, name, limit))


def _fetched(trip: Trip, name: str, limit: int) -> bytes | Missing:
    target = _checked(trip.target)
    checked_name(name)
    if target.transport in FILE_SERVERS:
        with FILE_SERVERS[target.transport](trip) as server:
            trip.at(Step.READ)
            content = server.read(name, limit)
    elif target.transport == "https":
        content = https.read(trip, name, limit)
    else:
        raise Failure(Step.NAME, "Von einem Mailempfänger kann keine Datei gelesen werden.")
    if content is None:
        return Missing(name)
    if len(content) > limit:
        raise Failure(Step.READ, f"Die Datei „{name}“ auf dem Server ist zu groß, um gelesen zu werden.")
    return content


def _answer(trip: Trip, attempt: Callable[[], T]) -> T | Undelivered:
    try:
        with trip.limited():
            return attempt()
    except ERRORS as error:
        return failure(error, trip).undelivered()
