"""A table with fixed columns that a catalogue fetches: each column a function of the vehicle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, BinaryIO
from urllib.parse import quote

from portal.formats.addresses import ascii_url
from portal.formats.charset import one_line
from portal.formats.records import CsvFormat, Dialect
from portal.messages import Message, Wording, say
from portal.platforms.common.catalogue import BY_NAME
from portal.platforms.common.delivery_settings import web_address_problem
from portal.platforms.common.profile import Part, filled_in, parts_of, template_problem
from portal.platforms.common.vehicle_view import FileContext, VehicleView, encoded
from portal.platforms.contract import Subject
from portal.platforms.contract.fields import SettingField
from portal.platforms.contract.files import FileEntry, Pictures, Record, WriteResult
from portal.vehicle_facts.data import Kind, VehicleData

FeedCell = Callable[[VehicleView], object]


@dataclass(frozen=True)
class FeedWriter:
    context: FileContext
    cells: Mapping[str, FeedCell]
    """By the name of the column; None is an empty cell."""
    check: Callable[[VehicleView], None]
    """Notes problems and hints on the vehicle."""
    dialect: Dialect
    file_name: str
    media_type: str
    one_line: bool = False
    unique: Callable[[VehicleView], tuple[Message, ...]] = lambda _view: ()

    def entry(self, subject: Subject) -> FileEntry:
        view = VehicleView(self.context, subject)
        self.check(view)
        cells = ["" if (value := cell(view)) is None else str(value) for cell in self.cells.values()]
        texts = encoded(view, cells, self.dialect.charset, one_line=self.one_line)
        return FileEntry(
            view.number, texts, tuple(view.problems), tuple(view.hints), unique=self.unique(view)
        )

    def record(self, entry: FileEntry) -> Record:
        return Record(entry.number, self._format.record(entry.values))

    def write(self, records: Iterable[Record], stream: BinaryIO, _pictures: Pictures) -> WriteResult:
        """Pictures stand in it as addresses."""
        self._format.write((record.content for record in records), stream)
        return WriteResult()

    @cached_property
    def _format(self) -> CsvFormat:
        return CsvFormat(self.dialect, tuple(self.cells))


# What feeds of catalogues say of every vehicle, in the form that both large ones use.


def model_year(vehicle: VehicleData, month: str = "") -> str:
    """Of the first registration, else of construction; a new car without either is of this year."""
    if vehicle.first_registration:
        return vehicle.first_registration[:4]
    if vehicle.registration_year:
        return str(vehicle.registration_year)
    if vehicle.construction_year:
        return str(vehicle.construction_year)
    return month[:4] if vehicle.kind is Kind.NEW else ""


def stated_mileage(vehicle: VehicleData) -> int | None:
    """A new car without a statement has 0 km."""
    return 0 if vehicle.mileage is None and vehicle.kind is Kind.NEW else vehicle.mileage


def amount_with_currency(value: Decimal | None) -> str:
    if value is None:
        return ""
    amount = str(int(value)) if value == value.to_integral_value() else f"{value:.2f}"
    return f"{amount} EUR"


def measured(value: Decimal | int | None, unit: str) -> str:
    return "" if value is None else f"{Decimal(value).normalize():f} {unit}"


# Addresses of vehicles on the dealer's website, by a template such as `https://…/fahrzeug/{number}`.


def vehicle_page(platform: str) -> SettingField:
    return SettingField(
        name="vehicle_url",
        label=say("Adresse der Fahrzeugseite"),
        type="text",
        help=say(
            "{platform} führt Interessenten auf die Seite des Fahrzeugs in Ihrer Website. {number} steht "
            "für die Fahrzeugnummer: https://www.autohaus-muster.de/fahrzeuge/{number}",
            platform=platform,
        ),
        required=True,
        step="access",
        longest=300,
        check=_page_problem,
    )


def page_template(settings: Mapping[str, Any]) -> tuple[Part, ...]:
    """The setting as feeds take it: in ASCII."""
    typed = str(settings["vehicle_url"] or "")
    return parts_of(ascii_url(typed, kept="{}") or typed)


def vehicle_link(view: VehicleView, parts: tuple[Part, ...]) -> str:
    return filled_in(parts, lambda name: quote(one_line(str(BY_NAME[name].value(view) or "")), safe=""))


def _page_problem(text: str) -> Wording:
    if found := template_problem(text):
        return found
    if "{number}" not in text and "{vin}" not in text:
        return say("In der Adresse fehlt {number}: Jedes Fahrzeug braucht seine eigene Seite.")
    return web_address_problem(text.replace("{", "").replace("}", ""))
