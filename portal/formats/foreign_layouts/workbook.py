"""Excel workbooks (.xlsx): the cells of the first sheet that has some, as texts.

openpyxl parses; what it would hold in memory of a hostile file is weighed before. A zip tells how large its
entries are, and zipfile gives out no more than that. Within an entry memory grows with what lies between two
rows and with their number, so both are counted; comments, entities and other encodings, which could hide
rows from the count, are refused (no spreadsheet program writes them).
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, BinaryIO

from portal.formats.foreign_layouts.number_formats import number_format
from portal.formats.mobile_de_csv.content import BLOCK, UnreadableFile
from portal.messages import say

SIGNATURE = b"PK\x03\x04"
CONTENT_TYPES = "[Content_Types].xml"
MOST_ROWS, MOST_COLUMNS = 200_000, 300
MOST_UNPACKED = 256 * 1024 * 1024
MOST_SMALL = 2 * 1024 * 1024
"""Bytes of an entry that is neither a sheet nor the list of texts."""
LONGEST_STRETCH = 1024 * 1024
"""Bytes between the beginnings of two rows, or of two texts."""
MOST_TEXTS = 1_000_000
_BEGINNING = re.compile(rb"<(?:\w+:)?(?:row|si)[\s/>]")
_MARK = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_MARK = 64
"""Bytes at the end of a block that may be the first half of a beginning."""
_CONTROL = re.compile(r"_x(?:000[Dd]_\n?|000[Aa]_|0009_)")
"""How Excel spells line breaks that came from elsewhere."""
UNREADABLE = (
    *(zipfile.BadZipFile, OSError, EOFError, SyntaxError, RuntimeError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, ArithmeticError, NotImplementedError),
)
"""What zipfile, the XML parser (SyntaxError) and openpyxl raise for a workbook that is spoilt."""


class Workbook:
    """Open as long as rows are read. Raises UnreadableFile, also in the middle."""

    def __init__(self, stream: BinaryIO) -> None:
        from openpyxl import load_workbook  # 9 MB, for those who bring a workbook

        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as archive:
                _weigh(archive)
            stream.seek(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            self._sheet = self._first_filled()
        except UNREADABLE as error:
            raise _spoilt() from error

    @property
    def sheet(self) -> str:
        return str(self._sheet.title)

    @property
    def other_sheets(self) -> tuple[str, ...]:
        """That are visible and not read."""
        return tuple(one.title for one in self._visible() if one is not self._sheet)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Numbers as a spreadsheet counts them; empty rows are left out."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield from _texts(self._sheet)
        except UNREADABLE as error:
            raise _spoilt() from error

    def close(self) -> None:
        self._book.close()

    def _visible(self) -> list[Any]:
        sheets = list(self._book.worksheets)
        return [one for one in sheets if one.sheet_state == "visible"] or sheets

    def _first_filled(self) -> Any:
        sheets = self._visible()
        if not sheets:
            raise UnreadableFile(
                say("Die Excel-Datei enthält kein Tabellenblatt. Es wurde nichts übernommen.")
            )
        return next((one for one in sheets if next(_texts(one), None)), sheets[0])


def is_workbook(stream: BinaryIO) -> bool:
    """Whether it is a zip with the list of contents that office programs write; the stream is rewound."""
    stream.seek(0)
    begins = stream.read(len(SIGNATURE)) == SIGNATURE
    found = False
    if begins:
        try:
            with zipfile.ZipFile(stream) as archive:
                found = CONTENT_TYPES in archive.namelist()
        except UNREADABLE:
            found = False
    stream.seek(0)
    return found


def cell_text(value: Any, written_as: str = "General") -> str:
    """A cell as people would write it: days in German order, decimals with a comma, no thousands' marks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "WAHR" if value else "FALSCH"  # as Excel shows it, so that nobody reads 1 km
    if isinstance(value, int | float):
        return _number(value, written_as)
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y}" if value.time() == time() else f"{value:%d.%m.%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    text = str(value)
    return (_CONTROL.sub("\n", text) if "_x0" in text else text).strip()


def _number(value: float, written: str) -> str:
    """To the cent: what lies beyond comes from calculating."""
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return ""
    if written == "General":
        return _plain(exact)
    shown = number_format(written)
    if shown.percent:
        return f"{_plain(exact * 100)} %"
    return shown.filled(exact) or f"{shown.before}{_plain(exact)}{shown.behind}"


def _plain(exact: Decimal) -> str:
    if exact == exact.to_integral_value():
        return f"{int(exact)}"
    return f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP):f}".replace(".", ",")


def _texts(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what a file says of its size is not what it has
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if number > MOST_ROWS:
            raise _too_large()
        cells = [cell_text(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _weigh(archive: zipfile.ZipFile) -> None:
    """Raises UnreadableFile for what would need too much memory or time."""
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED or len(entries) > 1_000:
        raise _too_large()
    for entry in entries:
        with archive.open(entry) as source:
            head = source.read(BLOCK)
            if head[:2] in _WIDE or _ENCODING.search(head[:200]) or b"<!" in head[:1000]:
                raise _spoilt()
            if not _MARK.match(head):
                continue
            if entry.file_size > MOST_SMALL or _BEGINNING.search(head):
                _weigh_rows(source, head)


def _weigh_rows(source: Any, block: bytes) -> None:
    """Of a sheet, or of the list of texts. `block` is its beginning."""
    count = offset = last = 0
    rest = b""
    while block:
        text = rest + block
        if b"<!" in text or b"\0" in text:
            raise _spoilt()
        for found in _BEGINNING.finditer(text):
            place = offset + found.start()
            if place - last > LONGEST_STRETCH:
                raise _too_large()
            last, count = place, count + 1
        half = text.rfind(b"<", max(len(text) - _LONGEST_MARK, 0))
        cut = len(text) if half < 0 or _BEGINNING.match(text, half) else half
        offset, rest = offset + cut, text[cut:]
        block = source.read(BLOCK)
    if offset + len(rest) - last > LONGEST_STRETCH or count > MOST_TEXTS:
        raise _too_large()


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        say(
            "Die Excel-Datei ist zu groß oder ungewöhnlich aufgebaut. Speichern Sie das Tabellenblatt mit "
            "den Fahrzeugen als CSV-Datei. Es wurde nichts übernommen."
        )
    )


def _spoilt() -> UnreadableFile:
    return UnreadableFile(
        say(
            "Die Excel-Datei ist nicht lesbar. Öffnen Sie sie und speichern Sie sie noch einmal als .xlsx "
            "oder als CSV-Datei. Es wurde nichts übernommen."
        )
    )
