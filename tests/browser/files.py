"""A file as a dealer's program writes it, and the way it takes into the portal."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import Page

from portal.formats.mobile_de_csv import COLUMNS, write_row
from tests.builders import golf


def position(path: str) -> int:
    return next(column.index for column in COLUMNS if path in column.paths)


def messy() -> str:
    """Three vehicles, one with letters as its price, one without a number, an empty line between them."""
    rows = [
        write_row(golf(offer_number=number).model_dump(mode="json", exclude_defaults=True), "4711001")
        for number in ("IMP-1", "IMP-2", "IMP-3", "IMP-4", "IMP-5")
    ]
    rows[1][position("prices.selling")] = "zwölf Tausend"
    rows[3][position("offer_number")] = ""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([*rows[:2], [], *rows[2:]])
    return out.getvalue()


def upload(page: Page, file: Path) -> None:
    page.goto("/vehicles/import")
    page.get_by_label("Datei", exact=True).set_input_files(file)
    page.get_by_label("Einen Teil des Bestands").check()
    page.get_by_role("button", name="Datei importieren").click()
