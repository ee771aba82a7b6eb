"""Every text and every list has bounds, declared once, and every way in keeps them.

Walks the registry of attributes and the URL map: what is added is tried at once.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.blueprints.api.documents import openapi
from portal.blueprints.vehicles.form import read, typed_from
from portal.formats.foreign_layouts.layout import Layout
from portal.formats.foreign_layouts.targets import targets
from portal.models import Base, Dealer, User, Vehicle
from portal.models.accounts import RIGHTS
from portal.vehicle_facts.attributes import Attribute
from portal.vehicle_facts.registry import REGISTRY
from portal.vehicles.stock_import import import_stock
from portal.vehicles.stock_layouts import save_layout
from tests.blueprints.api.conftest import Tool, tool_of
from tests.builders import Build, golf
from tests.formats.foreign_layouts.files import surveyed, text_file
from tests.test_odd_input import Names, address, as_dealer, as_support, names, send, with_key
from tests.test_url_map import SAFE, calls, objects_of
from tests.vehicles.importing import refusals, remarks

Login = Callable[[User], FlaskClient]
BELL = "Klin\x07gel"
A_MILLION_AND_A_HALF = 1_500_000
TEXTS = [one for one in REGISTRY if one.type in ("text", "area")]
LISTS = [one for one in REGISTRY if one.type in ("lines", "features")]
BOTH = [*TEXTS, *LISTS]
EXAMPLE = dict.fromkeys(("monthly_rate", "duration", "nominal_interest", "effective_interest"), 1)
FINANCING = EXAMPLE | {"net_credit": 1}
LEASING = {"monthly_rate": 1, "duration": 1, "mileage_per_year": 1}
_ = names
"""A fixture."""


def named(attribute: Attribute) -> str:
    return attribute.name


@pytest.fixture
def tool(build: Build, client: FlaskClient, alices: Dealer) -> Tool:
    return tool_of(build, client, alices)


def longest(attribute: Attribute) -> int:
    return REGISTRY.bounds(attribute.name).longest or 0


def with_fact(path: str, value: Any) -> dict[str, Any]:
    """A vehicle as a tool sends it, with this fact."""
    vehicle: dict[str, Any] = {"location": "HH", "offer_number": "A1"}
    *parents, last = path.split(".")
    match parents:
        case ["financing", slot]:
            examples = [FINANCING | {last: value}, None]
            return vehicle | {"financing": examples if slot == "0" else examples[::-1]}
        case ["leasing"]:
            return vehicle | {"leasing": LEASING | {last: value}}
        case [parent]:
            return vehicle | {parent: {last: value}}
        case _:
            return vehicle | {last: value}


def sent(tool: Tool, path: str, value: Any) -> Any:
    answer = tool("POST", "/vehicles", json={"vehicles": [with_fact(path, value)]})
    assert answer.status_code == 200
    return answer.json["results"][0]


def kept(session: Session) -> list[str]:
    session.expire_all()
    return [str(data) for data in session.scalars(select(Vehicle.data))]


def test_every_text_and_every_list_says_how_much_it_holds() -> None:
    document = openapi()["components"]["schemas"]["VehicleIn"]["x-attributes"]
    for attribute in BOTH:
        bounds = REGISTRY.bounds(attribute.name)
        assert bounds.longest, attribute.name
        assert document[attribute.name]["maxLength"] == bounds.longest
        assert bool(bounds.entries) == (attribute in LISTS), attribute.name
        assert document[attribute.name].get("maxItems") == bounds.entries


@pytest.mark.parametrize("attribute", TEXTS, ids=named)
def test_a_text_that_is_too_long_is_refused_by_the_interface(
    attribute: Attribute, tool: Tool, session: Session
) -> None:
    result = sent(tool, attribute.name, "x" * (longest(attribute) + 1))
    assert result["result"] == "rejected"
    assert attribute.name in [error["field"] for error in result["errors"]]
    assert kept(session) == []


@pytest.mark.parametrize("attribute", BOTH, ids=named)
def test_no_control_character_comes_in_through_the_interface(
    attribute: Attribute, tool: Tool, session: Session
) -> None:
    """Texts are taken without it, as without mark-up; what names a vehicle is refused."""
    result = sent(tool, attribute.name, [BELL] if attribute in LISTS else BELL)
    assert result["result"] == "created" or result["errors"]
    assert not [data for data in kept(session) if "\x07" in data or "\\x07" in data]
    if attribute.name == "offer_number":
        assert result["errors"] == [
            {"field": "offer_number", "text": "No control characters or line breaks."}
        ]


@pytest.mark.parametrize("attribute", LISTS, ids=named)
@pytest.mark.parametrize("entries", ["one too many", "a million and a half", "one too long"])
def test_a_list_that_is_too_large_is_refused_by_the_interface(
    attribute: Attribute, entries: str, tool: Tool, session: Session
) -> None:
    most = REGISTRY.bounds(attribute.name).entries or 0
    wanted = {
        "one too many": [f"x{place}" for place in range(most + 1)],
        "a million and a half": ["x"] * A_MILLION_AND_A_HALF,
        "one too long": ["x" * (longest(attribute) + 1)],
    }
    result = sent(tool, attribute.name, wanted[entries])
    assert result["result"] == "rejected"
    assert result["errors"][0]["field"].startswith(attribute.name)
    assert len(result["errors"]) <= 20
    assert kept(session) == []


def test_a_number_with_a_control_character_names_no_vehicle(tool: Tool, build: Build, alices: Dealer) -> None:
    build.vehicle(alices, offer_number="A1")
    build.session.commit()
    assert tool("DELETE", "/vehicles/HH/A%071").status_code == 404
    assert tool("GET", "/vehicles/HH/A1").status_code == 200


@pytest.mark.parametrize("attribute", [one for one in BOTH if one.type != "features"], ids=named)
def test_the_form_says_at_its_field_what_is_too_much(attribute: Attribute, app: Flask) -> None:
    bounds, part = REGISTRY.bounds(attribute.name), attribute.name.rpartition(".")[0]
    example = LEASING if part == "leasing" else FINANCING if part.startswith("financing") else {}
    typed = typed_from(golf()) | {f"{part}.{name}": str(value) for name, value in example.items()}
    too_much = ["x" * (longest(attribute) + 1)]
    if bounds.entries:
        too_much.append("x\n" * (bounds.entries + 1))
    for given in too_much:
        with app.test_request_context():
            reading = read(MultiDict(typed | {attribute.name: given}), None)
        assert reading.facts is None
        assert len(reading.errors.get(attribute.name, "")) > len(attribute.label)


COLUMNS = [name for name in targets() if name in REGISTRY and REGISTRY[name] in BOTH]
NEEDED = {"offer_number": "A1", "make": "VW", "prices.selling": "12990"}


def taken(session: Session, dealer: Dealer, cells: dict[str, str]) -> list[str]:
    """What the report says of a file with one row in a layout of its own."""
    content = text_file(tuple(f"Spalte {name}" for name in cells), tuple(cells.values()))
    columns = {f"Spalte {name}": name for name in cells}
    save_layout(session, dealer.id, "Profil", Layout(columns), surveyed(content, has_header=True))
    report = import_stock(session, io.BytesIO(content), dealer, dealer.locations[0], "a.csv", partial=True)
    session.commit()
    return [str(row) for row in (*refusals(session, report), *remarks(session, report))]


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("kind", ["too long", "control character", "too many"])
def test_an_import_remarks_what_is_too_much_and_keeps_none_of_it(
    name: str, kind: str, session: Session, dealer: Dealer
) -> None:
    bounds, line = REGISTRY.bounds(name), REGISTRY.bounds("equipment.other")
    longest = (line if bounds.entries else bounds).longest or 0
    cell = {
        "too long": "x" * (longest + 1),
        "control character": BELL,
        "too many": ";".join(f"x{place}" for place in range((bounds.entries or 0) + 1)),
    }[kind]
    if kind == "too many" and not bounds.entries:
        pytest.skip("no list")
    said = taken(session, dealer, NEEDED | {name: cell})
    assert kind == "control character" or said
    assert not [row for row in kept(session) + said if "\x07" in row or "\\x07" in row]
    assert not [row for row in kept(session) if len(row) > 2_000]


PAGES = {
    "/settings/locations/new": {"code": "KI", "name": "Kiel"},
    "/settings/users/new": {
        "login": "dora",
        "name": "Dora",
        "email": "dora@example.org",
        "rights": "view",
        "scope": "all",
    },
    "/settings/api-keys": {"name": "Werkstatt"},
    "/settings/webhooks": {"name": "DMS", "url": "https://example.org/", "events": "listing.online"},
    "/account": {"name": "Anna", "email": ""},
}


def lying_in(session: Session, needle: str) -> list[str]:
    """Tables in which this text lies, in a column or within JSON."""
    session.rollback()
    query = "SELECT count(*) FROM \"{}\" t WHERE position(:needle in replace(t::text, '\\u0007', chr(7))) > 0"
    names = [table.name for table in Base.metadata.sorted_tables]
    return [name for name in names if session.scalar(text(query.format(name)), {"needle": needle})]


@pytest.mark.parametrize(("page", "field"), [(page, name) for page in PAGES for name in PAGES[page]])
def test_a_form_refuses_what_is_too_long_and_leaves_out_control_characters(
    page: str, field: str, build: Build, session: Session, alices: Dealer, login: Login
) -> None:
    client = login(build.user("anna", alices, rights=RIGHTS))
    longer = client.post(page, data=PAGES[page] | {field: "Q" * 3_000})
    assert longer.status_code == 422 or field in ("scope", "events", "rights")
    assert lying_in(session, "Q" * 255) == []
    rung = PAGES[page] | {field: PAGES[page][field] + "\x07"}
    assert client.post(page, data=rung).status_code in (200, 303, 422)
    assert lying_in(session, "\x07") == []


@pytest.mark.parametrize("role", [as_dealer, as_support, with_key])
def test_no_route_keeps_a_control_character(
    role: Any, app: Flask, build: Build, session: Session, alices: Dealer, login: Login, names: Names
) -> None:
    values = objects_of(build, alices)
    build.session.commit()
    browser = role(app, build, alices, login)
    for call in sorted(calls(app), key=lambda call: call.method not in SAFE):
        client, path = browser(), address(app, call, values)
        send(client, call, path, {})
        for _round in range(2):
            send(client, call, path, dict.fromkeys(sorted(names[call.rule.endpoint]), BELL))
    assert lying_in(session, "\x07") == []
