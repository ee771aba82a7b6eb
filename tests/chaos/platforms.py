"""The API platforms as the suite sees them: who sells there, and what their books say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.marketplace import Marketplace

Json = dict[str, Any]


@dataclass(frozen=True)
class Generation:
    """A listing from the day that buyers saw it to its end; `shown` is its price and its mileage."""

    number: str
    began: str
    ended: str | None
    shown: tuple[str, int]


@dataclass(frozen=True, eq=False)
class ChaosPlatform:
    """`root` is what stands before the paths of its API in the sandbox's books, but not in our history;
    `keyed` tells whether it recognises a creation that is repeated."""

    app: str
    variable: str
    root: str
    generations: Callable[[Marketplace, str], list[Generation]]
    keyed: bool = False
    own_prices: bool = False
    """In a currency of its own."""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seller:
    """Somebody's account at a platform to which the operator is linked."""

    platform: ChaosPlatform
    number: str
    key: str

    @property
    def account(self) -> Json:
        return {"customer_number": self.number, "seller_key": self.key}


def _ads(market: Marketplace, number: str) -> list[Generation]:
    return [
        Generation(
            one["internalNumber"],
            one["createdAt"],
            one["deletedAt"],
            (one["body"]["price"]["consumerPriceGross"], one["body"]["mileage"]),
        )
        for one in market.generations(number)
    ]


def _as24_listings(market: Marketplace, number: str) -> list[Generation]:
    return [
        Generation(
            one["offerReferenceId"],
            one["createdAt"],
            one["deletedAt"],
            (f"{one['body']['prices']['public']['price']:.2f}", one["body"]["mileage"]),
        )
        for one in market.read("autoscout24/listings", customer=number)["listings"]
    ]


def _ch_listings(market: Marketplace, number: str) -> list[Generation]:
    """What was never activated no buyer has seen."""
    return [
        Generation(
            one["sellerVehicleId"],
            one["createdAt"],
            None if one["status"] == "activated" else one["updatedAt"],
            (f"{one['body']['price']:.2f}", one["body"]["mileage"]),
        )
        for one in market.read("autoscout24-ch/listings", seller=number)["listings"]
        if one["status"] != "draft"
    ]


MOBILE_DE = ChaosPlatform("mobile-de", "MOBILE_DE_API_URL", "", _ads, keyed=True)
AUTOSCOUT24 = ChaosPlatform(
    "autoscout24", "AUTOSCOUT24_API_URL", "/autoscout24", _as24_listings, settings={"mobile_export": "none"}
)
AUTOSCOUT24_CH = ChaosPlatform(
    "autoscout24-ch", "AUTOSCOUT24_CH_API_URL", "/autoscout24-ch", _ch_listings, own_prices=True
)
PLATFORMS = (MOBILE_DE, AUTOSCOUT24, AUTOSCOUT24_CH)

DEALERS = (
    (Seller(MOBILE_DE, "4711001", "1000471"), Seller(AUTOSCOUT24, "2142000471", "2142000471")),
    (Seller(MOBILE_DE, "4711002", "1000472"), Seller(AUTOSCOUT24_CH, "4601", "4601")),
    (Seller(MOBILE_DE, "4711", "1000470"), Seller(AUTOSCOUT24, "2142000472", "2142000472")),
)
"""Where each of them sells the same vehicles."""


def alone(platform: ChaosPlatform) -> tuple[tuple[Seller, ...], ...]:
    """One dealer, at this platform only."""
    return (
        next(((seller,) for sellers in DEALERS for seller in sellers if seller.platform is platform), ()),
    )


def platform_of(path: str) -> ChaosPlatform:
    """Whose books a request stands in."""
    return next((one for one in PLATFORMS if one.root and path.startswith(f"{one.root}/")), MOBILE_DE)
