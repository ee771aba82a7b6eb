"""How the listings do: the platform is asked once a day, where it tells, and each answer is kept for its day.
How it rates the price of a vehicle is asked before that is published, while somebody waits.

Never a reason not to send: no failure here stops an activation or opens a breaker. A turn takes some seconds;
whom it did not get to, it asks at the next one, so a price change never waits for figures.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, text, update

from portal.exports.core.lease import Lease
from portal.exports.core.runtime import Runtime
from portal.exports.core.tasks import Task
from portal.exports.drift.control import CHECKED_STATES
from portal.exports.planning.cases import Release, load_cases, rules_of, stored_releases
from portal.exports.trouble import platform_state
from portal.messages import say
from portal.models.exports import AT_WORK, Activation, Listing, ListingState
from portal.platforms import APPS
from portal.platforms.contract import (
    Account,
    FiguresReport,
    ListingFigures,
    PriceLabel,
    PriceRating,
    RatingClient,
    ReferenceUnavailable,
    Rejected,
    Retry,
    Stop,
)
from portal.platforms.contract.api import Client

log = logging.getLogger(__name__)

BERLIN = ZoneInfo("Europe/Berlin")
TURN_SECONDS = 4.0
MOST_A_TURN = 1_000
"""More than a turn can ask for one by one: a turn costs no more where there are a hundred thousand."""
RETRY_AFTER = timedelta(hours=1)
"""Where the platform does not say when."""


def figures_due() -> Select[UUID]:
    return select(Activation.id).where(
        Activation.app.in_([slug for slug, app in APPS.items() if app.figures_at_once]),
        Activation.state.in_(CHECKED_STATES),
        Activation.next_figures_at <= func.now(),
        func.coalesce(Activation.paused_until, func.now()) <= func.now(),
        platform_state.is_well(),
    )


@dataclass(frozen=True)
class AskedListings:
    """Those of today that have not been asked for; `ids` by the platform's id."""

    app: str
    account: Account
    today: date
    ids: Mapping[str, UUID]


@dataclass(frozen=True)
class FiguresTurn:
    """Ask for some seconds; the day is done when nobody is left."""

    runtime: Runtime
    lease: Lease

    def take(self) -> None:
        asked = self._begin()
        if asked is None:
            return
        client = self.runtime.platform(asked.app).open(asked.account, self.runtime.stores(asked.app))
        try:
            failure = self._ask(asked, client)
        finally:
            client.close()
        if isinstance(failure, Retry):
            log.info("figures of %s: %s", self.lease.activation_id, failure.reason)
            wait = timedelta(seconds=failure.after) if failure.after else RETRY_AFTER
            self._plan(func.now() + wait)
        elif failure is not None:
            # Whether it may be sent is found out where it is sent.
            log.info("figures of %s: %s", self.lease.activation_id, failure.detail)
            self._plan(func.now() + timedelta(days=1))

    def _begin(self) -> AskedListings | None:
        with self.runtime.sessions.begin() as session:
            activation = self.lease.lock_activation(session)
            if session.scalar(figures_due().where(Activation.id == activation.id)) is None:
                return None
            now: datetime = session.execute(select(func.now())).scalar_one()
            today = now.astimezone(BERLIN).date()
            midnight = datetime.combine(today, datetime.min.time(), BERLIN)
            there = session.execute(
                select(Listing.listing_id, Listing.id)
                .where(
                    Listing.activation_id == activation.id,
                    Listing.state == ListingState.ONLINE,
                    Listing.listing_id.is_not(None),
                    Listing.figures_at < midnight,
                )
                .order_by(Listing.figures_at, Listing.id)
                .limit(max(MOST_A_TURN, APPS[activation.app].figures_at_once))
            )
            ids = {str(key): listing for key, listing in there}
            if not ids:
                activation.next_figures_at = self._tomorrow(today)
                return None
            return AskedListings(activation.app, Account.from_json(activation.account), today, ids)

    def _tomorrow(self, today: date) -> datetime:
        """Between two and six in the morning, each activation at a minute of its own."""
        at_two = datetime.combine(today + timedelta(days=1), datetime.min.time(), BERLIN).replace(hour=2)
        return at_two + timedelta(hours=4) * (self.lease.activation_id.int % 1000 / 1000)

    def _ask(self, asked: AskedListings, client: Client) -> Stop | Retry | None:
        """What has been told is written at once; returns why it ended early, None where it did not."""
        until = time.monotonic() + TURN_SECONDS
        keys, at_once = list(asked.ids), self.runtime.app(asked.app).figures_at_once
        while keys and time.monotonic() < until:
            given = client.figures(keys[:at_once])
            self._write(asked, keys[:at_once], given)
            if given.failure is not None:
                return given.failure
            keys = keys[at_once:]
        return None

    def _write(self, asked: AskedListings, keys: Sequence[str], given: FiguresReport) -> None:
        """A listing that the platform says nothing of has been asked for too, unless it failed before it."""
        rows = [_row(asked.ids[key], figures) for key, figures in given.found.items()]
        answered = given.found if given.failure is not None else keys
        with self.runtime.sessions.begin() as session:
            self.lease.guard(session)
            session.execute(_WRITE_DAY, {"day": asked.today, "rows": json.dumps(rows)})
            session.execute(_WRITE_RATING, {"rows": json.dumps(rows)})
            session.execute(
                update(Listing)
                .where(Listing.id.in_([asked.ids[key] for key in answered]))
                .values(figures_at=func.now())
            )

    def _plan(self, moment: Any) -> None:
        with self.runtime.sessions.begin() as session:
            self.lease.lock_activation(session).next_figures_at = moment


