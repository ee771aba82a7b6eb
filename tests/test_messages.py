"""Messages: a sentence and its values, words of a language, and the way into the database and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal.catalogue import in_language, label
from portal.messages import (
    Message,
    Wording,
    as_json,
    from_json,
    listed,
    say,
    say_count,
    sentences,
)

MISSING = say("{label} fehlt: mobile.de verlangt diese Angabe.", label=say("CO₂-Klasse"))


@pytest.mark.parametrize(
    ("message", "german", "english"),
    [
        (say("Die Marke fehlt."), "Die Marke fehlt.", "The make is missing."),
        (
            MISSING,
            "CO₂-Klasse fehlt: mobile.de verlangt diese Angabe.",
            "CO₂ class missing: mobile.de requires this detail.",
        ),
        (say("mobile.de ist gestört ({status})", status=502), "mobile.de ist gestört (502)", "(502)"),
        (
            say("Die Plattform zeigt etwas anderes, als gesendet wurde: {names}.", names=(say("Preis"), "x")),
            "Die Plattform zeigt etwas anderes, als gesendet wurde: Preis, x.",
            "The platform shows something other than what was sent: Price, x.",
        ),
        (
            say("Gelöst: {app}", app=date(2026, 11, 24)),
            "Gelöst: 24.11.2026",
            "24 Nov 2026",
        ),
        (
            say("Gelöst: {app}", app=datetime(2026, 11, 24, 12, 5, tzinfo=UTC)),
            "Gelöst: 24.11.2026 13:05",
            "24 Nov 2026 13:05",
        ),
        (say_count("1 Spalte", "{count} Spalten", count=1), "1 Spalte", "1 column"),
        (say_count("1 Spalte", "{count} Spalten", count=7), "7 Spalten", "7 columns"),
        (
            sentences(say("Die Marke fehlt."), "", say("Das Modell fehlt.")),
            "Die Marke fehlt. Das Modell fehlt.",
            "The make is missing. The model is missing.",
        ),
        (listed((say("Anmeldung"), "550 no"), ": "), "Anmeldung: 550 no", "Login: 550 no"),
    ],
)
def test_words_of_a_language(message: Wording, german: str, english: str) -> None:
    assert in_language(message, "de") == str(message if isinstance(message, str) else german) == german
    assert english in in_language(message, "en")
    assert from_json(json.loads(json.dumps(as_json(message)))) == message


def test_a_sentence_that_has_no_translation_is_german() -> None:
    assert in_language(say("Davon weiß der Katalog nichts: {x}.", x=1), "en") == (
        "Davon weiß der Katalog nichts: 1."
    )
    assert in_language(say("Die Marke fehlt."), "fr") == "Die Marke fehlt."
    assert (label("Sonstiges", "en"), label("", "en")) == ("Other", "")


@pytest.mark.parametrize("theirs", ["Die Marke fehlt.", "CO₂-Klasse fehlt: mobile.de verlangt diese Angabe."])
def test_somebody_elses_words_are_never_translated(theirs: str) -> None:
    assert in_language(theirs, "en") == theirs
    assert theirs in in_language(say("mobile.de meldet: „{says}“.", says=theirs), "en")
    assert from_json(json.loads(json.dumps(as_json(theirs)))) == theirs


@pytest.mark.parametrize("theirs", ['{"text": "Die Marke fehlt."}', "{label}", "\\1 %(x)s %s {0}"])
def test_no_text_becomes_a_message_or_a_place_for_values(theirs: str) -> None:
    assert from_json(as_json(theirs)) == theirs
    told = say("{label}: mobile.de meldet „{says}“.", label=theirs, says="X")
    assert in_language(told, "en") == f"{theirs}: mobile.de reports “X”."


def test_a_place_without_a_value_stays_as_it_is() -> None:
    said = say("In der Adresse fehlt {number}: Jedes Fahrzeug braucht seine eigene Seite.")
    assert "{number}" in in_language(said, "en")


def test_equal_sentences_with_equal_values_are_one() -> None:
    again = say("{label} fehlt: mobile.de verlangt diese Angabe.", label=say("CO₂-Klasse"))
    assert len({MISSING, again, say("Die Marke fehlt.")}) == 2
    assert say("{label} fehlt: mobile.de verlangt diese Angabe.", label="CO₂-Klasse") != MISSING


def test_a_sentence_of_a_table_takes_the_values_that_it_names() -> None:
    table = say("Das Modell „{value}“ gibt es bei mobile.de nicht zu dieser Marke.")
    assert table.filled(label="Modell", value="X") == say(table.text, value="X")
    assert table.names == {"value"}


def test_no_f_string_swallows_a_message() -> None:
    with pytest.raises(TypeError):
        f"{MISSING}"


@pytest.mark.parametrize("stored", [None, "", "Ein Text von früher."])
def test_what_an_earlier_version_stored_is_shown_as_it_is(stored: Any) -> None:
    assert from_json(stored) == (stored or "")


def test_a_message_of_a_later_version_is_read_without_what_is_not_known() -> None:
    assert from_json({"text": "Die Marke fehlt.", "tone": "firm"}) == Message("Die Marke fehlt.")
