"""Writes what a profile describes: CSV, JSON or XML, with pictures in a zip or as addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, BinaryIO

from portal.formats.charset import clean
from portal.formats.records import CsvFormat, Dialect, JsonFormat, RecordFormat, XmlFormat
from portal.messages import say
from portal.platforms.common import preflight
from portal.platforms.common.catalogue import BY_NAME, ExportFact, Value
from portal.platforms.common.draft import as_json_number
from portal.platforms.common.packing import limit_of, write_packed
from portal.platforms.common.profile import BREAKS, FLAG_WORDS, Profile, ProfileColumn, filled_in, parts_of
from portal.platforms.common.vehicle_view import FileContext, VehicleView, encoded
from portal.platforms.contract import Subject
from portal.platforms.contract.files import FILTERED, FileEntry, Pictures, Record, WriteResult
from portal.vehicle_facts.data import Kind

ProfileCell = Callable[[VehicleView], Any]


def compiled_cells(profile: Profile) -> tuple[ProfileCell, ...]:
    """Texts for CSV and XML; numbers, truth values and lists as such for JSON."""
    return tuple(_cell(profile, column) for column in profile.columns)


def _format_of(profile: Profile) -> RecordFormat:
    names = tuple(column.label for column in profile.columns)
    if profile.format == "json":
        return JsonFormat(names)
    if profile.format == "xml":
        return XmlFormat(names, profile.charset)
    mark = profile.mark and profile.charset == "utf-8"
    dialect = Dialect(separator=profile.separator, charset=profile.charset, mark=mark)
    return CsvFormat(dialect, names if profile.header else ())


def _cell(profile: Profile, column: ProfileColumn) -> ProfileCell:
    if not column.fact:
        parts = parts_of(column.text)
        return lambda view: filled_in(
            parts, lambda name: formatted(profile, BY_NAME[name], BY_NAME[name].value(view))
        ).strip()
    fact = BY_NAME[column.fact]
    value_of = fact.value
    if profile.format == "json":
        return lambda view: _native(value_of(view))
    if profile.format == "xml":
        # A list stays one: each of its entries becomes an element.
        return lambda view: (
            list(map(clean, value))
            if isinstance(value := value_of(view), tuple)
            else formatted(profile, fact, value)
        )
    return lambda view: formatted(profile, fact, value_of(view))


def formatted(profile: Profile, fact: ExportFact, value: Value) -> str:
    """A value as text, by the wishes of the profile."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return FLAG_WORDS[profile.flags][0 if value else 1]
    if isinstance(value, Decimal):
        text = str(int(value)) if value == value.to_integral_value() else f"{value:f}"
        return text.replace(".", ",") if profile.comma else text
    if isinstance(value, tuple):
        return ("," if profile.separator == "|" else "|").join(map(clean, value))
    if fact.month or fact.name == "stock_date":
        if profile.dates == "iso":
            return str(value)
        return ("." if profile.dates == "german" else "/").join(reversed(str(value).split("-")))
    text = clean(str(value))
    return text.replace("\n", BREAKS[profile.breaks]) if "\n" in text else text


def _native(value: Value) -> Any:
    if value is None or value == "":
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Decimal):
        return as_json_number(value)
    return list(map(clean, value)) if isinstance(value, tuple) else value


# Writes what a profile describes: CSV, JSON or XML, with pictures in a zip or as addresses.


MEDIA_TYPES = {"csv": "text/csv; charset={charset}", "json": "application/json", "xml": "application/xml"}


class ProfileWriter:
    """`name` is the file's without its extension."""

    def __init__(self, context: FileContext, profile: Profile, name: str) -> None:
        self._profile = profile
        zips = profile.pictures == "zip"
        self._context = replace(context, longest_text=profile.longest_text, in_zip=zips)
        self._cells = compiled_cells(profile)
        self._format = _format_of(profile)
        self._table = f"{name}.{profile.format}"
        self.file_name = context.file_name(f"{name}.zip" if zips else self._table)
        media_type = MEDIA_TYPES[profile.format].format(charset=profile.charset)
        self.media_type = "application/zip" if zips else media_type

    def entry(self, subject: Subject) -> FileEntry:
        view = VehicleView(self._context, subject)
        self._filter(view)
        if not view.problems:
            preflight.for_sale(view)
            preflight.labelled(view)
            if view.price is None and not view.vehicle.prices.on_request:
                view.recommended("prices.selling")
        cells = tuple(cell(view) for cell in self._cells)
        values = cells if self._profile.format == "json" else self._spelled(view, cells)
        return FileEntry(view.number, values, tuple(view.problems), tuple(view.hints), view.pictures)

    def record(self, entry: FileEntry) -> Record:
        return Record(entry.number, self._format.record(entry.values), entry.pictures)

    def write(self, records: Iterable[Record], stream: BinaryIO, pictures: Pictures) -> WriteResult:
        if not self._context.in_zip:
            self.write_table(records, stream)
            return WriteResult()
        return write_packed(
            records,
            stream,
            pictures,
            name=self._table,
            table=self.write_table,
            limit=limit_of(self._context.settings),
        )

    def _spelled(self, view: VehicleView, cells: tuple[Any, ...]) -> tuple[Any, ...]:
        """Lists stand in XML only, whose charset can name every character."""
        if self._profile.format == "xml":
            return cells
        one_line = self._profile.breaks != "keep"
        return encoded(view, cells, self._profile.charset, one_line=one_line)

    def write_table(self, records: Iterable[Record], stream: BinaryIO) -> None:
        """The file itself, without a zip around it."""
        self._format.write((record.content for record in records), stream)

    def _filter(self, view: VehicleView) -> None:
        profile = self._profile
        if profile.kinds and view.vehicle.kind not in map(Kind, profile.kinds):
            view.block(FILTERED, say("Der Filter dieses Exports lässt diesen Zustand aus."), "kind")
        low, high = profile.price_from, profile.price_to
        below = low is not None and (view.price is None or view.price < low)
        above = high is not None and (view.price is None or view.price > high)
        if below or above:
            text = say("Der Preis liegt außerhalb dessen, was dieser Export enthält.")
            view.block(FILTERED, text, view.price_field)
