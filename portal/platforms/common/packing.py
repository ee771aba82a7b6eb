"""A table and its pictures in one flat zip, in bounded memory; without pictures where they are too many."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from portal.formats.archive import ZipWriter
from portal.messages import say
from portal.platforms.contract import Feedback
from portal.platforms.contract.files import PictureFile, Pictures, Record, Transport, WriteResult

MEGABYTE = 1024 * 1024
LIMITS: Mapping[str, int] = {Transport.HTTPS: 50 * MEGABYTE, Transport.MAIL: 15 * MEGABYTE}
"""Largest file that a way takes: mobile.de's upload by HTTP, and what mail servers let through."""
OVERHEAD = 256
"""Bytes that an archive needs for each picture beside its content, at most."""

Table = Callable[[Iterable[Record], BinaryIO], None]
Strip = Callable[[BinaryIO, BinaryIO], object]
"""The table once more, without the names of pictures."""


def limit_of(settings: Mapping[str, Any]) -> int | None:
    return LIMITS.get(str(settings.get("transport", "")))


def write_packed(
    records: Iterable[Record],
    stream: BinaryIO,
    pictures: Pictures,
    *,
    name: str,
    table: Table,
    strip: Strip = shutil.copyfileobj,
    limit: int | None = None,
) -> WriteResult:
    """`name` is the table's in the zip. A picture that is missing is a hint on its vehicle."""
    with (
        tempfile.TemporaryFile() as rows,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as names,
    ):
        listed = _PictureList(names)
        table(listed.noting(records), rows)
        packed_size = rows.tell() + listed.bytes + listed.count * OVERHEAD
        if limit is not None and packed_size > limit:
            return _without_pictures(rows, stream, name, strip, packed_size, limit)
        with ZipWriter(stream) as archive:
            archive.add_file(name, rows)
            return WriteResult(hints=listed.add_to(archive, pictures))


def _without_pictures(
    rows: BinaryIO, stream: BinaryIO, name: str, strip: Strip, size: int, limit: int
) -> WriteResult:
    with tempfile.TemporaryFile() as bare, ZipWriter(stream) as archive:
        rows.seek(0)
        strip(rows, bare)
        archive.add_file(name, bare)
    text = say(
        "Mit Bildern wäre die Datei {size} MB groß, auf diesem Weg sind höchstens "
        "{most} MB möglich. Sie wurde ohne Bilder übertragen. Mit SFTP oder FTP gehen die "
        "Bilder mit.",
        size=-(-size // MEGABYTE),
        most=limit // MEGABYTE,
    )
    return WriteResult(notes=(Feedback("pictures-left-out", text, "images"),))


class _PictureList:
    """The pictures of the records that went by, kept in a file."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.bytes = self.count = 0

    def noting(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            for picture in record.pictures:
                self.bytes += picture.bytes
                self.count += 1
                self._file.write(f"{record.number}\t{picture.sha256}\t{picture.name}\n")
            yield record

    def __iter__(self) -> Iterator[tuple[str, PictureFile]]:
        self._file.seek(0)
        for line in self._file:
            number, sha256, name = line.rstrip("\n").split("\t")
            yield number, PictureFile(sha256, name)

    def add_to(self, archive: ZipWriter, load: Pictures) -> dict[str, tuple[Feedback, ...]]:
        """What is missing is a hint on its vehicle."""
        missing: dict[str, tuple[str, int]] = {}
        """The first of each vehicle, and how many."""
        for number, picture in self:
            content = load(picture.sha256)
            if content is None:
                first, count = missing.get(number, (picture.name, 0))
                missing[number] = first, count + 1
            else:
                archive.add(picture.name, content)
        hints: dict[str, tuple[Feedback, ...]] = {}
        for number, (first, count) in missing.items():
            which = (
                first if count == 1 else say("{first} und {number} weitere", first=first, number=count - 1)
            )
            text = say(
                "Bilder fehlen in der Datei, weil sie nicht mehr gespeichert sind: {which}.", which=which
            )
            hints[number] = (Feedback("picture-missing", text, "images"),)
        return hints
