"""Prices."""

from __future__ import annotations

from decimal import Decimal

from portal.platforms.common.offer import asking_price
from portal.platforms.contract import Json
from portal.platforms.mobile_de.draft import AdDraft, amount
from portal.vehicle_facts.data import Taxation

VAT_RATES = "sites/GERMANY/vatrates"


def price(draft: AdDraft) -> None:
    """`ON_REQUEST` carries no amounts; a leasing offer beside it makes it `LEASING_ONLY` later.
    A VAT rate marks VAT as reclaimable, so the margin scheme has none."""
    prices = draft.vehicle.prices
    sent: Json = {"currency": "EUR"}
    if prices.on_request:
        sent["type"] = draft.book.value("pricetypes", "ON_REQUEST") or "ON_REQUEST"
        draft.put("price", sent)
        return
    value, _ = asking_price(draft.subject, draft.context.rules.platform_prices)
    if not value:
        return
    sent["type"] = draft.book.value("pricetypes", "FIXED") or "FIXED"
    sent["consumerPriceGross"] = amount(value)
    if prices.dealer:
        sent["dealerPriceGross"] = amount(prices.dealer)
    if prices.taxation is Taxation.VAT_DEDUCTIBLE and (rate := _vat_rate(draft)):
        sent["vatRate"] = rate
    draft.put("price", sent)


def _vat_rate(draft: AdDraft) -> str | None:
    """The offered key for our rate: `19.00`, however the list spells it."""
    rate = draft.vehicle.prices.vat_rate
    place = ("vat", rate)
    key = draft.book.remember(place, lambda: _offered_rate(draft, rate))
    if key is None:
        draft.hint_left_out("price.vatRate", f"{rate.normalize():f} %")
    return key


def _offered_rate(draft: AdDraft, rate: Decimal) -> str | None:
    spelled = amount(rate)
    offered = draft.book.enum(VAT_RATES)
    if spelled in offered:
        return spelled
    return next((key for key, _ in offered.pairs if _number(key) == rate), None)


def _number(text: str) -> Decimal | None:
    digits = text.strip().replace("%", "").replace(",", ".").strip()
    return Decimal(digits) if digits.replace(".", "", 1).isdecimal() else None
