"""Numbers in a platform's answer whose types are not documented: read leniently, never guessed."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

MOST_EUROS = 100_000_000


def reported_count(given: Any) -> int | None:
    """None: no count, or none that fits the database."""
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < 2**31 else None


def reported_amount(given: Any) -> Decimal | None:
    """Euros, written as a number or as a text; None: nothing that could be a price."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        amount = Decimal(str(given))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < MOST_EUROS else None
