"""The rows of a table of somebody else, read by a layout: the same rows as those of mobile.de's layout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from portal.formats.foreign_layouts.layout import CONVENTIONS, Layout, problems_of
from portal.formats.foreign_layouts.table import PROBE, Table, find_heading
from portal.formats.foreign_layouts.targets import NUMBER, PRICE, reader_of
from portal.formats.mobile_de_csv.column import StockColumn
from portal.formats.mobile_de_csv.content import UnreadableFile
from portal.formats.mobile_de_csv.marks import RowMarks
from portal.formats.mobile_de_csv.rows import (
    NEEDED_FACTS,
    NUMBER_MISSING,
    PRICE_MISSING,
    RefusedRow,
    RowReader,
    StockRow,
    demand_whole_number,
)
from portal.messages import Wording, say


class LayoutReader:
    """Iterate over it once. Raises UnreadableFile, also in the middle.

    Raises UnreadableFile at once where the table has not the columns of the layout.
    """

    customer_numbers: frozenset[str] = frozenset()
    picture_names: Mapping[str, str] = {}  # never filled: pictures are called by the number
    header_line = 0

    def __init__(self, table: Table, layout: Layout) -> None:
        self._table, self._layout = table, layout
        rows = table.rows()
        head = list(islice(rows, PROBE))
        self.heading = find_heading(head, layout.header)
        self._rows = chain(islice(head, self.heading.skipped, None), rows)
        self._refuse_other_columns(layout)
        columns = tuple(self._columns(layout))
        self._number = _of(columns, NUMBER)
        mandatory = ((self._number, NUMBER_MISSING), (_of(columns, PRICE), PRICE_MISSING))
        self._reader = RowReader(columns, mandatory, lambda column: not NEEDED_FACTS.isdisjoint(column.paths))

    def _refuse_other_columns(self, layout: Layout) -> None:
        missing = [name for name in layout.targets if name not in self.heading.names]
        if missing:
            raise UnreadableFile(
                say(
                    "In der Datei fehlt die Spalte „{name}“, die das Importprofil erwartet. Es wurde nichts "
                    "übernommen.",
                    name=missing[0],
                )
            )
        for problem in problems_of(layout, self.heading.names):
            raise UnreadableFile(say("{problem} Es wurde nichts übernommen.", problem=problem))

    def _columns(self, layout: Layout) -> Iterator[StockColumn]:
        convention = CONVENTIONS[layout.convention]
        places = {name: place for place, name in enumerate(self.heading.names)}
        for name, target in sorted(layout.targets.items(), key=lambda item: places[item[0]]):
            read = reader_of(target, convention, layout.values.get(target.name, {}))
            yield StockColumn(places[name], name, target.paths, read, lambda _facts: "")

    @property
    def number_label(self) -> str:
        """Of the column that has the offer number."""
        return self._number.label

    @property
    def charset(self) -> str:
        return self._table.charset

    @property
    def charsets(self) -> Mapping[str, int]:
        return self._table.charsets

    @property
    def sheet(self) -> str:
        return self._table.sheet

    @property
    def stated(self) -> frozenset[str]:
        return self._reader.stated

    def marks(self) -> RowMarks:
        """For rows of this layout in a table with these columns; recall them before the first one is read."""
        read_by = {"layout": self._layout.as_json(), "columns": self.heading.names}
        return self._reader.marks(json.dumps(read_by, sort_keys=True).encode())

    def recall(self, marks: RowMarks) -> None:
        self._reader.recall(marks)

    def __iter__(self) -> Iterator[StockRow]:
        width, count = len(self.heading.names), 0
        for line, cells in self._rows:
            count += 1
            if any(cell.strip() for cell in cells[width:]):
                yield StockRow(line, "", {}, refusal=RefusedRow(_too_wide(len(cells), width)))
                continue
            cells.extend([""] * (width - len(cells)))
            number = cells[self._number.index].strip()
            yield demand_whole_number(self._reader.read(line, number, cells))
        if not count:
            raise UnreadableFile(say("Die Datei enthält kein Fahrzeug. Der Bestand bleibt, wie er ist."))


def _of(columns: tuple[StockColumn, ...], path: str) -> StockColumn:
    return next(column for column in columns if column.paths[0] == path)


def _too_wide(count: int, width: int) -> Wording:
    return say(
        "Die Zeile hat {count} Spalten, die Datei nur {width}. Vermutlich fehlen Anführungszeichen um "
        "einen Text.",
        count=count,
        width=width,
    )
