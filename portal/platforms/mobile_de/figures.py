"""How an ad does at mobile.de: `statistic` and `price-rating` (docs/protocols.md). Pure.

Both are read leniently: that the members exist is documented, their types are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.messages import Wording, say
from portal.platforms.common.http import Reply
from portal.platforms.common.reported import reported_amount, reported_count
from portal.platforms.contract import ListingFigures, PriceLabel, PriceRange, PriceRating

LABELS = {
    "VERY_GOOD_PRICE": PriceLabel.VERY_GOOD,
    "GOOD_PRICE": PriceLabel.GOOD,
    "REASONABLE_PRICE": PriceLabel.FAIR,
    "INCREASED_PRICE": PriceLabel.INCREASED,
    "HIGH_PRICE": PriceLabel.HIGH,
}
PREFIX = "Price_Rating_Not_Possible_"
REASONS: Mapping[str, Wording] = {
    "Invalid_Input": say("Dafür fehlen mobile.de Angaben."),
    "Only_Cars": say("mobile.de bewertet nur Preise von Pkw."),
    "Vehicle_Is_Damaged": say("Beschädigte Fahrzeuge bewertet mobile.de nicht."),
    "Repaired_Damage": say("Fahrzeuge mit repariertem Unfallschaden bewertet mobile.de nicht."),
    "Not_Roadworthy": say("Nicht fahrtaugliche Fahrzeuge bewertet mobile.de nicht."),
    "No_New_Cars": say("Neuwagen bewertet mobile.de nicht."),
    "No_Old_Cars": say("So alte Fahrzeuge bewertet mobile.de nicht."),
    "Differing_Price_Too_High": say("Der Preis liegt weit über denen ähnlicher Angebote."),
    "Differing_Price_Too_Low": say("Der Preis liegt weit unter denen ähnlicher Angebote."),
    "Not_Possible_Little_Data": say("Es gibt zu wenige ähnliche Angebote."),
    "Evaluation_In_Progress": say("mobile.de rechnet noch."),
}
"""Why there is no label, by what follows the prefix."""


def figures_of(statistic: Reply, price_rating: Reply) -> ListingFigures:
    """What could not be read of one is missing, and the other still counts."""
    counts = _members(statistic)
    return ListingFigures(
        impressions=reported_count(counts.get("impressions")),
        parkings=reported_count(counts.get("parkings")),
        emails=reported_count(counts.get("emails")),
        calls=reported_count(counts.get("calls")),
        rating=rating_of(price_rating),
    )


def rating_of(reply: Reply) -> PriceRating | None:
    body = _members(reply)
    rating, price = body.get("priceRating"), body.get("price")
    if not isinstance(rating, dict):
        return None
    ranges = rating.get("labelRanges")
    # Wherever in the rating the code of a reason stands: its place is not documented.
    codes = (value.removeprefix(PREFIX) for value in rating.values() if isinstance(value, str))
    return PriceRating(
        LABELS.get(str(rating.get("label")), PriceLabel.NONE),
        reported_amount(price.get("consumerPriceGross")) if isinstance(price, dict) else None,
        reported_amount(rating.get("marketPrice")),
        tuple(
            PriceRange(label, reported_amount(one.get("from")), reported_amount(one.get("to")))
            for one in (ranges if isinstance(ranges, list) else ())
            if isinstance(one, dict) and (label := LABELS.get(str(one.get("label"))))
        ),
        next((REASONS[code] for code in codes if code in REASONS), ""),
    )


def _members(reply: Reply) -> Mapping[str, Any]:
    body = reply.json() if reply.ok else None
    return body if isinstance(body, dict) else {}
