"""The upload of a stock and its report, in the browser."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from portal.models import Dealer, User, Vehicle, VehicleImport
from portal.vehicles.incoming_pictures import take_incoming
from portal.vehicles.stock_import import import_stock
from tests.builders import Build
from tests.conftest import count_queries
from tests.formats.stock_file import file, line
from tests.vehicles.importing import run, vehicle

REPORT = "/vehicles/imports/{id}"
Login = Callable[[User], FlaskClient]


@pytest.fixture
def alice(build: Build, dealer: Dealer, login: Login) -> FlaskClient:
    """At a dealer without vehicles, unlike the others of this folder."""
    return login(build.alice(dealer))


def upload(
    client: FlaskClient, dealer: Dealer, content: str | bytes, scope: str = "complete"
) -> TestResponse:
    data = content if isinstance(content, bytes) else content.encode("iso-8859-15")
    form = {
        "location": str(dealer.locations[0].id),
        "scope": scope,
        "file": (io.BytesIO(data), "bestand.csv"),
    }
    return client.post("/vehicles/import", data=form, content_type="multipart/form-data")


def in_stock(session: Session) -> int:
    statement = select(func.count()).select_from(Vehicle).where(Vehicle.withdrawn_at.is_(None))
    return session.scalar(statement) or 0


def test_a_file_is_read_and_reported(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    answer = upload(alice, dealer, line(B="A1") + line(B="A2", K="0"))
    assert answer.status_code == 303
    page = alice.get(answer.location)
    assert page.status_code == 200
    for text in ("K · Preis", "Der Preis ist 0.", "A2", "Zeichensatz UTF-8", "bestand.csv"):
        assert text in page.text
    assert in_stock(session) == 1


@pytest.mark.parametrize(("scope", "left"), [("complete", 1), ("partial", 2)])
def test_complete_or_partial(
    scope: str, left: int, alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    upload(alice, dealer, line(B="A1"))
    upload(alice, dealer, line(B="A2"), scope)
    assert in_stock(session) == left


def test_the_page_says_how_many_could_be_withdrawn(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    run(session, dealer, *(line() for _ in range(3)))
    assert "HH: bis zu 3 Fahrzeuge." in alice.get("/vehicles/import").text


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("file", "Bitte wählen Sie eine Datei."),
        ("scope", "ob die Datei den ganzen Bestand enthält"),
        ("location", "Bitte wählen Sie einen Standort."),
    ],
)
def test_what_the_form_lacks_stands_beside_the_field(
    missing: str, said: str, alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    form = {
        "location": str(dealer.locations[0].id),
        "scope": "complete",
        "file": (io.BytesIO(line().encode()), "bestand.csv"),
    }
    del form[missing]
    answer = alice.post("/vehicles/import", data=form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{missing}"' in answer.text
    assert in_stock(session) == 0


def test_an_unreadable_file_says_why_and_is_listed(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    answer = upload(alice, dealer, b"<html>Anmelden</html>")
    assert answer.status_code == 422
    assert "keine CSV-Datei, sondern eine HTML- oder XML-Datei" in answer.text
    assert "nicht lesbar" in answer.text
    report = session.scalars(select(VehicleImport)).one()
    assert "Die Datei wurde nicht übernommen" in alice.get(f"/vehicles/imports/{report.id}").text


def test_a_location_of_another_dealer_is_refused(
    alice: FlaskClient, dealer: Dealer, build: Build, session: Session
) -> None:
    stranger = build.dealer("Autohaus Charlie")
    assert upload(alice, stranger, line()).status_code == 422
    assert in_stock(session) == 0


def test_refused_rows_are_paged_and_filtered(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    rows = [line(B=f"P{number:03}", K="0") for number in range(120)] + [line(B="D1", AC="CHF")]
    report = run(session, dealer, *rows)
    url = f"/vehicles/imports/{report.id}"
    first = alice.get(url).text
    assert "P099" in first
    assert "P100" not in first
    assert "K · Preis (120)" in first
    second = alice.get(f"{url}?page=2").text
    assert "P100" in second
    assert "Zeilen 101 bis 121" in second
    filtered = alice.get(url, query_string={"column": "AC · Währung"}).text
    assert "D1" in filtered
    assert "P001" not in filtered
    assert alice.get(url, query_string={"column": "Unsinn"}).status_code == 404


def test_refused_rows_can_be_downloaded_without_formulas(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    report = run(session, dealer, line(B="A1", K="=HYPERLINK(A)"))
    answer = alice.get(f"/vehicles/imports/{report.id}/refused.csv")
    assert answer.mimetype == "text/csv"
    assert answer.data.decode("utf-8-sig").splitlines() == [
        '"Zeile";"Spalte";"Interne Nummer";"Wert";"Grund"',
        """"1";"K · Preis";"A1";"'=HYPERLINK(A)";"Das ist keine Zahl.\"""",
    ]


