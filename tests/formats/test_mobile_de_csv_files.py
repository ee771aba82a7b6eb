"""Whole files: charsets, lines, and everything that only calls itself a CSV."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from portal.formats.mobile_de_csv import StockReader, UnreadableFile, seekable
from tests.formats.stock_file import cells, file, joined, line
from tests.words import german

MB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def read(content: bytes | io.BytesIO, **more: int) -> list[object]:
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    return list(StockReader(stream, **more))


def problem(content: bytes | io.BytesIO, **more: int) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **more)
    return str(caught.value)


def many(count: int, **by_letter: str) -> str:
    return "".join(line(**by_letter) for _ in range(count))


class Endless(io.RawIOBase):
    """A stream that makes its content while it is read: `times` × `block`, as often as wished."""

    def __init__(self, block: bytes, times: int, rewinds: bool = True) -> None:
        self.block, self.times, self.at, self._rewinds = block, times, 0, rewinds

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._rewinds

    def seek(self, offset: int, whence: int = 0) -> int:
        assert (offset, whence) in ((0, 0), (0, 1))
        self.at = 0 if whence == 0 else self.at
        return self.at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.at >= len(self.block) * self.times:
            return 0
        start = self.at % len(self.block)
        piece = self.block[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)


@pytest.mark.parametrize(
    ("text", "encoding", "charset"),
    [
        ("Škoda Türen 5 €", "iso-8859-15", "ISO-8859-15"),
        ("Škoda Türen 5 €", "utf-8", "UTF-8"),
        ("Škoda Türen 5 €", "utf-8-sig", "UTF-8"),
        ("„Türen“ 5 €", "cp1252", "Windows-1252"),
        ("Türen größer", "cp850", "Codepage 850"),
        ("Türen größer", "mac_roman", "Mac Roman"),
        ("Škoda Türen 5 €", "utf-16", "UTF-16"),
        ("Škoda Türen 5 €", "utf-16-le", "UTF-16"),
        ("Škoda Türen 5 €", "utf-16-be", "UTF-16"),
    ],
)
def test_the_charset_is_recognised(text: str, encoding: str, charset: str) -> None:
    reader = StockReader(file(line(B="A1", Z=text), charset=encoding))
    (row,) = reader
    assert (row.facts["description"], row.offer_number, reader.charset) == (text, "A1", charset)


def test_one_cut_character_costs_that_character_and_not_all_umlauts() -> None:
    texts = ["großer Kofferraum, Rückfahrkamera", "geprüft", "für alle", "groß und geprü"]
    content = "".join(line(B=f"CS{at}", Z=text) for at, text in enumerate(texts)).encode()
    at = content.rindex("ü".encode())
    reader = StockReader(io.BytesIO(content[: at + 1] + content[at + 2 :]))
    rows = list(reader)
    assert [row.facts["description"] for row in rows] == [*texts[:3], "groß und gepr\ufffd"]
    assert [[german(one.reason) for one in row.remarks] for row in rows] == [
        [],
        [],
        [],
        ["Ein Zeichen war nicht lesbar."],
    ]
    assert reader.charset == "UTF-8"


def test_rows_of_several_code_pages_are_read_each_in_its_own() -> None:
    codecs = ["iso-8859-15", "iso-8859-15", "cp850", "utf-8", "mac_roman"]
    content = b"".join(line(B=f"R{at}", Z="Türen größer").encode(codec) for at, codec in enumerate(codecs))
    reader = StockReader(io.BytesIO(content))
    assert [row.facts["description"] for row in reader] == ["Türen größer"] * 5
    assert reader.charset == "ISO-8859-15"
    assert dict(reader.charsets) == {"ISO-8859-15": 2, "Codepage 850": 1, "UTF-8": 1, "Mac Roman": 1}


def test_lines_that_end_as_on_an_old_macintosh() -> None:
    content = (line(Z="Türen") + line(Z="größer")).replace("\r\n", "\r").encode("mac_roman")
    assert [row.facts["description"] for row in StockReader(io.BytesIO(content))] == ["Türen", "größer"]


def test_a_character_across_two_blocks_is_still_utf_8() -> None:
    padding = many(1500, Z="a" * 90)
    for shift in range(2):
        content = (padding + line(Z="x" * shift + "ü" * 80)).encode()
        assert StockReader(io.BytesIO(content[: 2 * MB])).charset == "UTF-8"


def test_lines_are_counted_as_an_editor_does() -> None:
    stream = file(line(), "\r\n", line(Z='mit "Zitat"\r\nund Umbruch'), line(K="0"), "\r\n", line())
    assert [row.line for row in StockReader(stream)] == [1, 3, 5, 7]


@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_line_ends_do_not_matter(end: str) -> None:
    content = (line() + line()).replace("\r\n", "\n").rstrip("\n") + end
    assert len(read(content.encode())) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Die Datei ist leer"),
        (b"\r\n\r\n", "keine einzige Zeile"),
        (b"\xef\xbb\xbf", "keine einzige Zeile"),
        (PNG, "ein Bild (PNG)"),
        (b"PK\x03\x04rest", "ZIP-Archiv oder eine Excel-Datei"),
        (b"%PDF-1.7", "ein PDF-Dokument"),
        (b"  <!DOCTYPE html><html></html>", "HTML- oder XML-Datei"),
        (b"<?xml version='1.0'?><ads></ads>", "HTML- oder XML-Datei"),
        ("a;b".encode("utf-16"), "2 Spalten"),
        (b"Nur ein Satz.\r\n", "1 Spalte je Zeile, nötig sind mindestens 111 (bis DG · Getriebe)"),
        (b"a;b;c\r\n" * 9, "3 Spalten je Zeile"),
        (b"a," * 200 + b"\r\n", "nicht durch Semikolon getrennt"),
    ],
)
def test_what_is_no_stock_file_is_refused_as_a_whole(content: bytes, said: str) -> None:
    assert said in problem(content)


def test_a_nul_byte_is_found_on_its_line() -> None:
    content = many(3000).encode() + line(Z="a\0b").encode()
    assert "Zeile 3001 enthält ein Nullzeichen" in problem(content)


@pytest.mark.parametrize("length", [100_001, 200_000])
def test_a_huge_cell_is_named(length: int) -> None:
    assert "Zeile 2 enthält eine Zelle mit mehr als 100.000 Zeichen" in problem(
        file(line(), line(Z="x" * length), line())
    )


def test_a_row_that_swallows_the_next_one_is_found() -> None:
    """The vehicle of the second row would otherwise be missing without a word, and be withdrawn."""
    rows = [line(), line(HC="Navi"), line(), line()]
    rows[1] = rows[1].replace('"Navi"', '"Navi')
    assert "In Zeile 2 fehlt ein schließendes Anführungszeichen" in problem(file(*rows))


def test_a_line_break_within_a_remark_is_harmless() -> None:
    rows = list(StockReader(file(line(), line(Z="Zeile 1\r\nZeile 2"), line())))
    assert [row.facts.get("description") for row in rows] == [
        "Golf 1.4 TSI Comfortline",
        "Zeile 1\nZeile 2",
        "Golf 1.4 TSI Comfortline",
    ]


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    assert "Zeile 1 hat mehr als 1.000.000 Zeichen" in problem(b'"x";' * 600_000)


@pytest.mark.parametrize("cut", [10, 300, 600])
def test_a_file_that_breaks_off_is_refused(cut: int) -> None:
    content = (line() + line()).encode()
    said = problem(content[:-cut])
    assert "bricht in Zeile 2 mitten im Datensatz ab" in said


def test_a_complete_last_row_without_line_end_is_taken() -> None:
    assert len(read((line() + line()).encode()[:-2])) == 2


@pytest.mark.parametrize(("before", "behind"), [("sep=;\r\n", ""), ("", "\x1a"), ("\r\n", "\r\n")])
def test_what_excel_and_dos_put_around_the_rows_is_no_row(before: str, behind: str) -> None:
    rows = list(StockReader(io.BytesIO((before + line() + line() + behind).encode())))
    assert [row.refusal for row in rows] == [None, None]


def test_too_many_bytes_are_refused() -> None:
    assert problem(many(2000).encode(), most_bytes=MB) == (
        "Die Datei ist zu groß: Höchstens 1 MB werden angenommen."
    )


def test_customer_numbers_are_noted() -> None:
    reader = StockReader(file(line(A="4711"), line(A="4712"), line(A="")))
    assert len(list(reader)) == 3
    assert reader.customer_numbers == {"4711", "4712"}


@pytest.mark.parametrize("rewinds", [True, False])
def test_memory_stays_flat_over_100_mb(rewinds: bool) -> None:
    block = many(100, Z="x" * 20_000).encode()
    stream = Endless(block, 100 * MB // len(block) + 1, rewinds)
    tracemalloc.start()
    with seekable(io.BufferedReader(stream)) as readable:
        rows = sum(1 for _ in StockReader(readable))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rows > 4000
    assert peak < 12 * MB


def test_rows_that_are_all_too_short_are_no_stock_file() -> None:
    short = joined(cells()[:50])
    assert "50 Spalten je Zeile" in problem((short * 6).encode())
    assert "50 Spalten je Zeile" in problem((short * 2).encode())
