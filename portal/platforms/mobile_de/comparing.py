"""An ad in one spelling, whether we sent it or the platform's list shows it. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from portal.platforms.contract import Json

NOT_OURS = ("mobileAdId", "mobileSellerId", "creationDate", "modificationDate")
CHANGING = ("images", "mobileFeatures")
"""Pictures are named differently there; paid extras end by themselves."""
_DECIMAL = re.compile(r"-?\d{1,12}\.\d{1,6}")


def comparable(ad: Json) -> Json:
    return {name: _plain(value) for name, value in ad.items() if name not in (*NOT_OURS, *CHANGING)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return _plain_list([_plain(item) for item in value])
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(Decimal(str(value)))
    if isinstance(value, str):
        return _number(Decimal(value)) if _DECIMAL.fullmatch(value) else " ".join(value.split())
    return value


def _plain_list(items: list[Any]) -> list[Any]:
    """The order of words (equipment, highlights) says nothing."""
    return sorted(items) if all(isinstance(item, str) for item in items) else items


def _number(value: Decimal) -> str:
    """16500, 16500.0 and "16500.00" are the same amount."""
    return f"{value.normalize():f}"
