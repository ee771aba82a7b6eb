"""Putting an export together: with script and without, and what becomes of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.models import Activation, Dealer, User
from portal.models.exports import ActivationState
from portal.platforms import get_app
from portal.platforms.common.profile import Profile, ProfileColumn
from portal.platforms.configurator.settings import START
from portal.platforms.contract.fields import defaults
from portal.vehicle_facts.data import Kind, Prices
from tests.builders import Build, golf
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
NEW = "/configurator/new"
QUERIES = 6
COLUMNS = (("Nr", "number", ""), ("Fahrzeug", "", "{make} {model}"), ("Preis", "price", ""))


@pytest.fixture
def export(build: Build, alices: Dealer) -> Activation:
    settings = defaults(get_app("configurator").fields) | {"name": "Liste für die Bank"}
    found: Activation = build.activation(
        alices, app="configurator", kind="file", customer_number="liste-3f9a", settings=settings, account={}
    )
    return found


def filled(columns: Any = COLUMNS, **changed: Any) -> MultiDict[str, Any]:
    form: MultiDict[str, Any] = MultiDict(
        {
            "name": "Meine Liste",
            "format": "csv",
            "charset": "utf-8",
            "separator": "semicolon",
            "dates": "german",
            "flags": "digits",
            "breaks": "space",
            "pictures": "none",
            "longest_text": "5000",
            "header": "1",
            "comma": "1",
        }
        | changed
    )
    for label, fact, text in columns:
        form.add("label", label)
        form.add("fact", fact)
        form.add("text", text)
    return form


def labels(page: str) -> list[str]:
    return [field.get("value") for field in html.fromstring(page).xpath('//input[@name="label"]')]


def table(page: str) -> list[list[str]]:
    rows = html.fromstring(page).xpath("//tbody/tr")
    return [[cell.text or "" for cell in row.xpath("td")] for row in rows]


def shown_to(client: FlaskClient, form: Any, url: str = f"{NEW}/preview") -> str:
    """What HTMX gets: the preview of this form."""
    return client.post(url, data=form, headers=as_htmx()).text


def pressed(client: FlaskClient, button: str, **changed: Any) -> str:
    """The page after a button beside the columns."""
    return client.post(f"{NEW}/columns/{button}", data=filled(**changed)).text


def exports(session: Session) -> list[Activation]:
    session.expire_all()
    return list(session.scalars(select(Activation).where(Activation.app == "configurator")))


def test_the_store_leads_to_the_configurator(alice: FlaskClient) -> None:
    assert "Export bauen" in alice.get("/appstore/configurator").text
    answer = alice.get("/appstore/configurator/activate")
    assert answer.headers["Location"].endswith(NEW)


def test_a_new_export_begins_with_the_usual_columns(alice: FlaskClient) -> None:
    page = alice.get(NEW).text
    assert labels(page) == [column.label for column in START.columns]


def test_the_preview_shows_the_first_ten_vehicles(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    for number in range(12):
        build.vehicle(alices, offer_number=f"N{number:02}")
    shown = shown_to(alice, filled())
    assert "<html" not in shown
    assert table(shown) == [[f"N{number:02}", "VW Golf", "12990"] for number in range(10)]


def test_the_preview_follows_every_choice(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    build.vehicle(alices, offer_number="A1", metallic=True, prices=Prices(selling=Decimal("999.50")))
    columns = (("P", "price", ""), ("M", "metallic", ""), ("EZ", "first_registration", ""))
    for changed, row in (
        ({}, ["999,50", "1", "05.2018"]),
        ({"flags": "words", "dates": "iso"}, ["999,50", "ja", "2018-05"]),
        ({"comma": ""}, ["999,50", "1", "05.2018"]),
    ):
        assert table(shown_to(alice, filled(columns, **changed))) == [row]
    point = filled(columns)
    del point["comma"]
    assert table(shown_to(alice, point)) == [["999.50", "1", "05.2018"]]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("json", '{"Nr":"A1","Fahrzeug":"VW Golf","Preis":12990}'),
        ("xml", "<vehicle><Nr>A1</Nr><Fahrzeug>VW Golf</Fahrzeug><Preis>12990</Preis></vehicle>"),
    ],
)
def test_other_formats_show_their_text(
    build: Build, alices: Dealer, alice: FlaskClient, form: str, text: str
) -> None:
    build.vehicle(alices, offer_number="A1")
    shown = shown_to(alice, filled(format=form))
    assert text in unescape(shown)


def test_the_filter_leaves_vehicles_out(build: Build, alices: Dealer, alice: FlaskClient) -> None:
    build.vehicle(alices, offer_number="CHEAP", prices=Prices(selling=Decimal(900)))
    build.vehicle(alices, offer_number="DEAR", prices=Prices(selling=Decimal(90_000)))
    build.vehicle(alices, offer_number="OLD", kind=Kind.CLASSIC)
    build.vehicle(alices, offer_number="RIGHT")
    build.vehicle(alices, offer_number="OFFLINE", online=False)
    chosen = filled(price_from="1000", price_to="20.000,00 €", kinds="used")
    assert [row[0] for row in table(shown_to(alice, chosen))] == ["RIGHT"]


def test_the_filter_finds_the_few_vehicles_that_come_late(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    """Also where the price that counts is the lower one of an offer."""
    for _number in range(70):
        build.vehicle(alices)
    build.vehicle(alices, offer_number="DEAR", prices=Prices(selling=Decimal(50_000)))
    build.vehicle(alices, offer_number="CUT", prices=Prices(selling=Decimal(50_000), promo=Decimal(9_000)))
    build.vehicle(alices, offer_number="ASK", prices=Prices(selling=Decimal(50_000), on_request=True))
    shown = table(shown_to(alice, filled(price_from="40000")))
    assert [row[0] for row in shown] == ["DEAR"]
    shown = table(shown_to(alice, filled(price_to="10000")))
    assert [row[0] for row in shown] == ["CUT"]


def test_a_price_of_its_own_is_shown_and_filtered_by(
    build: Build, alices: Dealer, alice: FlaskClient, export: Activation, session: Session
) -> None:
    for own in (Decimal(777), None):
        build.release(build.vehicle(alices), export, price=own)
    form = filled((("P", "price", ""),), price_to="1000")
    preview = f"/configurator/{export.id}/preview"
    assert table(shown_to(alice, form, preview)) == [["777"]]
    alices.platform_prices = False
    session.commit()
    assert "Kein Fahrzeug" in shown_to(alice, form, preview)


def test_an_empty_preview_says_why(alice: FlaskClient) -> None:
    assert "Kein Fahrzeug" in shown_to(alice, filled())
    assert "sobald alle Angaben stimmen" in shown_to(alice, filled(name=""))


def test_columns_are_added_moved_and_removed_without_script(alice: FlaskClient) -> None:
    assert labels(pressed(alice, "up?place=1")) == ["Fahrzeug", "Nr", "Preis"]
    assert labels(pressed(alice, "down?place=0")) == [
        "Fahrzeug",
        "Nr",
        "Preis",
    ]
    assert labels(pressed(alice, "remove?place=1")) == ["Nr", "Preis"]
    assert labels(pressed(alice, "add", add="vin"))[-1] == "Fahrgestellnummer"
    assert labels(pressed(alice, "add", add="price"))[-1] == "Preis 2"
    page = pressed(alice, "add", add="text")
    assert 'value="{make} {model}"' in page


@pytest.mark.parametrize(
    "action",
    ["up?place=0", "down?place=2", "up?place=99", "remove?place=99", "remove?place=-1", "add", "up?place=x"],
)
def test_what_cannot_be_moved_stays(alice: FlaskClient, session: Session, action: str) -> None:
    assert labels(pressed(alice, action)) == ["Nr", "Fahrzeug", "Preis"]
    assert exports(session) == []


def test_htmx_gets_the_editor_alone(alice: FlaskClient) -> None:
    fragment = shown_to(alice, filled(), f"{NEW}/columns/up?place=1")
    assert fragment.startswith("<form")
    assert labels(fragment) == ["Fahrzeug", "Nr", "Preis"]


def test_what_nobody_means_in_a_text_is_left_out(alice: FlaskClient, session: Session) -> None:
    answer = alice.post(NEW, data=filled(columns=(("A", "", "{make}\x07!"),)))
    assert answer.status_code == 303
    (made,) = exports(session)
    assert made.settings["profile"]["columns"][0]["text"] == "{make}!"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"format": "xls"}, "format"),
        ({"separator": "#"}, "separator"),
        ({"price_from": "viel"}, "price_from"),
        ({"price_from": "12.50"}, "price_from"),
        ({"price_to": "1.5"}, "price_to"),
        ({"price_to": "CHF 20.000"}, "price_to"),
        ({"price_from": "500", "price_to": "400"}, "price_to"),
        ({"longest_text": "5"}, "longest_text"),
        ({"columns": ()}, "columns"),
        ({"columns": (("", "price", ""),)}, "columns-0"),
        ({"columns": (("A", "price", ""), ("A", "make", ""))}, "columns-1"),
        ({"columns": (("A", "password", ""),)}, "columns-0"),
        ({"columns": (("A", "", "{make.__class__}"),)}, "columns-0"),
        ({"columns": (("A", "", "{0}"),)}, "columns-0"),
        ({"columns": (("A", "", "{make!r}"),)}, "columns-0"),
        ({"columns": (("A", "", "{make:>9999999}"),)}, "columns-0"),
        ({"columns": (("A", "", "{{make}}"),)}, "columns-0"),
        ({"columns": (("A", "", "{make}\n{model}"),)}, "columns-0"),
        ({"columns": (("A\nB", "price", ""),)}, "columns-0"),
        ({"columns": (("A\u2028B", "price", ""),)}, "columns-0"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    alice: FlaskClient, session: Session, changed: dict[str, Any], field: str
) -> None:
    answer = alice.post(NEW, data=filled(**changed))
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    assert f"#{field}" in page.xpath("//div[@data-error-summary]//a/@href")
    assert page.xpath(f'//*[@id="{field}"]')
    assert exports(session) == []


def test_saving_makes_a_draft_and_leads_to_its_delivery(alice: FlaskClient, session: Session) -> None:
    answer = alice.post(NEW, data=filled(name="Börse Süd"))
    (made,) = exports(session)
    assert answer.headers["Location"].endswith(f"/apps/{made.id}/settings")
    assert made.state == ActivationState.DRAFT
    assert re.fullmatch(r"boerse-sued-[0-9a-f]{6}", made.customer_number)
    profile = Profile.from_json(made.settings["profile"])
    assert profile.columns == tuple(ProfileColumn(*column) for column in COLUMNS)
    assert made.settings["schedule"] == ["02:00", "12:00"]


def test_several_exports_stand_side_by_side_under_their_names(alice: FlaskClient, session: Session) -> None:
    for name in ("Bank", "Börse", "Bank"):
        alice.post(NEW, data=filled(name=name))
    assert len({made.customer_number for made in exports(session)}) == 3
    page = alice.get("/appstore/configurator").text
    assert page.count("„Bank“") == 2
    assert "„Börse“" in page


def test_an_export_is_edited_and_its_other_settings_stay(
    alice: FlaskClient, export: Activation, session: Session
) -> None:
    url = f"/configurator/{export.id}"
    assert 'value="Liste für die Bank"' in alice.get(url).text
    answer = alice.post(url, data=filled(name="Neu", separator="tab"))
    assert answer.headers["Location"].endswith(url)
    (changed,) = exports(session)
    assert (changed.settings["name"], changed.settings["profile"]["separator"]) == ("Neu", "\t")
    assert {**changed.settings, "name": 0, "profile": 0} == {**export.settings, "name": 0, "profile": 0}


def test_the_form_of_the_settings_hands_the_definition_on(
    alice: FlaskClient, export: Activation, session: Session
) -> None:
    page = alice.get(f"/apps/{export.id}/settings").text
    assert f"/configurator/{export.id}" in page
    assert f"CSV mit {len(START.columns)} Spalten" in page


def test_only_exports_of_the_configurator_are_edited(
    alice: FlaskClient, build: Build, alices: Dealer
) -> None:
    other = build.activation(alices)
    for method, path in (("get", ""), ("post", ""), ("post", "/preview")):
        answer = getattr(alice, method)(f"/configurator/{other.id}{path}", data=filled())
        assert answer.headers["Location"].endswith(f"/apps/{other.id}/settings")
    build.session.refresh(other)
    assert "profile" not in other.settings


def test_bob_may_not(build: Build, alices: Dealer, login: Login, export: Activation) -> None:
    bob = login(build.bob(alices))
    for method, path in (("get", "new"), ("post", "new"), ("get", export.id), ("post", export.id)):
        assert getattr(bob, method)(f"/configurator/{path}", data=filled()).status_code == 403


def test_with_several_locations_one_is_chosen(
    alice: FlaskClient, build: Build, alices: Dealer, session: Session
) -> None:
    place = build.location(alices, "B")
    assert alice.post(NEW, data=filled()).status_code == 422
    alice.post(NEW, data=filled(location=str(place.id)))
    assert [made.location_id for made in exports(session)] == [place.id]


def test_a_download_of_the_preview_is_what_the_file_says(
    build: Build, alices: Dealer, alice: FlaskClient
) -> None:
    """The table is made of the very cells of the file."""
    build.vehicle(alices, offer_number="A1", model_description='=cmd|"x"!A1; 1.4')
    shown = table(shown_to(alice, filled((("T", "model_description", ""),))))
    assert shown == [['=cmd|"x"!A1; 1.4']]
    assert next(csv.reader(io.StringIO('"=cmd|""x""!A1; 1.4"'))) == shown[0]


@pytest.mark.parametrize("vehicles", [1, 12])
def test_the_page_asks_a_fixed_number_of_queries(
    build: Build, alices: Dealer, alice: FlaskClient, vehicles: int
) -> None:
    for _ in range(vehicles):
        build.vehicle(alices, golf())
    alice.get(NEW)
    with count_queries() as queries:
        alice.get(NEW)
    assert len(queries) == QUERIES
