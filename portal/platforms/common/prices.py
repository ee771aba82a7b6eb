"""The price buyers see: the platform's own, then the promo price, then the selling price."""

from __future__ import annotations

from decimal import Decimal

from portal.platforms.contract import Subject


def asking_price(subject: Subject, platform_prices: bool) -> tuple[Decimal | None, str]:
    """The price (gross, EUR) and the field it comes from. "Price on request" is the caller's affair."""
    prices = subject.vehicle.prices
    if platform_prices and subject.platform_price:
        return Decimal(subject.platform_price), "platform_price"
    if prices.promo:
        return prices.promo, "prices.promo"
    return prices.selling, "prices.selling"
