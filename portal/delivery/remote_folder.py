"""The way of a file onto a file server, the same for SFTP, FTPS and FTP."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from secrets import token_hex
from typing import BinaryIO, Protocol

from portal.delivery.attempt import DeliveryAttempt
from portal.delivery.contract import MEGABYTE, DeliveryFailure, DeliveryStep, RemoteFile, ServerRefusal
from portal.delivery.reasons import quoted
from portal.messages import Wording, say

LEFTOVER = r"\.[0-9a-f]{8}\.part"
TRIAL = b"Verbindungstest des Portals. Diese Datei darf entfernt werden.\r\n"
FORBIDDEN = re.compile(r"[/\\]")


class RemoteFolder(Protocol):
    """A folder at a server, logged in. Raises Refused for a no; OSError or EOFError when it is lost."""

    def store(self, name: str, stream: BinaryIO) -> None: ...

    def size(self, name: str) -> int: ...

    def replace(self, name: str, by: str) -> None:
        """Gives the file `by` this name. An older file of the name is replaced, or stays as it is."""

    def remove(self, name: str) -> None: ...

    def read(self, name: str, limit: int) -> bytes | None: ...

    def names(self) -> list[str]: ...

    def describe(self, name: str) -> RemoteFile | None:
        """None where there is no such file."""

    def load(self, name: str, sink: BinaryIO, limit: int) -> None:
        """Writes the file into `sink`; one that turns out larger than `limit` bytes ends the attempt."""


def checked_name(name: str) -> str:
    """Raises Failure for a name that is none, or leads out of the folder."""
    if not name or name in (".", "..") or len(name) > 200 or FORBIDDEN.search(name) or not name.isprintable():
        raise DeliveryFailure(
            DeliveryStep.NAME,
            say("Der Dateiname ist nicht zulässig. Verwenden Sie einen Namen ohne Schrägstriche."),
        )
    return name


def too_large(name: str, limit: int) -> DeliveryFailure:
    """A file that is larger than what is taken."""
    return DeliveryFailure(
        DeliveryStep.READ,
        say(
            "Die Datei „{name}“ ist größer als {most} MB. Größere Dateien nimmt das Portal nicht an.",
            name=name,
            most=limit // MEGABYTE,
        ),
    )


def upload(server: RemoteFolder, attempt: DeliveryAttempt, name: str, stream: BinaryIO, size: int) -> None:
    """Under a temporary name, verified, then in place of the old file. Where the receiver wants it so, under
    its name at once."""
    attempt.at(DeliveryStep.WRITE)
    if attempt.target.direct:
        attempt.ask_to_go_on()
        server.store(name, stream)
        return
    arrival = RemoteArrival(server, name, f"{name}.{token_hex(4)}.part", size)
    arrival.sweep()
    try:
        server.store(arrival.temporary, stream)
        arrival.verify()
        attempt.at(DeliveryStep.RENAME)
        attempt.ask_to_go_on()
        arrival.put_in_place()
    except (ServerRefusal, DeliveryFailure):
        # The server still listens. Where it does not, the next delivery sweeps.
        with suppress(ServerRefusal):
            server.remove(arrival.temporary)
        raise


@dataclass(frozen=True)
class RemoteArrival:
    """A file that arrives at a server under a temporary name."""

    server: RemoteFolder
    name: str
    temporary: str
    size: int

    def sweep(self) -> None:
        """Remove what deliveries that were cut off have left. Its name is never used again: a server that
        still writes the rest of an old connection into it cannot spoil a new file."""
        ours = re.compile(re.escape(self.name) + LEFTOVER)
        with suppress(ServerRefusal):
            for left in self.server.names():
                if ours.fullmatch(left):
                    self.server.remove(left)

    def verify(self) -> None:
        found = self._stored_size()
        if found != self.size:
            raise DeliveryFailure(
                DeliveryStep.WRITE,
                say(
                    "Auf dem Server kamen {found} von {size} Bytes an. Prüfen Sie, ob dort Platz frei ist.",
                    found=found,
                    size=self.size,
                ),
                retryable=True,
            )

    def put_in_place(self) -> None:
        try:
            self.server.replace(self.name, self.temporary)
        except ServerRefusal as error:
            if not error.temporary:
                self._stored_size()  # taken away since it arrived: that is the reason then
            raise

    def _stored_size(self) -> int:
        """Raises DeliveryFailure where the server took the file and shows it no more: it would each time."""
        try:
            found = self.server.size(self.temporary)
        except ServerRefusal as error:
            if error.temporary:
                raise
            raise _taken_away(error.text) from error
        if self.size and not found and not self._is_listed():
            # Some servers call a file that is gone 0 bytes long instead of saying no.
            raise _taken_away("")
        return found

    def _is_listed(self) -> bool:
        try:
            return self.temporary in self.server.names()
        except ServerRefusal as error:
            if error.temporary:
                raise
            return False


def _taken_away(said: str) -> DeliveryFailure:
    reason = say(
        "Der Server hat die Datei angenommen und zeigt sie danach nicht mehr{said}: Er räumt "
        "sie sofort weg, oder der Benutzer darf nur schreiben. Wählen Sie unter „Hochladen“ den "
        "direkten Weg.",
        said=quoted(said),
    )
    return DeliveryFailure(DeliveryStep.WRITE, reason)


def try_out(server: RemoteFolder, attempt: DeliveryAttempt) -> Wording:
    """Write a tiny file, put a second one in its place, remove it. Returns what else is to be said.

    Nothing is written where whatever arrives is taken for the stock.
    """
    attempt.at(DeliveryStep.WRITE)
    if attempt.target.direct:
        return ""
    name = f"verbindungstest-{token_hex(4)}.txt"
    upload(server, attempt, name, BytesIO(TRIAL), len(TRIAL))
    try:
        upload(server, attempt, name, BytesIO(TRIAL), len(TRIAL))
    finally:
        left: Wording = ""
        try:
            server.remove(name)
        except ServerRefusal:
            left = say(
                "Die Testdatei „{name}“ ließ sich nicht entfernen. Löschen Sie sie von Hand.", name=name
            )
    return left
