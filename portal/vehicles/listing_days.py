"""How a vehicle's listings did, day by day, as their platforms told (exports/listing_figures.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, undefer

from portal.calendar import today
from portal.models import Listing, ListingDay
from portal.models.exports import ListingState
from portal.platforms.contract import PriceLabel, PriceRating

DAYS_SHOWN = 14
RECENT = timedelta(days=7)
"""Older figures say nothing of how a listing does; and a list of vehicles reads no more days than these."""
COUNTS = ("impressions", "views", "parkings", "emails", "calls")


def gained_between(before: int | None, now: int | None) -> int | None:
    """None where nobody knows: a listing that was created anew counts from the beginning."""
    return None if now is None or before is None or now < before else now - before


@dataclass(frozen=True)
class ListingDays:
    """`days` from the newest; never empty."""

    listing: Listing
    days: Sequence[ListingDay]

    @property
    def newest(self) -> ListingDay:
        return self.days[0]

    @property
    def rating(self) -> PriceRating | None:
        return PriceRating.from_json(self.listing.price_rating) if self.listing.price_rating else None

    @property
    def counts(self) -> tuple[str, ...]:
        """Those that the platform tells."""
        return tuple(name for name in COUNTS if getattr(self.newest, name) is not None)

    def gained(self, name: str, place: int) -> int | None:
        """How many came since the day before, in the order of `days`; None where nobody knows."""
        before = getattr(self.days[place + 1], name) if place + 1 < len(self.days) else None
        return gained_between(before, getattr(self.days[place], name))

    def label_changed(self, place: int) -> bool:
        return place + 1 < len(self.days) and self.days[place].price_label != self.days[place + 1].price_label

    def price_changed(self, place: int) -> bool:
        return place + 1 < len(self.days) and self.days[place].price != self.days[place + 1].price


@dataclass(frozen=True)
class Interest:
    """What buyers did with a vehicle at all its platforms together; `labels`: the dearest first."""

    views: int
    labels: tuple[PriceLabel, ...]

    @classmethod
    def of(cls, days: Sequence[ListingDay]) -> Interest:
        """From one day of each platform; where views are not told, impressions stand for them."""
        rated = {PriceLabel(day.price_label) for day in days if day.price_label} - {PriceLabel.NONE}
        order = list(PriceLabel)
        return cls(
            sum(day.views if day.views is not None else day.impressions or 0 for day in days),
            tuple(sorted(rated, key=order.index, reverse=True)),
        )


def interest_in(session: Session, vehicle_ids: Collection[UUID]) -> dict[UUID, Interest]:
    """By vehicle, from the newest figures of each listing that is online: one query."""
    newest = (
        select(Listing.vehicle_id, ListingDay)
        .ext(distinct_on(ListingDay.listing_id))
        .join(ListingDay, ListingDay.listing_id == Listing.id)
        .where(Listing.vehicle_id.in_(vehicle_ids), Listing.state == ListingState.ONLINE)
        .where(ListingDay.day > today() - RECENT)
        .order_by(ListingDay.listing_id, ListingDay.day.desc())
    )
    told: defaultdict[UUID, list[ListingDay]] = defaultdict(list)
    for vehicle_id, day in session.execute(newest):
        told[vehicle_id].append(day)
    return {vehicle_id: Interest.of(days) for vehicle_id, days in told.items()}


def listing_days(
    session: Session, vehicle_id: UUID, activation_ids: Collection[UUID]
) -> dict[UUID, ListingDays]:
    """By activation, in one query. Without those of which nothing was ever told."""
    rows = session.execute(
        select(Listing, ListingDay)
        .join(ListingDay, ListingDay.listing_id == Listing.id)
        .where(Listing.vehicle_id == vehicle_id, Listing.activation_id.in_(activation_ids))
        .options(undefer(Listing.price_rating))
        .order_by(ListingDay.day.desc())
        .limit((DAYS_SHOWN + 1) * len(activation_ids))
    )
    days: defaultdict[Listing, list[ListingDay]] = defaultdict(list)
    for listing, day in rows:
        days[listing].append(day)
    return {listing.activation_id: ListingDays(listing, told) for listing, told in days.items()}
