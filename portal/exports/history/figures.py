"""What a vehicle's listings came to, by months and by ratings of their price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from operator import attrgetter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Activation, Listing, ListingDay
from portal.models.realm import Realm
from portal.platforms.contract import PriceLabel
from portal.vehicles.listing_days import COUNTS, gained_between


@dataclass(frozen=True)
class FiguresPeriod:
    """A listing in one month, or in the part of it in which its price was rated the same.

    `until` is the day of the next period, or the last one that was told of. A label is None where there
    never was one, and `earlier_label` also where it is the same.
    """

    id: UUID
    activation_id: UUID
    app: str
    begin: date
    until: date
    label: PriceLabel | None
    earlier_label: PriceLabel | None
    gained: dict[str, int]
    """By count, in the order of COUNTS: what came in the period, where it is known."""

    @property
    def days(self) -> int:
        return (self.until - self.begin).days


def load_periods(session: Session, realm: Realm, vehicle_id: UUID) -> list[FiguresPeriod]:
    """Of each listing, the oldest first: one query for all that is kept, which is thinned to a day a week."""
    statement = (
        select(ListingDay, Activation.id, Activation.app)
        .join(Listing, Listing.id == ListingDay.listing_id)
        .join(Activation, Activation.id == Listing.activation_id)
        .where(Listing.vehicle_id == vehicle_id, realm.of(Activation))
        .order_by(Activation.id, ListingDay.day)
    )
    listings = groupby(session.execute(statement), key=lambda row: (row[1], row[2]))
    return [
        period
        for (activation_id, app), rows in listings
        for period in periods_of(activation_id, app, [row[0] for row in rows])
    ]


def periods_of(activation_id: UUID, app: str, days: Sequence[ListingDay]) -> Iterator[FiguresPeriod]:
    """`days` of one listing from the oldest. Told in the night, a count belongs to the time before it: what
    came up to the first day of a period is the former one's."""
    starts = list(_starts(days))
    ends = [place for place, _label in starts[1:]] + [len(days) - 1]
    earlier: PriceLabel | None = None
    for (start, label), end in zip(starts, ends, strict=True):
        first, there = days[start], days[start : end + 1]
        changed = earlier if earlier != label else None
        yield FiguresPeriod(
            first.id, activation_id, app, first.day, days[end].day, label, changed, _gained(there)
        )
        earlier = label


def _starts(days: Sequence[ListingDay]) -> Iterator[tuple[int, PriceLabel | None]]:
    """Where the month or the label is another one. A day on which the platform said nothing of the price
    changes nothing."""
    label: PriceLabel | None = None
    before = None
    for place, one in enumerate(days):
        label = PriceLabel(one.price_label) if one.price_label else label
        now = month_of(one.day), label
        if now != before:
            yield place, label
        before = now


def month_of(day: date) -> tuple[int, int]:
    return day.year, day.month


def _gained(days: Sequence[ListingDay]) -> dict[str, int]:
    steps = {
        name: [gained_between(*map(attrgetter(name), pair)) for pair in pairwise(days)] for name in COUNTS
    }
    return {
        name: sum(known)
        for name, each in steps.items()
        if (known := [step for step in each if step is not None])
    }
