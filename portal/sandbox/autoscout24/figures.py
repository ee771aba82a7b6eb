"""How listings do: a snapshot of the day for a whole customer, and a price before it is published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.sandbox.autoscout24.listings import Listing
from portal.sandbox.bodies import at
from portal.sandbox.demand import Market, MarketRating, days_between, demand

UNBOUNDED = 9_999_999
LABELS = {"very_good": 1, "good": 2, "fair": 3, "increased": 4, "high": 5}
EVALUATED = (
    "prices.public.price",
    "offerType",
    "make",
    "model",
    "bodyType",
    "firstRegistrationDate",
    "fuelCategory",
    "power",
    "transmission",
)
"""What an evaluation needs at least."""


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
        figures["priceLabelRanges"] = _ranges(rated)
    return figures


def lacking_for_evaluation(body: dict[str, Any]) -> list[str]:
    return [path for path in EVALUATED if at(body, path) is None]


def evaluation(customer_id: str, body: dict[str, Any], market: Market, now: datetime) -> dict[str, Any]:
    key = f"autoscout24 {customer_id} {body.get('crossReferenceId') or body.get('offerReferenceId')}"
    rated = market.rate(key, float(str(at(body, "prices.public.price"))), now.date())
    return (
        {"category": LABELS[rated.label], "ranges": _ranges(rated)}
        if rated
        else {"category": 0, "ranges": []}
    )


def _ranges(rated: MarketRating) -> list[dict[str, int]]:
    return [
        {"category": LABELS[label], "minimum": lowest, **({} if highest is None else {"maximum": highest})}
        for label, lowest, highest in rated.ranges
    ]