def take_figures(runtime: Runtime, lease: Lease) -> None:
    FiguresTurn(runtime, lease).take()


figures_task = Task("figures", figures_due, take_figures)


def _row(listing_id: UUID, figures: ListingFigures) -> dict[str, Any]:
    rating = figures.rating
    return {
        "listing_id": str(listing_id),
        "impressions": figures.impressions,
        "views": figures.views,
        "parkings": figures.parkings,
        "emails": figures.emails,
        "calls": figures.calls,
        "price": str(rating.price) if rating and rating.price is not None else None,
        "price_label": rating.label if rating else "",
        "rating": rating.as_json() if rating else {},
    }


_WRITE_DAY = text(
    """
    INSERT INTO listing_day (listing_id, day, impressions, views, parkings, emails, calls, price, price_label)
    SELECT r.listing_id, :day, r.impressions, r.views, r.parkings, r.emails, r.calls,
        coalesce(r.price, v.price), r.price_label
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(listing_id uuid, impressions int, views int,
        parkings int, emails int, calls int, price numeric, price_label text)
    JOIN listing l ON l.id = r.listing_id JOIN vehicle v ON v.id = l.vehicle_id
    ON CONFLICT (listing_id, day) DO UPDATE SET impressions = excluded.impressions, views = excluded.views,
        parkings = excluded.parkings, emails = excluded.emails, calls = excluded.calls,
        price = excluded.price, price_label = excluded.price_label
    """
)
_WRITE_RATING = text(
    """
    UPDATE listing AS l SET price_label = r.price_label, price_rating = r.rating
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(listing_id uuid, price_label text, rating jsonb)
    WHERE l.id = r.listing_id AND r.price_label <> ''
    """
)


# The price of a vehicle before it is published.


NOT_NOW = say("Die Plattform antwortet zurzeit nicht. Bitte versuchen Sie es später noch einmal.")


def rates_prices(activation: Activation) -> bool:
    """Whether its platform can be asked now."""
    app = APPS.get(activation.app)
    return app is not None and app.rates_prices and activation.state in AT_WORK


def rate_price(runtime: Runtime, activation_id: UUID, vehicle_id: UUID) -> PriceRating:
    """As if the vehicle were released there. Where there is no rating, its reason says why. No transaction
    is open while the platform is asked."""
    with runtime.sessions() as session:
        activation = session.get_one(Activation, activation_id)
        rules = rules_of(activation.dealer)
        stored = stored_releases(session, activation_id, [vehicle_id]).get(vehicle_id, Release())
        release = replace(stored, released=True, bookings=frozenset())
        (case,) = load_cases(session, activation, rules, [vehicle_id], {vehicle_id: release})
        app, account, settings = activation.app, Account.from_json(activation.account), activation.settings
    platform, stores = runtime.platform(app), runtime.stores(app)
    try:
        prepared = platform.mapper(settings, account, rules, stores)(case.subject)
    except ReferenceUnavailable:
        return PriceRating(PriceLabel.NONE, reason=NOT_NOW)
    if prepared.problems:
        return PriceRating(PriceLabel.NONE, reason=prepared.problems[0].text)
    client = cast(RatingClient, platform.open(account, stores))
    try:
        rated = client.rate_price(prepared.payload)
    finally:
        client.close()
    if isinstance(rated, PriceRating):
        return rated
    if isinstance(rated, Rejected):
        return PriceRating(PriceLabel.NONE, reason=rated.feedback[0].text)
    return PriceRating(PriceLabel.NONE, reason=NOT_NOW if isinstance(rated, Retry) else rated.detail)


def better_price(rating: PriceRating, price: Decimal | None) -> tuple[PriceLabel, Decimal] | None:
    """The next better label and the euros to it, at the price that was rated."""
    rated = rating.price if rating.price is not None else price
    return rating.next_better(rated) if rated else None
