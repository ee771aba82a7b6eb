"""What a platform says of a vehicle's price before it is published there: asked while somebody waits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import cast
from uuid import UUID

from portal.exports.core.runtime import Runtime
from portal.exports.planning.cases import Release, load_cases, rules_of, stored_releases
from portal.models.exports import Activation, ActivationState
from portal.platforms import APPS
from portal.platforms.contract import (
    Account,
    PriceLabel,
    PriceRating,
    RatingClient,
    ReferenceUnavailable,
    Rejected,
    Retry,
)
from portal.translations.message import say

RATED_STATES = (ActivationState.RECONCILING, ActivationState.ACTIVE, ActivationState.LOCKED)
NOT_NOW = say("Die Plattform antwortet zurzeit nicht. Bitte versuchen Sie es später noch einmal.")


def rates_prices(activation: Activation) -> bool:
    """Whether its platform can be asked now."""
    app = APPS.get(activation.app)
    return app is not None and app.rates_prices and activation.state in RATED_STATES


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
