"""Tables in layouts of others, as text or as a workbook."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from portal.formats.foreign_layouts.layout import Layout
from portal.formats.foreign_layouts.reader import LayoutReader
from portal.formats.foreign_layouts.suggestion import suggested_layout
from portal.formats.foreign_layouts.survey import Survey, survey
from portal.formats.foreign_layouts.table import open_table
from portal.formats.mobile_de_csv import MOST_BYTES, StockRow

HEADER = ("Fahrzeug-Nr.", "FIN", "Marke", "Modell", "VK brutto", "KM-Stand", "EZ", "Kraftstoff", "Getriebe")
GOLF = (
    "A1",
    "WVWZZZ1KZAW000001",
    "VW",
    "Golf",
    "12.990,00 EUR",
    "64.500",
    "05/2018",
    "Benzin",
    "Handschaltung",
)
A3 = ("A2", "WAUZZZ8V0JA000002", "Audi", "A3", "15.990,00 EUR", "44.500", "06/2019", "Diesel", "Automatik")


def text_file(*rows: Sequence[str], separator: str = ";", charset: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(charset)


def excel_file(*rows: Sequence[Any], title: str = "Bestand", formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(content: bytes, name: str = "export.csv", **pictures: bytes) -> bytes:
    """`pictures` by what their names are without .jpg."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for picture, pixels in pictures.items():
            archive.writestr(f"{picture}.jpg", pixels)
    return out.getvalue()


def surveyed(content: bytes, has_header: bool | None = None) -> Survey:
    with open_table(io.BytesIO(content), MOST_BYTES) as table:
        return survey(table, has_header)


def read(content: bytes, layout: Layout | None = None) -> list[StockRow]:
    """By the suggested layout where none is given."""
    layout = layout or suggested_layout(surveyed(content))
    with open_table(io.BytesIO(content), MOST_BYTES) as table:
        return list(LayoutReader(table, layout))
