"""Headline and highlights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portal.sandbox.mobile_de.rules.findings import AdFinding

HEADLINE = 48
CONTACTS = (
    ("modeldescription-contains-email", re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)),
    (
        "modeldescription-contains-url",
        re.compile(r"https?://|\bwww\.|\b[a-z0-9-]{2,}\.(de|com|net|org|eu|info)\b", re.IGNORECASE),
    ),
    (
        "modeldescription-contains-phone",
        re.compile(r"(?<![\w.,])(\+\d{2}|00\d{2}|0\d{2,5})[ /()-]*\d([ /()-]*\d){4,}"),
    ),
)


def headline(ad: dict[str, Any]) -> Iterator[AdFinding]:
    text = ad.get("modelDescription")
    if not isinstance(text, str):
        return
    if len(text) > HEADLINE:
        yield AdFinding("field-too-long", "modelDescription", text)
    for key, pattern in CONTACTS:
        if pattern.search(text):
            yield AdFinding(key, "modelDescription", text)
            return


def highlights(ad: dict[str, Any], most: int) -> Iterator[AdFinding]:
    given = ad.get("highlights")
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        yield AdFinding("invalid-format", "highlights", str(given))
    elif len(given) > most:
        yield AdFinding("too-many-highlights", "highlights", str(len(given)))
