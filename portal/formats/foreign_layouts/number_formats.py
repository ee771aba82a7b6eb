"""What the number format of a cell adds to its value: what people see counts, and what the same table says
when it is saved as CSV.

`"A"00000` makes A00015 of 15, `0" PS"` names a unit, `#,##0 "CHF"` another currency (ECMA-376, 18.8.31).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]'
    r"|(?P<place>General|[0#?.,/]|E[+-])|(?P<percent>%)|(?P<end>;)|(?P<literal>.)",
    re.DOTALL,
)
_WORDS = re.compile(r"[^\W\d_]|[$£¥%]")
"""A unit or a currency. Blanks and dashes say nothing; the euro is every amount's."""
_EURO = re.compile(r"€|\bEUR(O)?\b", re.IGNORECASE)
_PLACE = "\0"


@dataclass(frozen=True)
class NumberFormat:
    """`digits` has a mark for each digit, where a fixed number of them is shown; else words stand `before`
    and `behind` the value."""

    digits: str = ""
    before: str = ""
    behind: str = ""
    percent: bool = False

    def filled(self, value: Decimal) -> str | None:
        """A whole value in its digits."""
        if not self.digits or value != value.to_integral_value() or value < 0:
            return None
        places = self.digits.count(_PLACE)
        left = f"{int(value)}".zfill(places)
        first, *others = left[: len(left) - places + 1], *left[len(left) - places + 1 :]
        start, *rest = self.digits.split(_PLACE)
        return start + "".join(digit + text for digit, text in zip((first, *others), rest, strict=True))


@lru_cache(maxsize=1024)
def number_format(written: str) -> NumberFormat:
    """Of its first section, which is that of positive values."""
    shown, places, percent = _first_section(written)
    if percent:
        return NumberFormat(percent=True)
    if not places or places.endswith(","):
        return NumberFormat()  # a comma at the end shows thousands, and no value of the cell
    if len(places) > 1 and set(places) == {"0"}:
        return NumberFormat(digits=shown.replace(" ", ""))
    before, behind = shown[: shown.index(_PLACE)], shown[shown.rindex(_PLACE) + 1 :]
    return NumberFormat(before=_worded(before, "{} "), behind=_worded(behind, " {}"))


def _first_section(written: str) -> tuple[str, str, bool]:
    """What is shown, with a mark for each place; the places as written; whether it is a percentage."""
    shown, places, percent = "", "", False
    for token in _TOKEN.finditer(written):
        kind = token.lastgroup
        if kind == "end":
            break
        if kind == "place":
            shown, places = shown + _PLACE, places + token[0]
        elif kind == "percent":
            percent = True
        elif kind:
            shown += token[kind]
    return shown, places, percent


def _worded(text: str, beside: str) -> str:
    words = _EURO.sub("", text).strip()
    return beside.format(words) if _WORDS.search(words) else ""
