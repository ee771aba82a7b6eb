"""What can be asked of a target."""

from __future__ import annotations

import ftplib
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, TypeVar

import httpx
import paramiko

from portal.delivery import ftp, https, mail, sftp
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import (
    HTTPS_LIMIT,
    MAIL_LIMIT,
    MEGABYTE,
    Answered,
    Delivered,
    DeliveryFailure,
    DeliveryStep,
    EgressPolicy,
    HostKey,
    Missing,
    ServerRefusal,
    StepResult,
    StepState,
    Target,
    Undelivered,
)
from portal.delivery.reasons import failure
from portal.delivery.remote_folder import RemoteFolder, checked_name, try_out, upload
from portal.messages import Wording, say

T = TypeVar("T")
ERRORS = (
    DeliveryFailure,
    ServerRefusal,
    OSError,
    EOFError,
    ftplib.Error,
    paramiko.SSHException,
    paramiko.SFTPError,
    struct.error,
    httpx.HTTPError,
)
"""What a server can cause. Anything else is a fault of ours and goes on."""
FILE_SERVERS: dict[str, Callable[[DeliveryAttempt], AbstractContextManager[RemoteFolder]]] = {
    "sftp": sftp.open_folder,
    "ftps": ftp.open_folder,
    "ftp": ftp.open_folder,
}
LIMITS = {"https": HTTPS_LIMIT, "mail": MAIL_LIMIT}
_FILE_STEPS = (DeliveryStep.LOGIN, DeliveryStep.FOLDER, DeliveryStep.WRITE, DeliveryStep.RENAME)
STEPS: dict[str, tuple[DeliveryStep, ...]] = {
    "sftp": (DeliveryStep.NAME, DeliveryStep.CONNECT, DeliveryStep.HOST_KEY, *_FILE_STEPS),
    "ftps": (DeliveryStep.NAME, DeliveryStep.CONNECT, DeliveryStep.CERTIFICATE, *_FILE_STEPS),
    "ftp": (DeliveryStep.NAME, DeliveryStep.CONNECT, *_FILE_STEPS),
    "https": (
        DeliveryStep.NAME,
        DeliveryStep.CONNECT,
        DeliveryStep.CERTIFICATE,
        DeliveryStep.LOGIN,
        DeliveryStep.WRITE,
    ),
    "mail": (DeliveryStep.NAME, DeliveryStep.WRITE),
}
UNTRIED = say("Wird nicht ausprobiert: Das zeigt sich mit der ersten Datei.")


def limit_of(transport: str) -> int | None:
    """Bytes that a file may have on this way; None: as many as the server takes."""
    return LIMITS.get(transport)


def deliver(
    target: Target, file: Path | BinaryIO, policy: EgressPolicy, go_on: Callable[[], bool] = lambda: True
) -> Delivered | Undelivered:
    """Bring the file (or the whole of a seekable stream) to the target under `target.file_name`.

    Written under a temporary name, its size verified, then renamed over the old file; or directly under its
    name, where `target.direct` says so. `go_on` is asked once,
    right before the old file is replaced or the request or mail goes out; False ends the delivery.
    """
    if isinstance(file, Path):
        with file.open("rb") as stream:
            return deliver(target, stream, policy, go_on)
    size = file.seek(0, 2)
    file.seek(0)
    attempt = DeliveryAttempt(target, policy, policy.patience.total, go_on)
    return answered(attempt, lambda: _delivered(attempt, file, size))


def _delivered(attempt: DeliveryAttempt, stream: BinaryIO, size: int) -> Delivered:
    target, answer = checked_target(attempt.target), ""
    name = checked_name(target.file_name)
    limit = limit_of(target.transport)
    if limit is not None and size > limit:
        shown = f"{size / MEGABYTE:.1f}".replace(".", ",")
        most = limit // MEGABYTE
        reason = say(
            "Die Datei ist mit {shown} MB zu groß; auf diesem Weg gehen {most} MB. Übertragen Sie sie ohne "
            "Bilder oder mit SFTP.",
            shown=shown,
            most=most,
        )
        raise DeliveryFailure(DeliveryStep.WRITE, reason)
    if target.transport in FILE_SERVERS:
        with FILE_SERVERS[target.transport](attempt) as server:
            upload(server, attempt, name, stream, size)
    elif target.transport == "https":
        attempt.ask_to_go_on()
        answer = https.upload(attempt, name, stream)
    else:
        attempt.ask_to_go_on()
        mail.send(attempt, name, stream)
    return Delivered(name, size, answer)


