"""What a file would bring, before it counts."""

from __future__ import annotations

import io
import zipfile

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import Vehicle, VehicleImport
from portal.vehicles.import_preview import REFUSED, REMARKED, TAKEN, VEHICLES, preview_stock
from tests.formats.stock_file import file, line
from tests.words import german


def test_the_first_vehicles_are_shown_and_the_whole_file_is_counted() -> None:
    rows = [line(B=f"A{number}") for number in range(30)]
    found = preview_stock(file(*rows, line(B="B1", J="viele"), line(B="B2", K="0")))
    assert [row.offer_number for row in found.rows] == [f"A{number}" for number in range(VEHICLES)]
    assert dict(found.counts) == {TAKEN: 30, REMARKED: 1, REFUSED: 1}
    assert found.error == ""


def test_taxation_is_understood_as_an_import_does() -> None:
    found = preview_stock(file(line(L="0"), line(L="1")))
    shown = [row.facts["prices"]["taxation"] for row in found.rows]
    assert shown == ["vat_deductible", "margin_scheme"]


def test_what_is_not_read_and_what_is_refused_says_why() -> None:
    odd, refused = preview_stock(file(line(B="A1", J="viele"), line(B="A2", K="0"))).rows
    assert [remark.column.name for remark in odd.remarks if remark.column] == ["Kilometer"]
    assert refused.refusal is not None
    assert german(refused.refusal.reason) == "Der Preis ist 0."


def test_pictures_of_a_zip_are_counted_by_the_name_that_the_file_gives_them() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("bestand.csv", line(B="A1") + line(B="A2", AA="golf") + line(B="A3"))
        for name in ("A1_1.jpg", "A1_2.jpg", "golf_1.jpg"):
            archive.writestr(name, b"not looked at")
    assert [row.pictures for row in preview_stock(stream).rows] == [2, 1, 0]


def test_a_file_that_cannot_be_read_shows_no_part_of_itself() -> None:
    whole = file(*(line() for _ in range(20))).getvalue()
    found = preview_stock(io.BytesIO(whole[:-300]))
    assert found.rows == []
    assert "bricht in Zeile" in german(found.error)


def test_nothing_is_stored(session: Session) -> None:
    preview_stock(file(line()))
    for table in (Vehicle, VehicleImport):
        assert session.scalar(select(func.count()).select_from(table)) == 0
