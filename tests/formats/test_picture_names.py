"""Whose picture a file of an archive is, as dealers' systems and computers name such files."""

from __future__ import annotations

import zipfile

import pytest

from portal.formats.picture_names import KnownNames, path_of


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("A1_1.jpg", 1),
        ("a1_01.JPG", 1),
        ("bilder/2026/A1_12.jpeg", 12),
        ("A1-02.jpg", 2),
        ("A1 3.jpg", 3),
        ("A1 (4).jpg", 4),
        ("A1(5).jpg", 5),
        ("A1_(6).jpg", 6),
        ("A1 - 7.jpg", 7),
        ("A1.8.jpg", 8),
        ("A1.jpg", 0),
        ("A1/9.jpg", 9),
        ("Bilder/A1/010.png", 10),
        ("A1_1.jpg.png", None),
        ("A11.jpg", None),
        ("A1x_1.jpg", None),
        ("A1_front.jpg", None),
        ("12345.jpg", None),
        ("XX/1.jpg", None),
    ],
)
def test_a_picture_is_found_by_the_ways_in_which_systems_name_it(path: str, place: int | None) -> None:
    assert KnownNames(["A1", "B2"]).meant_by(path) == (None if place is None else ("A1", place))


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("A-12.jpg", None),
        ("A-12_1.jpg", ("A-12", 1)),
        ("A-12-1.jpg", ("A-12", 1)),
        ("A_3.jpg", ("A", 3)),
        ("B_3.jpg", ("B_3", 0)),
        ("B_3_1.jpg", ("B_3", 1)),
        ("A/12.jpg", None),
    ],
)
def test_a_name_that_may_mean_two_vehicles_is_nobodys(path: str, meant: tuple[str, int] | None) -> None:
    """12 is a number of a vehicle as well."""
    assert KnownNames(["A", "A-12", "B_3", "12"]).meant_by(path) == meant


def test_numbers_that_differ_in_their_case_alone_have_pictures_of_their_own() -> None:
    names = KnownNames(["m2", "M2", "X5"])
    assert [names.meant_by(path) for path in ("m2_1.jpg", "M2_1.jpg", "x5_1.jpg")] == [
        ("m2", 1),
        ("M2", 1),
        ("X5", 1),
    ]


@pytest.mark.parametrize(
    ("written", "says_utf_8"),
    [
        ("Käfer_1.jpg".encode("cp850"), False),
        ("Käfer_1.jpg".encode("cp1252"), False),
        ("Käfer_1.jpg".encode(), False),
        ("Ka\u0308fer_1.jpg".encode(), False),
        ("Ka\u0308fer_1.jpg".encode(), True),
    ],
)
def test_an_umlaut_is_read_however_an_archive_writes_it(written: bytes, says_utf_8: bool) -> None:
    """Windows writes the code page of its console, macOS UTF-8 undeclared, with the dots apart."""
    entry = zipfile.ZipInfo(written.decode("utf-8" if says_utf_8 else "cp437"))
    entry.flag_bits = 0x800 if says_utf_8 else 0
    assert path_of(entry) == "Käfer_1.jpg"
    assert KnownNames(["Ka\u0308fer"]).meant_by(path_of(entry)) == ("Ka\u0308fer", 1)


def test_folders_of_windows_are_folders() -> None:
    assert path_of(zipfile.ZipInfo("bilder\\A1_1.jpg")) == "bilder/A1_1.jpg"
