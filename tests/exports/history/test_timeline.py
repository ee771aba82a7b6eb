"""What a listing came to, as the time line tells it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from portal.exports.history.timeline import FiguresPeriod, periods_of
from portal.models import ListingDay
from portal.platforms.contract import PriceLabel

APP = UUID(int=1)
NOVEMBER = date(2026, 11, 2)


def day(after: int, label: str = "fair", **counts: Any) -> ListingDay:
    return ListingDay(id=uuid4(), day=NOVEMBER + timedelta(days=after), price_label=label, **counts)


def periods(*days: ListingDay) -> list[FiguresPeriod]:
    return list(periods_of(APP, "mobile-de", days))


def test_days_that_say_the_same_are_one_period() -> None:
    days = [day(number, views=100 + 10 * number, emails=number // 5) for number in range(10)]
    (one,) = periods(*days)
    assert (one.begin, one.until, one.days) == (days[0].day, days[-1].day, 9)
    assert one.gained == {"views": 90, "emails": 1}
    assert (one.label, one.earlier_label) == (PriceLabel.FAIR, None)


def test_a_new_label_begins_a_period_and_ends_the_one_before_with_all_that_came_until_then() -> None:
    first, second = periods(day(0, views=100), day(1, views=130), day(2, "good", views=190))
    assert (first.gained, first.until) == ({"views": 90}, second.begin)
    assert (second.label, second.earlier_label) == (PriceLabel.GOOD, PriceLabel.FAIR)
    assert (second.gained, second.days) == ({}, 0)


def test_a_night_without_a_label_is_no_change() -> None:
    assert len(periods(day(0), day(1, ""), day(2))) == 1


def test_a_platform_that_rates_nothing_has_periods_without_a_label() -> None:
    (one,) = periods(day(0, "", calls=1), day(1, "", calls=2))
    assert (one.label, one.earlier_label, one.gained) == (None, None, {"calls": 1})


def test_each_month_is_a_period_of_its_own_without_a_change() -> None:
    found = periods(*(day(number, views=number) for number in range(0, 70, 7)))
    assert [one.begin.month for one in found] == [11, 12, 1]
    assert sum(one.gained.get("views", 0) for one in found) == 63
    assert all(one.earlier_label is None for one in found)


def test_a_listing_that_was_created_anew_counts_from_there() -> None:
    (one,) = periods(day(0, views=500), day(1, views=520), day(2, views=3), day(3, views=10))
    assert one.gained == {"views": 27}
