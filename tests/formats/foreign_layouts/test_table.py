"""Which rows and which names of columns a file has."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.foreign_layouts.table import find_heading, open_table
from portal.formats.mobile_de_csv import MOST_BYTES, UnreadableFile
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, excel_file, read, surveyed, text_file

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cc",)), max_size=12
)


def rows_of(content: bytes) -> list[list[str]]:
    with open_table(io.BytesIO(content), MOST_BYTES) as table:
        return [cells for _line, cells in table.rows()]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "iso-8859-15", "cp850", "mac_roman", "utf-16"])
def test_every_separator_and_charset_is_recognised(separator: str, charset: str) -> None:
    content = text_file(
        HEADER, (*GOLF[:3], "Golf Größe", *GOLF[4:]), A3, separator=separator, charset=charset
    )
    assert rows_of(content)[0] == list(HEADER)
    assert [row.facts["model"] for row in read(content)] == ["Golf Größe", "A3"]


def test_commas_in_texts_are_no_separators() -> None:
    rows = [(*GOLF[:3], "Golf, 1.4, TSI, DSG, Navi, Klima, SHZ, AHK, ABS, ESP", *GOLF[4:])] * 3
    assert len(rows_of(text_file(HEADER, *rows))[1]) == len(HEADER)


def test_lines_above_the_header_are_passed_over() -> None:
    survey = surveyed(text_file(("Bestandsliste Autohaus Muster",), ("Stand 1.11.",), HEADER, GOLF))
    assert survey.names == HEADER
    assert (survey.heading.line, survey.rows) == (3, 1)


def test_without_header_columns_are_called_by_their_letters() -> None:
    survey = surveyed(text_file(GOLF, A3))
    assert survey.names == tuple("ABCDEFGHI")
    assert not survey.heading.is_header
    assert survey.rows == 2


@pytest.mark.parametrize("said", [True, False])
def test_what_somebody_says_of_the_header_counts(said: bool) -> None:
    survey = surveyed(text_file(("x1", "x2", "x3"), ("1", "2", "3")), has_header=said)
    assert survey.heading.is_header is said
    assert survey.rows == (1 if said else 2)


def test_unknown_names_are_a_header_where_only_the_rows_have_digits() -> None:
    survey = surveyed(text_file(("Alfa", "Beta", "Gamma"), ("1", "2", "3")))
    assert survey.names == ("Alfa", "Beta", "Gamma")


@given(st.lists(CELLS, min_size=3, max_size=30))
def test_names_are_never_the_same(cells: list[str]) -> None:
    names = find_heading([(1, cells), (2, ["1"] * len(cells))], True).names
    assert len(names) == len(cells)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= 70 for name in names)


@pytest.mark.parametrize("content", [b"", b"a\r\nb\r\n", b"a;b\r\n1;2\r\n", b"%PDF-1.7", b"\x00\x01\x02;1;2"])
def test_what_is_no_table_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        surveyed(content)
    assert str(refused.value)


@given(st.binary(max_size=300))
def test_whatever_bytes_come_the_answer_is_a_table_or_a_reason(content: bytes) -> None:
    try:
        survey = surveyed(content)
    except UnreadableFile:
        return
    assert len(survey.names) >= 3


def test_a_file_that_is_cut_is_refused() -> None:
    content = text_file(HEADER, GOLF, A3)
    with pytest.raises(UnreadableFile, match="mitten im Datensatz"):
        rows_of(content[:-30])


def test_a_workbook_has_the_same_rows_as_the_text() -> None:
    assert rows_of(excel_file(HEADER, GOLF, A3)) == rows_of(text_file(HEADER, GOLF, A3))
