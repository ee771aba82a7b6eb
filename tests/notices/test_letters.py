"""Every letter in both languages, as text and as HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from portal.notices import letters
from portal.notices.letters import write
from portal.translations.collect import GERMAN

LETTERS = sorted(
    file.stem for file in (letters.FOLDER / "mails").glob("*.txt") if not file.stem.startswith("_")
)
NOON = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
URL = "https://portal.example/apps?x=1&y=2"
VALUES: dict[str, Any] = {
    "app": "mobile.de",
    "number": "4711001",
    "location": "Hamburg (HH)",
    "since": NOON,
    "until": NOON,
    "title": "mobile.de ist angehalten",
    "body": "Die Ursache ist behoben. Was wartete, wird jetzt übertragen.",
    "open": [(NOON, "mobile.de ist angehalten", "Die Plattform kennt die Kundennummer nicht.")],
    "news": [(NOON, "Gelöst: mobile.de nimmt wieder an", "Was wartete, wird jetzt übertragen.")],
    "name": "Anna",
    "login": "anna",
    "dealer": "Autohaus Alice",
    "invited_by": "Alice",
    "agent": "Sam",
    "reason": "Anruf",
    "hours": 72,
    "url": URL,
    "preferences": "https://portal.example/settings/notifications",
}


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


def test_there_are_letters() -> None:
    assert {"lock", "problem", "solved", "digest", "test", "invitation", "reset"} <= set(LETTERS)


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_a_letter_says_the_same_as_text_and_as_html(letter: str, language: str) -> None:
    written = write(letter, language, "Export-Portal", VALUES)
    assert written.subject
    assert "\n" not in written.subject
    assert f"{URL}\n" in written.plain
    links = Links()
    links.feed(written.html)
    assert links.found == [URL]
    assert f'<html lang="{language}">' in written.html
    for line in written.plain.splitlines():
        text = line.removesuffix(":").replace("&", "&amp;")
        assert line == "-- " or text in written.html.replace("&#39;", "'")


@pytest.mark.parametrize("letter", LETTERS)
def test_nothing_german_is_left_in_english(letter: str) -> None:
    english, german = (write(letter, language, "Export-Portal", VALUES) for language in ("en", "de"))
    assert not GERMAN.search(english.subject + english.plain.replace("Anruf", ""))
    assert GERMAN.search(german.plain)


def test_moments_are_those_of_berlin_in_the_readers_way() -> None:
    assert "01.07.2026 14:05" in write("lock", "de", "Export-Portal", VALUES).plain
    assert "1 Jul 2026 14:05" in write("lock", "en", "Export-Portal", VALUES).plain


def test_without_a_link_there_is_no_button() -> None:
    written = write("problem", "de", "Export-Portal", VALUES | {"url": ""})
    assert "<a " not in written.html
    assert "Im Portal ansehen" not in written.plain


def test_what_a_value_carries_is_text() -> None:
    evil = "<img src=x onerror=alert(1)>\n\nZweiter Absatz"
    written = write("invitation", "de", "Export-Portal", VALUES | {"dealer": evil})
    assert "<img" not in written.html
    assert written.html.count("<p ") == write("invitation", "de", "Export-Portal", VALUES).html.count("<p ")


def test_a_letter_that_is_none_and_a_value_that_is_missing() -> None:
    with pytest.raises(TemplateNotFound):
        write("nonsense", "de", "Export-Portal", VALUES)
    with pytest.raises(UndefinedError):
        write("reset", "de", "Export-Portal", {})


def test_a_language_that_is_none_is_german() -> None:
    assert (
        write("reset", "xx", "Export-Portal", VALUES).plain
        == write("reset", "de", "Export-Portal", VALUES).plain
    )


def test_templates_stand_where_the_catalogue_looks() -> None:
    assert "templates/**.txt" in (Path(__file__).parents[2] / "babel.cfg").read_text("utf-8")
