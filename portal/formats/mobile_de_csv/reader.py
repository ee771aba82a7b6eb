"""Reading a file of the format: one row after the other, each taken or refused with its reason."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import itemgetter
from typing import BinaryIO, Final, NamedTuple

from pydantic import ValidationError

from portal.formats.mobile_de_csv.cells import BadCell
from portal.formats.mobile_de_csv.column import Column, Facts, tidy
from portal.formats.mobile_de_csv.columns import (
    COLUMNS,
    CUSTOMER_NUMBER,
    NEEDED,
    OFFER_NUMBER,
    PRICE,
    REMARKS,
    WIDTH,
    column_of,
)
from portal.formats.mobile_de_csv.content import UnreadableFile, find_charset, lines
from portal.formats.mobile_de_csv.reasons import reason_of
from portal.formats.mobile_de_csv.stated import check
from portal.vehicles.data import VehicleData

MOST_BYTES = 200 * 1024 * 1024
LONGEST_CELL = 100_000
PROBE = 5
"""Rows that decide whether it is this format at all."""
MOST_CUSTOMERS = 20
"""Customer numbers that are remembered."""
_MANDATORY = ((OFFER_NUMBER, "Die interne Nummer fehlt."), (PRICE, "Der Preis fehlt."))
_CELLS = itemgetter(*(column.index for column in COLUMNS))
_TEXTS = frozenset(REMARKS.paths)
_PLACES = range(len(COLUMNS))
_READERS: Final = tuple(column.read for column in COLUMNS)


@dataclass(frozen=True)
class Refusal:
    """Why a row is refused; `column` is None when it is the row as a whole."""

    reason: str
    column: Column | None = None
    value: str = ""


class Row(NamedTuple):
    """`line` is where the row begins, as an editor counts."""

    line: int
    offer_number: str
    facts: Facts
    """The JSON of `vehicle`, without defaults, as far as the file states them; empty when it is refused."""
    refusal: Refusal | None = None

    @property
    def vehicle(self) -> VehicleData | None:
        """Made when it is asked for: an import needs few of them."""
        return None if self.refusal else VehicleData.model_validate(self.facts)


class Reader:
    """The rows of a stream that can seek. Iterate over it once.

    `charset`, `stated` and `customer_numbers` are complete afterwards. Raises UnreadableFile, also in
    the middle: what came before must not be taken either.
    """

    def __init__(self, stream: BinaryIO, most_bytes: int = MOST_BYTES) -> None:
        self._stream = stream
        self.charset = find_charset(stream, most_bytes)
        stream.seek(0)
        self._used = [False] * len(COLUMNS)
        """By the place in COLUMNS: whether the column has a value in one row at least."""
        self._texts_used: set[str] = set()
        self.customer_numbers: set[str] = set()

    @property
    def stated(self) -> frozenset[str]:
        """Paths of the facts that the file carries: those of the columns that have a value in some row.

        The remarks carry a title or a description: only what they are in some row.
        """
        used = (column for column, is_used in zip(COLUMNS, self._used, strict=True) if is_used)
        paths = {path for column in used for path in column.paths}
        return frozenset(paths - (_TEXTS - self._texts_used))

    def __iter__(self) -> Iterator[Row]:
        with lines(self._stream, self.charset) as source:
            yield from self._rows(_Records(source))

    def _rows(self, records: _Records) -> Iterator[Row]:
        narrow = count = 0
        cells: list[str] = []
        for count, (line, cells) in enumerate(records, start=1):
            if len(cells) < NEEDED:
                narrow += 1
                if narrow == count >= PROBE:
                    raise _wrong_layout(cells)
            yield self._row(line, cells)
        if count == 0:
            raise UnreadableFile("Die Datei enthält keine einzige Zeile. Der Bestand bleibt, wie er ist.")
        if narrow == count:
            raise _wrong_layout(cells)

    def _row(self, line: int, cells: list[str]) -> Row:
        if len(cells) < NEEDED:
            number = cells[OFFER_NUMBER.index].strip() if len(cells) > OFFER_NUMBER.index else ""
            text = f"Die Zeile hat nur {len(cells)} Spalten, nötig sind {NEEDED} (bis {COLUMNS_END})."
            return Row(line, number, {}, refusal=Refusal(text))
        if len(cells) < WIDTH:
            cells.extend([""] * (WIDTH - len(cells)))
        number = cells[OFFER_NUMBER.index].strip()
        self._note_customer(cells[CUSTOMER_NUMBER.index].strip())
        facts: Facts = {}
        refusal = self._read(cells, facts)
        if refusal:
            return Row(line, number, {}, refusal=refusal)
        try:
            check(facts)
        except ValidationError as error:
            return Row(line, number, {}, refusal=_out_of_range(error, cells))
        return Row(line, number, facts)

    def _read(self, cells: list[str], facts: Facts) -> Refusal | None:
        for column, missing in _MANDATORY:
            if not cells[column.index].strip():
                return Refusal(missing, column)
        place, used, known = 0, self._used, _CELLS(cells)
        try:
            for place in compress(_PLACES, known):
                if text := known[place].strip():
                    used[place] = True
                    _READERS[place](text, facts)
        except BadCell as bad:
            return Refusal(str(bad), COLUMNS[place], cells[COLUMNS[place].index].strip())
        tidy(facts)
        if self._texts_used != _TEXTS:
            self._texts_used |= _TEXTS & facts.keys()
        return None

    def _note_customer(self, number: str) -> None:
        if number and len(self.customer_numbers) < MOST_CUSTOMERS:
            self.customer_numbers.add(number)


class _Records:
    """The records of the file with the line where each begins; blank lines are left out."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._raw: list[str] = []
        """The lines of the record that is being read."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        rows = csv.reader(self._remembered(), delimiter=";")
        width = 0
        while True:
            line = rows.line_num + 1
            self._raw.clear()
            cells = self._next(rows, line)
            if cells is None:
                return
            if not any(map(str.strip, cells)):
                continue
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
            raise UnreadableFile(f"Zeile {line} ist kein lesbares CSV ({error}).") from error

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
                f"Die Datei bricht in Zeile {line} mitten im Datensatz ab. Vermutlich wurde sie nicht "
                "vollständig übertragen oder es fehlt ein Anführungszeichen. Es wurde nichts übernommen."
            )

    def _refuse_swallowed_row(self, line: int) -> None:
        """Two whole rows in one: the vehicle of the second would be missing, and withdrawn."""
        first, last = self._raw[0], self._raw[-1]
        if len(self._raw) > 1 and min(first.count(";"), last.count(";")) >= NEEDED - 1:
            raise UnreadableFile(
                f"In Zeile {line} fehlt ein schließendes Anführungszeichen: Sie verschluckt die folgende "
                "Zeile. Es wurde nichts übernommen."
            )


COLUMNS_END = next(column.label for column in COLUMNS if column.index == NEEDED - 1)


def _long_cell(line: int) -> UnreadableFile:
    return UnreadableFile(
        f"Zeile {line} enthält eine Zelle mit mehr als 100.000 Zeichen. Vielleicht fehlt ein "
        "schließendes Anführungszeichen. Es wurde nichts übernommen."
    )


def _wrong_layout(cells: Sequence[str]) -> UnreadableFile:
    first = cells[0]
    hint = ""
    if len(cells) == 1 and max(first.count(","), first.count("\t")) > 10:
        hint = " Die Spalten sind offenbar nicht durch Semikolon getrennt."
    return UnreadableFile(
        f"Die Datei hat nicht den Aufbau der mobile.de-CSV: {_spelled(len(cells))} je Zeile, nötig sind "
        f"mindestens {NEEDED} (bis {COLUMNS_END}).{hint} Es wurde nichts übernommen."
    )


def _spelled(columns: int) -> str:
    return "1 Spalte" if columns == 1 else f"{columns} Spalten"


def _out_of_range(error: ValidationError, cells: Sequence[str]) -> Refusal:
    first = error.errors(include_url=False)[0]
    column = column_of(".".join(str(part) for part in first["loc"]))
    return Refusal(reason_of(first), column, cells[column.index].strip())
