"""Prices."""

from __future__ import annotations

from portal.platforms.common.offer import asking_price
from portal.platforms.contract import Json
from portal.platforms.mobile_de.draft import AdDraft, amount
from portal.vehicle_facts.data import Taxation


def price(draft: AdDraft) -> None:
    """`ON_REQUEST` carries no amounts; a leasing offer beside it makes it `LEASING_ONLY` later.
    A VAT rate marks VAT as reclaimable, so the margin scheme has none, and 0 % is none."""
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
    if prices.taxation is Taxation.VAT_DEDUCTIBLE:
        rate = draft.book.vat_rate(prices.vat_rate) if prices.vat_rate else None
        if rate:
            sent["vatRate"] = rate
        else:
            draft.hint_left_out("price.vatRate", f"{prices.vat_rate.normalize():f} %")
    draft.put("price", sent)
