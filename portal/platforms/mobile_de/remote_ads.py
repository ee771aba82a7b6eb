"""An ad as the platform's list shows it and as we send it: its facts, and what can be compared. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.platforms.common.answers import cleaned
from portal.platforms.contract import Json, RemoteFacts

_MONTH = re.compile(r"(\d{4})-?(\d{2})")
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def facts_of(ad: Mapping[str, Any]) -> RemoteFacts:
    """Total: whatever stands in the ad, what is not understood is left empty."""
    mileage, month, price = ad.get("mileage"), ad.get("firstRegistration"), ad.get("price")
    registered = _MONTH.fullmatch(month) if isinstance(month, str) else None
    amount = price.get("consumerPriceGross") if isinstance(price, Mapping) else None
    return RemoteFacts(
        make=_text(ad.get("make")),
        model=_text(ad.get("model")),
        first_registration=f"{registered[1]}-{registered[2]}" if registered else "",
        mileage=mileage if isinstance(mileage, int) and not isinstance(mileage, bool) else None,
        price=amount if isinstance(amount, str) and _AMOUNT.fullmatch(amount) else "",
    )


def _text(value: Any) -> str:
    return cleaned(value) if isinstance(value, str) else ""


# An ad in one spelling, whether we sent it or the platform's list shows it. Pure.


NOT_OURS = ("mobileAdId", "mobileSellerId", "creationDate", "modificationDate", "renewalDate")
CHANGING = ("images", "mobileFeatures", "leasing")
"""Pictures are named differently there, so whether there are any is all that is compared; paid extras end by
themselves; a leasing offer may be the dealer's own, made there, which nobody else can change."""
_DECIMAL = re.compile(r"-?\d{1,12}\.\d{1,6}")


def comparable(ad: Json) -> Json:
    """Of pictures only whether there are any: nothing where the ad says nothing of them, or where they are
    ours on their way."""
    compared = {name: _plain(value) for name, value in ad.items() if name not in (*NOT_OURS, *CHANGING)}
    images = ad.get("images")
    if not isinstance(images, list) or any(isinstance(one, dict) and "sha256" in one for one in images):
        return compared
    return compared | {"images": bool(images)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        # The order of words (equipment, highlights) says nothing.
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(Decimal(str(value)))
    if isinstance(value, str):
        return _number(Decimal(value)) if _DECIMAL.fullmatch(value) else " ".join(value.split())
    return value


def _number(value: Decimal) -> str:
    """16500, 16500.0 and "16500.00" are the same amount."""
    return f"{value.normalize():f}"
