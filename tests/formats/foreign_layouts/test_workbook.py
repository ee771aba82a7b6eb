"""Excel files: what their cells say, and what hostile ones do not do."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook as Book
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from portal.formats.foreign_layouts import workbook
from portal.formats.foreign_layouts.workbook import Workbook, cell_text, is_workbook
from portal.formats.mobile_de_csv import UnreadableFile
from portal.vehicle_facts.numbers import Convention, read_number
from portal.vehicle_facts.quantities import AMOUNT
from tests.formats.foreign_layouts.files import excel_file

SHEET = "xl/worksheets/sheet1.xml"
MB = 1024 * 1024


def rows_of(content: bytes) -> list[tuple[int, list[str]]]:
    book = Workbook(io.BytesIO(content))
    try:
        return list(book.rows())
    finally:
        book.close()


def with_part(name: str, part: bytes) -> bytes:
    """A workbook whose entry of that name is another one."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(excel_file(("a", "b", "c")))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.namelist():
            target.writestr(entry, part if entry == name else source.read(entry))
    return out.getvalue()


def sheet(rows: bytes, head: bytes = b"") -> bytes:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b"%s<worksheet xmlns='%s'><sheetData>%s</sheetData></worksheet>" % (head, space, rows)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (None, "General", ""),
        ("  Golf ", "General", "Golf"),
        (12990, "General", "12990"),
        (12990.0, "#,##0.00", "12990"),
        (12990.5, "General", "12990,50"),
        (10915.966386554622, "General", "10915,97"),
        (0.19, "0%", "19 %"),
        (603, "0000", "0603"),
        (15, '"A"00000', "A00015"),
        (1234567, '"A"00000', "A1234567"),
        (15, "000-000", "000-015"),
        (15, "00 000", "00015"),
        (19, '0"%"', "19 %"),
        (150, '0" PS"', "150 PS"),
        (64500, '#,##0" km"', "64500 km"),
        (64500, '#,##0, "Tkm"', "64500"),
        (12990, '#,##0.00 "CHF"', "12990 CHF"),
        (12990, "[$CHF-807] #,##0", "CHF 12990"),
        (12990, "#,##0.00 [$€-407];[Red]-#,##0.00 [$€-407]", "12990"),
        (12990, '_-* #,##0.00 €_-;-* #,##0.00 €_-;_-* "-"?? €_-;_-@_-', "12990"),
        (15, '0"', "15"),
        (True, "General", "WAHR"),
        (False, "General", "FALSCH"),
        (datetime(2018, 5, 1), "General", "01.05.2018"),  # noqa: DTZ001  # a cell has no zone
        (date(2018, 5, 1), "General", "01.05.2018"),
        (float("nan"), "General", ""),
        ("#N/A", "General", "#N/A"),
        ("a_x000D_\nb_x000A_c", "General", "a\nb\nc"),
        ("#1 im Test", "General", "#1 im Test"),
    ],
)
def test_cells_are_written_as_people_would(value: Any, number_format: str, text: str) -> None:
    assert cell_text(value, number_format) == text


@given(st.decimals(0, 9_999_999, places=2), st.sampled_from(Convention))
def test_an_amount_of_a_workbook_is_never_read_as_another_one(
    amount: Decimal, convention: Convention
) -> None:
    assert read_number(cell_text(float(amount)), AMOUNT, convention) == amount


@pytest.mark.parametrize("epoch", [WINDOWS_EPOCH, MAC_EPOCH])
def test_days_are_counted_from_the_epoch_of_the_workbook(epoch: datetime) -> None:
    """Workbooks of old Macs count from 1904: read otherwise, every car is four years older."""
    book = Book()
    book.epoch = epoch
    book.active.append([datetime(2018, 5, 1)])  # noqa: DTZ001  # a cell has no zone
    out = io.BytesIO()
    book.save(out)
    assert rows_of(out.getvalue()) == [(1, ["01.05.2018"])]


def test_empty_rows_are_left_out_and_numbers_are_those_of_the_spreadsheet() -> None:
    assert rows_of(excel_file(("a",), (), ("b",))) == [(1, ["a"]), (3, ["b"])]


def test_the_first_visible_sheet_with_rows_is_read_and_named() -> None:
    book = Book()
    book.active.title = "Leer"
    hidden = book.create_sheet("Versteckt")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    book.create_sheet("Bestand").append(["a", "b"])
    out = io.BytesIO()
    book.save(out)
    opened = Workbook(out)
    assert opened.sheet == "Bestand"
    assert list(opened.rows()) == [(1, ["a", "b"])]
    assert opened.other_sheets == ("Leer",)
    opened.close()


def test_a_workbook_is_told_from_other_archives() -> None:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("bestand.csv", "a;b")
    assert is_workbook(io.BytesIO(excel_file(("a",))))
    assert not is_workbook(plain)
    assert not is_workbook(io.BytesIO(b"PK\x03\x04 and nothing more"))


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"no xml",
        sheet(b"<row r='1'><c r='A1' t='s'><v>99</v></c></row>"),
        sheet(b"<row r='x'><c r='A1'><v>1</v></c></row>"),
        sheet(b"<row r='1'><c r='A1'><v>1</v></c>"),
        sheet(b"<row r='1'><c r='A1' s='9999' t='q'><v>1</v></c></row>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>"),
        sheet(b"<!-- <row> --><row r='1'><c r='A1'><v>1</v></c></row>"),
        sheet(b"<row r='1'/>", b"<?xml version='1.0' encoding='cp037'?>"),
        sheet(b"<row r='1'/>").decode().encode("utf-16"),
    ],
)
def test_a_spoilt_sheet_is_refused_with_what_to_do(part: bytes) -> None:
    with pytest.raises(UnreadableFile, match="speichern Sie sie noch einmal"):
        rows_of(with_part(SHEET, part))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (SHEET, sheet(b"<row r='1'>" + b"<c/>" * 1_000_000 + b"</row>")),
        (SHEET, sheet(b"<row r='1'/><row r='2000000000'><c r='A2000000000'><v>1</v></c></row>")),
        (SHEET, sheet(b"<row/>" * 30_000 + b"<row><c><v>1</v></c></row>")),
        (SHEET, sheet(b"", b"") + b" " * (3 * MB)),
        ("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 800_000 + b"</styleSheet>"),
    ],
    ids=["one endless row", "a row far below", "rows without end", "a long end", "styles without end"],
)
def test_what_would_fill_the_memory_is_refused_before(
    monkeypatch: pytest.MonkeyPatch, name: str, part: bytes
) -> None:
    """With a tenth of the rows that are taken: tracemalloc makes rows slow."""
    monkeypatch.setattr(workbook, "MOST_ROWS", workbook.MOST_ROWS // 10)
    bomb = with_part(name, part)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile, match="als CSV"):
            rows_of(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(bomb) < MB
    assert peak < 6 * MB


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 10_000)
    with pytest.raises(UnreadableFile, match="zu groß"):
        rows_of(excel_file(*(["x" * 50] for _ in range(500))))


@pytest.mark.parametrize("cut", [100, 1000, -10])
def test_a_cut_workbook_is_refused(cut: int) -> None:
    with pytest.raises(UnreadableFile):
        rows_of(excel_file(("a", "b"))[:cut])
