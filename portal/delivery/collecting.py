"""Fetching a file from a server: what it is like there, and the file itself once it rests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from portal.delivery import https
from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import (
    MEGABYTE,
    DeliveryFailure,
    DeliveryStep,
    EgressPolicy,
    Missing,
    RemoteFile,
    StepResult,
    StepState,
    Target,
    Undelivered,
)
from portal.delivery.operations import ERRORS, FILE_SERVERS, STEPS, answered, checked_target
from portal.delivery.reasons import failure
from portal.delivery.remote_folder import checked_name, too_large
from portal.messages import Wording, say

GROWING = say("Die Datei ändert sich gerade. Sie wird abgeholt, sobald sie vollständig ist.")
NOT_THERE = say(
    "Die Datei ist noch nicht da. Sie wird abgeholt, sobald sie dort liegt. "
    "Prüfen Sie sonst Ordner und Namen."
)
INCOMPLETE = say("Die Datei kam nicht vollständig an. Das Portal versucht es noch einmal.")


def look(target: Target, policy: EgressPolicy) -> RemoteFile | Missing | Undelivered:
    """What the server says of the file `target.file_name` in its folder, or behind `target.url`."""
    attempt = DeliveryAttempt(target, policy, policy.patience.trial)
    return answered(attempt, lambda: _described(attempt) or Missing(target.file_name))


def collect(
    target: Target, expected: RemoteFile, sink: BinaryIO, limit: int, policy: EgressPolicy
) -> RemoteFile | Missing | Undelivered:
    """The file into `sink`, where it is still the `expected` one: what is returned, then it arrived whole.

    Where it is another one by now, that is returned, and nothing was written. One of more than `limit` bytes
    is refused; one that changes under way is a failure that passes.
    """
    attempt = DeliveryAttempt(target, policy, policy.patience.total)
    return answered(attempt, lambda: _collected(attempt, expected, sink, limit) or Missing(target.file_name))


def test_reading(target: Target, policy: EgressPolicy) -> tuple[StepResult, ...]:
    """Every step up to the file, in order up to the first that fails. Nothing is written at the server; that
    the file is not there yet is no failure."""
    attempt = DeliveryAttempt(target, policy, policy.patience.trial)
    try:
        with attempt.limited():
            found = _described(attempt)
    except ERRORS as error:
        return tuple(_results(target, failure(error, attempt)))
    return tuple(_results(target, None, _shown(found)))


def _described(attempt: DeliveryAttempt) -> RemoteFile | None:
    target = checked_target(attempt.target)
    if target.transport not in FILE_SERVERS:
        return https.load(attempt, None, 0)
    name = checked_name(target.file_name)
    with FILE_SERVERS[target.transport](attempt) as server:
        attempt.at(DeliveryStep.READ)
        return server.describe(name)


def _collected(
    attempt: DeliveryAttempt, expected: RemoteFile, sink: BinaryIO, limit: int
) -> RemoteFile | None:
    target = checked_target(attempt.target)
    if target.transport not in FILE_SERVERS:
        # One answer is of one file; whether it is still the expected one shows when it has begun.
        found = https.load(attempt, sink, limit)
        if found is not None and found != expected:
            sink.seek(0)
            sink.truncate()
        return found
    name = checked_name(target.file_name)
    with FILE_SERVERS[target.transport](attempt) as server:
        attempt.at(DeliveryStep.READ)
        found = server.describe(name)
        if found != expected:
            return found
        if (found.size or 0) > limit:
            raise too_large(name, limit)
        server.load(name, sink, limit)
        if server.describe(name) != found:
            raise DeliveryFailure(DeliveryStep.READ, GROWING, retryable=True)
    if found.size is not None and sink.tell() != found.size:
        raise DeliveryFailure(DeliveryStep.READ, INCOMPLETE, retryable=True)
    return found


def _shown(found: RemoteFile | None) -> Wording:
    if found is None:
        return NOT_THERE
    if found.size is None:
        return say("Die Datei ist da.")
    if found.size < MEGABYTE:
        return say("Die Datei ist da: {size} KB.", size=max(1, round(found.size / 1024)))
    return say("Die Datei ist da: {size} MB.", size=round(found.size / MEGABYTE))


def _results(target: Target, failed: DeliveryFailure | None, found: Wording = "") -> Iterator[StepResult]:
    written = (DeliveryStep.WRITE, DeliveryStep.RENAME)
    steps = (*(step for step in STEPS[target.transport] if step not in written), DeliveryStep.READ)
    ended = steps.index(failed.step) if failed and failed.step in steps else len(steps) if not failed else 0
    for position, step in enumerate(steps):
        if failed and position == ended:
            yield StepResult(step, StepState.FAILED, failed.reason, failed.host_key)
        elif position > ended:
            yield StepResult(step, StepState.SKIPPED, "")
        elif step is DeliveryStep.CERTIFICATE and https.is_unencrypted(target):
            yield StepResult(step, StepState.SKIPPED, say("Die Verbindung ist nicht verschlüsselt."))
        else:
            yield StepResult(step, StepState.OK, found if step is DeliveryStep.READ else "")
