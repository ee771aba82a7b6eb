"""Texts as people type them: numbers of their language, months, days, lines. ValueError says what is
expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _


def spell_number(value: Decimal) -> str:
    """As `parse_number` reads it in this language: without groups, `12345,67` or `12345.67`."""
    spelled = format(value, "f")
    return spelled if _in_english() else spelled.replace(".", ",")


def parse_number(text: str) -> Decimal:
    """In German `12.345,67`, `12345,67` and `12345.67`, where a dot before exactly three digits groups;
    in English `12,345.67` and `12345.67`."""
    compact = "".join(text.replace("€", "").split()).replace("'", "")
    if _in_english():
        whole, dot, decimals = compact.partition(".")
        compact = f"{_ungrouped(whole, ',')}{dot}{decimals}"
    elif "," in compact:
        whole, _comma, decimals = compact.rpartition(",")
        compact = f"{_ungrouped(whole, '.')}.{decimals}"
    elif compact.count(".") > 1 or (compact.count(".") == 1 and len(compact.rpartition(".")[2]) == 3):
        compact = _ungrouped(compact, ".")
    if not compact.isascii() or not compact.replace(".", "", 1).lstrip("-").isdecimal():
        raise ValueError(_("Bitte eine Zahl eingeben, zum Beispiel 12.345,67."))
    try:
        return Decimal(compact)
    except InvalidOperation:
        raise ValueError(_("Bitte eine Zahl eingeben, zum Beispiel 12.345,67.")) from None


def _in_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def _ungrouped(text: str, mark: str) -> str:
    first, *groups = text.split(mark)
    if any(len(group) != 3 for group in groups):
        raise ValueError(_("Bitte eine Zahl eingeben, zum Beispiel 12.345,67."))
    return first + "".join(groups)


def _parse_whole(text: str) -> int:
    number = parse_number(text)
    if number != number.to_integral_value():
        raise ValueError(_("Bitte eine ganze Zahl eingeben."))
    return int(number)


def _parse_month(text: str) -> str:
    for pattern in ("%m.%Y", "%m/%Y", "%Y-%m"):
        try:
            return f"{datetime.strptime(text, pattern):%Y-%m}"  # noqa: DTZ007  # a month has no zone
        except ValueError:
            continue
    raise ValueError(_("Bitte Monat und Jahr als MM.JJJJ eingeben, zum Beispiel 05.2021."))


def _parse_date(text: str) -> date:
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise ValueError(_("Bitte den Tag als TT.MM.JJJJ eingeben, zum Beispiel 24.11.2026."))


def _parse_lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _parse_maybe(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(_("Bitte eine der Möglichkeiten wählen."))
    return text == "yes"


PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "text": str,
    "area": str,
    "choice": str,
    "lines": _parse_lines,
    "whole": _parse_whole,
    "decimal": parse_number,
    "month": _parse_month,
    "date": _parse_date,
    "maybe": _parse_maybe,
    "flag": bool,
    "features": frozenset,
}
