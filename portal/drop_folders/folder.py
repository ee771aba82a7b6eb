"""A dealer's folder on disk: flat, with a quota, and of what it takes only what an import can read.

Three folders make one: `arriving` holds uploads under random names, so that nobody takes half of one and a
process that is killed leaves nothing behind; `files` is what the dealer sees; `waiting` has an empty file for
each of them that is still to be taken into the stock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from portal.messages import Message, say

READABLE = (".csv", ".txt", ".tsv", ".xlsx", ".zip")
PACKED = (".xlsx", ".zip")
UNDER_WAY = (".part", ".partial", ".tmp", ".filepart")
"""How programs call a file that they rename when it is complete."""
MOST_FILES, MOST_AT_ONCE, MOST_READ = 100, 8, 32
LONGEST_NAME = 200
ZIP = b"PK\x03\x04"
FOREIGN = (
    *(b"%PDF", b"\x7fELF", b"MZ", b"\x89PNG", b"\xff\xd8\xff", b"GIF8"),
    *(b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b"),
)
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
HEAD = 8
"""Bytes by which a kind is told."""

ONLY_READABLE = say(
    "Hier werden nur Dateien angenommen, die ein Import lesen kann: {kinds}.", kinds=", ".join(READABLE)
)
NO_NAME = say("Dieser Dateiname geht hier nicht. Unterordner gibt es nicht.")
FOREIGN_CONTENT = say("Der Inhalt passt nicht zur Endung: Das ist keine Datei, die ein Import lesen kann.")
NO_RESUME = say("Fortsetzen geht hier nicht. Bitte übertragen Sie die Datei ganz neu.")
TOO_LARGE = say("Die Datei ist größer als {most} MB.")
TOO_MANY_OPEN = say("Es sind zu viele Dateien gleichzeitig geöffnet.")
TOO_MANY = say("Im Ordner liegen zu viele Dateien. Löschen Sie erst welche.")
FULL = say("Der Ordner ist voll: Er fasst {most} MB.")


class NotTaken(Exception):
    """Why the folder does not take something; for the person at the other end."""

    def __init__(self, reason: Message, *, full: bool = False) -> None:
        super().__init__(str(reason))
        self.reason, self.full = reason, full


@dataclass(frozen=True)
class FolderBounds:
    """In bytes: of one file, and of all in a folder."""

    file: int
    folder: int


@dataclass(frozen=True)
class DroppedFile:
    """A file that waits to be taken. `since`: of its mark, in nanoseconds; new when it comes again."""

    name: str
    file: Path
    mark: Path
    since: int


class IncomingFile:
    """A file on its way. `size` grows with it; a part that was refused leaves it `broken`."""

    def __init__(self, folder: DropFolder, name: str, place: Path) -> None:
        self.name, self.place, self.size = name, place, 0
        self.broken = False
        self._folder = folder
        self.stream: BinaryIO = place.open("w+b")

    def write(self, offset: int, data: bytes) -> None:
        """Raises NotTaken for what is too large, no stock file, or the rest of something."""
        if offset > self.size:
            raise NotTaken(NO_RESUME)
        if offset == 0:
            _demand_content(self.name, data[:HEAD])
        self._folder.demand_room(self, offset + len(data))
        self.stream.seek(offset)
        self.stream.write(data)
        self.size = max(self.size, offset + len(data))

    def sync(self) -> None:
        """On the disk before anybody is told that it arrived."""
        self.stream.flush()
        os.fsync(self.stream.fileno())


class DropFolder:
    """One process serves a folder: what was left arriving by an earlier one is cleared away."""

    def __init__(self, root: Path, bounds: FolderBounds) -> None:
        self._files, self._waiting, self._arriving = (root / n for n in ("files", "waiting", "arriving"))
        self._bounds = bounds
        self._uploads: set[IncomingFile] = set()
        self._read: set[BinaryIO] = set()
        shutil.rmtree(self._arriving, ignore_errors=True)
        for part in (root, self._files, self._waiting, self._arriving):
            part.mkdir(mode=0o700, parents=True, exist_ok=True)

    def names(self) -> list[str]:
        return sorted(entry.name for entry in os.scandir(self._files))

    def find(self, name: str) -> Path:
        """Raises FileNotFoundError for what is not there, or could not be."""
        if not _is_name(name) or not (found := self._files / name).is_file():
            raise FileNotFoundError(2, "No such file")
        return found

    def read(self, name: str) -> BinaryIO:
        """Raises FileNotFoundError, and NotTaken where too many are open: the process has so many for all."""
        if len(self._read) >= MOST_READ:
            raise NotTaken(TOO_MANY_OPEN, full=True)
        stream = self.find(name).open("rb")
        self._read.add(stream)
        return stream

    def end_reading(self, stream: BinaryIO) -> None:
        self._read.discard(stream)
        stream.close()

    def begin(self, name: str) -> IncomingFile:
        """Raises NotTaken."""
        _demand_name(name)
        if len(self._uploads) >= MOST_AT_ONCE:
            raise NotTaken(TOO_MANY)
        if name not in self.names() and len(self.names()) >= MOST_FILES and not self._forget_oldest(name):
            raise NotTaken(TOO_MANY)
        upload = IncomingFile(self, name, self._arriving / uuid4().hex)
        self._uploads.add(upload)
        return upload

    def finish(self, upload: IncomingFile) -> bool:
        """It is whole: from now on it lies in the folder. Whether an import waits for it."""
        self._uploads.discard(upload)
        upload.stream.close()
        return self._place(upload.place, upload.name)

    def discard(self, upload: IncomingFile) -> None:
        self._uploads.discard(upload)
        upload.stream.close()
        upload.place.unlink(missing_ok=True)

    def rename(self, old: str, new: str) -> bool:
        """In place of what is there. Whether an import waits for it. Raises NotTaken."""
        _demand_name(new)
        source = self.find(old)
        with source.open("rb") as content:
            _demand_content(new, content.read(HEAD))
        arrived = self._place(source, new)
        if old != new:
            (self._waiting / old).unlink(missing_ok=True)
        return arrived

    def remove(self, name: str) -> None:
        self.find(name).unlink()
        (self._waiting / name).unlink(missing_ok=True)

    def is_waiting(self) -> bool:
        with os.scandir(self._waiting) as marks:
            return next(marks, None) is not None

    def waiting(self) -> Iterator[DroppedFile]:
        """Those to be taken, in the order in which they came."""
        marks = sorted(os.scandir(self._waiting), key=lambda mark: mark.stat().st_mtime_ns)
        for mark in marks:
            place = Path(mark.path)
            yield DroppedFile(mark.name, self._files / mark.name, place, place.stat().st_mtime_ns)

    def settle(self, arrival: DroppedFile) -> None:
        """It was taken, unless it has come again meanwhile."""
        with suppress(FileNotFoundError):  # deleted meanwhile, even between these two
            if arrival.mark.stat().st_mtime_ns == arrival.since:
                arrival.mark.unlink()

    def demand_room(self, upload: IncomingFile, size: int) -> None:
        """For so many bytes; files that were taken long ago make way. Raises NotTaken."""
        if size > self._bounds.file:
            raise NotTaken(TOO_LARGE.filled(most=self._bounds.file // 2**20), full=True)
        if size <= upload.size:
            return
        while self._used() + size - upload.size > self._bounds.folder:
            if not self._forget_oldest(upload.name):
                raise NotTaken(FULL.filled(most=self._bounds.folder // 2**20), full=True)

    def _used(self) -> int:
        lying = sum(entry.stat().st_size for entry in os.scandir(self._files))
        return lying + sum(upload.size for upload in self._uploads)

    def _forget_oldest(self, but: str) -> bool:
        """Of those that were taken; whether there was one."""
        waiting = {entry.name for entry in os.scandir(self._waiting)}
        taken = [
            entry
            for entry in os.scandir(self._files)
            if entry.name not in waiting and entry.name != but and not entry.name.lower().endswith(UNDER_WAY)
        ]
        if not taken:
            return False
        Path(min(taken, key=lambda entry: entry.stat().st_mtime_ns).path).unlink()
        return True

    def _place(self, content: Path, name: str) -> bool:
        """The mark comes first: where a process ends in between, a file is taken twice, never forgotten."""
        arrives = not name.lower().endswith(UNDER_WAY)
        if arrives:
            mark = self._waiting / name
            mark.unlink(missing_ok=True)
            mark.touch(mode=0o600)
        content.replace(self._files / name)
        return arrives


def _is_name(name: str) -> bool:
    """One that stays in its folder on every system."""
    return (
        0 < len(name.encode()) <= LONGEST_NAME
        and not name.startswith(".")
        and not any(sign in "/\\" or not sign.isprintable() for sign in name)
    )


def _demand_name(name: str) -> None:
    if not _is_name(name):
        raise NotTaken(NO_NAME)
    if not name.lower().endswith((*READABLE, *UNDER_WAY)):
        raise NotTaken(ONLY_READABLE)


def _demand_content(name: str, head: bytes) -> None:
    """As far as the first bytes tell; whether it is a stock, its report says."""
    kind = name.lower()
    if not kind.endswith(READABLE):
        return
    if kind.endswith(PACKED):
        foreign = not head.startswith(ZIP[: len(head)])
    else:
        foreign = head.startswith((ZIP, OLD_EXCEL, *FOREIGN))
    if foreign:
        raise NotTaken(FOREIGN_CONTENT)
