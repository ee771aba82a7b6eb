"""Texts into a charset: nothing that a dealer writes makes a file fail.

Control characters are removed. What a charset lacks is spelled with what it has (`„` becomes `"`, `č`
becomes `c`), else left out (emoji) or replaced by a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ONE_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Also what neither UTF-8 nor XML can carry, and what nobody sees: `VW` with a mark in it is no make."""
_BREAK = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
"""Word and Excel break lines within a paragraph by a vertical tab."""
_SAME = {
    "„": '"',
    "“": '"',
    "”": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "‚": "'",
    "‘": "'",
    "’": "'",
    "‹": "'",
    "›": "'",
    "′": "'",
    "´": "'",
    "″": '"',
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "-",
    "—": "-",
    "―": "-",
    "−": "-",
    "…": "...",
    "•": "*",
    "‣": "*",
    "▪": "*",
    "●": "*",
    "·": "*",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "€": "EUR",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "✓": "+",
    "✔": "+",
    "\u202f": " ",
    "\u2009": " ",
    "\u00a0": " ",
    "\u200b": "",
    "\u00ad": "",
}
"""Another spelling of the same: worth no hint."""
_LETTERS = {
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "Ø": "O",
    "ø": "o",
    "ı": "i",
    "ẞ": "ß",
    "Æ": "AE",
    "æ": "ae",
}
_LEFT_OUT = ("S", "M", "C")
"""Categories of characters without a spelling: symbols (emoji), marks, joiners."""


LOST = "\ufffd"
"""Stands where a character could not be read."""
_LOST_TWICE = "ï¿½"
"""The same, written as UTF-8 and read in one byte per character."""


def clean(text: str) -> str:
    """Without control characters; line breaks as `\\n`, and one sign for what was lost."""
    if _LOST_TWICE in text:
        text = text.replace(_LOST_TWICE, LOST)
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return _CONTROL.sub("", _BREAK.sub("\n", text)).replace("\t", " ")


def is_damaged(text: str) -> bool:
    """Whether something in it could not be read."""
    return LOST in text or _LOST_TWICE in text


def is_one_line(text: str) -> bool:
    """Whether it has neither line breaks nor control characters."""
    return "\n" not in text and clean(text) == text


def one_line(text: str) -> str:
    """Without line breaks, control characters and doubled spaces."""
    return " ".join(ONE_LINE.sub(" ", clean(text)).split())


def encodable(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def fitted(text: str, charset: str) -> tuple[str, str]:
    """The text as the charset can spell it, and the characters that changed for it."""
    if encodable(text, charset):
        return text, ""
    pieces: list[str] = []
    lost: dict[str, None] = {}
    for char in unicodedata.normalize("NFC", text):
        spelled, same = _spelled(char, charset)
        pieces.append(spelled)
        if not same and unicodedata.category(char)[0] not in ("M", "C"):
            lost[char] = None
    return "".join(pieces), "".join(lost)


@lru_cache(maxsize=4096)
def _spelled(char: str, charset: str) -> tuple[str, bool]:
    """How a character is spelled, and whether that is the same to a reader."""
    if encodable(char, charset):
        return char, True
    if (same := _SAME.get(char)) is not None:
        return same, True
    plain = _LETTERS.get(char) or _without_marks(char)
    if plain and encodable(plain, charset):
        return plain, unicodedata.decomposition(char).startswith("<su")
    return ("" if unicodedata.category(char)[0] in _LEFT_OUT else "?"), False


def _without_marks(char: str) -> str:
    """`č` → `c`, `₂` → `2`."""
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if not unicodedata.combining(part)) if parts != char else ""
