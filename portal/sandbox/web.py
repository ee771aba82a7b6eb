"""What all pages for people share: headers, filters, error pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from portal.sandbox.marketplace import Marketplace

BERLIN = ZoneInfo("Europe/Berlin")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def install(app: Flask, marketplaces: Sequence[Marketplace]) -> None:
    machine_paths = ("/control/", *(path for market in marketplaces for path in market.machine_paths))

    def error_page(error: HTTPException) -> tuple[str, int] | HTTPException:
        if request.path.startswith(machine_paths):
            return error
        return render_template("sandbox/error.html", code=error.code), error.code or 500

    app.after_request(_secure)
    app.register_error_handler(HTTPException, error_page)
    app.jinja_env.globals["marketplaces"] = marketplaces
    app.jinja_env.filters.update(moment=moment, euro=euro, number=number)


def _secure(answer: Response) -> Response:
    """A view that needs another policy has set its own."""
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "no-referrer")
    return answer


def moment(iso: str) -> str:
    """A moment of the books as people in Germany read it."""
    return f"{datetime.fromisoformat(iso).astimezone(BERLIN):%d.%m.%Y %H:%M}"


def euro(amount: str) -> str:
    """`16500.00` → `16.500 €`; cents only where there are some."""
    value = Decimal(amount)
    places = 0 if value == value.to_integral_value() else 2
    return f"{value:,.{places}f} €".translate(str.maketrans(",.", ".,"))


def number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def measure(value: object, unit: str) -> str:
    """`5.3` → `5,3 l/100 km`; what is no number stays as it is."""
    is_number = isinstance(value, int | float)
    text = f"{value:,}".translate(str.maketrans(",.", ".,")) if is_number else str(value)
    return f"{text} {unit}".strip()
