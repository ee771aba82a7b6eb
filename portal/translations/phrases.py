"""The catalogue without a request: German texts of code without Flask, in another language.

They are looked up as they are, or else as a pattern with values ("{label} fehlt: mobile.de verlangt
diese Angabe."). What the catalogue does not have, and what a platform said, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations

SOURCE = "de"
FOLDER = Path(__file__).parent
NAME = re.compile(r"\{(\w+)\}")
VERBATIM = frozenset({"old", "new", "value", "says", "shown"})
"""Values in patterns that are data or a platform's words, whatever they look like."""
YES_NO = ("ja", "nein")
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Pattern:
    """A text with values: how it looks in German, and how it is said instead."""

    german: re.Pattern[str]
    text: str

    def filled(self, values: Mapping[str, str]) -> str:
        return NAME.sub(lambda match: values[match[1]], self.text)


def phrase(text: str, language: str) -> str:
    """The text in this language."""
    return text if not text or language == SOURCE else _looked_up(str(text), language)


@lru_cache
def catalogue(language: str) -> NullTranslations:
    return Translations.load(FOLDER, [language])


@lru_cache(MOST_REMEMBERED)
def _looked_up(text: str, language: str) -> str:
    """Remembered, because the same few reasons stand beside thousands of vehicles."""
    found = str(catalogue(language).ugettext(text)) if text else text
    if found != text or not text:
        return found
    for pattern in _patterns(language):
        match = pattern.german.fullmatch(text)
        if match:
            return pattern.filled(
                {name: _value(name, text, language) for name, text in match.groupdict().items()}
            )
    return _joined(text, language)


def _joined(text: str, language: str) -> str:
    """Known texts in one: "Anmeldung: Der Server antwortet nicht." and "Preis, Farbe"."""
    name, colon, said = text.partition(": ")
    if colon:
        told = _looked_up(said, language)
        return f"{_looked_up(name, language)}: {told}" if told != said and _known(name, language) else text
    parts = text.split(", ")
    if len(parts) == 1 or not all(_known(part, language) for part in parts):
        return text
    return ", ".join(_looked_up(part, language) for part in parts)


def _known(text: str, language: str) -> bool:
    return text in getattr(catalogue(language), "_catalog", {}) or _looked_up(text, language) != text


def _value(name: str, value: str, language: str) -> str:
    verbatim = name in VERBATIM and value not in YES_NO
    return value if verbatim else _looked_up(value, language)


@lru_cache
def _patterns(language: str) -> tuple[Pattern, ...]:
    """The most definite first, so that a general one ("{action} läuft") does not swallow others."""
    texts = dict(_with_values(catalogue(language)))
    ordered = sorted(texts, key=_definite, reverse=True)
    return tuple(Pattern(_expression(text), texts[text]) for text in ordered)


def _definite(text: str) -> tuple[int, int]:
    literals = [part for part in NAME.split(text)[::2] if part]
    return len(literals), sum(map(len, literals))


def _with_values(found: NullTranslations) -> Iterator[tuple[str, str]]:
    entries: Mapping[object, str] = getattr(found, "_catalog", {})
    return ((key, text) for key, text in entries.items() if isinstance(key, str) and NAME.search(key))


def _expression(text: str) -> re.Pattern[str]:
    literals, names = NAME.split(text)[::2], NAME.findall(text)
    groups = [*(_group(name, names[:place]) for place, name in enumerate(names)), ""]
    spelled = "".join(re.escape(literal) + group for literal, group in zip(literals, groups, strict=True))
    return re.compile(spelled, re.DOTALL)


def _group(name: str, before: list[str]) -> str:
    return f"(?P={name})" if name in before else f"(?P<{name}>.*?)"
