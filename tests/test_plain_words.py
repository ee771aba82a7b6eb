"""One party has one name, and people read plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.messages import Message
from portal.platforms import APPS, number_text
from tests.words import german

CATALOGUE = Path("portal/translations/en/LC_MESSAGES/messages.po")
PLAINER = {
    r"\bSchnittstelle (gesperrt|angehalten|öffnen)": "Übertragung gesperrt, angehalten",
    r"Hostschlüssel": "Schlüssel des Servers",
    r"Eingereiht": "Wartet seit",
    r"\bAnlass\b": "Ausgelöst durch",
    r"\bRückmeldung\b": "Antwort",
    r"\bWir (sind|versuchen|schicken|prüfen)\b|\bfragen wir\b": "Das Portal …",
    r"Export-Portal": "der Name des Betreibers, oder Portal",
    r"bis \{?\w+\}? normal|gelten .* als normal": "mehr als die üblichen",
    r"[a-zäöüß]{2}\.[A-ZÄÖÜ][a-zäöüß]": "a blank after the full stop",
}
"""What no text says → what it says instead."""


def german_texts() -> list[str]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    return [one for entry in catalogue if entry.id for one in _forms(entry.id)]


def _forms(key: str | tuple[str, ...] | list[str]) -> list[str]:
    return [key] if isinstance(key, str) else list(key)


@pytest.mark.parametrize("word", PLAINER)
def test_no_text_says_it_in_words_of_the_trade(word: str) -> None:
    assert [text for text in german_texts() if re.search(word, text)] == []


def said(slug: str, number: str) -> str:
    text = number_text(slug, number)
    assert isinstance(text, Message)
    return german(text)


def test_a_number_goes_by_the_name_that_its_platform_has_for_it() -> None:
    assert said("mobile-de", "1000471") == "Kd-Nr. 1000471"
    assert said("dealer-website", "www.autohaus.de") == "Adresse der Website www.autohaus.de"
    assert said("autoscout24-ch", "5001") == "Verkäufernummer 5001"
    assert said("gone", "7") == "Kd-Nr. 7"
    assert all(said(slug, "1").endswith(" 1") for slug in APPS)
