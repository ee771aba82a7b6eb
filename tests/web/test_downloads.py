"""Downloads for people: CSV that a spreadsheet opens and that runs nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from flask import Flask

from portal.web.downloads import csv_download, disarmed


@pytest.mark.parametrize("cell", ["=1+1", "+49 40 1", "-2", "@SUM(A1)", "  =1"])
def test_formulas_are_disarmed(cell: str) -> None:
    assert disarmed(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "text"), [("Golf", "Golf"), (-5, "-5"), (None, ""), ("a=b", "a=b"), ("", "")]
)
def test_anything_else_stays(cell: object, text: str) -> None:
    assert disarmed(cell) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a,=1+1", "a,'=1+1"),
        ("a, \t@b", "a, \t'@b"),
        ('a","+1', 'a","\'+1'),
        ("a\n-2,=3", "a\n'-2,'=3"),
        ("\t=1", "'\t'=1"),
        ("\r\n=1", "'\r\n'=1"),
        ("12.990,-", "12.990,-"),
        ("ABS, ESP; a=b", "ABS, ESP; a=b"),
    ],
)
def test_formulas_behind_another_separator_are_disarmed(cell: str, text: str) -> None:
    assert disarmed(cell) == text


def test_a_download_is_a_csv_for_spreadsheets(app: Flask) -> None:
    with app.test_request_context():
        response = csv_download("liste 1.csv", ("Nummer", "=Grund"), [("A;1", '=cmd "x"'), ("Ä", None)])
    text = response.get_data().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text), delimiter=";")) == [
        ["Nummer", "'=Grund"],
        ["A;1", '\'=cmd "x"'],
        ["Ä", ""],
    ]
    assert response.get_data().startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"] == 'attachment; filename="liste 1.csv"'
    assert response.mimetype == "text/csv"


def test_rows_are_made_while_they_are_sent(app: Flask) -> None:
    made = 0

    def rows() -> Iterator[tuple[int]]:
        nonlocal made
        for made in range(1, 5001):
            yield (made,)

    with app.test_request_context():
        response = csv_download("viele.csv", ("Nummer",), rows())
        first = next(iter(response.response))
    assert first
    assert made == 500
