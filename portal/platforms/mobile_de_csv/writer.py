"""The stock in mobile.de's CSV layout: the importer's own table of columns, the other way round."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, BinaryIO

from pydantic import BaseModel

from portal.formats.mobile_de_csv import header_row, write_row
from portal.formats.mobile_de_csv.column import StatedFacts
from portal.formats.mobile_de_csv.columns import PICTURES
from portal.formats.records import CsvFormat, Dialect
from portal.messages import say
from portal.platforms.common import preflight
from portal.platforms.common.energy import sold_as
from portal.platforms.common.packing import limit_of, write_packed
from portal.platforms.common.vehicle_view import FileContext, VehicleView, describe, encoded
from portal.platforms.contract import Account, Rules, Subject
from portal.platforms.contract.fields import defaults
from portal.platforms.contract.files import FileEntry, Pictures, Record, Surroundings, WriteResult
from portal.platforms.mobile_de_csv.settings import FIELDS
from portal.vehicle_facts.data import Kind

DIALECT = Dialect(separator=";", charset="iso-8859-15", quoting="all")
USUAL = ("make", "model", "first_registration", "mileage", "power", "fuel", "gearbox", "damaged")
"""What the marketplace asks of an ad; a file without it is taken, the ad is incomplete."""

PLATFORM = "mobile.de"


class CsvWriter:
    """For one activation; `platform` is how its feedback names the receiver."""

    def __init__(self, context: FileContext) -> None:
        self._context = context
        number = context.account.customer_number
        self._table = f"{number}.csv"
        self._format = CsvFormat(DIALECT, tuple(header_row()) if context.settings.get("header") else ())
        self.file_name = context.file_name(f"{number}.zip" if context.in_zip else self._table)
        self.media_type = "application/zip" if context.in_zip else "text/csv; charset=iso-8859-15"

    def entry(self, subject: Subject) -> FileEntry:
        view = VehicleView(self._context, subject)
        _check(view)
        name = view.number if view.pictures else ""
        cells = write_row(row_facts(view), self._context.account.customer_number, name)
        values = encoded(view, cells, DIALECT.charset, one_line=True)
        return FileEntry(view.number, values, tuple(view.problems), tuple(view.hints), view.pictures)

    def record(self, entry: FileEntry) -> Record:
        return Record(entry.number, self._format.record(entry.values), entry.pictures)

    def write(self, records: Iterable[Record], stream: BinaryIO, pictures: Pictures) -> WriteResult:
        if not self._context.in_zip:
            self._write_table(records, stream)
            return WriteResult()
        return write_packed(
            records,
            stream,
            pictures,
            name=self._table,
            table=self._write_table,
            strip=_strip,
            limit=limit_of(self._context.settings),
        )

    def _write_table(self, records: Iterable[Record], stream: BinaryIO) -> None:
        self._format.write((record.content for record in records), stream)


def writer(
    settings: Mapping[str, Any], account: Account, rules: Rules, surroundings: Surroundings
) -> CsvWriter:
    """Settings that an activation does not carry yet have their default."""
    complete = {**defaults(FIELDS), **settings}
    return csv_writer(FileContext(PLATFORM, complete, account, rules, surroundings))


def csv_writer(context: FileContext) -> CsvWriter:
    """Also for others who take this layout; the setting `pictures` decides about the zip."""
    return CsvWriter(replace(context, in_zip=context.settings["pictures"] == "zip"))


def row_facts(view: VehicleView) -> StatedFacts:
    """The vehicle as the table of columns takes it: number, price, fuel and texts as they are published."""
    found = _stated(view.vehicle)
    found["offer_number"] = view.number
    fuel = sold_as(view.vehicle, view.context.rules.mild_hybrid_as)
    if fuel is not None:
        found["fuel"] = fuel
    if vin := view.vin:
        found["vin"] = vin
    else:
        found.pop("vin", None)
    found.setdefault("prices", {}).pop("selling", None)
    if view.price is not None:
        whole = view.price == view.price.to_integral_value()
        found["prices"]["selling"] = str(int(view.price)) if whole else f"{view.price:.2f}"
    # One column holds title and description.
    title = found.pop("model_description", "")
    found.pop("description", None)
    if text := describe(view, view.context.longest_text, heading=title):
        found["description"] = text
    return found


def _stated(part: BaseModel) -> StatedFacts:
    """What differs from the defaults, parts as dictionaries: several times as fast as a dump of the model."""
    found: StatedFacts = {}
    defaults, values = _defaults(type(part)), vars(part)
    for name in part.model_fields_set:
        value = values[name]
        if isinstance(value, BaseModel):
            value = _stated(value)
        if value != defaults[name]:
            found[name] = value
    return found


@cache
def _defaults(model: type[BaseModel]) -> Mapping[str, Any]:
    return {name: field.default for name, field in model.model_fields.items()}


def _check(view: VehicleView) -> None:
    preflight.for_sale(view)
    preflight.priced(view)
    preflight.labelled(view)
    registered, new = view.vehicle.first_registration, view.vehicle.kind is Kind.NEW
    year_only = bool(view.vehicle.registration_year)
    left_out = ("first_registration", "mileage") if new else ("first_registration",) if year_only else ()
    preflight.stated(view, recommended=[name for name in USUAL if name not in left_out])
    preflight.registered_by_now(view)
    if view.vehicle.registration_year and not registered:
        # The marketplace takes whole months only; others who read this layout may do with the year.
        if view.context.platform == PLATFORM:
            text = say("Der Monat der Erstzulassung fehlt: mobile.de verlangt Monat und Jahr.")
            view.block("registration-month-missing", text, "first_registration")
        else:
            text = say("Nur das Jahr der Erstzulassung ist bekannt: In der Datei steht als Monat 00.")
            view.hint("registration-month-unknown", text, "first_registration")
    if view.vehicle.kind is Kind.ONE_DAY_REGISTRATION:
        text = say("Die Datei kennt keine Tageszulassung: Das Fahrzeug erscheint als Gebrauchtwagen.")
        view.hint("kind-unknown", text, "kind")


def _strip(table: BinaryIO, target: BinaryIO) -> None:
    """The table without the names of pictures; its heading keeps theirs."""
    text, at = io.TextIOWrapper(table, encoding=DIALECT.charset, newline=""), PICTURES.index
    rows = csv.reader(text, delimiter=DIALECT.separator)
    bare = ([*row[:at], row[at] if row[at] == PICTURES.name else "", *row[at + 1 :]] for row in rows)
    try:
        spelled = CsvFormat(DIALECT)
        spelled.write(map(spelled.record, bare), target)
    finally:
        text.detach()
