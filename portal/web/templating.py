"""Filters that write numbers, money and moments as they are written in Germany (or in English)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_timedelta
from flask import Flask
from flask_babel import format_currency, format_date, format_decimal, get_locale
from flask_babel import gettext as _

from portal.catalogue import DAY, TIME
from portal.web import access, assets, frame, states
from portal.web.addresses import url_for
from portal.web.i18n import TIMEZONE
from portal.web.wording import translated

NOTHING = "–"
MONEY = {"de": "{} ¤", "en": "¤{}"}
PLAIN_NUMBER = re.compile(r"\d{1,12}(\.\d{1,4})?")

Number = int | float | Decimal


def _pattern(patterns: dict[str, str]) -> str:
    locale = get_locale()
    return patterns[locale.language if locale and locale.language in patterns else "de"]


def euro(value: Number | str | None) -> str:
    """16.500 € or €16,500; cents only where there are any."""
    if value is None or value == "":
        return NOTHING
    amount = Decimal(value)
    digits = "#,##0" if amount == int(amount) else "#,##0.00"
    return format_currency(amount, "EUR", _pattern(MONEY).format(digits), False)


def number(value: Number | None) -> str:
    return NOTHING if value is None else format_decimal(value)


def km(value: Number | None) -> str:
    return NOTHING if value is None else f"{format_decimal(value)} km"


def file_size(size: int) -> str:
    """21,8 kB: in thousands, as file managers count."""
    if size < 1000:
        return f"{size} B"
    unit, shown = ("kB", size / 1000) if size < 1_000_000 else ("MB", size / 1_000_000)
    return f"{format_decimal(shown, '#,##0.0')} {unit}"


def measured(value: str | Mapping[str, Any], field: str) -> str:
    """One side of a field difference; `field` is the platform's path to it."""
    write = MEASURES.get(field.rpartition(".")[2])
    if write and isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
        return write(Decimal(value))
    return translated(value)


def day(value: date | datetime | str | None) -> str:
    """24.11.2026; takes ISO text as well."""
    if not value:
        return NOTHING
    if isinstance(value, datetime):
        return _local(value).strftime(_pattern(DAY))
    return (date.fromisoformat(value) if isinstance(value, str) else value).strftime(_pattern(DAY))


def month(value: date) -> str:
    """November 2026"""
    return format_date(value, "LLLL yyyy")


def weekday(value: date) -> str:
    """Mo, Di, …"""
    return format_date(value, "EEEEEE").rstrip(".")


def moment(value: datetime | str | None) -> str:
    """24.11.2026 14:05, Berlin; takes ISO text as well."""
    return _local(value).strftime(f"{_pattern(DAY)} {TIME}") if value else NOTHING


def since(value: datetime | str | None, now: datetime | None = None) -> str:
    """14:05 today, 24.11.2026 14:05 on any other day; Berlin."""
    if not value:
        return NOTHING
    then = _local(value)
    return then.strftime(TIME) if then.date() == _local(now or datetime.now(UTC)).date() else moment(value)


def instant(value: datetime | str) -> datetime:
    """A moment with its zone; one without is UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _local(value: datetime | str) -> datetime:
    return instant(value).astimezone(ZoneInfo(TIMEZONE))


def ago(value: datetime | str | None, now: datetime | None = None) -> str:
    """How long ago, or how soon, in whole minutes and more: "vor 3 Minuten", "in 2 Stunden"."""
    if not value:
        return NOTHING
    ahead = instant(value) - (now or datetime.now(UTC))
    minutes = int(ahead / timedelta(minutes=1))
    if not minutes:
        return _("gerade eben") if ahead <= timedelta(0) else _("gleich")
    return _from_now(minutes, get_locale())


@lru_cache(4096)
def _from_now(minutes: int, locale: Locale | None) -> str:
    """A list says of many moments how long ago they were, and of most of them the same."""
    ahead = timedelta(minutes=minutes)
    return format_timedelta(ahead, granularity="minute", threshold=1, add_direction=True, locale=locale)


def outside(url: str | None) -> str:
    """An address of the web as it is; anything else (`javascript:` and its like) is no link."""
    return url if url and url.lower().startswith(("https://", "http://")) else ""


MEASURES: Mapping[str, Callable[[Decimal], str]] = {
    "mileage": km,
    "consumerPriceGross": euro,
    "dealerPriceGross": euro,
    "price": euro,
    "selling": euro,
    "price_gross": euro,
}
"""How platforms call what is a measure → how people write it."""

FILTERS = (
    euro,
    number,
    km,
    file_size,
    measured,
    day,
    month,
    weekday,
    moment,
    since,
    instant,
    ago,
    translated,
    outside,
)


def register_templating(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    assets.register(app)
    for a_filter in FILTERS:
        app.jinja_env.filters[a_filter.__name__] = a_filter
    app.jinja_env.globals.update(
        url_for=url_for,
        may=access.may,
        get_locale=get_locale,
        operator_name=app.extensions["settings"].operator_name,
        events_url=app.extensions["settings"].events_url,
        frame=frame.frame,
        transfer_states=states.TRANSFER_STATES,
        activation_states=states.SHOWN_STATES,
        listing_states=states.LISTING_STATES,
        run_states=states.RUN_STATES,
        shown_state=states.shown_state,
        stop_text=states.stop_text,
        lock_text=states.lock_text,
    )
