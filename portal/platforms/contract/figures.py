"""How a listing does: what buyers did with it, and what the platform says of its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from portal.messages import Wording, as_json, from_json, say
from portal.platforms.contract.answers import Json, Retry, Stop


class PriceLabel(StrEnum):
    """From the best for a buyer to the dearest. NONE: the platform does not rate it."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    INCREASED = "increased"
    HIGH = "high"
    NONE = "none"


PRICE_LABELS: Mapping[PriceLabel, Wording] = {
    PriceLabel.VERY_GOOD: say("Sehr guter Preis"),
    PriceLabel.GOOD: say("Guter Preis"),
    PriceLabel.FAIR: say("Fairer Preis"),
    PriceLabel.INCREASED: say("Erhöhter Preis"),
    PriceLabel.HIGH: say("Hoher Preis"),
    PriceLabel.NONE: say("Keine Preisbewertung"),
}
"""One name for each, whatever a platform calls it."""


@dataclass(frozen=True)
class PriceRange:
    """Prices in euros that have a label; None: without an end."""

    label: PriceLabel
    lowest: Decimal | None
    highest: Decimal | None


@dataclass(frozen=True)
class PriceRating:
    """`reason` says why there is none, in words for the dealer."""

    label: PriceLabel
    price: Decimal | None = None
    market_price: Decimal | None = None
    ranges: tuple[PriceRange, ...] = ()
    reason: Wording = ""

    def next_better(self, price: Decimal) -> tuple[PriceLabel, Decimal] | None:
        """The next better label than that of `price`, and by how many euros it would have to fall for it."""
        below = [(one.highest, one.label) for one in self.ranges if one.highest and one.highest < price]
        if self.label == PriceLabel.NONE or not below:
            return None
        highest, label = max(below)
        return label, price - highest

    def as_json(self) -> Json:
        return {
            "label": self.label,
            "price": _text(self.price),
            "market_price": _text(self.market_price),
            "ranges": [[one.label, _text(one.lowest), _text(one.highest)] for one in self.ranges],
            "reason": as_json(self.reason),
        }

    @classmethod
    def from_json(cls, stored: Json) -> PriceRating:
        return cls(
            PriceLabel(stored["label"]),
            _amount(stored["price"]),
            _amount(stored["market_price"]),
            tuple(
                PriceRange(PriceLabel(label), _amount(lowest), _amount(highest))
                for label, lowest, highest in stored["ranges"]
            ),
            from_json(stored["reason"]),
        )


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True)
class ListingFigures:
    """Counted by the platform since the listing began; None: it does not say.

    `impressions` in result lists, `views` of the listing's own page.
    """

    impressions: int | None = None
    views: int | None = None
    parkings: int | None = None
    emails: int | None = None
    calls: int | None = None
    rating: PriceRating | None = None


@dataclass(frozen=True)
class FiguresReport:
    """By the platform's ids of the listings. `failure`: why the rest is missing."""

    found: Mapping[str, ListingFigures] = field(default_factory=dict)
    failure: Stop | Retry | None = None
