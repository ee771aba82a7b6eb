"""Records of delimited text as others wrote it: where each begins, and what must not be believed of a file.

A file that is cut, or a quotation mark that swallows a row, would make vehicles vanish from a stock: both
are refused as a whole.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from portal.formats.mobile_de_csv.content import UnreadableFile
from portal.messages import say

LONGEST_CELL = 100_000
END_OF_DOS = "\x1a"
"""Programs of that time write it behind the last line."""


class Records:
    """The records with the line where each begins; blank lines are left out.

    `whole_row`: so many cells are a row of their own. Raises UnreadableFile, also in the middle.
    """

    def __init__(self, source: Iterator[str], separator: str, whole_row: int) -> None:
        self._source = source
        self._separator = separator
        self._whole_row = whole_row
        self._raw: list[str] = []
        """The lines of the record that is being read."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        rows = csv.reader(self._remembered(), delimiter=self._separator)
        width = 0
        while True:
            line = rows.line_num + 1
            self._raw.clear()
            cells = self._next(rows, line)
            if cells is None:
                return
            if not any(map(str.strip, cells)) or cells == [END_OF_DOS]:
                continue
            if not self._is_one_whole_line():
                self._refuse_long_cell(line, cells)
                self._refuse_cut_file(line, cells, width)
                self._refuse_swallowed_row(line)
            width = width or len(cells)
            yield line, cells

    def _remembered(self) -> Iterator[str]:
        for line in self._source:
            self._raw.append(line)
            yield line

    def _next(self, rows: Iterator[list[str]], line: int) -> list[str] | None:
        try:
            return next(rows, None)
        except csv.Error as error:
            if "field limit" in str(error):
                raise _long_cell(line) from error
            raise UnreadableFile(
                say("Zeile {line} ist kein lesbares CSV ({error}).", line=line, error=error)
            ) from error

    def _is_one_whole_line(self) -> bool:
        """As nearly all are: no cell is too long, nothing is cut, and no other row can be in it."""
        first = self._raw[0]
        return len(self._raw) == 1 and first[-1] in "\r\n" and len(first) <= LONGEST_CELL

    def _refuse_long_cell(self, line: int, cells: Sequence[str]) -> None:
        if sum(map(len, self._raw)) > LONGEST_CELL and max(map(len, cells)) > LONGEST_CELL:
            raise _long_cell(line)

    def _refuse_cut_file(self, line: int, cells: Sequence[str], width: int) -> None:
        """A file without its end would withdraw all vehicles behind the cut."""
        if self._raw[-1].endswith(("\n", "\r")):
            return
        inside_quotes = sum(text.count('"') for text in self._raw) % 2 == 1
        if inside_quotes or len(cells) < width:
            raise UnreadableFile(
                say(
                    "Die Datei bricht in Zeile {line} mitten im Datensatz ab. Vermutlich wurde sie nicht "
                    "vollständig übertragen oder es fehlt ein Anführungszeichen. Es wurde nichts übernommen.",
                    line=line,
                )
            )

    def _refuse_swallowed_row(self, line: int) -> None:
        """Two whole rows in one: the vehicle of the second would be missing, and withdrawn."""
        first, last = self._raw[0], self._raw[-1]
        if (
            len(self._raw) > 1
            and min(first.count(self._separator), last.count(self._separator)) >= self._whole_row - 1
        ):
            raise UnreadableFile(
                say(
                    "In Zeile {line} fehlt ein schließendes Anführungszeichen: Sie verschluckt die folgende "
                    "Zeile. Es wurde nichts übernommen.",
                    line=line,
                )
            )


def _long_cell(line: int) -> UnreadableFile:
    return UnreadableFile(
        say(
            "Zeile {line} enthält eine Zelle mit mehr als 100.000 Zeichen. Vielleicht fehlt ein "
            "schließendes Anführungszeichen. Es wurde nichts übernommen.",
            line=line,
        )
    )
