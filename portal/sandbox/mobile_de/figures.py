"""How an ad does: counts that rise, and a rating whose ranges move with the market."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.sandbox.demand import Market, demand
from portal.sandbox.mobile_de.ads import Ad

LABELS = {
    "very_good": "VERY_GOOD_PRICE",
    "good": "GOOD_PRICE",
    "fair": "REASONABLE_PRICE",
    "increased": "INCREASED_PRICE",
    "high": "HIGH_PRICE",
}
YOUNG_SECONDS = 2
"""So long a new ad is still evaluated."""
OLD_YEARS = 25


def statistic(ad: Ad, now: datetime) -> dict[str, int]:
    counted = demand(f"mobile-de {ad.ad_id}", ad.created_at, now)
    return {
        "impressions": counted.impressions,
        "parkings": counted.parkings,
        "emails": counted.emails,
        "calls": counted.calls,
    }


def price_rating(ad: Ad, market: Market, now: datetime) -> dict[str, Any]:
    young = (now - datetime.fromisoformat(ad.created_at)).total_seconds() < YOUNG_SECONDS
    return rating_answer(ad.ad_id, ad.body, market, now, "Evaluation_In_Progress" if young else None)


def rating_answer(
    name: str, body: dict[str, Any], market: Market, now: datetime, reason: str | None = None
) -> dict[str, Any]:
    price = body.get("price", {})
    shown = {name: price[name] for name in ("consumerPriceGross", "type", "currency") if name in price}
    reason = reason or not_rated(body, now)
    if reason is None:
        rated = market.rate(f"mobile-de {name}", float(price["consumerPriceGross"]), now.date())
        if rated:
            ranges = [
                {"label": LABELS[label], "from": lowest, **({} if highest is None else {"to": highest})}
                for label, lowest, highest in rated.ranges
            ]
            rating = {"marketPrice": rated.market_price, "label": LABELS[rated.label], "labelRanges": ranges}
            return {"price": shown, "priceRating": rating}
        reason = "Differing_Price_Too_High"
    return {
        "price": shown,
        "priceRating": {"label": "NO_RATING", "reason": f"Price_Rating_Not_Possible_{reason}"},
    }


def not_rated(body: dict[str, Any], now: datetime) -> str | None:
    """Why the platform gives no label; the price itself is judged afterwards."""
    if body.get("vehicleClass") != "Car":
        return "Only_Cars"
    if body.get("condition") == "NEW":
        return "No_New_Cars"
    if body.get("roadworthy") is False:
        return "Not_Roadworthy"
    if body.get("damageUnrepaired") is True:
        return "Vehicle_Is_Damaged"
    if body.get("accidentDamaged") is True:
        return "Repaired_Damage"
    if str(body.get("firstRegistration", "9999"))[:4] < str(now.year - OLD_YEARS):
        return "No_Old_Cars"
    if not body.get("price", {}).get("consumerPriceGross") or not body.get("firstRegistration"):
        return "Invalid_Input"
    return "Not_Possible_Little_Data" if body.get("model") == "OTHER" else None
