"""Reading a file of the format: one row after the other, each taken or refused with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from portal.formats.mobile_de_csv.columns import (
    COLUMNS,
    CUSTOMER_NUMBER,
    NEEDED,
    OFFER_NUMBER,
    PICTURES,
    PRICE,
    WIDTH,
)
from portal.formats.mobile_de_csv.content import UnreadableFile, find_charset, lines
from portal.formats.mobile_de_csv.marks import RowMarks
from portal.formats.mobile_de_csv.records import Records
from portal.formats.mobile_de_csv.rows import (
    NEEDED_FACTS,
    NUMBER_MISSING,
    PRICE_MISSING,
    RefusedRow,
    RowReader,
    StockRow,
    demand_whole_number,
)
from portal.messages import Wording, say, say_count
from portal.vehicle_facts.spelling import folded

MOST_BYTES = 200 * 1024 * 1024
PROBE = 5
"""Rows that decide whether it is this format at all."""
MOST_CUSTOMERS = 20
"""Customer numbers that are remembered."""
_MANDATORY = ((OFFER_NUMBER, NUMBER_MISSING), (PRICE, PRICE_MISSING))
_HEADINGS = frozenset(
    folded(name)
    for name in (
        *(column.name for column in COLUMNS),
        *("Hersteller", "Bruttopreis", "Verkaufspreis", "Preis brutto", "Angebotsnummer", "Fahrzeugnummer"),
        *("make", "model", "price", "mileage", "Kilometerstand", "Laufleistung", "EZ", "kW", "Kraftstoffart"),
        *("internal_number", "Bemerkungen", "category", "customer_number", "Leistung", "km"),
    )
)
FEWEST_HEADINGS = 4


class StockReader:
    """The rows of a stream that can seek. Iterate over it once.

    `charset`, `stated` and `customer_numbers` are complete afterwards. Raises UnreadableFile, also in
    the middle: what came before must not be taken either.
    """

    def __init__(self, stream: BinaryIO, most_bytes: int = MOST_BYTES) -> None:
        self._stream = stream
        self._charset = find_charset(stream, most_bytes)
        stream.seek(0)
        self._reader = RowReader(
            COLUMNS,
            _MANDATORY,
            lambda column: column.name == "Währung" or not NEEDED_FACTS.isdisjoint(column.paths),
        )
        self.customer_numbers: set[str] = set()
        self.picture_names: dict[str, str] = {}
        """What the names of a vehicle's pictures begin with, by its number, where it is another text."""
        self.header_line = 0
        """Where a header row stood, which the format does not have; 0 without one."""

    @property
    def charset(self) -> str:
        """Of most lines."""
        return self._charset.name

    @property
    def charsets(self) -> Mapping[str, int]:
        """Lines with special characters by their charset, where they do not all have the same."""
        return self._charset.lines if len(self._charset.lines) > 1 else {}

    @property
    def number_label(self) -> str:
        """Of the column that has the offer number."""
        return OFFER_NUMBER.label

    @property
    def stated(self) -> frozenset[str]:
        """Paths of the facts that the file carries."""
        return self._reader.stated

    def marks(self) -> RowMarks:
        """For rows of this layout; recall them before the first one is read."""
        return self._reader.marks(b"mobile.de")

    def recall(self, marks: RowMarks) -> None:
        self._reader.recall(marks)

    def __iter__(self) -> Iterator[StockRow]:
        with lines(self._stream, self._charset) as source:
            yield from self._rows(Records(source, ";", NEEDED))

    def _rows(self, records: Records) -> Iterator[StockRow]:
        narrow = count = 0
        cells: list[str] = []
        for count, (line, cells) in enumerate(records, start=1):
            if count == 1 and _is_header(cells):
                self.header_line = line
                narrow += len(cells) < NEEDED
                continue
            # `sep=;` tells Excel how to read the file.
            if count == 1 and cells[0].casefold().startswith("sep=") and not any(cells[1:]):
                narrow += 1
                continue
            if len(cells) < NEEDED:
                narrow += 1
                if narrow == count >= PROBE:
                    raise _wrong_layout(cells)
            yield self._row(line, cells)
        if count == 0:
            raise UnreadableFile(
                say("Die Datei enthält keine einzige Zeile. Der Bestand bleibt, wie er ist.")
            )
        if narrow == count:
            raise _wrong_layout(cells)

    def _row(self, line: int, cells: list[str]) -> StockRow:
        if len(cells) < NEEDED:
            number = cells[OFFER_NUMBER.index].strip() if len(cells) > OFFER_NUMBER.index else ""
            text = say(
                "Die Zeile hat nur {count} Spalten, nötig sind {needed} (bis {columns_end}).",
                count=len(cells),
                needed=NEEDED,
                columns_end=COLUMNS_END,
            )
            return StockRow(line, number, {}, refusal=RefusedRow(text))
        if len(cells) < WIDTH:
            cells.extend([""] * (WIDTH - len(cells)))
        number = cells[OFFER_NUMBER.index].strip()
        self._note_customer(cells[CUSTOMER_NUMBER.index].strip())
        if (name := cells[PICTURES.index].strip()) and name != number:
            self.picture_names[number] = name
        return demand_whole_number(self._reader.read(line, number, cells))

    def _note_customer(self, number: str) -> None:
        if number and len(self.customer_numbers) < MOST_CUSTOMERS:
            self.customer_numbers.add(number)


COLUMNS_END = next(column.label for column in COLUMNS if column.index == NEEDED - 1)


def _wrong_layout(cells: Sequence[str]) -> UnreadableFile:
    first = cells[0]
    found = say_count("1 Spalte", "{count} Spalten", count=len(cells))
    hint: Wording = ""
    if len(cells) == 1 and max(first.count(","), first.count("\t")) > 10:
        hint = say(" Die Spalten sind offenbar nicht durch Semikolon getrennt.")
    return UnreadableFile(
        say(
            "Die Datei hat nicht den Aufbau der mobile.de-CSV: {found} je Zeile, nötig sind "
            "mindestens {needed} (bis {columns_end}).{hint} Es wurde nichts übernommen.",
            found=found,
            needed=NEEDED,
            columns_end=COLUMNS_END,
            hint=hint,
        )
    )


def _is_header(cells: Sequence[str]) -> bool:
    """Whether the cells are names of columns and no vehicle."""
    price = cells[PRICE.index] if len(cells) > PRICE.index else ""
    return not any(map(str.isdigit, price)) and (
        sum(folded(cell) in _HEADINGS for cell in cells if cell) >= FEWEST_HEADINGS
    )
