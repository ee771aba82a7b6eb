"""One registry of attributes: whatever a page, a file, the API or the log says of a vehicle comes from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale
from pydantic import Field

from portal.blueprints.api.documents import openapi
from portal.blueprints.api.schema import VehicleIn
from portal.blueprints.audit.labels import detail_name
from portal.blueprints.vehicles.form_cards import form_cards
from portal.formats.mobile_de_csv import COLUMNS
from portal.platforms.common.catalogue import FACTS, catalogue
from portal.platforms.common.labels import LABELS
from portal.vehicle_facts.attributes import Attribute, Bounds, Registry, whole
from portal.vehicle_facts.data import Kind, VehicleData
from portal.vehicle_facts.registry import REGISTRY
from tests.words import german

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "portal" / "translations" / "en" / "LC_MESSAGES" / "messages.po"


class LongerVehicle(VehicleIn):
    nose_weight: Annotated[int, Field(ge=0, le=500)] | None = None


NOSE_WEIGHT = whole("nose_weight", "Stützlast", "kg")


@pytest.fixture
def longer() -> Registry:
    """The registry with an attribute more."""
    return REGISTRY.with_attribute("technical", NOSE_WEIGHT, LongerVehicle)


def texts(attribute: Attribute) -> Iterator[str]:
    yield from (attribute.label, attribute.public_term)
    yield from (label for _value, label in attribute.choices)
    if attribute.help:
        yield attribute.help


def without_english(registry: Registry, english: Catalog) -> set[str]:
    """What the English interface would say in German. A capital letter or two stand for themselves."""
    said = {text for attribute in registry for text in texts(attribute)}
    said |= {group.title for group in registry.groups}
    translated = {str(message.id) for message in english if message.id and message.string}
    return {text for text in said if any(map(str.islower, text))} - translated


@pytest.fixture(scope="module")
def english() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def test_a_new_attribute_is_asked_on_the_form(longer: Registry, app: Flask) -> None:
    with app.test_request_context(), force_locale("de"):
        technical = next(card for card in form_cards(longer) if card.key == "technical")
        field = technical.fields[-1]
        assert (field.name, str(field.label), str(field.unit)) == ("nose_weight", "Stützlast", "kg")


def test_a_new_attribute_is_offered_as_a_column(longer: Registry) -> None:
    facts = catalogue(longer)
    new = next(fact for fact in facts if fact.name == "nose_weight")
    assert (german(new.label), german(new.group)) == ("Stützlast (kg)", "Technik")
    assert [fact for fact in facts if fact is not new] == list(FACTS)
    at_its_group = [german(fact.group) for fact in facts]
    assert at_its_group[facts.index(new) - 1] == "Technik" != at_its_group[facts.index(new) + 1]


def test_a_new_attribute_is_in_the_document_of_the_api(longer: Registry) -> None:
    schema = openapi(longer, LongerVehicle)["components"]["schemas"]["LongerVehicle"]
    assert "nose_weight" in schema["properties"]
    described = {"label": "Stützlast", "group": "technical", "unit": "kg", "minimum": 0.0, "maximum": 500.0}
    assert schema["x-attributes"]["nose_weight"] == described


def test_a_new_attribute_has_its_word_in_the_audit_log(longer: Registry, app: Flask) -> None:
    with app.test_request_context(), force_locale("de"):
        assert detail_name("nose_weight", longer) == "Stützlast"
        assert detail_name("nose_weight") == "nose_weight"
        assert detail_name("displacement") == "Hubraum"


def test_the_check_of_the_english_catalogue_sees_a_new_attribute(longer: Registry, english: Catalog) -> None:
    assert without_english(REGISTRY, english) == set()
    assert without_english(longer, english) == {"Stützlast"}


def test_an_attribute_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="nose_weight"):
        REGISTRY.with_attribute("technical", NOSE_WEIGHT, VehicleData)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("displacement", Bounds(1, 99_999)),
        ("vin", Bounds(longest=17)),
        ("offer_number", Bounds(longest=40)),
        ("prices.selling", Bounds(0)),
        ("energy.power.combined", Bounds(0, 999)),
        ("financing.1.duration", Bounds(0, 9_999_999)),
        ("leasing.bank", Bounds(longest=120)),
        ("description", Bounds(longest=20_000)),
        ("equipment.other", Bounds(longest=500, entries=500)),
        ("prices.vat_rate", Bounds(0, 100)),
    ],
)
def test_bounds_are_those_of_the_model(name: str, bounds: Bounds) -> None:
    assert REGISTRY.bounds(name) == bounds


def test_a_first_registration_is_needed_of_what_was_on_the_road() -> None:
    needed = REGISTRY["first_registration"].needed_for
    assert needed == {Kind.USED, Kind.EMPLOYEES_CAR, Kind.CLASSIC}


def test_feedback_and_the_imports_report_use_the_same_words() -> None:
    assert LABELS["displacement"] == "Hubraum"
    assert LABELS["vin"] == "Fahrgestellnummer"
    assert next(column.name for column in COLUMNS if column.paths == ("displacement",)) == "Hubraum (cm³)"


def test_names_of_columns_are_unique() -> None:
    named = [one.column_name for one in REGISTRY if one.column_name]
    assert len(named) == len(set(named))
    assert {fact.name for fact in FACTS} >= set(named)


def test_a_label_is_typed_once() -> None:
    """The marketplaces of the sandbox have words of their own, like any other company."""
    typed = [
        str(file.relative_to(ROOT))
        for file in sorted((ROOT / "portal").rglob("*.py"))
        if "sandbox" not in file.parts
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("Hubraum", "Hubraum (cm³)")
    ]
    assert typed == ["portal/vehicle_facts/registry.py"]


def test_a_value_in_a_new_column_is_read_from_the_vehicle(longer: Registry) -> None:
    view = SimpleNamespace(vehicle=LongerVehicle(offer_number="1", location="HH", nose_weight=75))
    fact = next(one for one in catalogue(longer) if one.name == "nose_weight")
    assert fact.value(view) == 75  # type: ignore[arg-type]
