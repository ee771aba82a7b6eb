"""A zip that brings a stock: one table, and pictures that are named after its vehicles.

Whoever made it: what it says of itself is believed only as far as it can be borne. Its directory is weighed
before it is read, every entry is read up to a limit, whatever size it claims.
"""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from portal.formats.foreign_layouts.workbook import is_workbook
from portal.formats.mobile_de_csv.content import BLOCK, UnreadableFile
from portal.translations.message import Message, say

SIGNATURE = b"PK\x03\x04"
MOST_ENTRIES, MOST_DIRECTORY = 50_000, 8 * 1024 * 1024
"""Entries, and bytes of their list: what is kept in memory of an archive."""
END, END_SIGNATURE, LONGEST_END = struct.Struct("<4sHHHHIIH"), b"PK\x05\x06", 22 + 0xFFFF
LOCATOR, END_64 = struct.Struct("<4sIQI"), struct.Struct("<4sQHHIIQQQQ")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
TABLES = (".csv", ".txt")
PICTURE = re.compile(r"(?P<name>.+)_(?P<place>\d{1,4})\.(?:jpe?g|png|webp|hei[cf]|avif)", re.IGNORECASE)
OFFICE = "[Content_Types].xml"
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)
"""What zipfile raises for an archive, or an entry, that is spoilt."""
CUT = say(
    "Das Zip-Archiv ist nicht lesbar. Vermutlich wurde es nicht vollständig übertragen. "
    "Es wurde nichts übernommen."
)


