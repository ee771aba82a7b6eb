"""A zip that brings a stock: one table, and pictures that are named after its vehicles.

Whoever made it: what it says of itself is believed only as far as it can be borne. Its directory is weighed
before it is read, every entry is read up to a limit, whatever size it claims.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import BinaryIO

from portal.formats.foreign_layouts.workbook import is_workbook
from portal.formats.mobile_de_csv.content import BLOCK, UnreadableFile
from portal.formats.picture_names import PICTURE, KnownNames, path_of
from portal.messages import Message, say

SIGNATURE = b"PK\x03\x04"
MOST_ENTRIES, MOST_DIRECTORY = 50_000, 8 * 1024 * 1024
"""Entries, and bytes of their list: what is kept in memory of an archive."""
END, END_SIGNATURE, LONGEST_END = struct.Struct("<4sHHHHIIH"), b"PK\x05\x06", 22 + 0xFFFF
LOCATOR, END_64 = struct.Struct("<4sIQI"), struct.Struct("<4sQHHIIQQQQ")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
TABLES = (".csv", ".txt")
OFFICE = "[Content_Types].xml"
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)
"""What zipfile raises for an archive, or an entry, that is spoilt."""
CUT = say(
    "Das Zip-Archiv ist nicht lesbar. Vermutlich wurde es nicht vollständig übertragen. "
    "Es wurde nichts übernommen."
)
LOCKED = say(
    "Das Zip-Archiv ist mit einem Passwort geschützt oder ungewöhnlich gepackt. Packen Sie es ohne Passwort "
    "als gewöhnliche Zip-Datei. Es wurde nichts übernommen."
)
LOCKED_PICTURE = say("Das Bild ist im Zip-Archiv mit einem Passwort geschützt oder ungewöhnlich gepackt.")


class UnreadableEntry(Exception):
    """Why one file of an archive cannot be read."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class PictureEntry:
    path: str
    entry: zipfile.ZipInfo

    @property
    def file_name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class FoundPictures:
    """By the number of their vehicle; `homeless` is how many belong to none of them."""

    of: Mapping[str, Sequence[PictureEntry]]
    homeless: int


class StockArchive:
    """A table, and pictures."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        files = {entry: path for entry in archive.infolist() if not _is_left_out(path := path_of(entry))}
        if len(files) > MOST_ENTRIES:
            raise UnreadableFile(_too_many(len(files)))
        self._table = _only_table(files)
        self.pictures = [
            PictureEntry(path, entry) for entry, path in files.items() if PICTURE.fullmatch(path)
        ]

    def pictures_of(self, called: Mapping[str, Sequence[str]], others: Iterable[str] = ()) -> FoundPictures:
        """Those of vehicles in their order. `called` is what the pictures of each may be called
        by: the first of them that is used counts. `others` are numbers of vehicles that get none."""
        known = KnownNames(chain(others, chain.from_iterable(called.values())))
        by_name: dict[str, dict[tuple[int, str], PictureEntry]] = defaultdict(dict)
        homeless = 0
        for picture in self.pictures:
            if meant := known.meant_by(picture.path):
                name, place = meant
                _keep_larger(by_name[name], (place, picture.file_name.casefold()), picture)
            else:
                homeless += 1
        used = {
            number: name
            for number, names in called.items()
            if (name := next(filter(by_name.__contains__, names), ""))
        }
        found = {
            number: [picture for _, picture in sorted(by_name[name].items(), key=itemgetter(0))]
            for number, name in used.items()
        }
        unused = by_name.keys() - set(used.values())
        return FoundPictures(found, homeless + sum(len(by_name[name]) for name in unused))

    def read(self, picture: PictureEntry, limit: int) -> bytes:
        """Raises UnreadableEntry, also for one that is larger than `limit` bytes."""
        if not _is_readable(picture.entry):
            raise UnreadableEntry(LOCKED_PICTURE)
        try:
            with self._archive.open(picture.entry) as source:
                content = source.read(limit + 1)
        except UNREADABLE as error:
            raise UnreadableEntry(say("Das Bild ist im Zip-Archiv beschädigt.")) from error
        if len(content) > limit:
            raise UnreadableEntry(say("Das Bild ist größer als {most} MB.", most=limit // 2**20))
        return content

    @contextmanager
    def table(self, limit: int) -> Iterator[BinaryIO]:
        """The table, unpacked on disk. Raises UnreadableFile, also for one larger than `limit` bytes."""
        if not _is_readable(self._table):
            raise UnreadableFile(LOCKED)
        with tempfile.TemporaryFile() as plain:
            try:
                with self._archive.open(self._table) as source:
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


def _keep_larger(
    found: dict[tuple[int, str], PictureEntry], key: tuple[int, str], picture: PictureEntry
) -> None:
    """The same name in two folders is one picture in two sizes."""
    other = found.get(key)
    if other is None or picture.entry.file_size > other.entry.file_size:
        found[key] = picture


def _too_many(entries: int) -> Message:
    return say(
        "Das Zip-Archiv enthält zu viele Dateien ({entries}): Höchstens {most} werden angenommen. "
        "Es wurde nichts übernommen.",
        entries=entries,
        most=MOST_ENTRIES,
    )


def _is_left_out(path: str) -> bool:
    """Folders, and what computers put beside files by themselves."""
    *folders, last = path.split("/")
    return not last or last.startswith(".") or "__MACOSX" in folders


def _only_table(files: Mapping[zipfile.ZipInfo, str]) -> zipfile.ZipInfo:
    if OFFICE in files.values():
        raise UnreadableFile(
            say("Die Datei ist eine Excel-Datei und keine mobile.de-CSV-Datei. Es wurde nichts übernommen.")
        )
    tables = [entry for entry, path in files.items() if path.casefold().endswith(TABLES)]
    if not tables:
        raise UnreadableFile(say("Im Zip-Archiv liegt keine CSV-Datei. Es wurde nichts übernommen."))
    if len(tables) > 1:
        names = ", ".join(files[entry][:80] for entry in tables[:3])
        raise UnreadableFile(
            say(
                "Im Zip-Archiv liegen mehrere CSV-Dateien ({names}). Welche den Bestand enthält, ist offen: "
                "Es wurde nichts übernommen.",
                names=names,
            )
        )
    return tables[0]


def _is_readable(entry: zipfile.ZipInfo) -> bool:
    return not entry.flag_bits & ENCRYPTED and entry.compress_type in METHODS
