"""How listings do at AutoScout24: one snapshot a day for a whole customer (docs/protocols.md). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from portal.platforms.autoscout24 import answers
from portal.platforms.common.http import Reply
from portal.platforms.common.reported import reported_amount, reported_count
from portal.platforms.contract import (
    FiguresReport,
    Gone,
    ListingFigures,
    PriceLabel,
    PriceRange,
    PriceRating,
    Retry,
    Stop,
)
from portal.translations.message import say

LABELS = (
    PriceLabel.NONE,
    PriceLabel.VERY_GOOD,
    PriceLabel.GOOD,
    PriceLabel.FAIR,
    PriceLabel.INCREASED,
    PriceLabel.HIGH,
)
"""By `priceLabelIndex` and by the category of a range. The order is inferred."""


def report(reply: Reply, wanted: Collection[str]) -> FiguresReport:
    """404: there are no figures yet, which is no failure."""
    if not reply.ok:
        outcome = answers.failed(reply, missing=Gone())
        return FiguresReport(failure=outcome if isinstance(outcome, (Retry, Stop)) else None)
    body = reply.json()
    listings = body.get("listings") if isinstance(body, dict) else None
    if not isinstance(listings, list):
        return FiguresReport(failure=Retry(answers.NONSENSE))
    named = {str(one.get("listingId", one.get("id"))): one for one in listings if isinstance(one, dict)}
    return FiguresReport({key: figures_of(named[key]) for key in wanted if key in named})


def figures_of(shown: Mapping[str, Any]) -> ListingFigures:
    messages = [reported_count(shown.get(name)) for name in ("emailLeads", "whatsAppClicks")]
    known = [count for count in messages if count is not None]
    return ListingFigures(
        impressions=reported_count(shown.get("listPageViews")),
        views=reported_count(shown.get("detailPageClicks")),
        parkings=reported_count(shown.get("favorites")),
        emails=sum(known) if known else None,
        calls=reported_count(shown.get("calls")),
        rating=_rating(shown),
    )


def _rating(shown: Mapping[str, Any]) -> PriceRating:
    label = _label(shown.get("priceLabelIndex"))
    ranges = shown.get("priceLabelRanges")
    return PriceRating(
        label,
        reported_amount(shown.get("price")),
        reported_amount(shown.get("averageCompetitorPrice")),
        tuple(
            PriceRange(found, reported_amount(one.get("minimum")), reported_amount(one.get("maximum")))
            for one in (ranges if isinstance(ranges, list) else ())
            if isinstance(one, dict) and (found := _label(one.get("category"))) != PriceLabel.NONE
        ),
        "" if label != PriceLabel.NONE else say("AutoScout24 bewertet diesen Preis nicht."),
    )


def _label(given: Any) -> PriceLabel:
    text = str(given)
    return LABELS[int(text)] if text in ("1", "2", "3", "4", "5") else PriceLabel.NONE
