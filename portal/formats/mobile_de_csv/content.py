"""What kind of file it is: whether it is text at all, in which charset, and its lines.

The file is looked through once in blocks and then read line by line; it never lies in memory as a whole.
"""

from __future__ import annotations

import codecs
import io
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from portal.formats.decoding import LATIN_9, UTF_8, UTF_16, Decoder, decode
from portal.messages import Message, say

BLOCK = 1 << 20
LONGEST_LINE = 1_000_000
"""Bytes. A text without line ends would otherwise be read into memory whole."""
SAMPLE = 200
"""Lines with special characters that say which charset is the usual one of a file."""
_SIGNATURES = (
    (b"\x89PNG", say("ein Bild (PNG)")),
    (b"\xff\xd8\xff", say("ein Bild (JPEG)")),
    (b"GIF8", say("ein Bild (GIF)")),
    (b"%PDF", say("ein PDF-Dokument")),
    (b"PK\x03\x04", say("ein ZIP-Archiv oder eine Excel-Datei")),
    (b"\xd0\xcf\x11\xe0", say("eine Excel- oder Word-Datei")),
    (b"\x1f\x8b", say("ein gepacktes Archiv (gzip)")),
    (b"{\\rtf", say("ein Textdokument (RTF)")),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|\?xml|html|\?xml|head|body|ads\b)", re.IGNORECASE)
_WIDE_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class UnreadableFile(Exception):
    """Why a file cannot be read at all: nothing of it is taken."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


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
                say(
                    "Zeile {line} hat mehr als 1.000.000 Zeichen. So ist es keine mobile.de-CSV-Datei.",
                    line=self._line,
                )
            )


class _CharsetSearch:
    """Whether the text is UTF-8, block by block, and else in what its lines are."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._utf_8 = True
        self._sample: list[bytes] = []

    def look(self, block: bytes) -> None:
        if block.isascii() and not self._decoder.getstate()[0]:
            return
        self._utf_8 = self._utf_8 and self._decodes(block)
        if not self._utf_8 and len(self._sample) < SAMPLE:
            self._sample.extend(line for line in block.splitlines() if not line.isascii())

    def found(self) -> Charset:
        """Once all was looked at: else what most of the lines with special characters are in, each looked at
        alone."""
        if self._utf_8 and self._decodes(b"", final=True):
            return Charset(UTF_8, "utf-8-sig")
        counted = Counter(decode(line)[1] for line in self._sample[:SAMPLE])
        return Charset(counted.most_common(1)[0][0] if counted else LATIN_9)

    def _decodes(self, block: bytes, final: bool = False) -> bool:
        """`final`: and the text does not end in the middle of a character."""
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError:
            return False
        return True


@dataclass
class Charset:
    """How the bytes of a file become text. `codec` is one for the whole file, empty where each line has to
    be looked at; `lines` counts those with special characters, complete when the file was read."""

    usual: str
    codec: str = ""
    lines: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """Of most of the lines."""
        return self.lines.most_common(1)[0][0] if self.lines else self.usual


def find_charset(stream: BinaryIO, most_bytes: int) -> Charset:
    """Look the whole file through, and refuse what is no text of lines. Raises UnreadableFile."""
    ends, search = _LineEnds(), _CharsetSearch()
    size, wide = 0, ""
    while block := stream.read(BLOCK):
        if size == 0:
            _refuse_other_formats(block)
            wide = _wide_codec(block)
        if not wide:
            _refuse_nul(block, stream, size)
        ends.look(block)
        size += len(block)
        if size > most_bytes:
            limit = most_bytes // (1024 * 1024)
            raise UnreadableFile(
                say("Die Datei ist zu groß: Höchstens {limit} MB werden angenommen.", limit=limit)
            )
        if not wide:
            search.look(block)
    if not size:
        raise UnreadableFile(say("Die Datei ist leer. Der Bestand bleibt, wie er ist."))
    return Charset(UTF_16, wide) if wide else search.found()


def _wide_codec(head: bytes) -> str:
    """The codec of a text with two bytes per character, marked or seen by its zeros."""
    for mark, codec in _WIDE_MARKS.items():
        if head.startswith(mark):
            return codec
    start = head[:1000]
    odd, even = start[1::2].count(0), start[::2].count(0)
    half = len(start) // 2
    if half < 8 or max(odd, even) * 10 < half * 9:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


@contextmanager
def lines(stream: BinaryIO, charset: Charset) -> Iterator[Iterator[str]]:
    """The lines with their ends, of a stream that `find_charset` has found to have some."""
    if not charset.codec:
        decoder = Decoder(charset.usual)
        charset.lines = decoder.charsets
        yield decoder.lines(_raw_lines(stream))
        return
    text = io.TextIOWrapper(stream, encoding=charset.codec, errors="replace", newline="")
    try:
        yield _unmarked(text) if charset.usual == UTF_16 else text
    finally:
        with suppress(ValueError):  # closed meanwhile by whoever opened it
            text.detach()


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Also of files whose lines end as on an old Macintosh, with a carriage return alone."""
    first = True
    for line in stream:
        if first:
            line, first = line.removeprefix(codecs.BOM_UTF8), False
        if b"\r" in line[:-2]:
            yield from line.splitlines(keepends=True)
        else:
            yield line


def _unmarked(text: Iterator[str]) -> Iterator[str]:
    first = next(text, "")
    yield first.removeprefix("\ufeff")
    yield from text


def _refuse_other_formats(head: bytes) -> None:
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFile(say("Die Datei ist keine CSV-Datei, sondern {name}.", name=name))
    if _MARKUP.match(head):
        raise UnreadableFile(say("Die Datei ist keine CSV-Datei, sondern eine HTML- oder XML-Datei."))


def _refuse_nul(block: bytes, stream: BinaryIO, before: int) -> None:
    at = block.find(b"\0")
    if at < 0:
        return
    stream.seek(0)
    line = 1 + _count_lines(stream, before) + block.count(b"\n", 0, at)
    raise UnreadableFile(
        say("Zeile {line} enthält ein Nullzeichen. Die Datei ist beschädigt oder keine Textdatei.", line=line)
    )


def _count_lines(stream: BinaryIO, most: int) -> int:
    count = 0
    while most > 0 and (block := stream.read(min(BLOCK, most))):
        count += block.count(b"\n")
        most -= len(block)
    return count
