"""Full inventory: what a file lacks is deleted, an empty one deletes everything."""

from __future__ import annotations

import csv
import io
from hashlib import sha256
from pathlib import Path

import pytest

from tests.sandbox.files.conftest import FilePortal, archive, row, table


def test_what_is_missing_in_a_file_is_deleted(files: FilePortal) -> None:
    files.upload(table(row("A-1"), row("A-2"), row("A-3")))
    files.upload(table(row("A-2"), row("A-3", K="8000"), row("A-4")))
    assert files.online() == {"A-2", "A-3", "A-4"}
    first, second = files.books()["generations"]
    assert (first["created"], first["changed"], first["deleted"]) == (3, 0, 0)
    assert (second["created"], second["changed"], second["deleted"]) == (1, 1, 1)
    assert files.books()["vehicles"]["A-3"][10] == "8000"


@pytest.mark.parametrize("content", [b"", b"\r\n"])
def test_an_empty_file_wipes_the_stock(content: bytes, files: FilePortal) -> None:
    files.upload(table(row("A-1"), row("A-2")))
    report = files.taken(content)
    assert files.online() == set()
    assert [line["result"] for line in report] == ["received"]
    assert "2 deleted" in report[0]["text"]


def test_an_empty_table_in_a_zip_wipes_the_stock_too(files: FilePortal) -> None:
    files.upload(table(row("A-1")))
    files.upload(archive(stock__csv=b""), "bestand.zip")
    assert files.online() == set()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bestand.zip", b"PK\x03\x04 half a zip", "zip-unreadable"),
        ("bestand.zip", archive(**{"folder/stock__csv": b""}), "zip-not-flat"),
        ("bestand.zip", archive(readme__txt=b""), "zip-without-csv"),
        ("bestand.zip", archive(a__csv=b"", b__csv=b""), "zip-without-csv"),
        ("bestand.csv", b'"4711001";"A-1";"never ends', "csv-unreadable"),
        ("bestand.csv", b'"4711001";"A-1"x;"y"\r\n', "csv-unreadable"),
    ],
)
def test_a_file_that_nobody_can_read_changes_nothing(
    name: str, content: bytes, code: str, files: FilePortal
) -> None:
    files.upload(table(row("A-1")))
    report = files.taken(content, name)
    assert files.online() == {"A-1"}
    assert [(line["line"], line["result"], line["code"]) for line in report] == [("0", "refused", code)]
    assert files.books()["generations"][-1]["refused"] == code


def test_a_vehicle_whose_row_is_refused_goes_offline(files: FilePortal) -> None:
    files.upload(table(row("A-1"), row("A-2")))
    files.upload(table(row("A-1"), row("A-2", K="0")))
    assert files.online() == {"A-1"}


def test_each_folder_is_a_stock_of_its_own(files: FilePortal) -> None:
    assert files.http.post("/control/files/4711001/folders", json={"folder": "web"}).status_code == 204
    files.upload(table(row("A-1")))
    assert files.books(folder="web") == {"files": {}, "generations": [], "vehicles": {}}
    assert files.books(number="4711002")["vehicles"] == {}


def test_pictures_belong_to_their_vehicles(files: FilePortal) -> None:
    content = table(row("A-1", AA="A-1"), row("A-2", AA="A-2"))
    report = files.taken(archive(stock__csv=content, **{"A-1_1__jpg": b"jpeg"}), "bestand.zip")
    assert [(line["number"], line["result"], line["code"], line["column"]) for line in report[1:]] == [
        ("A-1", "accepted", "", ""),
        ("A-2", "hint", "picture-missing", "AA"),
    ]
    assert files.online() == {"A-1", "A-2"}


