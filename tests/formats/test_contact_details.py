"""Telephone numbers, mail and web addresses, which marketplaces forbid, are found with their places."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.formats.contact_details import marked, mentions


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("Anruf unter 0172 1234567!", "phone", "0172 1234567"),
        ("Tel. 040/123456", "phone", "Tel. 040/123456"),
        ("+49 (0)40 12 34 56", "phone", "+49 (0)40 12 34 56"),
        ("0049 40 123456", "phone", "0049 40 123456"),
        ("++49(0)172/1234567", "phone", "++49(0)172/1234567"),
        ("(040) 12 34 56", "phone", "(040) 12 34 56"),
        ("WhatsApp: 0151-23456789", "phone", "WhatsApp: 0151-23456789"),
        ("01 72 12 34 567", "phone", "01 72 12 34 567"),
        ("01-72/12 34 567", "phone", "01-72/12 34 567"),
        ("0 1 7 2 1 2 3 4 5 6 7", "phone", "0 1 7 2 1 2 3 4 5 6 7"),
        ("0172_1234567", "phone", "0172_1234567"),
        ("0172\u20111234567", "phone", "0172\u20111234567"),
        ("(+49) 172 1234567", "phone", "(+49) 172 1234567"),
        ("00 49 172 1234567", "phone", "00 49 172 1234567"),
        ("info(ät)autohaus.de", "email", "info(ät)autohaus.de"),
        ("Alle Autos: autohaus.cars", "url", "autohaus.cars"),
        ("info @ autohaus . de", "email", "info @ autohaus . de"),
        ("info ät autohaus punkt de", "email", "info ät autohaus punkt de"),
        ("info AT autohaus DOT de", "email", "info AT autohaus DOT de"),
        ("O172 1234567", "phone", "O172 1234567"),
        ("null-eins-sieben-zwei drei vier fünf", "phone", "null-eins-sieben-zwei drei vier fünf"),
        ("Null eins sieben zwei 1234567", "phone", "Null eins sieben zwei 1234567"),
        ("0172 eins zwei drei vier", "phone", "0172 eins zwei drei vier"),
        ("info@autohaus.de", "email", "info@autohaus.de"),
        ("info (at) autohaus (dot) de", "email", "info (at) autohaus (dot) de"),
        ("www.autohaus.example", "url", "www.autohaus.example"),
        ("https://autohaus.example/golf", "url", "https://autohaus.example/golf"),
        ("schreib an wa.me/49176", "url", "wa.me/49176"),
        ("mehr auf autohaus-müller.de", "url", "autohaus-müller.de"),
    ],
)
def test_contact_details_are_found_where_they_stand(text: str, kind: str, place: str) -> None:
    (found,) = mentions(text)
    assert (found.kind, found.text, text[found.start : found.end]) == (kind, place, place)


@pytest.mark.parametrize(
    "text",
    [
        "12.990 km, EZ 05.2018, 150 PS",
        "HU 01.01.2027, HSN 0603, TSN BGU",
        "64500 km, 1395 cm³, 12990 €",
        "WVWZZZ1KZAW000001",
        "2013 2014 2015 2016",
        "EZ 01 65 164500 km",
        "EZ 01/65 164.500 km",
        "EZ 05 2018 64500 km",
        "Felgen 0 1 2 3 4",
        "Sehr gepflegt.Auto steht in Ulm",
        "Airbags 00 16 000 km",
        "0-100 in 5 s",
        "Golf 1.4 TSI, 1.Hand.TÜV neu",
        "zwei Schlüssel, acht Airbags, vier Türen",
        "Reifen eins, zwei, drei und vier neu",
        "Platz acht. De Luxe, vier @ Home",
        "Scheckheft bei VW. Der Wagen ist top.",
    ],
)
def test_facts_of_a_car_are_no_contact_details(text: str) -> None:
    assert mentions(text) == ()


def test_the_place_is_marked_within_its_surroundings() -> None:
    text = "Ein sehr gepflegtes Fahrzeug, rufen Sie an unter 0172 1234567 oder kommen Sie einfach vorbei"
    (found,) = mentions(text)
    assert marked(text, found) == "… rufen Sie an unter »0172 1234567« oder kommen Sie ein …"


@given(st.text(alphabet="abc019 .@-/wde+()", max_size=60))
def test_places_are_within_the_text_and_do_not_overlap(text: str) -> None:
    found = mentions(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "text", ["a.a" * 7000, "eins zwei " * 2000, "at " * 7000, "0 1 " * 5000, "x @ y " * 3000]
)
def test_a_long_text_of_almost_addresses_takes_no_time(text: str) -> None:
    """Twenty thousand characters in less than a second of processor time; it took more than a minute."""
    before = time.process_time()
    mentions(text)
    assert time.process_time() - before < 2
