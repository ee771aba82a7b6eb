"""The gettext catalogues, and messages as words of a language. For code with and without Flask."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.support import NullTranslations, Translations

from portal.messages import Message, Wording, listed

SOURCE = "de"
FOLDER = Path(__file__).with_name("translations")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = {"de": "%d.%m.%Y", "en": "%-d %b %Y"}
TIME = "%H:%M"
"""For strftime: tables show hundreds of moments, and Babel takes twenty times as long."""


@lru_cache
def catalogue(language: str) -> NullTranslations:
    return Translations.load(FOLDER, [language])


def in_language(wording: Wording, language: str = SOURCE) -> str:
    """Words of this language for a message; what somebody else wrote, as they wrote it."""
    if isinstance(wording, str):
        return wording
    known = catalogue(language)

    def sentence(text: str, plural: str, count: int) -> str:
        """The source needs no catalogue, but German has its plural too."""
        return str(known.ungettext(text, plural, count) if plural else known.ugettext(text))

    return wording.spoken(sentence, partial(_format, language=language))


def label(text: str, language: str) -> str:
    """A label that `N_` marked, in this language."""
    return str(catalogue(language).ugettext(text)) if text else ""


def moment(value: datetime, language: str) -> str:
    return value.astimezone(BERLIN).strftime(f"{DAY.get(language, DAY[SOURCE])} {TIME}")


def _format(value: Any, language: str) -> str:
    if isinstance(value, Message | str):
        return in_language(value, language)
    if isinstance(value, tuple | list):
        return in_language(listed(_format(one, language) for one in value), language)
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, date):
        return value.strftime(DAY.get(language, DAY[SOURCE]))
    return str(value)
