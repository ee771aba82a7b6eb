"""A zip with a stock and its pictures: what is found in it, and what it cannot do to the reader."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile

import pytest

from portal.formats import stock_archive
from portal.formats.mobile_de_csv import UnreadableFile
from portal.formats.stock_archive import UnreadableEntry, is_archive, open_stock_archive

MEGABYTE = 1 << 20


def packed(method: int = zipfile.ZIP_DEFLATED, /, **files: bytes) -> io.BytesIO:
    """`a1_1__jpg` is `a1_1.jpg`: names of arguments have no point."""
    return packed_files({name.replace("__", "."): content for name, content in files.items()}, method)


def packed_files(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream


def refusal(stream: io.BytesIO, limit: int = MEGABYTE) -> str:
    with pytest.raises(UnreadableFile) as caught, open_stock_archive(stream) as archive, archive.table(limit):
        pass
    return str(caught.value)


def test_pictures_are_found_by_name_and_in_the_order_of_their_numbers() -> None:
    stream = packed(bestand__csv=b"x", A1_10__jpg=b"c", A1_2__JPG=b"b", A1_1__jpeg=b"a", b_7_1__png=b"d")
    with open_stock_archive(stream) as archive:
        found = archive.pictures_of({"A1": ["A1"], "B_7": ["B_7"], "A2": ["A2"]}).of
        assert [archive.read(picture, 10) for picture in found["A1"]] == [b"a", b"b", b"c"]
        assert [picture.file_name for picture in found["B_7"]] == ["b_7_1.png"]
        assert "A2" not in found
        with archive.table(10) as table:
            assert table.read() == b"x"


def test_what_computers_put_beside_files_is_left_out() -> None:
    clutter = {"__MACOSX/._bestand.csv": b"?", "bilder/": b"", ".DS_Store": b"?", "bilder/._A1_1.jpg": b"?"}
    stream = packed_files(clutter | {"bestand.csv": b"x", "bilder/A1_1.jpg": b"a"})
    with open_stock_archive(stream) as archive:
        assert [picture.file_name for picture in archive.pictures_of({"A1": ["A1"]}).of["A1"]] == ["A1_1.jpg"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.jpg": b"x"}, "keine CSV-Datei"),
        ({"a.csv": b"x", "b.csv": b"y"}, "mehrere CSV-Dateien (a.csv, b.csv)"),
        ({"[Content_Types].xml": b"x", "xl/workbook.xml": b"y"}, "Excel-Datei"),
    ],
)
def test_which_table_is_the_stock_is_never_guessed(files: dict[str, bytes], said: str) -> None:
    assert said in refusal(packed_files(files))


def test_an_archive_without_its_end_is_refused() -> None:
    whole = packed(bestand__csv=b"x" * 1000).getvalue()
    assert "nicht vollständig" in refusal(io.BytesIO(whole[:-30]))
    assert "nicht vollständig" in refusal(io.BytesIO(b"PK\x03\x04rest"))


def test_a_table_that_unpacks_without_end_stops_at_the_limit() -> None:
    """The reader of the table refuses what is larger than its limit: it gets a little more than that."""
    stream = packed(bestand__csv=b"\0" * (50 * MEGABYTE))
    assert len(stream.getvalue()) < MEGABYTE
    with open_stock_archive(stream) as archive, archive.table(MEGABYTE) as table:
        assert MEGABYTE < len(table.read()) <= 3 * MEGABYTE


def test_a_picture_that_unpacks_without_end_stops_at_the_limit_in_bounded_memory() -> None:
    stream = packed(bestand__csv=b"x", A1_1__jpg=b"\0" * (200 * MEGABYTE))
    with open_stock_archive(stream) as archive:
        (picture,) = archive.pictures_of({"A1": ["A1"]}).of["A1"]
        tracemalloc.start()
        with pytest.raises(UnreadableEntry, match="größer als 2 MB"):
            archive.read(picture, 2 * MEGABYTE)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 10 * MEGABYTE


def test_a_size_that_is_claimed_too_small_does_not_help() -> None:
    stream = packed(zipfile.ZIP_STORED, bestand__csv=b"x", A1_1__jpg=b"a" * 1000)
    lying = stream.getvalue().replace(struct.pack("<II", 1000, 1000), struct.pack("<II", 1000, 10))
    with open_stock_archive(io.BytesIO(lying)) as archive:
        (picture,) = archive.pictures_of({"A1": ["A1"]}).of["A1"]
        with pytest.raises(UnreadableEntry):
            archive.read(picture, 500)


def test_a_directory_of_millions_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock_archive, "MOST_ENTRIES", 3)
    files = {f"A{number}_1.jpg": b"" for number in range(3)}
    assert "zu viele Dateien (4)" in refusal(packed_files(files | {"bestand.csv": b"x"}))


def test_an_end_that_claims_gigabytes_of_directory_is_refused() -> None:
    content = bytearray(packed(bestand__csv=b"x").getvalue())
    struct.pack_into("<I", content, len(content) - 10, 0x7FFFFFFF)
    assert "zu viele Dateien" in refusal(io.BytesIO(bytes(content)))


def test_a_damaged_picture_costs_that_picture() -> None:
    content = packed(zipfile.ZIP_STORED, bestand__csv=b"x", A1_1__jpg=b"aaaa", A1_2__jpg=b"bbbb").getvalue()
    with open_stock_archive(io.BytesIO(content.replace(b"aaaa", b"aXaa"))) as archive:
        first, second = archive.pictures_of({"A1": ["A1"]}).of["A1"]
        with pytest.raises(UnreadableEntry, match="beschädigt"):
            archive.read(first, 10)
        assert archive.read(second, 10) == b"bbbb"


def test_what_is_packed_in_a_way_that_hardly_anybody_uses_is_not_unpacked() -> None:
    stream = packed(zipfile.ZIP_BZIP2, bestand__csv=b"x", A1_1__jpg=b"aaaa")
    assert "ungewöhnlich gepackt" in refusal(stream)


def test_a_password_is_named_as_the_reason() -> None:
    """Not that the archive was cut: a dealer would only send it once more."""
    content = packed(zipfile.ZIP_STORED, bestand__csv=b"x", A1_1__jpg=b"aaaa").getvalue()
    locked = content.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0")
    assert locked != content
    assert "Passwort" in refusal(io.BytesIO(locked))
    with open_stock_archive(io.BytesIO(locked)) as archive:
        [picture] = archive.pictures_of({"A1": ["A1"]}).of["A1"]
        with pytest.raises(UnreadableEntry, match="Passwort"):
            archive.read(picture, 10)


def test_of_a_picture_in_two_folders_the_larger_one_counts() -> None:
    """Systems put their thumbnails beside the pictures."""
    sizes = {
        "klein/A1_1.jpg": b"s",
        "gross/A1_1.jpg": b"large",
        "gross/A1_2.jpg": b"two",
        "klein/A1_2.JPG": b"s",
    }
    with open_stock_archive(packed_files({"bestand.csv": b"x"} | sizes)) as archive:
        found = archive.pictures_of({"A1": ["A1"]})
        assert [archive.read(picture, 10) for picture in found.of["A1"]] == [b"large", b"two"]
        assert found.homeless == 0


def test_an_archive_is_known_by_its_first_bytes() -> None:
    assert is_archive(packed(bestand__csv=b"x"))
    assert not is_archive(io.BytesIO(b"4711;A1"))
    assert not is_archive(io.BytesIO(b""))
