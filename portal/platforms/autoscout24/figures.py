"""How listings do at AutoScout24: one snapshot a day for a whole customer, and what it says of a price before
anything is published (docs/protocols.md). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from portal.messages import say
from portal.platforms.autoscout24 import answers
from portal.platforms.common.http import Reply
from portal.platforms.common.reported import reported_amount, reported_count
from portal.platforms.contract import (
    FiguresReport,
    Gone,
    Json,
    ListingFigures,
    PriceLabel,
    PriceRange,
    PriceRating,
    Rejected,
    Retry,
    Stop,
)

LABELS = (
    PriceLabel.NONE,
    PriceLabel.VERY_GOOD,
    PriceLabel.GOOD,
    PriceLabel.FAIR,
    PriceLabel.INCREASED,
    PriceLabel.HIGH,
)
"""By `priceLabelIndex` and by a category. The order is inferred."""
NOT_RATED = say("AutoScout24 bewertet diesen Preis nicht.")
NOT_SWITCHED_ON = say(
    "AutoScout24 bewertet hier keine Preise: "
    "Diese Bewertung schaltet AutoScout24 für jeden Kunden eigens frei."
)


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
    return PriceRating(
        label,
        reported_amount(shown.get("price")),
        reported_amount(shown.get("averageCompetitorPrice")),
        _ranges(shown.get("priceLabelRanges")),
        "" if label != PriceLabel.NONE else NOT_RATED,
    )


def evaluated(reply: Reply, payload: Json) -> PriceRating | Rejected | Retry | Stop:
    """Of the price in `payload`, which is not published. 403: not switched on for this customer; 404: nothing
    to compare the vehicle with, unless it is the customer that is unknown."""
    price = reported_amount(payload["prices"]["public"]["price"])
    if reply.status == 403:
        return PriceRating(PriceLabel.NONE, price, reason=NOT_SWITCHED_ON)
    if not reply.ok:
        outcome = answers.failed(reply, missing=Gone())
        if isinstance(outcome, (Rejected, Retry, Stop)):
            return outcome
        return PriceRating(PriceLabel.NONE, price, reason=NOT_RATED)
    body = reply.json()
    if not isinstance(body, dict) or "category" not in body:
        return Retry(answers.NONSENSE)
    label = _label(body["category"])
    reason = "" if label != PriceLabel.NONE else NOT_RATED
    return PriceRating(label, price, ranges=_ranges(body.get("ranges")), reason=reason)


def _ranges(given: Any) -> tuple[PriceRange, ...]:
    return tuple(
        PriceRange(label, reported_amount(one.get("minimum")), reported_amount(one.get("maximum")))
        for one in (given if isinstance(given, list) else ())
        if isinstance(one, dict) and (label := _label(one.get("category"))) != PriceLabel.NONE
    )


def _label(given: Any) -> PriceLabel:
    text = str(given)
    return LABELS[int(text)] if text in ("1", "2", "3", "4", "5") else PriceLabel.NONE
