"""Texts in which AutoScout24 allows no addresses."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"\S+@\S+\.\w{2,}|\S+\s?(?:\(at\)|\[at\])\s?\S+", re.IGNORECASE)
_URL = re.compile(
    r"https?://|\bwww\.|\b[a-z0-9][a-z0-9-]*\.(?:de|com|net|org|eu|info|biz|shop|auto)\b", re.IGNORECASE
)


def has_email(text: str) -> bool:
    return _EMAIL.search(text) is not None


def is_plain(text: str) -> bool:
    """Without addresses and what could be mark-up."""
    return not (has_contact(text) or "<" in text or ">" in text)


def has_contact(text: str) -> bool:
    """An e-mail or an internet address."""
    return has_email(text) or _URL.search(text) is not None
