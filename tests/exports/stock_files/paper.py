"""A file app of the tests' own: three columns, and whatever a test wants of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from portal.formats.records import CsvFormat
from portal.platforms.contract import Account, ExportApp, Feedback, Rules, Subject
from portal.platforms.contract.fields import SettingField
from portal.platforms.contract.files import (
    FILTERED,
    FileEntry,
    FileSide,
    Pictures,
    Record,
    Report,
    ReportedVehicle,
    Surroundings,
    Transport,
    WriteResult,
)

SLUG = "paper"
NO_MAKE = Feedback("make-missing", "Die Marke fehlt.", "make")
NOT_WISHED = Feedback(FILTERED, "Das Fahrzeug ist reserviert.", "reserved")
NO_VIN = Feedback("vin-missing", "Die FIN fehlt.", "vin")


@dataclass(frozen=True)
class PaperWriter:
    """Number, make and price; without a make a vehicle stays out, without a VIN there is a hint, and
    reserved ones are filtered."""

    file_name: str
    media_type: str = "text/csv"
    meanwhile: Callable[[], None] = lambda: None
    """What happens when the rows are written and the file is not whole yet."""

    def entry(self, subject: Subject) -> FileEntry:
        facts = subject.vehicle
        return FileEntry(
            facts.offer_number,
            (facts.offer_number, facts.make, str(facts.prices.selling)),
            problems=(NOT_WISHED,) if facts.reserved else () if facts.make else (NO_MAKE,),
            hints=() if facts.vin else (NO_VIN,),
        )

    def record(self, entry: FileEntry) -> Record:
        return Record(entry.number, CsvFormat().record(entry.values))

    def write(self, records: Iterable[Record], stream: BinaryIO, pictures: Pictures) -> WriteResult:  # noqa: ARG002
        CsvFormat().write((record.content for record in records), stream)
        self.meanwhile()
        return WriteResult()


def writer(
    settings: Mapping[str, Any], account: Account, _rules: Rules, _surroundings: Surroundings
) -> PaperWriter:
    return PaperWriter(settings.get("file_name") or f"{account.customer_number}.csv")


def interrupted(what: Callable[[], None], times: int = 1_000) -> Callable[..., PaperWriter]:
    """A writer during which something happens, the first so many times."""
    left = iter(range(times))

    def happen() -> None:
        if next(left, None) is not None:
            what()

    return lambda *given: replace(writer(*given), meanwhile=happen)


def read_report(content: bytes) -> Report:
    """`sha256` or `-`, then a line `number;result` for each vehicle; `refused` alone: not taken."""
    try:
        first, *rows = content.decode().split()
    except ValueError:
        raise ValueError("an empty report") from None
    if rows == ["refused"]:
        return Report("", (), first, (Feedback("refused", "Die Datei war nicht lesbar."),))
    verdicts = [ReportedVehicle(*row.split(";")[:2]) for row in rows]
    return Report("4711001.csv", tuple(verdicts), "" if first == "-" else first)


def paper(**side: Any) -> ExportApp:
    plausible: dict[str, Any] = {
        "writer": writer,
        "transports": (Transport.PULL, Transport.SFTP),
        "report_name": "{file}.report",
        "read_report": read_report,
    }
    return ExportApp(
        slug=SLUG,
        name="Papier",
        summary="Eine Datei für die Tests.",
        kind="file",
        countries=("DE",),
        fields=(
            SettingField("customer_number", "Kd-Nr.", "customer_number", required=True, step="access"),
            SettingField("location", "Standort", "location", step="access"),
            SettingField("password", "Passwort", "secret", step="access"),
            SettingField("schedule", "Uhrzeiten", "schedule", default=["02:00", "12:00"]),
        ),
        file=FileSide(**(plausible | side)),
    )


def numbers_in(content: bytes) -> list[str]:
    """Read by Python's own csv."""
    return [row[0] for row in csv.reader(io.StringIO(content.decode()), delimiter=";")]
