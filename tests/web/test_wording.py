"""Texts of code without Flask in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session

from portal.models import ImportRow, User, VehicleImport
from portal.platforms.contract.fields import SettingField, validate
from portal.platforms.mobile_de import errors
from portal.vehicle_facts.equipment import CRITERIA
from portal.web.wording import as_value, translated, translator
from tests.builders import Build

Login = Callable[[User], FlaskClient]


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("german", "english_text"),
    [
        ("Die Marke fehlt.", "The make is missing."),
        (
            "CO₂-Klasse fehlt: mobile.de verlangt diese Angabe.",
            "CO₂ class missing: mobile.de requires this detail.",
        ),
        ("Änderung abgelehnt", "Change: rejected"),
        ("Löschung läuft", "Deletion in progress"),
        (
            "Die Schnittstelle ist angehalten: mobile.de ist gestört (502)",
            "The connection is stopped: mobile.de has a fault (502)",
        ),
        ("Metallic: nein → ja", "Metallic: no → yes"),
        ("Diese interne Nummer steht schon in Zeile 7.", "This internal number is already in row 7."),
        (
            "Schreiben: Der Server weist die Verbindung ab (der Server meldet: „Die Marke fehlt.“).",
            "Writing: The server refuses the connection (the server reports: “Die Marke fehlt.”).",
        ),
        (
            "Verbindung: Der Server war nach 30 Sekunden nicht fertig; der Versuch wurde abgebrochen.",
            "Connection: The server had not finished after 30 seconds; the attempt was broken off.",
        ),
        ("Spalte 3: Bitte wählen.", "Column 3: Please choose."),
        (
            "Titel: In der Adresse fehlt {number}: Jedes Fahrzeug braucht seine eigene Seite.",
            "Title: {number} is missing from the address: every vehicle needs a page of its own.",
        ),
        ("steht in der nächsten Datei, am 24.11. um 12:00", "will be in the next file, on 24.11. at 12:00"),
        ("in der Datei vom 24.11. um 12:00 enthalten", "in the file of 24.11. at 12:00, included"),
        (
            "Die Plattform zeigt etwas anderes, als gesendet wurde: Preis, Farbe.",
            "The platform shows something other than what was sent: Price, Colour.",
        ),
        ("Händler-Website ist gesperrt", "Dealer website is locked"),
        ("", ""),
    ],
)
def test_plain_and_composed_texts(english: None, german: str, english_text: str) -> None:
    assert translated(german) == english_text


@pytest.mark.parametrize("code", errors.TEXTS)
def test_whatever_is_put_into_a_refusal(english: None, code: str) -> None:
    text = errors.known(code, "energy.co2_class", value="Räder {label} \\1 %(x)s").text
    assert "mobile.de verlangt" not in translated(text)
    assert translated(text) != text
    assert ("Räder {label} \\1 %(x)s" in translated(text)) == ("Räder" in text)


def test_data_and_what_a_platform_says_stay_as_they_are(english: None) -> None:
    assert translated("Farbe: Automatik → Diesel läuft") == "Colour: Automatik → Diesel läuft"
    assert translated("Getriebe: Automatik → Andere") == "Gearbox: Automatik → Andere"
    assert translated("mobile.de meldet: „Preis fehlt“.") == "mobile.de reports: “Preis fehlt”."
    assert translated("Server overloaded") == "Server overloaded"
    assert translated("Fehler: Karosserie") == "Fehler: Karosserie"
    assert translated("Hansen: Der Preis fehlt.") == "Hansen: Der Preis fehlt."
    assert (as_value("ja"), as_value("Automatik")) == ("yes", "Automatik")


def test_german_readers_get_the_text_itself(app: Flask) -> None:
    with app.test_request_context(), force_locale("de"):
        assert translated("Die Marke fehlt.") == "Die Marke fehlt."
        assert translator()("Die Marke fehlt.") == "Die Marke fehlt."


def test_a_download_goes_on_in_its_language_after_the_request(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        speak = translator()
    assert speak("Der Preis fehlt.") == "The price is missing."


def test_labels_and_errors_of_settings(english: None) -> None:
    field = SettingField("kinds", "Standort", "text", required=True)
    _clean, found = validate((field,), {})
    assert [translated(error.text) for error in found] == ["Location: Please fill in."]
    assert {translated(c.label) for c in CRITERIA if c.code == "sunroof"} == {"Sunroof"}


def test_refused_rows_are_downloaded_in_english(build: Build, session: Session, login: Login) -> None:
    dealer = build.dealer()
    alice = build.alice(dealer)
    alice.language = "en"
    report = VehicleImport(
        dealer_id=dealer.id, location_id=dealer.locations[0].id, file_name="a.csv", partial=True
    )
    session.add(report)
    session.flush()
    session.add(ImportRow(import_id=report.id, line=3, column="preis", reason="Der Preis fehlt."))
    session.commit()
    table = login(alice).get(f"/vehicles/imports/{report.id}/refused.csv").text
    assert '"Row";"Column";"Internal number";"Value";"Reason"' in table
    assert "The price is missing." in table