class UnreadableEntry(Exception):
    """Why one file of an archive cannot be read."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PictureEntry:
    """`<name>_<place>.jpg`"""

    file_name: str
    place: int
    entry: zipfile.ZipInfo


class StockArchive:
    """`pictures` are in their order, by the name that they begin with."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        files = [entry for entry in archive.infolist() if not _is_left_out(entry)]
        if len(files) > MOST_ENTRIES:
            raise UnreadableFile(_too_many(len(files)))
        self._table = _only_table(files)
        self.pictures = _by_name(files)
        self._folded = {name.casefold(): name for name in self.pictures}

    def pictures_of(self, name: str) -> Sequence[PictureEntry]:
        found = self.pictures.get(name)
        return found if found is not None else self.pictures.get(self._folded.get(name.casefold(), ""), ())

    def pictures_for(self, number: str, names: Mapping[str, str]) -> Sequence[PictureEntry]:
        """Of a vehicle; `names` is what its pictures begin with, where that is not its number."""
        return self.pictures_of(names.get(number, number)) or self.pictures_of(number)

    def read(self, picture: PictureEntry, limit: int) -> bytes:
        """Raises UnreadableEntry, also for one that is larger than `limit` bytes."""
        try:
            with self._archive.open(_readable(picture.entry)) as source:
                content = source.read(limit + 1)
        except UNREADABLE as error:
            raise UnreadableEntry(say("Das Bild ist im Zip-Archiv beschädigt.")) from error
        if len(content) > limit:
            raise UnreadableEntry(say("Das Bild ist größer als {most} MB.", most=limit // 2**20))
        return content

    @contextmanager
    def table(self, limit: int) -> Iterator[BinaryIO]:
        """The table, unpacked on disk. Raises UnreadableFile, also for one larger than `limit` bytes."""
        with tempfile.TemporaryFile() as plain:
            try:
                with self._archive.open(_readable(self._table)) as source:
                    while block := source.read(BLOCK):
                        plain.write(block)
                        if plain.tell() > limit:
                            break
            except UNREADABLE as error:
                raise UnreadableFile(CUT) from error
            plain.seek(0)
            yield plain


@contextmanager
def open_stock_archive(stream: BinaryIO) -> Iterator[StockArchive]:
    """Raises UnreadableFile."""
    _weigh_directory(stream)
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except UNREADABLE as error:
        raise UnreadableFile(CUT) from error
    with archive:
        yield StockArchive(archive)


@contextmanager
def opened_table(stream: BinaryIO, limit: int) -> Iterator[tuple[BinaryIO, StockArchive | None]]:
    """The table of a stock, and the zip that it came in, where it did. Raises UnreadableFile."""
    if not is_archive(stream) or is_workbook(stream):
        yield stream, None
        return
    with open_stock_archive(stream) as archive, archive.table(limit) as table:
        yield table, archive


def is_archive(stream: BinaryIO) -> bool:
    """By its first bytes; the stream is back at its beginning afterwards."""
    stream.seek(0)
    begins = stream.read(len(SIGNATURE))
    stream.seek(0)
    return begins == SIGNATURE


def _weigh_directory(stream: BinaryIO) -> None:
    """zipfile reads the whole list of entries, and makes objects a dozen times as large of it."""
    size = stream.seek(0, 2)
    stream.seek(max(size - LONGEST_END - LOCATOR.size, 0))
    tail = stream.read()
    at = tail.rfind(END_SIGNATURE)
    if at < 0 or len(tail) - at < END.size:
        raise UnreadableFile(CUT)
    _, _, _, _, entries, length, _, _ = END.unpack_from(tail, at)
    if at >= LOCATOR.size and tail[at - LOCATOR.size :].startswith(b"PK\x06\x07"):
        _, _, offset, _ = LOCATOR.unpack_from(tail, at - LOCATOR.size)
        stream.seek(min(offset, size))
        wide = stream.read(END_64.size)
        if len(wide) < END_64.size:
            raise UnreadableFile(CUT)
        *_, entries, length, _ = END_64.unpack(wide)
    if entries > MOST_ENTRIES or length > MOST_DIRECTORY:
        raise UnreadableFile(_too_many(entries))


def _too_many(entries: int) -> Message:
    return say(
        "Das Zip-Archiv enthält zu viele Dateien ({entries}): Höchstens {most} werden angenommen. "
        "Es wurde nichts übernommen.",
        entries=entries,
        most=MOST_ENTRIES,
    )


def _is_left_out(entry: zipfile.ZipInfo) -> bool:
    """Folders, and what computers put beside files by themselves."""
    last = entry.filename.rpartition("/")[2]
    return entry.is_dir() or last.startswith(".") or entry.filename.startswith("__MACOSX/")


def _only_table(files: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if any(entry.filename == OFFICE for entry in files):
        raise UnreadableFile(
            say("Die Datei ist eine Excel-Datei und keine mobile.de-CSV-Datei. Es wurde nichts übernommen.")
        )
    tables = [entry for entry in files if entry.filename.casefold().endswith(TABLES)]
    if not tables:
        raise UnreadableFile(say("Im Zip-Archiv liegt keine CSV-Datei. Es wurde nichts übernommen."))
    if len(tables) > 1:
        names = ", ".join(entry.filename[:80] for entry in tables[:3])
        raise UnreadableFile(
            say(
                "Im Zip-Archiv liegen mehrere CSV-Dateien ({names}). Welche den Bestand enthält, ist offen: "
                "Es wurde nichts übernommen.",
                names=names,
            )
        )
    return tables[0]


def _by_name(files: Sequence[zipfile.ZipInfo]) -> dict[str, list[PictureEntry]]:
    found: dict[str, list[PictureEntry]] = defaultdict(list)
    for entry in files:
        file_name = entry.filename.rpartition("/")[2]
        if match := PICTURE.fullmatch(file_name):
            found[match["name"]].append(PictureEntry(file_name, int(match["place"]), entry))
    for pictures in found.values():
        pictures.sort(key=lambda picture: (picture.place, picture.file_name))
    return dict(found)


def _readable(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """Raises ValueError for what is encrypted, or packed in a way that hardly anybody uses."""
    if entry.flag_bits & ENCRYPTED or entry.compress_type not in METHODS:
        raise ValueError(f"{entry.filename} is encrypted or packed unusually")
    return entry
