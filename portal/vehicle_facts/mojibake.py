"""Texts that were spoilt at their source: UTF-8 read as Windows-1252, `GrÃ¼n` for `Grün`.

The library ftfy knows which sequences are never meant; what it offers is offered to a person and never
taken unasked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TEXTS = (
    *("make", "model", "model_description", "trim_line", "model_range", "category_label", "colour"),
    *("colour_name", "interior_colour", "interior_type", "description", "contact"),
)
LISTS = {"": ("highlights",), "equipment": ("standard", "optional", "other"), "battery": ("plug_types",)}
"""Of texts, by the part of the facts that has them."""
_SUSPICIOUS = re.compile(
    "[ÂÃâÅÄÎÏð\ufffd](?:[\u0080-\u00bf]|(?<!\ufffd)[\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122])"
)
"""A lead byte of UTF-8 followed by a continuation, both read in one byte per character. It begins with one
set of characters, which is looked for in a third of the time."""

_MEANT = re.compile(
    "[\u00a0-\u00ff\u0152-\u0153\u0160-\u0161\u017d-\u017e\u2010-\u203a\u20ac\u2122\ufffd\ufe0f\u2600-\u27bf]|[\U0001f300-\U0001faff]"
)
"""What a German text has besides ASCII. Anything else was no such accident: `Ä“` is a letter and a quote."""


def offered_repair(text: str) -> str | None:
    """The text as it was meant, None where nothing is wrong with it."""
    if text.isascii() or not _SUSPICIOUS.search(text):
        return None
    from ftfy import fix_encoding  # tables that hardly a process ever needs

    mended = fix_encoding(text)
    new = set(mended) - set(text)
    return mended if mended != text and all(map(_MEANT.match, new)) else None


def spoilt_texts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Texts of a vehicle's JSON that were spoilt at their source, with what was probably meant."""
    for path, value in _texts(facts):
        if isinstance(value, str) and (repaired := offered_repair(value)):
            yield path, repaired


def _texts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those that a vehicle has: most have few, and all of a stock are asked."""
    for path in TEXTS:
        if value := facts.get(path):
            yield path, value
    for name, lists in LISTS.items():
        if part := facts.get(name) if name else facts:
            for key in lists:
                path = f"{name}.{key}" if name else key
                for place, value in enumerate(part.get(key) or ()):
                    yield f"{path}.{place}", value
    if leasing := facts.get("leasing"):
        yield "leasing.bank", leasing.get("bank")
    for place, example in enumerate(facts.get("financing") or ()):
        if example:
            yield f"financing.{place}.bank", example.get("bank")