@pytest.mark.parametrize(
    ("changes", "result", "code", "column"),
    [
        ({}, "accepted", "", ""),
        ({"A": ""}, "accepted", "", ""),
        ({"A": "4711002"}, "rejected", "customer-number-unknown", "A"),
        ({"B": ""}, "rejected", "number-invalid", "B"),
        ({"B": "A 1"}, "rejected", "number-invalid", "B"),
        ({"B": "A" * 41}, "rejected", "number-invalid", "B"),
        ({"C": ""}, "hint", "category-missing", "C"),
        ({"D": ""}, "rejected", "make-missing", "D"),
        ({"E": " "}, "rejected", "model-missing", "E"),
        ({"I": "13.2018"}, "rejected", "first-registration-invalid", "I"),
        ({"I": "2018-05"}, "rejected", "first-registration-invalid", "I"),
        ({"I": "12.2099"}, "rejected", "first-registration-in-future", "I"),
        ({"I": ""}, "accepted", "", ""),
        ({"J": "50.000"}, "rejected", "mileage-invalid", "J"),
        ({"K": ""}, "rejected", "price-invalid", "K"),
        ({"K": "0,00"}, "rejected", "price-invalid", "K"),
        ({"K": "9.990 €"}, "rejected", "price-invalid", "K"),
        ({"K": "9990,50"}, "accepted", "", ""),
        ({"O": "WVW"}, "hint", "vin-unusual", "O"),
        ({"Z": "two\nlines"}, "rejected", "line-break", "Z"),
        ({"Z": "bell \x07"}, "hint", "control-character", "Z"),
        ({"Z": "Ä ö ü ß € Š"}, "accepted", "", ""),
    ],
)
def test_every_row_has_its_result(
    changes: dict[str, str], result: str, code: str, column: str, files: FilePortal
) -> None:
    report = files.taken(table(row("A-1", **changes)))
    assert [(line["result"], line["code"], line["column"]) for line in report[1:]] == [(result, code, column)]
    assert len(files.online()) == (result != "rejected")


def test_a_row_that_ends_too_early_and_a_number_that_comes_twice_are_refused(files: FilePortal) -> None:
    report = files.taken(table(row("A-1"), ["4711001", "A-2", "Limousine"], row("A-3"), row("A-3")))
    assert [(line["line"], line["number"], line["code"]) for line in report[1:]] == [
        ("1", "A-1", ""),
        ("2", "A-2", "too-few-fields"),
        ("3", "A-3", "number-twice"),
        ("4", "A-3", "number-twice"),
    ]
    assert files.online() == {"A-1"}


def test_the_report_says_which_file_it_speaks_of(files: FilePortal) -> None:
    content = table(row("A-1"), row("A-2", C=""), row("A-3", D="", K=""))
    report = files.taken(content)
    assert {line["file"] for line in report} == {"bestand.csv"}
    assert {line["sha256"] for line in report} == {sha256(content).hexdigest()}
    assert report[0]["text"] == "1 accepted, 1 hinted, 1 rejected, 0 deleted"
    assert [line["code"] for line in report if line["number"] == "A-3"] == ["make-missing", "price-invalid"]
    generation = files.books()["generations"][0]
    assert (generation["accepted"], generation["hinted"], generation["rejected"]) == (1, 1, 1)


def test_a_report_is_no_inventory(files: FilePortal) -> None:
    files.upload(table(row("A-1")))
    files.upload(b"x;y", "bestand.csv.report.csv")
    files.upload(table(row("A-2")), "bestand.csv.0123abcd.part")
    assert files.online() == {"A-1"}
    assert len(files.books()["generations"]) == 1


def test_a_real_stock_is_taken_but_for_impossible_dates_and_prices(
    files: FilePortal, shared_inventory: Path
) -> None:
    content = shared_inventory.read_bytes()
    lines = list(csv.reader(io.StringIO(content.decode("iso-8859-15"), newline=""), delimiter=";"))
    wrong_dates = {line[1] for line in lines if line[8].startswith("00.") or line[8][3:] < "1900"}
    bad = wrong_dates | {line[1] for line in lines if not line[10].strip("0")}
    assert files.upload(content, number="4711").status_code == 200
    books = files.books(number="4711")
    assert set(books["vehicles"]) == {line[1] for line in lines} - bad
    assert books["generations"][0]["rejected"] == len(bad)
