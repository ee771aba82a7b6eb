"""A table with fixed columns that a catalogue fetches: each column a function of the vehicle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from portal.formats.delimited import Dialect, write_rows
from portal.platforms.common.spelling import spelled
from portal.platforms.common.view import Frame, View
from portal.platforms.contract import Subject
from portal.platforms.contract.files import FileEntry, Pictures, WriteResult

Cell = Callable[[View], object]


@dataclass(frozen=True)
class FeedWriter:
    frame: Frame
    cells: Mapping[str, Cell]
    """By the name of the column; None is an empty cell."""
    check: Callable[[View], None]
    """Notes problems and hints on the vehicle."""
    dialect: Dialect
    file_name: str
    media_type: str
    one_line: bool = False
    unique: Callable[[View], tuple[str, ...]] = lambda _view: ()

    def entry(self, subject: Subject) -> FileEntry:
        view = View(self.frame, subject)
        self.check(view)
        cells = ["" if (value := cell(view)) is None else str(value) for cell in self.cells.values()]
        texts = spelled(view, cells, self.dialect.charset, one_line=self.one_line)
        return FileEntry(
            view.number, texts, tuple(view.problems), tuple(view.hints), unique=self.unique(view)
        )

    def write(self, entries: Iterable[FileEntry], stream: BinaryIO, _pictures: Pictures) -> WriteResult:
        """Pictures stand in it as addresses."""
        rows = (entry.values for entry in entries)
        write_rows(chain([tuple(self.cells)], rows), stream, self.dialect)
        return WriteResult()
