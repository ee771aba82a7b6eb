"""Texts of code without Flask, in the reader's language.

Platforms, vehicles and the engine write plain German texts, many of which lie in the database.
They are translated where they are shown (`portal.translations.phrases`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask_babel import get_locale

from portal.translations.phrases import SOURCE, YES_NO, phrase


def translated(text: str) -> str:
    """The text in the language of this request."""
    return phrase(text, _language())


def as_value(text: str) -> str:
    """A value of the dealer's data: only yes and no are words of ours."""
    return translated(text) if text in YES_NO else text


def translator() -> Callable[[str], str]:
    """`translated` for what is written after the request has ended, like a long download."""
    language = _language()
    return str if language == SOURCE else partial(phrase, language=language)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else SOURCE
