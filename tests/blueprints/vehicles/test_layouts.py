"""What the columns of a foreign file mean is said on a page, kept, and used again."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.models import AuditEvent, Dealer, StockLayout, StockUpload, User, Vehicle, VehicleImport
from tests.builders import Build
from tests.formats.foreign_layouts.files import A3, GOLF, HEADER, excel_file, text_file, zipped

Login = Callable[[User], FlaskClient]
ODD = (*A3[:7], "Diesl", A3[8])
FILE = text_file(HEADER, GOLF, ODD)


@pytest.fixture
def alice(build: Build, dealer: Dealer, login: Login) -> FlaskClient:
    return login(build.alice(dealer))


def upload(
    client: FlaskClient, dealer: Dealer, content: bytes = FILE, scope: str = "complete"
) -> TestResponse:
    form = {
        "location": str(dealer.locations[0].id),
        "scope": scope,
        "file": (io.BytesIO(content), "bestand.csv"),
    }
    return client.post("/vehicles/import", data=form, content_type="multipart/form-data")


def filled(**more: Any) -> dict[str, Any]:
    """As the page suggests it, named."""
    meant = (
        "offer_number",
        "vin",
        "make",
        "model",
        "prices.selling",
        "mileage",
        "first_registration",
        "fuel",
    )
    columns = {f"column-{place}": target for place, target in enumerate((*meant, "gearbox"))}
    return columns | {"convention": "german", "name": "Mein Programm"} | more


def in_stock(session: Session) -> int:
    return (
        session.scalar(select(func.count()).select_from(Vehicle).where(Vehicle.withdrawn_at.is_(None))) or 0
    )


def test_an_unknown_file_leads_to_its_columns_and_imports_nothing(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    answer = upload(alice, dealer)
    assert answer.status_code == 303
    page = alice.get(answer.location)
    assert page.status_code == 200
    for text in ("Spalten zuordnen", "VK brutto", "Vorschlag nach dem Namen", "Noch ist nichts importiert."):
        assert text in page.text
    assert "12.990" in page.text
    assert in_stock(session) == 0
    assert session.scalar(select(func.count()).select_from(VehicleImport)) == 0


def test_what_is_said_is_kept_imported_and_used_the_next_time(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    place = upload(alice, dealer).location
    answer = alice.post(place, data=filled(**{"value-7-diesl": "diesel"}))
    assert answer.status_code == 303
    assert "Gelesen mit dem Importprofil „Mein Programm“." in alice.get(answer.location).text
    assert {one.facts().fuel for one in session.scalars(select(Vehicle))} == {"petrol", "diesel"}
    assert session.scalars(select(StockUpload)).all() == []
    again = upload(alice, dealer, text_file(HEADER, GOLF))
    assert "/vehicles/imports/" in again.location
    assert in_stock(session) == 1
    of_vehicles = select(AuditEvent.what).where(AuditEvent.what.like("vehicle.%"))
    said = session.scalars(of_vehicles.order_by(AuditEvent.id)).all()
    assert said == ["vehicle.layout_made", "vehicle.imported", "vehicle.imported"]


def test_a_zip_in_an_unknown_layout_waits_for_its_columns_and_brings_its_pictures(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    packed = zipped(FILE, A1_1=b"no picture")
    answer = upload(alice, dealer, packed)
    assert "12.990" in alice.get(answer.location).text
    assert in_stock(session) == 0
    without_names = alice.post(f"{answer.location}/preview", data=filled(header="no"))
    assert "Spalte A" in without_names.text
    alice.post(f"{answer.location}/preview", data=filled(header="yes"))
    report = alice.post(answer.location, data=filled())
    assert report.status_code == 303
    assert "Noch 1 Bild wird verarbeitet." in alice.get(report.location).text
    assert in_stock(session) == 2
    assert "/vehicles/imports/" in upload(alice, dealer, packed).location


def test_a_partial_file_stays_one(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    alice.post(upload(alice, dealer).location, data=filled())
    other = text_file((*HEADER, "x"), ("A9", *GOLF[1:], "y"))
    alice.post(upload(alice, dealer, other, "partial").location, data=filled(name="Zweites"))
    assert in_stock(session) == 3


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"name": ""}, "Geben Sie dem Importprofil einen Namen."),
        ({"name": "x" * 81}, "Höchstens 80 Zeichen."),
        ({"column-4": ""}, "Wählen Sie die Spalte für Verkaufspreis brutto."),
        ({"column-3": "make"}, "Zwei Spalten stehen für Marke."),
        ({"column-2": "nonsense"}, "Wählen Sie die Spalte für Marke."),
    ],
)
def test_what_is_missing_is_said_and_nothing_happens(
    more: dict[str, str], text: str, alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    answer = alice.post(upload(alice, dealer).location, data=filled(**more))
    assert answer.status_code == 422
    assert text in answer.text
    assert in_stock(session) == 0
    assert session.scalars(select(StockLayout)).all() == []


def test_the_preview_follows_what_is_chosen(alice: FlaskClient, dealer: Dealer) -> None:
    place = f"{upload(alice, dealer).location}/preview"
    first = alice.post(place, data=filled(), headers={"HX-Request": "true"})
    assert "<html" not in first.text
    assert "„Diesl“ ist nicht bekannt." in first.text
    assert "„Diesl“ (1-mal) heißt" in first.text
    second = alice.post(place, data=filled(**{"value-7-diesl": "diesel"}))
    assert "<html" in second.text
    assert "„Diesl“ ist nicht bekannt." not in second.text
    assert "Diesel" in second.text


def test_a_file_without_header_can_be_said_to_have_none(alice: FlaskClient, dealer: Dealer) -> None:
    place = upload(alice, dealer, text_file(("Alfa", "Beta", "Gamma"), ("1", "2", "3"))).location
    assert "Die Namen der Spalten stehen in Zeile 1." in alice.get(place).text
    answer = alice.post(f"{place}/preview", data={"header": "no"})
    assert "Die Datei hat keine Kopfzeile" in answer.text
    assert "Alfa" in answer.text
    assert "Darunter stehen 2 Fahrzeuge." in alice.get(place).text


def test_a_workbook_is_asked_about_like_a_text(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    place = upload(alice, dealer, excel_file(HEADER, GOLF)).location
    assert "Tabellenblatt „Bestand“" in alice.get(place).text
    alice.post(place, data=filled())
    assert in_stock(session) == 1


def test_a_spoilt_workbook_is_refused_with_a_reason(alice: FlaskClient, dealer: Dealer) -> None:
    answer = upload(alice, dealer, excel_file(HEADER, GOLF).replace(b"workbook", b"workb00k"))
    assert answer.status_code == 422
    assert "Die Excel-Datei ist nicht lesbar." in answer.text


def test_a_profile_is_edited_and_deleted(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    alice.post(upload(alice, dealer).location, data=filled())
    kept = session.scalars(select(StockLayout)).one()
    assert "Mein Programm" in alice.get("/vehicles/import/layouts").text
    page = alice.get(f"/vehicles/import/layouts/{kept.id}")
    assert "Importprofil „Mein Programm“" in page.text
    alice.post(f"/vehicles/import/layouts/{kept.id}", data=filled(name="Neuer Name", **{"column-3": ""}))
    session.expire_all()
    assert kept.name == "Neuer Name"
    assert "Modell" not in kept.definition["columns"]
    alice.post(f"/vehicles/import/layouts/{kept.id}/delete")
    assert session.scalars(select(StockLayout)).all() == []
    assert "Noch kein Importprofil" in alice.get("/vehicles/import/layouts").text


def test_two_profiles_do_not_have_the_same_name(alice: FlaskClient, dealer: Dealer) -> None:
    alice.post(upload(alice, dealer).location, data=filled())
    other = upload(alice, dealer, text_file((*HEADER, "x"), (*GOLF, "y"))).location
    assert "heißt schon so" in alice.post(other, data=filled()).text


def test_a_discarded_file_is_gone(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    place = upload(alice, dealer).location
    alice.post(f"{place}/discard")
    assert alice.get(place).status_code == 404
    assert in_stock(session) == 0


def test_colleagues_of_another_location_do_not_see_the_file(
    alice: FlaskClient, dealer: Dealer, build: Build, login: Login
) -> None:
    place = upload(alice, dealer).location
    bremen = build.location(dealer, "HB")
    bob = build.user("bob-of-bremen", dealer, location_ids=[bremen.id])
    build.session.commit()
    assert login(bob).get(place).status_code == 404


def test_who_works_at_one_location_changes_no_profile_of_all(
    alice: FlaskClient, dealer: Dealer, build: Build, login: Login, session: Session
) -> None:
    """It says how files of every location are read, and what is kept of a file names their vehicles."""
    here = upload(alice, dealer).headers["Location"]
    alice.post(here, data=filled())
    kept = session.scalars(select(StockLayout)).one()
    other = build.location(dealer, "HB")
    dora = login(build.user("dora", dealer, location_ids=[other.id]))
    address = f"/vehicles/import/layouts/{kept.id}"
    assert dora.get(address).status_code == 403
    assert dora.post(address, data=filled(name="Hers")).status_code == 403
    assert dora.post(f"{address}/delete").status_code == 403
    page = dora.get("/vehicles/import/layouts").text
    assert "Mein Programm" in page
    assert address not in page
    session.expire_all()
    assert session.scalars(select(StockLayout.name)).all() == ["Mein Programm"]


def test_every_column_offers_its_meanings_also_the_last_one(alice: FlaskClient, dealer: Dealer) -> None:
    page = alice.get(upload(alice, dealer).location).text
    selects = page.split('<select class="form-select" id="column-')[1:]
    assert len(selects) == len(HEADER)
    assert all('value="make"' in one and 'value="gearbox"' in one for one in selects)
    assert '<option value="gearbox" selected>' in selects[-1]


def preview(client: FlaskClient, content: bytes) -> TestResponse:
    form = {"file": (io.BytesIO(content), "bestand.csv")}
    return client.post("/vehicles/import/preview", data=form, content_type="multipart/form-data")


def test_looking_first_tells_of_an_unknown_layout_and_shows_a_known_one(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    unknown = preview(alice, FILE)
    assert unknown.status_code == 422
    assert "Diese Datei hat einen eigenen Aufbau." in unknown.text
    alice.post(upload(alice, dealer).location, data=filled())
    known = preview(alice, text_file(HEADER, ("A7", *GOLF[1:])))
    assert known.status_code == 200
    assert "Gelesen mit dem Importprofil „Mein Programm“." in known.text
    assert "A7" in known.text
    assert "12.990" in known.text
    assert in_stock(session) == 2
