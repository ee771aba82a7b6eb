"""Bytes of German texts into characters, line by line: a stock is put together from many sources.

A valid sequence of several bytes of UTF-8 is next to impossible in a text of one byte per character, so a
line that has one is UTF-8, and a broken byte in it costs one character. Other lines are read in the code
page in which their special characters are German ones at their places: `ü` stands between letters, `„` at
the beginning of a word. General detectors need more text than a line has (docs/decisions.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from portal.formats.charset import LOST

UTF_8, LATIN_9, WINDOWS, DOS, MAC = "UTF-8", "ISO-8859-15", "Windows-1252", "Codepage 850", "Mac Roman"
UTF_16 = "UTF-16"
_CODECS = {LATIN_9: "iso-8859-15", WINDOWS: "cp1252", DOS: "cp850", MAC: "mac_roman"}
_ASCII = bytes(range(128))
_PLAIN_LATIN = bytes("äöüÄÖÜßéèêçñ°²³½€§´®", "iso-8859-15", "ignore").replace(b"\xa7", b"")
"""Bytes that no other code page needs for German: they settle it without a closer look."""
_SEQUENCE = re.compile(
    rb"[\xc2-\xc3][\x80-\xbf]|\xe2[\x80-\xaf][\x80-\xbf]|\xef(?:\xbf\xbd|\xb8\x8f)|\xf0[\x9d-\x9f][\x80-\xbf]{2}"
)
"""Letters, punctuation and emoji as UTF-8 spells them. In one byte per character they would be `Ã¼`, `â€“`;
others would not: `ß“` at the end of a quotation is a valid sequence as well."""
_ELSEWHERE = re.compile("[\u0530-\u08ff]")
"""Scripts of the Near East and Africa: `ß“` in Windows-1252 is the UTF-8 of a letter of N'Ko."""
_CUT = re.compile(rb"(?:[\xc2\xc3]|\xe2[\x80-\xaf]?|\xf0(?:[\x9d-\x9f][\x80-\xbf]?)?)(?![\x80-\xbf])")
"""The beginning of a sequence without its end; as characters they would be `Â`, `Ã`, `â`, `ð`."""
_LETTERS = frozenset("äöüÄÖÜßéèêëàáçñïîôóûúåøæÉÈŠšŽž")
_COMMON = frozenset("äöüÄÖÜß")
_SIGNS = frozenset("°²³€§–—„“”‚‘’…•·´®©™½¼¾«»±µ×\u00a0¹")
_NAMES = re.compile("Škoda|ŠKODA|Citroën|CITROËN|Coupé|COUPÉ|Mégane|Café")
"""They have special characters that are rare else."""
_OPENING, _CLOSING = frozenset("„‚«"), frozenset("“”‘’»…™®²³°")


def decode(line: bytes, usual: str = LATIN_9) -> tuple[str, str]:
    """The text of a line and the charset it was read in. `usual` is that of the other lines: it counts
    where the line itself says nothing."""
    high = line.translate(None, _ASCII)
    if not high:
        return line.decode("ascii"), ""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if _ELSEWHERE.search(text) is None:
            return text, UTF_8
    if _is_broken_utf_8(line):
        # One character for each run of bytes that is no UTF-8.
        return re.sub(f"{LOST}+", LOST, line.decode("utf-8", "replace")), UTF_8
    if not high.translate(None, _PLAIN_LATIN) and usual in (LATIN_9, WINDOWS, UTF_8):
        charset = usual if usual != UTF_8 else LATIN_9
    else:
        pages = sorted(_CODECS, key=lambda page: page != usual)
        charset = max(pages, key=lambda page: _fit(line.decode(_CODECS[page], "replace")))
    return line.decode(_CODECS[charset], "replace"), charset


class Decoder:
    """Decodes the lines of one file and counts in which charsets they were."""

    def __init__(self, usual: str = LATIN_9) -> None:
        self.charsets: Counter[str] = Counter()
        self._usual = usual

    def lines(self, source: Iterable[bytes]) -> Iterator[str]:
        for line in source:
            text, charset = decode(line, self._usual)
            if charset:
                self.charsets[charset] += 1
                self._usual = charset if charset not in (self._usual, UTF_8) else self._usual
            yield text


def _is_broken_utf_8(line: bytes) -> bool:
    """Whether what is not ASCII is UTF-8 for the most part, the rest being cut or spoilt bytes."""
    rest, whole = _SEQUENCE.subn(b"", line)
    rest, cut = _CUT.subn(b"", rest)
    odd = len(rest.translate(None, _ASCII))
    return (whole + cut > 0) and odd <= whole


def _fit(text: str) -> int:
    """How much the special characters of a text look like German ones at their places."""
    padded = f" {text} "
    places = (place for place, char in enumerate(padded) if char > "\x7f")
    return 4 * len(_NAMES.findall(text)) + sum(_of_character(*padded[at - 1 : at + 2]) for at in places)


@lru_cache(maxsize=16384)
def _of_character(before: str, char: str, after: str) -> int:
    inside = before.isalpha() + after.isalpha()
    if char in _LETTERS:
        # A letter stands beside others; a capital not within small ones, nor the other way round.
        if not inside:
            return -1
        capital_inside = char.isupper() and before.islower()
        small_inside = char.islower() and char != "ß" and before.isupper() and after.isupper()
        return (3 if char in _COMMON else 1) + inside - (5 if capital_inside or small_inside else 0)
    if char in _OPENING:
        return 3 if after.isalnum() and not before.isalnum() else -2
    if char in _CLOSING:
        return 2 if (before.isalnum() or before in ".!?)") and not after.isalpha() else -2
    if char in _SIGNS:
        return 1 if inside < 2 else -2
    return -4
