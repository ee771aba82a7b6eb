"""The price: decimal strings, euros, known kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portal.sandbox.mobile_de.refdata import Refdata
from portal.sandbox.mobile_de.rules.findings import AdFinding

AMOUNTS = ("consumerPriceGross", "consumerPriceNet", "dealerPriceGross", "dealerPriceNet")
WITHOUT_AMOUNT = ("ON_REQUEST", "LEASING_ONLY")
VAT_RATES = "sites/GERMANY/vatrates"
_AMOUNT = re.compile(r"\d{1,9}\.\d{2}")
_ZERO = re.compile(r"0+\.00")
_NEGATIVE = re.compile(r"-\d{1,9}\.\d{2}")


def refused(ad: dict[str, Any], refdata: Refdata) -> Iterator[AdFinding]:
    price = ad.get("price")
    if not isinstance(price, dict):
        return
    if price.get("currency") != "EUR":
        yield AdFinding("invalid-reference-data-value", "price.currency", str(price.get("currency")))
    kind = price.get("type")
    if not is_known(kind, refdata.keys("pricetypes")):
        yield AdFinding("invalid-reference-data-value", "price.type", str(kind))
    if kind == "LEASING_ONLY" and not ad.get("leasing"):
        yield AdFinding("missing-field", "leasing")
    if kind not in WITHOUT_AMOUNT and price.get("consumerPriceGross") is None:
        yield AdFinding("missing-field", "price.consumerPriceGross")
    for name in AMOUNTS:
        value = price.get(name)
        if value is None:
            continue
        if isinstance(value, str) and (_ZERO.fullmatch(value) or _NEGATIVE.fullmatch(value)):
            yield AdFinding("consumer-price-not-in-range", f"price.{name}", value)
        elif not isinstance(value, str) or not _AMOUNT.fullmatch(value):
            yield AdFinding("invalid-format", f"price.{name}", str(value))
    rate = price.get("vatRate")
    if not is_known(rate, refdata.keys(VAT_RATES)):
        yield AdFinding("invalid-reference-data-value", "price.vatRate", str(rate))


def is_known(value: Any, keys: frozenset[str]) -> bool:
    """No statement is fine."""
    return value is None or (isinstance(value, str) and value in keys)
