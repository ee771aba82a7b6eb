"""Numbers, money and moments as they are written in Germany, and in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

from portal.web import templating

AFTERNOON = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("name", "value", "german", "english"),
    [
        ("euro", Decimal("16500.00"), "16.500 €", "€16,500"),
        ("euro", "1234.5", "1.234,50 €", "€1,234.50"),
        ("euro", 0, "0 €", "€0"),
        ("euro", None, "–", "–"),
        ("number", 1204, "1.204", "1,204"),
        ("number", None, "–", "–"),
        ("km", 12345, "12.345 km", "12,345 km"),
        ("km", None, "–", "–"),
        ("file_size", 999, "999 B", "999 B"),
        ("file_size", 21_840, "21,8 kB", "21.8 kB"),
        ("file_size", 2_150_000, "2,2 MB", "2.2 MB"),
        ("day", date(2026, 11, 24), "24.11.2026", "24 Nov 2026"),
        ("day", "2026-11-24", "24.11.2026", "24 Nov 2026"),
        ("day", datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "25.11.2026", "25 Nov 2026"),
        ("day", None, "–", "–"),
        ("moment", AFTERNOON, "24.11.2026 14:05", "24 Nov 2026 14:05"),
        ("moment", "2026-07-01T12:00:00+00:00", "01.07.2026 14:00", "1 Jul 2026 14:00"),
        ("moment", datetime(2026, 11, 24, 13, 5), "24.11.2026 14:05", "24 Nov 2026 14:05"),  # noqa: DTZ001
        ("moment", None, "–", "–"),
        ("weekday", date(2026, 11, 24), "Di", "Tu"),
    ],
)
def test_filters(name: str, value: Any, german: str, english: str) -> None:
    write = getattr(templating, name)
    with force_locale("de"):
        assert write(value).replace("\N{NO-BREAK SPACE}", " ") == german
    with force_locale("en"):
        assert write(value).replace("\N{NO-BREAK SPACE}", " ") == english


@pytest.mark.parametrize(
    ("field", "value", "german"),
    [
        ("mileage", "24690", "24.690 km"),
        ("price.consumerPriceGross", "12990.50", "12.990,50 €"),
        ("mileage", "", ""),
        ("mileage", "unbekannt", "unbekannt"),
        ("internalNumber", "24690", "24690"),
        ("firstRegistration", "201805", "201805"),
        ("damageUnrepaired", "ja", "ja"),
    ],
)
def test_a_measure_that_differs_is_written_like_any_other(field: str, value: str, german: str) -> None:
    with force_locale("de"):
        assert templating.measured(value, field).replace("\N{NO-BREAK SPACE}", " ") == german


@pytest.mark.parametrize(
    ("back", "text"),
    [
        (timedelta(seconds=0), "gerade eben"),
        (timedelta(seconds=59), "gerade eben"),
        (timedelta(seconds=60), "vor 1 Minute"),
        (timedelta(minutes=59, seconds=59), "vor 59 Minuten"),
        (timedelta(hours=1), "vor 1 Stunde"),
        (timedelta(hours=23), "vor 23 Stunden"),
        (timedelta(days=1), "vor 1 Tag"),
        (timedelta(days=6), "vor 6 Tagen"),
        (timedelta(seconds=-30), "gleich"),
        (timedelta(minutes=-10), "in 10 Minuten"),
        (timedelta(hours=-4), "in 4 Stunden"),
        (timedelta(days=-1), "in 1 Tag"),
        (timedelta(days=-2), "in 2 Tagen"),
    ],
)
def test_ago(back: timedelta, text: str) -> None:
    assert templating.ago(AFTERNOON - back, now=AFTERNOON) == text


def test_since_names_the_day_only_when_it_is_another() -> None:
    assert templating.since(AFTERNOON - timedelta(hours=3), now=AFTERNOON) == "11:05"
    assert templating.since(AFTERNOON - timedelta(days=1), now=AFTERNOON) == "23.11.2026 14:05"


def test_when_is_relative_for_the_eye_and_absolute_for_machines() -> None:
    source = "{% from 'macros/time.html' import when %}{{ when(dt) }}"
    page = render_template_string(source, dt=AFTERNOON)
    whole = 'datetime="2026-11-24T13:05:00+00:00" title="24.11.2026 14:05"'
    assert page.startswith(f"<time {whole} data-ago>")
    assert render_template_string(source, dt=None) == "–"


def test_texts_are_escaped() -> None:
    source = (
        "{% from 'macros/forms.html' import field %}{{ field('a', '<b>', value='\"><script>', error='<i>') }}"
    )
    page = render_template_string(source)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "<i>" not in page


def test_a_field_tells_its_error_and_help_to_screen_readers() -> None:
    imported = "{% from 'macros/forms.html' import field %}"
    page = render_template_string(imported + "{{ field('vin', 'FIN', error='Zu kurz.', help='17 Zeichen') }}")
    assert 'aria-describedby="vin-error vin-help"' in page
    assert 'aria-invalid="true"' in page
    assert '<label class="form-label" for="vin">FIN</label>' in page


def test_the_error_summary_links_to_each_field() -> None:
    source = (
        "{% from 'macros/forms.html' import error_summary %}{{ error_summary({'vin': 'FIN: zu kurz.'}) }}"
    )
    assert '<a class="alert-link" href="#vin">FIN: zu kurz.</a>' in render_template_string(source)


def test_the_pager_shows_only_what_exists() -> None:
    source = "{% from 'macros/tables.html' import pager %}{{ pager(older='/a?b=1&c=2', target='#rows') }}"
    page = render_template_string(source)
    assert page.count("<a ") == 1
    assert 'href="/a?b=1&amp;c=2"' in page
