"""What kind of file it is: whether it is text at all, in which charset, and its lines.

The file is looked through once in blocks and then read line by line; it never lies in memory as a whole.
"""

from __future__ import annotations

import codecs
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

BLOCK = 1 << 20
LONGEST_LINE = 1_000_000
"""Bytes. A text without line ends would otherwise be read into memory whole."""
UTF_8, LATIN_9, WINDOWS = "UTF-8", "ISO-8859-15", "Windows-1252"
_CODECS = {UTF_8: "utf-8-sig", LATIN_9: "iso-8859-15", WINDOWS: "cp1252"}
_WINDOWS_ONLY = re.compile(rb"[\x80-\x9f]")
"""Control characters in ISO-8859-15, quotes and dashes in Windows-1252."""
_SIGNATURES = (
    (b"\x89PNG", "ein Bild (PNG)"),
    (b"\xff\xd8\xff", "ein Bild (JPEG)"),
    (b"GIF8", "ein Bild (GIF)"),
    (b"%PDF", "ein PDF-Dokument"),
    (b"PK\x03\x04", "ein ZIP-Archiv oder eine Excel-Datei"),
    (b"\xd0\xcf\x11\xe0", "eine Excel- oder Word-Datei"),
    (b"\x1f\x8b", "ein gepacktes Archiv (gzip)"),
    (b"{\\rtf", "ein Textdokument (RTF)"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|\?xml|html|\?xml|head|body|ads\b)", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UnreadableFile(Exception):
    """Why a file cannot be read at all (German): nothing of it is taken."""


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream itself, or a copy on disk of one that can be read only once."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy, BLOCK)
        copy.seek(0)
        yield copy


class _LineEnds:
    """Whether the text has any, block by block."""

    def __init__(self) -> None:
        self._line, self._open = 1, 0

    def look(self, block: bytes) -> None:
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        self._line += block.count(b"\n")
        self._open = self._open + len(block) if end < 0 else len(block) - end - 1
        if self._open > LONGEST_LINE:
            raise UnreadableFile(
                f"Zeile {self._line} hat mehr als 1.000.000 Zeichen. So ist es keine mobile.de-CSV-Datei."
            )


def find_charset(stream: BinaryIO, most_bytes: int) -> str:
    """Look the whole file through, and refuse what is no text of lines. Raises UnreadableFile."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends = _LineEnds()
    size, utf_8, windows = 0, True, False
    while block := stream.read(BLOCK):
        if size == 0:
            _refuse_other_formats(block)
        _refuse_nul(block, stream, size)
        ends.look(block)
        size += len(block)
        if size > most_bytes:
            limit = most_bytes // (1024 * 1024)
            raise UnreadableFile(f"Die Datei ist zu groß: Höchstens {limit} MB werden angenommen.")
        if block.isascii() and not decoder.getstate()[0]:
            continue
        utf_8 = utf_8 and _decodes(decoder, block)
        windows = windows or bool(_WINDOWS_ONLY.search(block))
    if utf_8 and _ends(decoder):
        return UTF_8 if size else _empty()
    return WINDOWS if windows else LATIN_9


@contextmanager
def lines(stream: BinaryIO, charset: str) -> Iterator[Iterator[str]]:
    """The lines with their ends, of a stream that `find_charset` has found to have some."""
    text = io.TextIOWrapper(stream, encoding=_CODECS[charset], errors="replace", newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # closed meanwhile by whoever opened it
            text.detach()


def _empty() -> str:
    raise UnreadableFile("Die Datei ist leer. Der Bestand bleibt, wie er ist.")


def _refuse_other_formats(head: bytes) -> None:
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFile(f"Die Datei ist keine CSV-Datei, sondern {name}.")
    if _MARKUP.match(head):
        raise UnreadableFile("Die Datei ist keine CSV-Datei, sondern eine HTML- oder XML-Datei.")
    if head.startswith(_UTF_16):
        raise UnreadableFile(
            "Die Datei hat den Zeichensatz UTF-16. Bitte speichern Sie sie in ISO-8859-15 oder UTF-8."
        )


def _refuse_nul(block: bytes, stream: BinaryIO, before: int) -> None:
    at = block.find(b"\0")
    if at < 0:
        return
    stream.seek(0)
    line = 1 + _count_lines(stream, before) + block.count(b"\n", 0, at)
    raise UnreadableFile(
        f"Zeile {line} enthält ein Nullzeichen. Die Datei ist beschädigt oder keine Textdatei."
    )


def _count_lines(stream: BinaryIO, most: int) -> int:
    count = 0
    while most > 0 and (block := stream.read(min(BLOCK, most))):
        count += block.count(b"\n")
        most -= len(block)
    return count


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _ends(decoder: codecs.IncrementalDecoder) -> bool:
    """Whether the text does not end in the middle of a character."""
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
