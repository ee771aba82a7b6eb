"""Table and pictures in one flat zip, within what the way takes."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from portal.formats.mobile_de_csv.columns import PICTURES
from portal.platforms.common import packing
from portal.platforms.contract.files import FileEntry, Transport
from tests.builders import golf
from tests.platforms.file_rig import FileRig, file_rig
from tests.words import german


def entries(rig: FileRig, count: int, size: int) -> list[FileEntry]:
    made = [rig.entry(golf(offer_number=f"A{number}")) for number in range(count)]
    return [
        replace(entry, pictures=tuple(replace(picture, bytes=size) for picture in entry.pictures))
        for entry in made
    ]


def opened(content: bytes) -> tuple[list[str], list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        table = archive.read(names[0]).decode("iso-8859-15")
        return names, list(csv.reader(io.StringIO(table, newline=""), delimiter=";"))


def test_the_zip_is_flat_and_names_its_pictures() -> None:
    names, rows = opened(file_rig("mobile-de-csv").file(golf(offer_number="A1"), golf(offer_number="A2")))
    assert names == ["4711001.csv", "A1_1.jpg", "A1_2.jpg", "A2_1.jpg", "A2_2.jpg"]
    assert [row[PICTURES.index] for row in rows] == ["A1", "A2"]


def test_a_vehicle_without_pictures_names_none() -> None:
    _names, rows = opened(file_rig("mobile-de-csv").file(golf(), pictures=0))
    assert [row[PICTURES.index] for row in rows] == [""]


def test_too_large_for_http_goes_without_pictures_and_says_so() -> None:
    rig = file_rig("mobile-de-csv", transport=Transport.HTTPS.value)
    content, wrote = rig.written(entries(rig, 3, 10 * packing.MEGABYTE), lambda _sha256: b"never asked")
    names, rows = opened(content)
    assert names == ["4711001.csv"]
    assert [row[PICTURES.index] for row in rows] == ["", "", ""]
    assert [row[1] for row in rows] == ["A0", "A1", "A2"]
    (note,) = wrote.notes
    assert note.code == "pictures-left-out"
    assert "61 MB" in german(note.text)
    assert "höchstens 50 MB" in german(note.text)


def test_a_header_row_stands_first_where_it_is_wanted_also_without_pictures() -> None:
    rig = file_rig("mobile-de-csv", transport=Transport.HTTPS.value, header=True)
    content, _wrote = rig.written(entries(rig, 3, 10 * packing.MEGABYTE), lambda _sha256: b"never asked")
    _names, (head, *rows) = opened(content)
    assert (head[1], head[PICTURES.index], head[14]) == ("Interne Nummer", "Bildname", "Fahrgestellnummer")
    assert [row[1] for row in rows] == ["A0", "A1", "A2"]
    assert {len(row) for row in (head, *rows)} == {len(head)}


@pytest.mark.parametrize("transport", [Transport.SFTP, Transport.FTPS, Transport.FTP])
def test_other_ways_take_any_size(transport: Transport) -> None:
    rig = file_rig("mobile-de-csv", transport=transport.value)
    content, wrote = rig.written(entries(rig, 3, 10 * packing.MEGABYTE), lambda _sha256: b"jpeg")
    assert len(opened(content)[0]) == 7
    assert wrote.notes == ()


def test_what_fits_goes_whole() -> None:
    rig = file_rig("mobile-de-csv", transport=Transport.HTTPS.value)
    content, wrote = rig.written(entries(rig, 2, packing.MEGABYTE), lambda _sha256: b"jpeg")
    assert len(opened(content)[0]) == 5
    assert wrote.notes == ()
