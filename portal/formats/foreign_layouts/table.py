"""A table in a file of somebody else: delimited text or a workbook, its names of columns and its rows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Protocol

from portal.formats.foreign_layouts.synonyms import is_known_heading
from portal.formats.foreign_layouts.workbook import MOST_COLUMNS, Workbook, is_workbook
from portal.formats.mobile_de_csv.content import Charset, UnreadableFile, find_charset, lines
from portal.formats.mobile_de_csv.records import Records
from portal.messages import say

SEPARATORS = (";", "\t", ",", "|")
PROBE = 20
"""Rows among which the names of the columns are looked for, and by which the separator is told."""
LONGEST_NAME = 70
FEWEST_COLUMNS = 3
_NEVER = 1_000_000

Row = tuple[int, list[str]]
"""Where it begins, as an editor or a spreadsheet counts, and its cells."""


class Table(Protocol):
    """Rows can be read once."""

    @property
    def charset(self) -> str:
        """Of most lines; "Excel" for a workbook. Complete after the last row."""

    @property
    def charsets(self) -> Mapping[str, int]:
        """Lines with special characters by their charset, where they do not all have the same."""

    @property
    def sheet(self) -> str:
        """The one that is read of a workbook; empty for a text."""

    def rows(self) -> Iterator[Row]:
        """Raises UnreadableFile."""


class _TextTable:
    sheet = ""

    def __init__(self, stream: BinaryIO, charset: Charset) -> None:
        self._stream = stream
        self._charset = charset
        head = self._head()
        self._separator = find_separator(head)
        self._has_formulas = any('="' in line for line in head)

    @property
    def charset(self) -> str:
        return self._charset.name

    @property
    def charsets(self) -> Mapping[str, int]:
        return self._charset.lines if len(self._charset.lines) > 1 else {}

    def rows(self) -> Iterator[Row]:
        self._stream.seek(0)
        # A text may have as many commas in two lines as a row has cells.
        whole_row = _NEVER if self._separator == "," else max(len(self._first()), FEWEST_COLUMNS)
        self._stream.seek(0)
        with lines(self._stream, self._charset) as source:
            records = Records(source, self._separator, whole_row)
            yield from map(_without_formulas, records) if self._has_formulas else records

    def _head(self) -> list[str]:
        self._stream.seek(0)
        with lines(self._stream, self._charset) as source:
            return list(islice(source, PROBE * 5))

    def _first(self) -> list[str]:
        rows = csv.reader(self._head(), delimiter=self._separator)
        return max(islice(rows, PROBE), key=len, default=[])


class _SheetTable:
    charset = "Excel"
    charsets: Mapping[str, int] = {}  # never filled

    def __init__(self, book: Workbook) -> None:
        self._book = book

    @property
    def sheet(self) -> str:
        return self._book.sheet

    def rows(self) -> Iterator[Row]:
        return self._book.rows()


def _without_formulas(row: Row) -> Row:
    """`="00123"` is how systems keep a spreadsheet from cutting off the zeros."""
    line, cells = row
    return line, [cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell for cell in cells]


@contextmanager
def open_table(stream: BinaryIO, most_bytes: int) -> Iterator[Table]:
    """Of a stream that can seek. Raises UnreadableFile."""
    if not is_workbook(stream):
        charset = find_charset(stream, most_bytes)
        yield _TextTable(stream, charset)
        return
    book = Workbook(stream)
    try:
        yield _SheetTable(book)
    finally:
        book.close()


def find_separator(head: Sequence[str]) -> str:
    """By which most rows have the same number of cells, the most of them. The semicolon where none does."""
    return max(SEPARATORS, key=lambda separator: _agreement(head, separator))


def _agreement(head: Sequence[str], separator: str) -> tuple[float, int]:
    """Rows as wide as most (those of one cell do not count), and how wide."""
    try:
        widths = [len(cells) for cells in islice(csv.reader(head, delimiter=separator), PROBE) if cells]
    except csv.Error:
        return 0, 0
    counted = Counter(width for width in widths if width > 1)
    if not counted:
        return 0, 0
    width, rows = max(counted.items(), key=lambda item: (item[1], item[0]))
    return (round(rows / len(widths), 1) if width >= FEWEST_COLUMNS else 0), width


@dataclass(frozen=True)
class Heading:
    """The names of a table's columns, each once. `line` is where they stand, 0 where the table has none;
    `names` are then letters. `skipped`: rows before and including it."""

    names: tuple[str, ...]
    line: int = 0
    skipped: int = 0

    @property
    def is_header(self) -> bool:
        return self.skipped > 0


def find_heading(head: Sequence[Row], has_header: bool | None = None) -> Heading:
    """Of the first rows. `has_header` is what somebody said; None: it is found out.

    Raises UnreadableFile for what has no rows, or hardly any columns.
    """
    if not head:
        raise UnreadableFile(say("Die Datei enthält keine einzige Zeile. Der Bestand bleibt, wie er ist."))
    place = _header_place(head, has_header)
    width = _usual_width(head, place)
    if width < FEWEST_COLUMNS:
        raise UnreadableFile(
            say(
                "Die Datei hat keine Spalten, die sich unterscheiden lassen: Sie müssen durch Semikolon, "
                "Komma oder Tabulator getrennt sein. Es wurde nichts übernommen."
            )
        )
    if place is None:
        return Heading(tuple(map(letters, range(width))))
    line, cells = head[place]
    return Heading(_named_once(cells, width), line, place + 1)


def _usual_width(head: Sequence[Row], place: int | None) -> int:
    """Of the header, or of most rows where that is more: a single row that is wider is a broken one."""
    counted = Counter(len(cells) for _line, cells in head)
    usual = max(counted, key=lambda width: (counted[width], width))
    return min(max(usual, len(head[place][1]) if place is not None else 0), MOST_COLUMNS)


def _header_place(head: Sequence[Row], has_header: bool | None) -> int | None:
    if has_header is False:
        return None
    known = [sum(map(is_known_heading, cells)) for _line, cells in head[:PROBE]]
    best = max(range(len(known)), key=lambda place: (known[place], -place))
    if known[best] >= 2:
        return best
    if has_header:
        return 0
    # Whether the first row has different texts without digits, and the next ones have digits.
    first = [cell.strip() for cell in head[0][1] if cell.strip()]
    others = [cell for _line, cells in head[1:] for cell in cells]
    looks_named = (
        len(set(first)) == len(first) >= FEWEST_COLUMNS
        and not any(any(map(str.isdigit, cell)) for cell in first)
        and any(any(map(str.isdigit, cell)) for cell in others)
    )
    return 0 if looks_named else None


def _named_once(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """`Preis`, `Preis (2)`; a column without a name is called by its letter."""
    names: dict[str, str] = {}
    for index in range(width):
        text = " ".join(cells[index].split())[:LONGEST_NAME] if index < len(cells) else ""
        name = text or letters(index)
        times = 1
        while name.casefold() in names:
            times += 1
            name = f"{(text or letters(index))[: LONGEST_NAME - 6]} ({times})"
        names[name.casefold()] = name
    return tuple(names.values())


def letters(index: int) -> str:
    """As a spreadsheet names a column: 0 is A, 26 is AA."""
    first, second = divmod(index, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)
