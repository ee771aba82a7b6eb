"""How listings do: a snapshot of the day for a whole customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.sandbox.autoscout24.listings import Listing
from portal.sandbox.autoscout24.rules.fields import at
from portal.sandbox.demand import Market, days_between, demand

UNBOUNDED = 9_999_999
LABELS = {"very_good": 1, "good": 2, "fair": 3, "increased": 4, "high": 5}


def snapshot(
    customer_id: str, listings: list[Listing], market: Market, now: datetime
) -> dict[str, Any] | None:
    """None: no figures yet."""
    shown = [_figures(listing, market, now) for listing in listings if listing.is_public]
    if not shown:
        return None
    pages = {"startToken": None, "maxItems": len(shown), "nextPage": None}
    return {
        "customerId": customer_id,
        "snapshotDate": now.date().isoformat(),
        "listings": shown,
        "cursorPagination": pages,
    }


def _figures(listing: Listing, market: Market, now: datetime) -> dict[str, Any]:
    key, since = f"autoscout24 {listing.listing_id}", listing.activated_at or listing.created_at
    counted = demand(key, since, now)
    price = at(listing.body, "prices.public.price")
    rated = (
        market.rate(key, float(str(price)), now.date())
        if price and listing.body.get("vehicleType") == "C"
        else None
    )
    figures: dict[str, Any] = {
        "listingId": listing.listing_id,
        "priceLabelIndex": LABELS[rated.label] if rated else 0,
        "emailLeads": counted.emails,
        "detailPageClicks": counted.views,
        "listPageViews": counted.impressions,
        "favorites": counted.parkings,
        "prints": counted.views // 90,
        "calls": counted.calls,
        "whatsAppClicks": counted.emails // 2,
        "daysInStock": days_between(since, now),
    }
    if rated:
        figures["averageCompetitorPrice"] = rated.market_price
        figures["priceLabelRanges"] = [
            {
                "category": LABELS[label],
                "minimum": lowest,
                **({} if highest is None else {"maximum": highest}),
            }
            for label, lowest, highest in rated.ranges
        ]
    return figures
