"""What stands in the columns of a table: examples, and every spelling of those that have few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from portal.formats.foreign_layouts.table import PROBE, Heading, Table, find_heading

MOST_DISTINCT = 200
"""Spellings of a column that are remembered; one with more is no column of choices."""
EXAMPLES = 3
LONGEST_VALUE = 60
MOST_ROWS = 20_000
"""That are looked at: what comes later is told by the report."""


@dataclass
class SurveyedColumn:
    """`values` counts the first spellings, `filled` the cells that are not empty."""

    name: str
    filled: int = 0
    values: Counter[str] = field(default_factory=Counter)

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(islice(self.values, EXAMPLES))

    @property
    def has_few(self) -> bool:
        return len(self.values) < MOST_DISTINCT

    def note(self, cell: str) -> None:
        text = " ".join(cell.split())[:LONGEST_VALUE]
        if text:
            self.filled += 1
            if text in self.values or len(self.values) < MOST_DISTINCT:
                self.values[text] += 1


@dataclass(frozen=True)
class Survey:
    """`rows`: vehicles that were looked at."""

    heading: Heading
    columns: tuple[SurveyedColumn, ...]
    rows: int
    sheet: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return self.heading.names

    def as_json(self) -> dict[str, Any]:
        return {
            "names": list(self.names),
            "line": self.heading.line,
            "skipped": self.heading.skipped,
            "rows": self.rows,
            "sheet": self.sheet,
            "columns": [{"filled": one.filled, "values": list(one.values.items())} for one in self.columns],
        }


def from_json(stored: Mapping[str, Any]) -> Survey:
    heading = Heading(tuple(stored["names"]), stored["line"], stored["skipped"])
    columns = (
        SurveyedColumn(name, one["filled"], Counter(dict(map(tuple, one["values"]))))
        for name, one in zip(heading.names, stored["columns"], strict=True)
    )
    return Survey(heading, tuple(columns), stored["rows"], stored["sheet"])


def survey(table: Table, has_header: bool | None = None) -> Survey:
    """Raises UnreadableFile."""
    rows = table.rows()
    head = list(islice(rows, PROBE))
    heading = find_heading(head, has_header)
    columns = tuple(map(SurveyedColumn, heading.names))
    count = 0
    for _line, cells in islice(chain(head[heading.skipped :], rows), MOST_ROWS):
        count += 1
        for column, cell in zip(columns, cells, strict=False):
            column.note(cell)
    return Survey(heading, columns, count, table.sheet)
