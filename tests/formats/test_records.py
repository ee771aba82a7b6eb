"""JSON and XML, read back by others."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.formats.charset import clean
from portal.formats.records import CsvFormat, Dialect, JsonFormat, XmlFormat, element_names

TEXT = st.text(alphabet=st.characters(), max_size=60).map(clean)
KEYS = ("Nr", "Preis (brutto)", "Bilder")
ROWS = st.lists(st.tuples(TEXT, st.integers(), st.lists(TEXT.filter(bool), max_size=3)), max_size=5)


def as_json(rows: list[tuple[Any, ...]]) -> Any:
    stream = io.BytesIO()
    form = JsonFormat(KEYS)
    form.write(map(form.record, rows), stream)
    return json.loads(stream.getvalue())


def as_xml(rows: list[tuple[Any, ...]], charset: str = "utf-8") -> etree._Element:
    stream = io.BytesIO()
    form = XmlFormat(KEYS, charset)
    form.write(map(form.record, rows), stream)
    return etree.fromstring(stream.getvalue())


@given(ROWS)
def test_json_reads_back(rows: list[tuple[Any, ...]]) -> None:
    expected = [
        {key: value for key, value in zip(KEYS, row, strict=True) if value not in ("", [])} for row in rows
    ]
    assert as_json(rows) == expected


@given(ROWS, st.sampled_from(["utf-8", "iso-8859-15", "cp1252"]))
def test_xml_reads_back_in_every_charset(rows: list[tuple[Any, ...]], charset: str) -> None:
    vehicles = as_xml(rows, charset)
    assert vehicles.tag == "vehicles"
    found = [
        (vehicle[0].text or "", int(vehicle[1].text), [item.text for item in vehicle[2]])
        for vehicle in vehicles
    ]
    assert found == rows


def test_no_vehicle_is_an_empty_list() -> None:
    assert as_json([]) == []
    assert len(as_xml([])) == 0


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (("Preis (brutto)", "Preis: brutto"), ("Preis_brutto", "Preis_brutto_2")),
        (("CO₂-Klasse", "1. Bild", "–"), ("CO_-Klasse", "_1._Bild", "Feld")),
        (("Größe", "xml"), ("Größe", "xml")),
    ],
)
def test_labels_become_names_of_elements(labels: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert element_names(labels) == names


@given(st.lists(st.text(alphabet=st.characters(), max_size=20), max_size=8))
def test_every_label_becomes_a_name_of_its_own(labels: list[str]) -> None:
    names = element_names(labels)
    assert len(set(names)) == len(labels)
    for name in names:
        etree.fromstring(f"<{name}/>")


def test_a_formula_goes_out_as_it_is() -> None:
    stream = io.BytesIO()
    form = CsvFormat(Dialect(quoting="needed"))
    form.write([form.record(["=1+1", '+"x"'])], stream)
    assert stream.getvalue() == b'=1+1;"+""x"""\r\n'
