"""What buyers do with a listing, and what the market pays: made up, but the same for the same moment.

Counts only rise. The market value drifts by a little from day to day, so labels change although nobody
touched the price, as they do at real marketplaces.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date, datetime

from portal.sandbox.database import Database

CUTS = (("very_good", 0.90), ("good", 0.97), ("fair", 1.04), ("increased", 1.12), ("high", math.inf))
"""A label reaches up to this part of the market value."""
FAR_OFF = 1.6
"""From this many times the market value, or the market value from so many times the price, none is given."""


@dataclass(frozen=True)
class Demand:
    impressions: int
    views: int
    parkings: int
    emails: int
    calls: int


@dataclass(frozen=True)
class MarketRating:
    """`ranges` are (label, from, to) in whole euros; the last has no end."""

    market_price: int
    label: str
    ranges: tuple[tuple[str, int, int | None], ...]


def demand(key: str, since: str, now: datetime) -> Demand:
    """`since` as it stands in the books."""
    hours = max((now - datetime.fromisoformat(since)).total_seconds() / 3600, 0.0)
    keen = 0.3 + _part(key, "keen")
    return Demand(
        impressions=math.floor(hours * 40 * keen),
        views=math.floor(hours * 3 * keen),
        parkings=math.floor(hours * 0.15 * keen),
        emails=math.floor(hours * 0.02 * keen),
        calls=math.floor(hours * 0.015 * keen),
    )


def days_between(since: str, now: datetime) -> int:
    return max((now - datetime.fromisoformat(since)).days, 0)


class Market:
    """What each vehicle is worth: near the first price that was asked about, and its own from then on, so a
    cheaper price gets a better label."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rate(self, key: str, price: float, today: date) -> MarketRating | None:
        """None where the price is too far from what similar vehicles cost."""
        drift = 1 + 0.02 * math.sin(today.toordinal() / 5 + 6 * _part(key, "phase"))
        market = round(self._value(key, price) * drift / 10) * 10
        if price > market * FAR_OFF or market > price * FAR_OFF:
            return None
        ranges, lowest = [], 0
        for name, part in CUTS:
            highest = None if part == math.inf else round(market * part)
            ranges.append((name, lowest, highest))
            lowest = (highest or 0) + 1
        label = next(name for name, _, highest in ranges if highest is None or price <= highest)
        return MarketRating(market, label, tuple(ranges))

    def _value(self, key: str, price: float) -> float:
        first = max(price, 100.0) / (0.85 + 0.35 * _part(key, "asked"))
        self._database.run("INSERT OR IGNORE INTO market_value VALUES (?, ?)", key, first)
        row = self._database.row("SELECT value FROM market_value WHERE key = ?", key)
        return float(row["value"]) if row else first


def _part(key: str, of: str) -> float:
    """Between 0 and 1, always the same."""
    return int.from_bytes(hashlib.sha256(f"{of}:{key}".encode()).digest()[:4], "big") / 2**32
