"""Messages of code without Flask in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session

from portal.catalogue import label
from portal.delivery.reasons import quoted
from portal.messages import Wording, say
from portal.models import ImportRow, User, VehicleImport
from portal.platforms.contract.fields import SettingField, validate
from portal.platforms.mobile_de import errors
from portal.vehicle_facts.equipment import CRITERIA
from portal.web.wording import translated, translator
from tests.builders import Build
from tests.words import german

Login = Callable[[User], FlaskClient]


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.parametrize(
    ("message", "english_text"),
    [
        (say("Die Marke fehlt."), "The make is missing."),
        (
            say("Die Übertragung ist angehalten: {detail}", detail=say("Das Modell fehlt.")),
            "The transfer is stopped: The model is missing.",
        ),
        (
            say("Diese interne Nummer steht schon in Zeile {line}.", line=7),
            "This internal number is already in row 7.",
        ),
        (
            say("Der Server weist die Verbindung ab{said}.", said=quoted("Die Marke fehlt.")),
            "The server refuses the connection (the server reports: “Die Marke fehlt.”).",
        ),
        (
            say(
                "Die Plattform zeigt etwas anderes, als gesendet wurde: {names}.",
                names=(say("Preis"), say("Farbe")),
            ),
            "The platform shows something other than what was sent: Price, Colour.",
        ),
        ({"text": "Die Marke fehlt."}, "The make is missing."),
        ("", ""),
    ],
)
def test_messages_are_said_in_the_readers_language(
    english: None, message: Wording | dict[str, str], english_text: str
) -> None:
    assert translated(message) == english_text


@pytest.mark.parametrize("code", errors.TEXTS)
def test_whatever_is_put_into_a_refusal(english: None, code: str) -> None:
    value = "Räder {label} \\1 %(x)s"
    message = errors.known(code, "energy.co2_class", value=value).text
    assert "mobile.de verlangt" not in translated(message)
    assert translated(message) != german(message)
    assert (value in translated(message)) == (value in german(message))


@pytest.mark.parametrize(
    "words",
    ["Die Marke fehlt.", "Farbe: Automatik → Diesel läuft", "Server overloaded", "Metallic: nein → ja"],
)
def test_what_somebody_else_wrote_stays_as_it_is(english: None, words: str) -> None:
    """Also where it equals a sentence of ours, for a dealer may have chosen it."""
    assert translated(words) == words


def test_german_readers_get_the_sentence_itself(app: Flask) -> None:
    with app.test_request_context(), force_locale("de"):
        assert translated(say("Die Marke fehlt.")) == "Die Marke fehlt."
        assert translator()(say("Die Marke fehlt.")) == "Die Marke fehlt."


def test_a_download_goes_on_in_its_language_after_the_request(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        speak = translator()
    assert speak(say("Der Preis fehlt.")) == "The price is missing."


def test_labels_and_errors_of_settings(english: None) -> None:
    field = SettingField("kinds", say("Standort"), "text", required=True)
    _clean, found = validate((field,), {})
    assert [translated(error.text) for error in found] == ["Location: Please fill in."]
    assert {label(c.label, "en") for c in CRITERIA if c.code == "sunroof"} == {"Sunroof"}


def test_refused_rows_are_downloaded_in_english(build: Build, session: Session, login: Login) -> None:
    dealer = build.dealer()
    alice = build.alice(dealer)
    alice.language = "en"
    report = VehicleImport(
        dealer_id=dealer.id, location_id=dealer.locations[0].id, file_name="a.csv", partial=True
    )
    session.add(report)
    session.flush()
    session.add(ImportRow(import_id=report.id, line=3, column="preis", reason=say("Der Preis fehlt.")))
    session.commit()
    table = login(alice).get(f"/vehicles/imports/{report.id}/refused.csv").text
    assert '"Row";"Column";"Internal number";"Value";"Reason"' in table
    assert "The price is missing." in table
