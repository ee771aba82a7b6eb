"""Vehicle identification numbers (ISO 3779): 17 characters, without I, O and Q.

Before 1981 makers numbered as they liked: then it may be shorter. A look-alike (O for 0) is said, never
changed: another number would be another car.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from portal.vehicle_facts.numbers import shown
from portal.vehicle_facts.understanding import NotUnderstood

LENGTH = 17
STANDARD_SINCE = 1981
SHORTEST = 4
"""Of a number from before the standard."""
_SEPARATORS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00ad._*/'\u2018\u2019\"#\u2010-\u2015\u2212-]+")
"""Between groups of signs, invisible, around it on a sticker (`*`), or before it in a spreadsheet (`'`)."""
_NAME = re.compile(
    r"\A\W*(?:[fv]in(?:[\s-]*(?:nr|nummer|code))?|fahrgestell(?:nummer|[\s-]*nr)|f(?:gst|g)\.?[\s-]*nr"
    r"|(?:(?:fz\.?|fahrzeug)[\s-]*)?ident(?:ifikations|ifizierungs)?\.?[\s-]*(?:nummer|nr))[.:#\s]+",
    re.IGNORECASE,
)
"""What people repeat of the name of the field; no number has an I."""
_CHECK_DIGIT = re.compile(r"\s*\([0-9Xx]\)\Z", re.A)
"""Stands behind the number in German registration papers, and is none of it."""
_FILLED = re.compile(r"\A(?:000|0123456789|1234567890)|X{4}\Z", re.A)
"""Counted, or masked by whoever hides the end of a number."""
_STANDARD = re.compile(
    r"(?!(.)\1*(.)(?:\1|\2)*\Z)(?!000|0123456789|1234567890|.{13}XXXX)(?=.*\d)[A-HJ-NPR-Z0-9]{17}\Z", re.A
)
"""A number that nothing has to be asked about, whenever the vehicle was built."""
_LETTERS = re.compile(r"[A-Z0-9]+", re.A)
_LOOKALIKES = "IOQ"


def normalised(text: str) -> str:
    """In capitals and without blanks and dashes: by this form a number is known again."""
    if text.isascii() and text.isalnum():
        return text.upper()  # nearly all; the rest takes ten times as long
    number = _CHECK_DIGIT.sub("", _NAME.sub("", unicodedata.normalize("NFKC", text.strip())))
    bare = _SEPARATORS.sub("", number)
    return bare.upper() if bare.isascii() else bare


def is_standard(text: str) -> bool:
    """Whether it is a number in its normal form, as nearly all are; `read_vin` reads the others."""
    return _STANDARD.match(text) is not None


def built_by(facts: Mapping[str, Any]) -> int | None:
    """The year in which a vehicle of these facts was built at the latest: a classic from abroad is
    registered here decades after it got its number."""
    registered = facts.get("first_registration")
    month = registered[:4] if isinstance(registered, str) else ""
    years = [facts.get(name) for name in ("registration_year", "construction_year")]
    if month.isdecimal():
        years.append(int(month))
    return min((year for year in years if isinstance(year, int)), default=None)


def read_vin(text: str, year: int | None = None) -> str:
    """The number in its normal form, empty for an empty text. `year` is that of `built_by`, if known.

    Raises NotUnderstood for what cannot be one.
    """
    number = normalised(text)
    if not number:
        return ""
    old = year is not None and year < STANDARD_SINCE
    shape = len(number) == LENGTH or (old and SHORTEST <= len(number) < LENGTH)
    if not shape or not _LETTERS.fullmatch(number) or _is_filler(number):
        raise NotUnderstood("vin-impossible", value=shown(text.strip()))
    if not old and (letters := _lookalikes(number, text)):
        raise NotUnderstood("vin-lookalike", value=shown(text.strip()), letters=letters)
    return number


def _is_filler(number: str) -> bool:
    """`00000000000000000` and the like fill a field."""
    signs = set(number)
    is_whole = len(number) == LENGTH
    return (
        len(signs) == 1
        or not any(map(str.isdigit, signs))
        or (is_whole and (len(signs) == 2 or _FILLED.search(number) is not None))
    )


def _lookalikes(number: str, text: str) -> tuple[str, ...]:
    """Letters that no number has, and a small L among capitals, which is a 1."""
    small = [letter for letter in set(text) if letter.islower()]
    is_small_l = small == ["l"] and _NAME.search(text) is None and any(map(str.isupper, text))
    return (*(letter for letter in _LOOKALIKES if letter in number), *(("l",) if is_small_l else ()))


def is_vin(text: str, year: int | None = None) -> bool:
    """Whether a stored number is one, and in its normal form."""
    try:
        return bool(text) and read_vin(text, year) == text
    except NotUnderstood:
        return False
