"""Texts with names in braces: `{make} {model}`. A substitution and nothing else: no code, no formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from portal.formats.charset import is_one_line
from portal.platforms.common.catalogue import BY_NAME

LONGEST = 300
_NAME = re.compile(r"\{([a-z0-9_]{1,40})\}")

Part = tuple[str, str]
"""A literal text and the name of the fact that follows it; empty at the end."""


def parts_of(text: str) -> tuple[Part, ...]:
    """Raises ValueError (German) for a name that is not known and for a brace that belongs to none."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    end = 0
    for found in _NAME.finditer(text):
        name = found.group(1)
        if name not in BY_NAME:
            raise ValueError(f"„{{{name}}}“ ist kein Feld eines Fahrzeugs.")
        yield _literal(text[end : found.start()]), name
        end = found.end()
    yield _literal(text[end:]), ""


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise ValueError("Geschweifte Klammern stehen nur um den Namen eines Feldes, zum Beispiel {make}.")
    return text


def filled(parts: tuple[Part, ...], value_of: Callable[[str], str]) -> str:
    return "".join(literal + (value_of(name) if name else "") for literal, name in parts)


def problem(text: str) -> str:
    """Why a template cannot be used (German); empty when it can."""
    if len(text) > LONGEST:
        return f"Höchstens {LONGEST} Zeichen."
    if not is_one_line(text):
        return "Zeilenumbrüche und Steuerzeichen sind hier nicht möglich."
    try:
        parts_of(text)
    except ValueError as error:
        return str(error)
    return ""