def test_the_report_names_what_is_odd(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    odd = run(session, dealer, line(A="1"), line(A="2"))
    assert "mehrere Kundennummern" in alice.get(f"/vehicles/imports/{odd.id}").text
    none = run(session, dealer, line(K="0"))
    assert "Keine einzige Zeile konnte übernommen werden" in alice.get(f"/vehicles/imports/{none.id}").text


def test_the_report_tells_of_the_lock_that_the_import_caused(
    alice: FlaskClient, dealer: Dealer, build: Build, session: Session
) -> None:
    report = run(session, dealer, line(A="1"))
    page = f"/vehicles/imports/{report.id}"
    assert "gesperrt oder angehalten" not in alice.get(page).text
    build.activation(dealer, state="locked")
    after = alice.get(page).text
    assert "Eine App ist gesperrt oder angehalten." in after
    assert 'hx-select="#halted"' in after


@pytest.mark.parametrize(
    "path", ["/vehicles/import", "/vehicles/imports/{id}", "/vehicles/imports/{id}/refused.csv"]
)
def test_who_may_see_it(path: str, dealer: Dealer, build: Build, login: Login, session: Session) -> None:
    url = path.format(id=run(session, dealer, line(K="0")).id)
    assert login(build.bob(dealer)).get(url).status_code == 403
    expected = 404 if "{id}" in path else 200
    assert login(build.charlie()).get(url).status_code == expected


def test_queries_do_not_grow(alice: FlaskClient, dealer: Dealer, session: Session) -> None:
    counted = []
    for rows in (2, 60):
        report = run(session, dealer, *(line(K="0") for _ in range(rows)))
        alice.get("/vehicles/import")
        with count_queries() as upload_page:
            alice.get("/vehicles/import")
        with count_queries() as report_page:
            alice.get(f"/vehicles/imports/{report.id}")
        counted.append((len(upload_page), len(report_page)))
    assert counted[0] == counted[1]


def test_what_was_not_read_stands_apart_from_what_was_refused(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    report = run(session, dealer, line(B="A1", G="bald"), line(B="A2", K="VB"), line(B="A3"))
    url = f"/vehicles/imports/{report.id}"
    refused, taken = alice.get(url).text, alice.get(url, query_string={"rows": "remarks"}).text
    assert "Abgelehnte Zeilen" in refused
    assert ("K · Preis" in refused, "G · HU" in refused) == (True, False)
    assert "Übernommen, Angabe nicht gelesen" in taken
    assert ("K · Preis" in taken, "G · HU" in taken) == (False, True)
    downloaded = alice.get(f"{url}/refused.csv", query_string={"rows": "remarks"}).data.decode("utf-8-sig")
    assert '"G · HU";"A1";"bald"' in downloaded
    assert alice.get(url, query_string={"rows": "quatsch"}).status_code == 404


def test_a_report_without_refused_rows_shows_what_was_not_read(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    report = run(session, dealer, line(B="A1", G="bald"))
    assert "G · HU" in alice.get(f"/vehicles/imports/{report.id}").text


def test_spoilt_texts_of_a_location_are_repaired_by_one_button(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    text = "GrÃ¼n"
    report = import_stock(
        session, file(line(B="A1", Z=text), charset="utf-8"), dealer, dealer.locations[0], "b.csv", True
    )
    session.commit()
    url = f"/vehicles/imports/{report.id}"
    assert "Alle Texte reparieren" in alice.get(url).text
    assert alice.post(f"{url}/repair-texts").status_code == 303
    assert vehicle(session, "A1").facts().description == "Grün"
    assert "Alle Texte reparieren" not in alice.get(url).text


def archive(*lines: str, **pictures: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("bestand.csv", "".join(lines))
        for name, content in pictures.items():
            packed.writestr(f"{name}.jpg", content)
    return stream.getvalue()


def test_a_zip_brings_pictures_and_the_report_says_how_far_they_are(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    answer = upload(alice, dealer, archive(line(B="A1"), A1_1=b"no picture"))
    waiting = alice.get(answer.location).text
    assert "Noch 1 Bild wird verarbeitet." in waiting
    part = f"{answer.location}/pictures"
    assert f'hx-get="{part}"' in waiting
    take_incoming(sessionmaker(session.get_bind()))
    done = alice.get(part).text
    assert "Bilder nicht lesbar" in done
    assert "hx-get" not in done
    report = alice.get(answer.location).text
    assert "A1_1.jpg" in report
    assert "kein lesbares Bild" in report


def test_a_zip_that_is_cut_is_refused_at_the_file(alice: FlaskClient, dealer: Dealer) -> None:
    answer = upload(alice, dealer, archive(line(B="A1"))[:-30])
    assert answer.status_code == 422
    assert "Das Zip-Archiv ist nicht lesbar." in answer.text


def look(client: FlaskClient, dealer: Dealer, content: str, **headers: str) -> TestResponse:
    form = {"location": str(dealer.locations[0].id), "scope": "complete"}
    data = form | {"file": (io.BytesIO(content.encode("iso-8859-15")), "bestand.csv")}
    return client.post(
        "/vehicles/import/preview", data=data, headers=headers, content_type="multipart/form-data"
    )


def test_a_dealer_sees_what_was_understood_before_it_counts(
    alice: FlaskClient, dealer: Dealer, session: Session
) -> None:
    answer = look(alice, dealer, line(B="A1", L="0") + line(B="A2", L="1") + line(B="A3", K="0"))
    assert answer.status_code == 200
    said = ("MwSt. ausweisbar (L = 0)", "Differenzbesteuert nach § 25a UStG", "12.990 €", "05.2018", "Benzin")
    for text in (*said, "Zeile 3 würde abgelehnt.", "Der Preis ist 0.", "Noch ist nichts importiert."):
        assert text in answer.text
    assert in_stock(session) == 0
    assert session.scalar(select(func.count()).select_from(VehicleImport)) == 0
    assert 'value="complete" checked' in answer.text, "what was chosen stays chosen"


def test_with_script_only_the_preview_comes_so_that_the_file_stays_chosen(
    alice: FlaskClient, dealer: Dealer
) -> None:
    answer = look(alice, dealer, line(B="A1"), **{"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="preview"')
    assert "<form" not in answer.text


@pytest.mark.parametrize("content", ["", "kein;Bestand\r\n"])
def test_a_preview_says_why_a_file_cannot_be_read(content: str, alice: FlaskClient, dealer: Dealer) -> None:
    answer = look(alice, dealer, content)
    assert answer.status_code == 422
    assert 'class="alert alert-danger"' in answer.text


def test_a_preview_without_a_file_asks_for_one(alice: FlaskClient) -> None:
    answer = alice.post("/vehicles/import/preview", data={})
    assert answer.status_code == 422
    assert "Bitte wählen Sie eine Datei." in answer.text
