"""Writes what a profile describes: CSV, JSON or XML, with pictures in a zip or as addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from portal.formats.delimited import Dialect, write_rows
from portal.formats.records import write_json, write_xml
from portal.platforms.common import preflight
from portal.platforms.common.cells import compiled
from portal.platforms.common.packing import limit_of, write_packed
from portal.platforms.common.profile import Profile
from portal.platforms.common.spelling import spelled
from portal.platforms.common.view import Frame, View
from portal.platforms.contract import Subject
from portal.platforms.contract.files import FILTERED, FileEntry, Pictures, WriteResult
from portal.vehicles.data import Kind

MEDIA_TYPES = {"csv": "text/csv; charset={charset}", "json": "application/json", "xml": "application/xml"}


class ProfileWriter:
    """`name` is the file's without its extension."""

    def __init__(self, frame: Frame, profile: Profile, name: str) -> None:
        self._profile = profile
        zips = profile.pictures == "zip"
        self._frame = replace(frame, longest_text=profile.longest_text, in_zip=zips)
        self._cells = compiled(profile)
        self._keys = tuple(column.label for column in profile.columns)
        self._table = f"{name}.{profile.format}"
        self.file_name = frame.file_name(f"{name}.zip" if zips else self._table)
        media_type = MEDIA_TYPES[profile.format].format(charset=profile.charset)
        self.media_type = "application/zip" if zips else media_type

    def entry(self, subject: Subject) -> FileEntry:
        view = View(self._frame, subject)
        self._filter(view)
        if not view.problems:
            _check(view)
        cells = tuple(cell(view) for cell in self._cells)
        values = cells if self._profile.format == "json" else self._spelled(view, cells)
        return FileEntry(view.number, values, tuple(view.problems), tuple(view.hints), view.pictures)

    def write(self, entries: Iterable[FileEntry], stream: BinaryIO, pictures: Pictures) -> WriteResult:
        if not self._frame.in_zip:
            self.write_table(entries, stream)
            return WriteResult()
        return write_packed(
            entries,
            stream,
            pictures,
            name=self._table,
            table=self.write_table,
            limit=limit_of(self._frame.settings),
        )

    def _spelled(self, view: View, cells: tuple[Any, ...]) -> tuple[Any, ...]:
        """Lists stand in XML only, whose charset can name every character."""
        if self._profile.format == "xml":
            return cells
        one_line = self._profile.breaks != "keep"
        return spelled(view, cells, self._profile.charset, one_line=one_line)

    def write_table(self, entries: Iterable[FileEntry], stream: BinaryIO) -> None:
        """The file itself, without a zip around it."""
        rows = (entry.values for entry in entries)
        if self._profile.format == "json":
            write_json(self._keys, rows, stream)
        elif self._profile.format == "xml":
            write_xml(self._keys, rows, stream, self._profile.charset)
        else:
            write_rows(self._with_header(rows), stream, self._dialect())

    def _with_header(self, rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        if self._profile.header:
            yield self._keys
        yield from rows

    def _dialect(self) -> Dialect:
        profile = self._profile
        mark = profile.mark and profile.charset == "utf-8"
        return Dialect(separator=profile.separator, charset=profile.charset, mark=mark)

    def _filter(self, view: View) -> None:
        profile = self._profile
        if profile.kinds and view.vehicle.kind not in map(Kind, profile.kinds):
            view.block(FILTERED, "Der Filter dieses Exports lässt diesen Zustand aus.", "kind")
        low, high = profile.price_from, profile.price_to
        below = low is not None and (view.price is None or view.price < low)
        above = high is not None and (view.price is None or view.price > high)
        if below or above:
            text = "Der Preis liegt außerhalb dessen, was dieser Export enthält."
            view.block(FILTERED, text, view.price_field)


def _check(view: View) -> None:
    preflight.for_sale(view)
    preflight.labelled(view)
    if view.price is None and not view.vehicle.prices.on_request:
        view.recommended("prices.selling")
