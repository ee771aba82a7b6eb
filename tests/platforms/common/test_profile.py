"""Definitions of files: kept as JSON, checked before they are used."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.platforms.common.catalogue import BY_NAME, FACTS
from portal.platforms.common.profile import (
    CHARSETS,
    DATES,
    FLAG_WORDS,
    SEPARATORS,
    Profile,
    ProfileColumn,
    every_column,
    named_columns,
)
from portal.platforms.common.profile_writer import ProfileWriter
from portal.platforms.common.vehicle_view import FileContext
from portal.platforms.contract import Account, Rules, Subject
from portal.platforms.contract.files import FILTERED, FileEntry
from portal.vehicle_facts.data import Kind, Prices
from tests.builders import golf
from tests.platforms.file_rig import AROUND, images
from tests.platforms.mobile_de.kinds import electric, financed, plug_in, used_petrol
from tests.texts import written

ONE = (ProfileColumn("Nr", fact="number"),)


def writer(profile: Profile) -> ProfileWriter:
    context = FileContext("der Empfänger", {}, Account("4711", ""), Rules(), AROUND)
    return ProfileWriter(context, profile, "liste")


def entry(profile: Profile, vehicle: Any, pictures: int = 0, **subject: Any) -> FileEntry:
    return writer(profile).entry(Subject(vehicle, "HH", images(pictures), **subject))


def cells(*columns: ProfileColumn, vehicle: Any = None, **wishes: Any) -> list[str]:
    profile = Profile(columns, **wishes)
    return list(entry(profile, vehicle or used_petrol(), pictures=2).values)


def test_a_definition_survives_being_stored() -> None:
    profile = Profile(
        columns=(ProfileColumn("A", fact="make"), ProfileColumn("B", text="{make} {model}")),
        format="xml",
        separator="\t",
        kinds=("used", "new"),
        price_from=500,
    )
    assert Profile.from_json(json.loads(json.dumps(profile.as_json()))) == profile


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"columns": []},
        {"columns": [{"label": "A", "fact": "password"}]},
        {"columns": [{"label": "A", "fact": "make", "code": "x"}]},
        {"columns": [{"label": "A", "text": "{make.x}"}]},
        {"columns": 7},
    ],
)
def test_what_is_no_definition_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Profile.from_json(data)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"format": "xls"}, "format"),
        ({"charset": "ebcdic"}, "charset"),
        ({"separator": "#"}, "separator"),
        ({"dates": "us"}, "dates"),
        ({"flags": "x"}, "flags"),
        ({"breaks": "x"}, "breaks"),
        ({"pictures": "fax"}, "pictures"),
        ({"kinds": ("tank",)}, "kinds"),
        ({"price_from": -1}, "price_from"),
        ({"price_from": 2, "price_to": 1}, "price_to"),
        ({"longest_text": 0}, "longest_text"),
        ({"columns": ()}, "columns"),
        ({"columns": ONE * 151}, "columns"),
        ({"columns": ONE * 2}, "columns-1"),
        ({"columns": (ProfileColumn(" A", fact="make"),)}, "columns-0"),
        ({"columns": (ProfileColumn("Ü🚗", fact="make"),), "charset": "iso-8859-15"}, "columns-0"),
    ],
)
def test_each_mistake_has_its_field(changed: dict[str, Any], field: str) -> None:
    assert field in replace(Profile(ONE), **changed).problems()


def test_values_are_spelled_as_wished() -> None:
    price, month, flag = (
        ProfileColumn("P", fact="price"),
        ProfileColumn("M", fact="first_registration"),
        ProfileColumn("F", fact="metallic"),
    )
    car = used_petrol(prices=Prices(selling=Decimal("12990.50")))
    assert cells(price, month, flag, vehicle=car) == ["12990,50", "05.2018", "1"]
    assert cells(price, month, flag, vehicle=car, comma=False, dates="iso", flags="english") == [
        *("12990.50", "2018-05", "true"),
    ]
    assert cells(month, ProfileColumn("S", text="{price} {first_registration}"), dates="slash") == [
        *("05/2018", "12990 05/2018"),
    ]


def test_lists_do_not_collide_with_the_separator() -> None:
    pictures = ProfileColumn("B", fact="picture_urls")
    assert cells(pictures)[0].count("|") == 1
    assert cells(pictures, separator="|")[0].count(",") == 1


def test_line_breaks_are_kept_replaced_or_written() -> None:
    text = ProfileColumn("T", fact="description")
    car = used_petrol(description="a\nb")
    assert cells(text, vehicle=car) == ["a b"]
    assert cells(text, vehicle=car, breaks="html") == ["a<br>b"]
    assert cells(text, vehicle=car, breaks="keep") == ["a\nb"]


def test_the_zip_names_the_pictures_that_a_column_lists() -> None:
    profile = Profile((*ONE, ProfileColumn("B", fact="picture_names")), pictures="zip")
    made = entry(profile, used_petrol(), pictures=2)
    assert made.values[1] == "A10001_1.jpg|A10001_2.jpg"
    assert [picture.name for picture in made.pictures] == ["A10001_1.jpg", "A10001_2.jpg"]


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"kinds": ("used",)}, True),
        ({"kinds": ("new", "classic")}, False),
        ({"price_from": 12_990}, True),
        ({"price_from": 12_991}, False),
        ({"price_to": 12_990}, True),
        ({"price_to": 12_989}, False),
        ({"price_from": 0, "price_to": 99_999}, True),
    ],
)
def test_the_filter_leaves_out(changed: dict[str, Any], kept: bool) -> None:
    found = entry(Profile(ONE, **changed), golf())
    assert [problem.code for problem in found.problems] == ([] if kept else [FILTERED])


def test_the_filter_goes_by_the_price_that_is_published() -> None:
    profile = Profile(ONE, price_to=10_000)
    assert entry(profile, golf(), platform_price="9900").problems == ()
    on_request = golf(prices=Prices(selling=Decimal(9000), on_request=True))
    assert [problem.code for problem in entry(profile, on_request).problems] == [FILTERED]


def test_who_is_filtered_has_no_other_problem() -> None:
    """A wish is no defect: nothing is to be done about the vehicle."""
    found = entry(Profile(ONE, kinds=("used",)), golf(kind=Kind.NEW))
    assert [problem.code for problem in found.problems] == [FILTERED]


@pytest.mark.parametrize("vehicle", [used_petrol(), electric(), plug_in(), financed()])
def test_every_fact_has_a_value_of_a_known_kind(vehicle: Any) -> None:
    profile = Profile(named_columns(), format="json")
    for value in entry(profile, vehicle, pictures=1).values:
        json.dumps(value)
    assert len(FACTS) == len(BY_NAME)


def test_the_dealers_own_price_is_only_in_what_he_chooses_himself() -> None:
    for columns in (every_column("urls"), named_columns()):
        assert "dealer_price" not in {column.fact for column in columns}


WISHES = st.fixed_dictionaries(
    {
        "separator": st.sampled_from(list(SEPARATORS)),
        "charset": st.sampled_from(list(CHARSETS)),
        "dates": st.sampled_from(list(DATES)),
        "flags": st.sampled_from(list(FLAG_WORDS)),
        "breaks": st.sampled_from(["space", "keep", "html"]),
        "comma": st.booleans(),
        "mark": st.booleans(),
        "header": st.booleans(),
    }
)
TEXT = written(50)


@given(wishes=WISHES, facts=st.lists(st.sampled_from(FACTS), min_size=1, max_size=12, unique=True), text=TEXT)
def test_every_definition_gives_a_file_that_csv_reads(wishes: Any, facts: Any, text: str) -> None:
    columns = tuple(ProfileColumn(f"C{place}", fact=fact.name) for place, fact in enumerate(facts))
    profile = Profile((*columns, ProfileColumn("T", text="{make}; {title}")), **wishes)
    made = entry(profile, golf(make=text, description=text), pictures=1)
    stream = io.BytesIO()
    exporting = writer(profile)
    exporting.write([exporting.record(made)], stream, lambda _sha256: b"")
    charset = "utf-8-sig" if profile.charset == "utf-8" else profile.charset
    rows = list(
        csv.reader(io.StringIO(stream.getvalue().decode(charset), newline=""), delimiter=profile.separator)
    )
    assert rows[-1] == list(made.values)
    assert len(rows) == (2 if profile.header else 1)
