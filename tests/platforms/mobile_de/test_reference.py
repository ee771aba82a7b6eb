"""Reference data: fetched once, kept, and replaced by what is documented where there is none."""

from __future__ import annotations

import pytest

from portal.platforms.contract import ReferenceUnavailable, Subject
from tests.builders import golf
from tests.platforms.mobile_de.conftest import Rig
from tests.platforms.peer import Says

MAKES = "/refdata/classes/Car/makes"


def test_lists_are_fetched_once_in_german_without_credentials(rig: Rig) -> None:
    for _ in range(2):
        rig.map(golf())
    asked = rig.peer.requests("GET", MAKES)
    assert len(asked) == 1
    assert asked[0].headers["Accept-Language"] == "de"
    assert "Authorization" not in asked[0].headers


def test_list_that_is_not_offered_is_not_asked_for_again(rig: Rig) -> None:
    for _ in range(2):
        rig.map(golf())
    assert len(rig.peer.requests("GET", "/refdata/fuels")) == 1


@pytest.mark.parametrize(
    "answer",
    [Says(500), Says(200, b"<html>"), Says(200, {"values": [{"description": "VW"}]}), Says(then="reset")],
)
def test_unreadable_makes_are_unavailable(rig: Rig, answer: Says) -> None:
    rig.peer.tell("GET", MAKES, answer)
    with pytest.raises(ReferenceUnavailable):
        rig.mapper()


def test_unreadable_models_are_unavailable_for_their_vehicles(rig: Rig) -> None:
    rig.peer.tell("GET", f"{MAKES}/M-VW/models", Says(500))
    mapper = rig.mapper()
    with pytest.raises(ReferenceUnavailable):
        mapper(Subject(golf(), "HH"))
    assert mapper(Subject(golf(make="BMW", model="3er"), "HH")).payload["model"] == "b3"


def test_old_copy_is_better_than_none(rig: Rig) -> None:
    vehicle = golf()
    before = rig.map(vehicle).payload
    rig.references.expire()
    rig.peer.tell("GET", MAKES, Says(503))
    rig.peer.tell("GET", f"{MAKES}/M-VW/models", Says(503))
    assert rig.map(vehicle).payload == before


def test_enumerations_fall_back_to_documented_values(rig: Rig) -> None:
    rig.peer.tell("GET", "/refdata/fuels", Says(500))
    assert rig.map(golf()).payload["fuel"] == "PETROL"


XML_MAKES = b"""<?xml version="1.0" encoding="UTF-8"?>
<reference:reference xmlns:reference="urn:a" xmlns:resource="urn:b">
  <reference:item key="M-VW" url="x">
    <resource:local-description xml-lang="en">VW (car)</resource:local-description>
    <resource:local-description xml-lang="de">VW</resource:local-description></reference:item>
</reference:reference>"""


def test_a_platform_that_has_its_lists_as_xml_only_is_asked_for_that(rig: Rig) -> None:
    rig.peer.tell("GET", MAKES, Says(406), Says(200, XML_MAKES))
    assert rig.map(golf()).payload["make"] == "M-VW"
    assert [asked.headers["Accept"] for asked in rig.peer.requests("GET", MAKES)][1:] == ["application/xml"]


@pytest.mark.parametrize(
    "body",
    [
        b"<?xml version='1.0'?><html><body>Login</body></html>",
        b"<?xml version='1.0'?><reference><item/></reference>",
        b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'a'>]><reference>&a;</reference>",
        b"<?xml version='1.0'?><reference>",
    ],
)
def test_xml_that_is_no_list_is_unavailable(rig: Rig, body: bytes) -> None:
    rig.peer.tell("GET", MAKES, Says(200, body))
    with pytest.raises(ReferenceUnavailable):
        rig.mapper()


def test_make_with_a_slash_in_its_key_stays_in_its_place(rig: Rig) -> None:
    rig.peer.refdata("classes/Car/makes", ("A/B", "VW"))
    rig.peer.refdata("classes/Car/makes/A%2FB/models", ("g", "Golf"))
    assert rig.map(golf()).payload["model"] == "g"
