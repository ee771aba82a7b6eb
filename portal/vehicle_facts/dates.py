"""Months as people and systems write them, also those of which only the year is known."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

from portal.vehicle_facts.numbers import shown
from portal.vehicle_facts.repeated import repeated
from portal.vehicle_facts.understanding import NotUnderstood, states_nothing

_YEAR = r"(?P<year>\d{4})"
_FORMS = tuple(
    re.compile(form, re.A)
    for form in (
        rf"(?:(?P<day>\d{{1,2}})\s*[./-]\s*)?(?P<month>\d{{1,2}})\s*[./-]\s*{_YEAR}(?:\s+\d\d?:[\d:.]+)?",
        rf"{_YEAR}\s*[-/.]\s*(?P<month>\d{{1,2}})(?:\s*[-/.]\s*(?P<day>\d{{1,2}})(?:[t ][\d:.+z]*)?)?",
        r"(?P<year>(?:18|19|20|21)\d\d)(?P<month>\d\d)(?P<day>\d\d)?",
        r"(?P<month>\d\d)(?P<year>(?:18|19|20|21)\d\d)",
        rf"(?:(?P<day>\d{{1,2}})[\s.-]*)?(?P<name>[a-zä]{{3,9}})[\s./-]*(?:{_YEAR}|'?(?P<named>\d\d))",
        rf"{_YEAR}[\s./-]+(?P<name>[a-zä]{{3,9}})\.?",
        rf"(?P<name>[a-zä]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),\s*{_YEAR}",
        rf"(?P<month>\d\d)\s+{_YEAR}",
        r"(?:(?P<day>\d{1,2})\s*\.\s*)?(?P<month>\d{1,2})\s*[./]\s*(?P<short>\d\d)",
        _YEAR,
    )
)
_NAMES = {
    name: place
    for place, names in enumerate(
        (
            ("januar", "jan", "jän", "january"),
            ("februar", "feb", "february"),
            ("märz", "mär", "mrz", "maerz", "march", "mar"),
            ("april", "apr"),
            ("mai", "may"),
            ("juni", "jun", "june"),
            ("juli", "jul", "july"),
            ("august", "aug"),
            ("september", "sep", "sept"),
            ("oktober", "okt", "october", "oct"),
            ("november", "nov"),
            ("dezember", "dez", "december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_LABELS = re.compile(
    r"\A(?:ez|erstzulassung|erstzul|hu/au|tüv/au|hu|tüv|baujahr|bj)(?:\b[.:]?\s*(?=\S)|(?=\d))"
)
"""What people repeat of the name of the field."""
_AMERICAN = re.compile(r"\s*\d{1,2}/\d{1,2}/\d{4}", re.A)
"""`5/13/2018` can only be meant so; where both would do, it is a German date."""
_YEARS_AHEAD = 5
"""No month of a vehicle lies farther ahead: `01.49` on the papers of a classic is 1949."""
REGISTERED_AHEAD = 1
"""Nor of a first registration: `05.31` is 1931."""
EARLIEST, LATEST = 1800, 2199
_PLACEHOLDERS = frozenset({(1, 1), (1753, 1), (1899, 12), (1900, 1), (9999, 12)})
"""The first and the last month that a database or a spreadsheet knows: there nothing was entered."""


class CalendarMonth(NamedTuple):
    """`month` is None where only the year is known."""

    year: int
    month: int | None

    @property
    def text(self) -> str | None:
        """`2018-05`; None without a month: it is never made up."""
        return None if self.month is None else f"{self.year}-{self.month:02}"


class _Parts(NamedTuple):
    """0 for what is not stated."""

    year: int
    month: int
    day: int


def read_month(text: str, years_ahead: int = _YEARS_AHEAD) -> CalendarMonth | None:
    """None when it states nothing (`-`, `00.0000`). Raises NotUnderstood."""
    return _read(text, datetime.now(UTC).year + years_ahead)


@repeated
def _read(text: str, latest: int) -> CalendarMonth | None:
    """`latest`: the last year that two digits can mean."""
    found = _parts(text, latest)
    return CalendarMonth(found.year, found.month or None) if found else None


def read_day(text: str) -> date | None:
    """None when it states nothing. Raises NotUnderstood, also where the day is not stated."""
    found = _parts(text, datetime.now(UTC).year + _YEARS_AHEAD)
    if found is None:
        return None
    if not found.month or not found.day:
        raise NotUnderstood("month-unreadable", value=shown(text))
    return date(*found)


def _parts(text: str, latest: int) -> _Parts | None:
    bare = _LABELS.sub("", text.strip().casefold()).rstrip(" .,;")
    if states_nothing(bare) or not bare.strip("0./-: "):
        return None
    match = next(filter(None, (form.fullmatch(bare) for form in _FORMS)), None)
    if match is None:
        raise NotUnderstood("month-unreadable", value=shown(text))
    found: dict[str, str | None] = match.groupdict()
    short = found.get("short") or found.get("named")
    year = _full_year(short, latest) if short else int(found["year"] or 0)
    if (year, int(found.get("month") or 0)) in _PLACEHOLDERS:
        return None
    if not EARLIEST <= year <= LATEST:
        raise NotUnderstood("month-unreadable", value=shown(text))
    return _checked(year, *_month_and_day(found, text))


def stated_month(text: str, years_ahead: int = _YEARS_AHEAD) -> str | None:
    """`2018-05`, for a fact that needs the month: a year alone is refused. None when it states nothing."""
    found = read_month(text, years_ahead)
    if found is not None and found.month is None:
        raise NotUnderstood("month-unknown", year=str(found.year))
    return found.text if found else None


def _month_and_day(found: dict[str, str | None], text: str) -> tuple[int, int]:
    month, day = int(found.get("month") or 0), int(found.get("day") or 0)
    if name := found.get("name"):
        if name not in _NAMES:
            raise NotUnderstood("month-unreadable", value=shown(text))
        return _NAMES[name], day
    if month > 12 and 1 <= day <= 12 and _AMERICAN.match(text):
        return day, month
    return month, day


def _checked(year: int, month: int, day: int) -> _Parts:
    if month > 12:
        raise NotUnderstood("month-impossible", month=str(month))
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        raise NotUnderstood("day-impossible") from None
    return _Parts(year, month, day)


def _full_year(short: str, latest: int) -> int:
    year = latest - latest % 100 + int(short)
    return year if year <= latest else year - 100
