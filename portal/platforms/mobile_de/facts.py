"""What an ad says of its vehicle, in the platform's spelling: the same for its list and for what we send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from portal.platforms.contract import RemoteFacts
from portal.platforms.mobile_de import errors

_MONTH = re.compile(r"(\d{4})-?(\d{2})")
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def facts_of(ad: Mapping[str, Any]) -> RemoteFacts:
    """Total: whatever stands in the ad, what is not understood is left empty."""
    mileage = ad.get("mileage")
    return RemoteFacts(
        make=_text(ad.get("make")),
        model=_text(ad.get("model")),
        first_registration=_month(ad.get("firstRegistration")),
        mileage=mileage if isinstance(mileage, int) and not isinstance(mileage, bool) else None,
        price=_price(ad.get("price")),
    )


def _text(value: Any) -> str:
    return errors.clean(value) if isinstance(value, str) else ""


def _month(value: Any) -> str:
    """`201805` → `2018-05`."""
    found = _MONTH.fullmatch(value) if isinstance(value, str) else None
    return f"{found[1]}-{found[2]}" if found else ""


def _price(price: Any) -> str:
    amount = price.get("consumerPriceGross") if isinstance(price, Mapping) else None
    return amount if isinstance(amount, str) and _AMOUNT.fullmatch(amount) else ""
