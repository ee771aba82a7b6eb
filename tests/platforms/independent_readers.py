"""Readers of what leaves, written from docs/protocols.md alone: nothing of the portal's own formats."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from xml.etree import ElementTree as ET


@dataclass(frozen=True)
class ReadVehicle:
    """What a receiver understands; empty where nothing is stated."""

    make: str
    model: str
    price: Decimal | None
    mileage: int | None
    year: str
    month: str
    """Empty for formats that have the year alone."""
    vin: str
    text: str


Reader = Callable[[bytes], list[ReadVehicle]]


def mobile_de_csv(content: bytes) -> list[ReadVehicle]:
    """Positions of the mobile.de upload; one row in one line, ISO-8859-15."""
    lines = _unzipped(content).decode("iso-8859-15").splitlines()
    rows = list(csv.reader(lines, delimiter=";", strict=True))
    assert all(len(row) > 200 for row in rows), "a line break inside a field"
    return [_of_row(row) for row in rows]


def _of_row(row: list[str]) -> ReadVehicle:
    month, _, year = row[8].rpartition(".")
    return ReadVehicle(
        row[3], row[4], _amount(row[10]), _whole(row[9]), year, month.strip("0") and month, row[14], row[25]
    )


def labelled_csv(content: bytes) -> list[ReadVehicle]:
    return _labelled_rows(content.decode("utf-8-sig"), ";")


def tabbed_csv(content: bytes) -> list[ReadVehicle]:
    return _labelled_rows(content.decode("cp1252"), "\t")


def _labelled_rows(text: str, separator: str) -> list[ReadVehicle]:
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return [_labelled(row) for row in rows]


def labelled_json(content: bytes) -> list[ReadVehicle]:
    """What is not stated may be missing, empty or null."""
    records = json.loads(content, parse_float=Decimal)
    return [
        _labelled(defaultdict(str, {name: str(value) for name, value in record.items() if value is not None}))
        for record in records
    ]


def labelled_xml(content: bytes) -> list[ReadVehicle]:
    root = ET.fromstring(content)  # noqa: S314  our own file
    return [_labelled({cell.tag: cell.text or "" for cell in vehicle}) for vehicle in root.iter("vehicle")]


def _labelled(cells: dict[str, str]) -> ReadVehicle:
    year, month = _month(cells["Erstzulassung"])
    return ReadVehicle(
        cells["Marke"],
        cells["Modell"],
        _amount(cells["Preis"]),
        _whole(cells["Kilometerstand"]),
        year,
        month,
        cells["Fahrgestellnummer"],
        cells["Beschreibung"],
    )


def website_json(content: bytes) -> list[ReadVehicle]:
    return [_of_record(record) for record in json.loads(content, parse_float=Decimal)]


def _of_record(record: dict[str, object]) -> ReadVehicle:
    def text(name: str) -> str:
        return str(record.get(name) or "")

    year, month = _month(text("first_registration"))
    return ReadVehicle(
        text("make"),
        text("model"),
        _amount(str(record.get("price", ""))),
        _whole(str(record.get("mileage", ""))),
        year,
        month,
        text("vin"),
        text("description"),
    )


def meta_csv(content: bytes) -> list[ReadVehicle]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    return [
        ReadVehicle(
            row["make"],
            row["model"],
            _with_currency(row["price"]),
            _whole(row["mileage.value"]),
            row["year"],
            "",
            row["vin"],
            row["description"],
        )
        for row in rows
    ]


def google_tsv(content: bytes) -> list[ReadVehicle]:
    lines = content.decode("utf-8").split("\n")
    rows = csv.DictReader(filter(None, lines), delimiter="\t", strict=True)
    return [
        ReadVehicle(
            row["brand"],
            row["model"],
            _with_currency(row["price"]),
            _whole(row["mileage"].removesuffix(" km")),
            row["year"],
            "",
            row["vin"],
            row["description"],
        )
        for row in rows
    ]


def microsoft_tsv(content: bytes) -> list[ReadVehicle]:
    rows = csv.DictReader(filter(None, content.decode("utf-8").split("\n")), delimiter="\t", strict=True)
    return [
        ReadVehicle(
            row["Make"],
            row["Model"],
            _with_currency(row["Price"]),
            _whole(row["Mileage value"]),
            row["Year"],
            "",
            row["VIN"],
            row["Description"],
        )
        for row in rows
    ]


def words(text: str) -> list[str]:
    """What is said, whatever the mark-up of a platform: runs of letters and digits that every charset has."""
    return re.findall(r"[A-Za-z0-9äöüÄÖÜß]+", text)


def says(text: str, expected: Iterable[str]) -> bool:
    """Whether all of the words stand in the text, in their order."""
    found = iter(words(text))
    return all(word in found for word in expected)


def _unzipped(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".csv")]
        return archive.read(name)


def _amount(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def _with_currency(text: str) -> Decimal | None:
    amount, _, currency = text.partition(" ")
    assert currency in ("EUR", ""), text
    return _amount(amount)


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _month(text: str) -> tuple[str, str]:
    """`05.2018`, `2018-05`."""
    first, _, second = text.replace("-", ".").partition(".")
    year, month = (first, second) if len(first) == 4 else (second, first)
    return year, month.strip("0") and month
