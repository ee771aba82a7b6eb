"""Numbers as people and systems write them: German, English, Swiss, with blanks, signs and units.

A spelling has one reading or two: `12.990` may be a thousands' point or three decimals. What the fact
can be at all, and then the convention of the place where it was written, decide between the two; where
they do not, nothing is taken and both readings are named. A price is never understood a thousand times
too small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from portal.vehicle_facts.understanding import NotUnderstood, Rounded

BLANKS = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
APOSTROPHES = "'\u2018\u2019\u02bc\u2032\u00b4`"
_TOO_LONG = 40
_PARTS = re.compile(f"([.,]|[{APOSTROPHES}]|[{BLANKS}]+)")
_BARE = re.compile(
    rf"[+\u2212-]?(?:\d|[.,](?=\d))(?:\d|[.,](?=\d)|[{APOSTROPHES}](?=\d)|[{BLANKS}]+(?=\d))*", re.A
)
_NO_CENTS = re.compile(rf"[{BLANKS}]*[.,][{BLANKS}]*(?:-{{1,2}}|[\u2010-\u2015\u2212]{{1,2}}|=)(?=[^\d]*\Z)")
"""`12.990,-` and the Swiss `12'990.–`: no cents."""
_EURO = re.compile(r"€|(?<![^\W\d_])(?:eur|euro)(?![^\W\d_])\.?", re.IGNORECASE)
_FOREIGN = re.compile(
    r"[$£¥₺₽]|(?<![^\W\d_])(?:chf|sfr|fr|usd|gbp|pln|czk|dkk|sek|nok|huf|try|zl|kc|dm|dem|ats)(?![^\W\d_])\.?",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\d{1,12}\Z", re.A)
_STATEMENTS = re.compile(r"\s*[()/|;=]\s*|\s[-–]\s+|(?<=[^\W\d_])[,;]?\s+(?=\d)")
"""Between `110 kW` and `150 PS`."""
_SLASH = re.compile(r"\s*/\s*")
_BEFORE_A_WORD = " \t\u00a0\u2009\u202f,;"
_IN_BRACKETS = re.compile(r"\(([^()]*)\)\Z")
_NET = re.compile(r"\bnetto\b|\b(?:zzgl|zuzügl|zuzüglich|exkl|excl|ohne)\b|\+\s*(?:mwst|ust)", re.IGNORECASE)


class Convention(Enum):
    """Which mark groups thousands where something was written; NONE: nobody can say."""

    GERMAN = "."
    ENGLISH = ","
    NONE = ""


@dataclass(frozen=True)
class Quantity:
    """What a number can be as a fact. `units` are the words that may stand beside it, several of them too.

    `asked_below`: a positive value below it is probable only if somebody confirms it. `converted` are other
    units with their factor. `spans`: `4/5` is written for the higher one. `rounding`: how more decimals than
    the fact has are rounded, in the words of `decimal`; empty where nobody means any.
    """

    places: int = 0
    least: Decimal = Decimal(0)
    most: Decimal = Decimal(9_999_999)
    units: tuple[str, ...] = ()
    money: bool = False
    asked_below: Decimal | None = None
    converted: tuple[tuple[str, Decimal], ...] = ()
    spans: bool = False
    rounding: str = ""
    rounded_from: Decimal = Decimal(0)
    """Below it decimals mean another unit: 64,5 of mileage are thousands, 1,9 of displacement litres."""
    least_but_zero: Decimal | None = None
    """Where 0 is a value and what lies just above it is none: a VAT of 0.19 % is a fraction of 1."""

    def possible(self, value: Decimal) -> bool:
        """Too many decimals make no other number of it: `1,234` € is asked about like `1,230` €."""
        return self.least <= value <= self.most and (self.places > 0 or _places(value) == 0)

    def doubtful(self, value: Decimal) -> bool:
        """Whether somebody should be asked before it counts."""
        return self.asked_below is not None and 0 < value < self.asked_below


def read_number(text: str, quantity: Quantity, convention: Convention = Convention.NONE) -> Decimal:
    """The value of a written number. Raises NotUnderstood, also for a value that the fact cannot have, and
    Rounded where it has another one."""
    if _PLAIN.match(text):
        return checked(Decimal(text), quantity, text)
    if quantity.spans and "/" in text:
        return max(read_number(part.strip(), quantity, convention) for part in text.split("/", 1))
    in_units = _in_other_units(text, quantity) if quantity.converted else ()
    if stated := [_converted(*one, quantity, convention) for one in in_units]:
        return _agreed(stated, text)
    bare = _without_units(text, quantity)
    found = readings(bare)
    if not found:
        raise _unreadable(text, bare, quantity)
    if len(found) == 1:
        return checked(found[0], quantity, text)
    return _decided(found, text, quantity, convention)


def checked(value: Decimal, quantity: Quantity, text: str) -> Decimal:
    """The value, if the fact can have it: range, whole, decimals. Raises NotUnderstood, Rounded."""
    least = quantity.least_but_zero if value and quantity.least_but_zero else quantity.least
    if value < least:
        raise NotUnderstood("number-too-small", limit=spell(least))
    if value > quantity.most:
        raise NotUnderstood("number-too-large", limit=spell(quantity.most))
    if _places(value) > quantity.places:
        if quantity.rounding and value >= quantity.rounded_from:
            raise Rounded(plain(value.quantize(Decimal(1).scaleb(-quantity.places), quantity.rounding)))
        if quantity.places == 0:
            raise NotUnderstood("number-not-whole", value=shown(text))
        raise NotUnderstood("number-too-precise", places=str(quantity.places))
    return value


def readings(text: str) -> tuple[Decimal, ...]:
    """What a bare number can mean: nothing, one value, or (with groups, with decimals).

    One point or comma before exactly three digits is the only spelling that has two readings.
    """
    if len(text) > _TOO_LONG or not _BARE.fullmatch(text):
        return ()
    sign = "-" if text[0] in "-\u2212" else ""
    parts = _PARTS.split(text.lstrip("+-\u2212"))
    digits, marks = parts[::2], [_kind(mark) for mark in parts[1::2]]
    if not marks:
        return (Decimal(sign + digits[0]),)
    *heads, tail = digits
    whole, decimals = "".join(heads), Decimal(f"{sign}{''.join(heads) or '0'}.{tail}")
    if marks[-1] in ".," and len(marks) == 1:
        if len(tail) == 3 and _groups(digits):
            return Decimal(sign + whole + tail), decimals
        return (decimals,)
    if len(set(marks)) == 1:
        return (Decimal(sign + whole + tail),) if _groups(digits) else ()
    one_mark_before = len(set(marks[:-1])) == 1 and marks[-1] not in marks[:-1]
    return (decimals,) if marks[-1] in ".," and one_mark_before and _groups(heads) else ()


def spell(value: Decimal) -> str:
    """Without groups, so that nobody can mistake it: `12990`, `12,99`."""
    return plain(value).replace(".", ",")


def plain(value: Decimal) -> str:
    """`12990`, `12.99`, `5.7`: no exponent, no zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(text: str) -> str:
    """What was written, short enough for a sentence."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _decided(found: tuple[Decimal, ...], text: str, quantity: Quantity, convention: Convention) -> Decimal:
    possible = [value for value in found if quantity.possible(value)]
    if len(possible) == 1:
        return checked(possible[0], quantity, text)
    grouped, decimal = found
    if convention is not Convention.NONE and convention.value in text:
        return checked(grouped, quantity, text)
    raise NotUnderstood("number-ambiguous", value=shown(text), grouped=spell(grouped), decimal=spell(decimal))


def _without_units(text: str, quantity: Quantity) -> str:
    """The number alone. Raises NotUnderstood for a currency that is not ours."""
    bare = text.strip()
    if not quantity.money:
        return _without_words(bare, quantity.units)
    if _FOREIGN.search(bare):
        raise NotUnderstood("currency-foreign", value=shown(text))
    return _without_words(_with_cents(_without_euro(_without_words(bare, quantity.units))), quantity.units)


def _unreadable(text: str, bare: str, quantity: Quantity) -> NotUnderstood:
    """Why it is none: `ca. 64.500` says something else as well."""
    if quantity.money and _NET.search(bare):
        return NotUnderstood("price-net", value=shown(text))
    has_words = any(map(str.isdigit, bare)) and any(map(str.isalpha, bare))
    return NotUnderstood("number-with-words" if has_words else "number-unreadable", value=shown(text))


def _without_words(text: str, words: tuple[str, ...]) -> str:
    """Without those at its end, and one at its beginning. A star points to a note, blanks around a stroke
    (`5,4 l / 100 km`) mean nothing."""
    bare, before = _SLASH.sub("/", text.strip()), ""
    while bare != before:
        before = bare
        bare = _without_brackets(bare.rstrip("*").rstrip(), words)
        for word in words:
            if bare.casefold().endswith(word) and not bare[-len(word) - 1 : -len(word)].isalpha():
                bare = bare[: -len(word)].rstrip(_BEFORE_A_WORD)
    first = next((word for word in words if bare.casefold().startswith((f"{word} ", f"{word}:"))), "")
    return bare[len(first) :].lstrip(": ") if first else bare


def _without_brackets(text: str, words: tuple[str, ...]) -> str:
    """`119 g/km (WLTP, kombiniert)`: nothing else may stand in them."""
    found = _IN_BRACKETS.search(text)
    said = found[1].casefold().replace(",", " ").split() if found else []
    return text[: -len(found[0])].rstrip() if found and said and all(word in words for word in said) else text


def _in_other_units(text: str, quantity: Quantity) -> Iterator[tuple[str, Decimal]]:
    """The numbers of `110 kW (150 PS)` or `150 PS` with their factors, that in the fact's own unit first;
    nothing where no other unit is named, or something else is said."""
    found: list[tuple[str, Decimal]] = []
    parts = [part for part in _STATEMENTS.split(text.strip()) if part]
    for part in parts:
        units = ((unit, Decimal(1)) for unit in quantity.units)
        for unit, factor in (*units, *quantity.converted):
            bare = _without_words(part, (unit,))
            if bare != part:
                found.append((bare, factor))
                break
    named = any(factor != 1 for _bare, factor in found)
    if named and len(found) == len(parts):
        yield from sorted(found, key=lambda one: one[1] != 1)


def _converted(bare: str, factor: Decimal, quantity: Quantity, convention: Convention) -> Decimal:
    value = read_number(bare, Quantity(places=2, most=quantity.most), convention) * factor
    step = Decimal(1).scaleb(-quantity.places)
    return checked(value.quantize(step, ROUND_HALF_UP), quantity, bare)


def _agreed(stated: list[Decimal], text: str) -> Decimal:
    """The first of several statements of one fact. Where they differ (`6 Stunden 30 Minuten`) none is it;
    papers round both ways."""
    value = stated[0]
    if any(abs(other - value) > max(Decimal(1), value / 100) for other in stated):
        raise NotUnderstood("number-unreadable", value=shown(text))
    return value


def _without_euro(text: str) -> str:
    """A sign between digits is a mark of its own: `12€50` is neither 1250 nor 12 €."""
    before, _sign, after = text.partition(found[0]) if (found := _EURO.search(text)) else (text, "", "")
    between = any(map(str.isdigit, before)) and any(map(str.isdigit, after))
    return text if between else _EURO.sub("", text).strip()


def _with_cents(text: str) -> str:
    """`12.990,-` says by its end that the point groups thousands."""
    end = _NO_CENTS.search(text)
    if not end:
        return text
    body = text[: end.start()]
    unused = next((mark for mark in ",." if mark not in body), end[0][0])
    return f"{body}{unused}00{text[end.end() :]}"


def _kind(mark: str) -> str:
    """Apostrophes are one kind of mark, blanks another."""
    return mark if mark in ".," else "'" if mark in APOSTROPHES else " "


def _groups(digits: list[str]) -> bool:
    """Whether they are thousands: `1`, `234`, `567`. Systems that fill up with zeros write `0012`, `990`."""
    first, *others = digits
    return 1 <= len(first.lstrip("0")) <= 3 and all(len(group) == 3 for group in others)


def _places(value: Decimal) -> int:
    return len(plain(value).partition(".")[2])
