"""Months in the spellings of papers, systems and people. A month that is not known is not made up."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.vehicle_facts.dates import REGISTERED_AHEAD, CalendarMonth, read_day, read_month
from portal.vehicle_facts.understanding import NotUnderstood

SPELLINGS = (
    *("05.2018", "5.2018", "05/2018", "05-2018", "2018-05", "2018/05", "2018-5", "01.05.2018", "1.5.2018"),
    *("2018-05-17", "2018-05-17T00:00:00", "2018-05-17 00:00:00", "201805", "052018", "20180517"),
    *("Mai 2018", "mai 2018", "05.18", "05/18", " 05.2018 ", "5 / 2018"),
    *("01.05.18", "1.5.18", "Mai 18", "Mai '18", "01.05.2018 00:00:00", "05 2018", "EZ 05/2018", "HU: 05.18"),
    *("Mai-18", "May-18", "15. Mai 2018", "15-May-18", "15.MAI.2018", "Mai/2018"),
    *(
        "2018-May",
        "May 17, 2018",
        "EZ05/2018",
        "Erstzul. 05/2018",
        "HU/AU 05.2018",
        "05.2018.",
        "Bj. 05/2018",
    ),
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_month_is_read_in_every_spelling(text: str) -> None:
    assert read_month(text) == CalendarMonth(2018, 5)


@pytest.mark.parametrize("text", ["00.2018", "0.2018", "00/2018", "2018-00", "2018", "00.00.2018", "201800"])
def test_month_zero_is_a_year_with_an_unknown_month(text: str) -> None:
    found = read_month(text)
    assert found == CalendarMonth(2018, None)
    assert found.text is None


def test_a_month_that_cannot_be_one_was_the_day() -> None:
    """`5/13/2018` is American; where both would do, it is a German date."""
    assert read_month("5/13/2018") == (2018, 5)
    assert read_month("5/1/2018") == (2018, 1)
    with pytest.raises(NotUnderstood):
        read_month("5.13.2018")


@pytest.mark.parametrize(
    "text", ["", "-", "--", "00.0000", "0", "00.00.0000", "k.A.", "unbekannt", "n/a", "0000-00"]
)
def test_what_states_nothing_is_no_month(text: str) -> None:
    assert read_month(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("1900-01-01", "01.01.1900", "01.1900", "1900-01-00", "30.12.1899", "1899-12-31"),
        *("0001-01-01T00:00:00", "01.01.0001", "1753-01-01", "31.12.9999", "12.9999"),
    ],
)
def test_the_first_and_the_last_day_of_a_database_is_no_month(text: str) -> None:
    """There nothing was entered: SQL Server, Excel, .NET and SAP write these."""
    assert read_month(text) is None


@pytest.mark.parametrize(
    ("text", "year"), [("07.49", 1949), ("07.35", 1935), ("07.27", 2027), ("7/99", 1999)]
)
def test_two_digits_are_a_year_that_a_vehicle_can_have(text: str, year: int) -> None:
    """A registration or an inspection lies few years ahead at most: the rest is of the last century."""
    assert read_month(text) == (year, 7)


def test_nothing_was_registered_years_ahead() -> None:
    """`05.31` is an inspection in 2031, and on the papers of a classic a registration of 1931."""
    assert read_month("05.31") == (2031, 5)
    assert read_month("05.31", REGISTERED_AHEAD) == (1931, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24.11.2026", "2026-11-24"),
        ("24.11.26", "2026-11-24"),
        ("11/24/2026", "2026-11-24"),
        ("2026-11-24T10:00:00", "2026-11-24"),
        ("24. November 2026", "2026-11-24"),
        ("20261124", "2026-11-24"),
        ("-", None),
    ],
)
def test_a_day_is_that_of_its_month_in_every_order(text: str, day: str | None) -> None:
    found = read_day(text)
    assert (found.isoformat() if found else None) == day


@pytest.mark.parametrize("text", ["11.2026", "00.11.2026", "31.11.2026", "31. November 2026", "2026"])
def test_a_day_is_never_made_up(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("13.2018", "month-impossible"),
        ("31.02.2018", "day-impossible"),
        ("neu", "month-unreadable"),
        ("05.0218", "month-unreadable"),
        ("Foo 2018", "month-unreadable"),
        ("05.2018 bis 07.2019", "month-unreadable"),
        ("99999999", "month-unreadable"),
    ],
)
def test_what_is_no_month_says_why(text: str, code: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_month(text)
    assert refused.value.code == code


@given(st.dates())
def test_a_day_has_its_month_in_both_orders(day: object) -> None:
    assume((day.year, day.month) not in ((1899, 12), (1900, 1)))  # type: ignore[attr-defined]
    if 1800 <= day.year <= 2199:  # type: ignore[attr-defined]
        month = CalendarMonth(day.year, day.month)  # type: ignore[attr-defined]
        assert read_month(f"{day:%d.%m.}{day.year}") == month  # type: ignore[attr-defined]
        assert read_month(f"{day.year}-{day:%m-%d}") == month  # type: ignore[attr-defined]


@given(st.text(max_size=30))
def test_any_text_is_a_month_nothing_or_refused(text: str) -> None:
    try:
        found = read_month(text)
    except NotUnderstood:
        return
    assert found is None or (1800 <= found.year <= 2199 and (found.month is None or 1 <= found.month <= 12))