def checked_target(target: Target) -> Target:
    """Control characters could end a command and begin another. Raises Failure."""
    for label, text in (
        (say("Server"), target.host),
        (say("Benutzername"), target.username),
        (say("Passwort"), target.password),
        (say("Ordner"), target.folder),
    ):
        if not text.isprintable():
            raise DeliveryFailure(
                DeliveryStep.NAME,
                say("Das Feld „{label}“ enthält unzulässige Zeichen. Geben Sie es neu ein.", label=label),
            )
    return target


def test_connection(target: Target, policy: EgressPolicy) -> tuple[StepResult, ...]:
    """Every step of the target's transport, tried in order up to the first that fails.

    On file servers a tiny file is written, replaced and removed, under names that nobody imports. An HTTPS
    upload and a mail are not tried out: a platform might take the file for the whole stock.
    """
    attempt = DeliveryAttempt(target, policy, policy.patience.trial)
    try:
        with attempt.limited():
            hint = _tried(attempt)
    except ERRORS as error:
        return tuple(_results(target, failure(error, attempt)))
    return tuple(_results(target, None, hint))


def _tried(attempt: DeliveryAttempt) -> Wording:
    target = checked_target(attempt.target)
    checked_name(target.file_name)
    if target.transport in FILE_SERVERS:
        with FILE_SERVERS[target.transport](attempt) as server:
            return try_out(server, attempt)
    if target.transport == "https":
        https.look(attempt)
    else:
        mail.check_recipient(target)
    return ""


def _results(target: Target, failed: DeliveryFailure | None, hint: Wording = "") -> Iterator[StepResult]:
    steps = STEPS[target.transport]
    untried = target.direct or target.transport not in FILE_SERVERS
    ended = steps.index(failed.step) if failed and failed.step in steps else len(steps) if not failed else 0
    for position, step in enumerate(steps):
        if failed and position == ended:
            yield StepResult(step, StepState.FAILED, failed.reason, failed.host_key)
        elif position > ended:
            yield StepResult(step, StepState.SKIPPED, "")
        elif step in (DeliveryStep.WRITE, DeliveryStep.RENAME) and untried:
            yield StepResult(step, StepState.SKIPPED, UNTRIED)
        elif step is DeliveryStep.CERTIFICATE and https.is_unencrypted(target):
            yield StepResult(step, StepState.SKIPPED, say("Die Verbindung ist nicht verschlüsselt."))
        else:
            yield StepResult(step, StepState.OK, hint if step is DeliveryStep.RENAME else "")


def host_key(target: Target, policy: EgressPolicy) -> HostKey | Undelivered:
    """What an SFTP server shows as its key, without logging in; to be confirmed and pinned."""
    attempt = DeliveryAttempt(target, policy, policy.patience.trial)
    return answered(attempt, lambda: sftp.host_key(attempt))


def fetch(target: Target, name: str, limit: int, policy: EgressPolicy) -> bytes | Missing | Undelivered:
    """A file of the same folder, for example a report; one larger than `limit` bytes is refused."""
    attempt = DeliveryAttempt(target, policy, policy.patience.trial)
    return answered(attempt, lambda: _fetched(attempt, name, limit))


def _fetched(attempt: DeliveryAttempt, name: str, limit: int) -> bytes | Missing:
    target = checked_target(attempt.target)
    checked_name(name)
    if target.transport in FILE_SERVERS:
        with FILE_SERVERS[target.transport](attempt) as server:
            attempt.at(DeliveryStep.READ)
            content = server.read(name, limit)
    elif target.transport == "https":
        content = https.read(attempt, name, limit)
    else:
        raise DeliveryFailure(
            DeliveryStep.NAME, say("Von einem Mailempfänger kann keine Datei gelesen werden.")
        )
    if content is None:
        return Missing(name)
    if len(content) > limit:
        raise DeliveryFailure(
            DeliveryStep.READ,
            say("Die Datei „{name}“ auf dem Server ist zu groß, um gelesen zu werden.", name=name),
        )
    return content


def post(url: str, body: bytes, headers: Mapping[str, str], policy: EgressPolicy) -> Answered | Undelivered:
    """Send a message to an address that a dealer gave. Any answer counts as answered, also a refusal."""
    attempt = DeliveryAttempt(Target("https", url=url), policy, policy.patience.total)
    return answered(attempt, lambda: https.post(attempt, body, headers))


def answered(attempt: DeliveryAttempt, work: Callable[[], T]) -> T | Undelivered:
    """What the work returns, or why it ended."""
    try:
        with attempt.limited():
            return work()
    except ERRORS as error:
        return failure(error, attempt).undelivered()
