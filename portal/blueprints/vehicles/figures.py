"""The tab that says how a vehicle's listings do: figures by day, the rating of the price, our own hints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import abort, render_template
from flask_babel import lazy_gettext as _

from portal.blueprints.store.live_checks import runtime
from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.head import VehicleHead, load_head, tells_figures
from portal.blueprints.vehicles.tab import latest_change_of, render_tab
from portal.exports.listing_figures import better_price, rate_price, rates_prices
from portal.extensions import db, limiter
from portal.models import Activation
from portal.platforms import APPS
from portal.platforms.contract import PRICE_LABELS, PriceLabel, PriceRating
from portal.vehicles.listing_days import DAYS_SHOWN, ListingDays, listing_days
from portal.vehicles.quality import quality_hints
from portal.web.access import dealer, load_activation
from portal.web.apps import app_name
from portal.web.responses import fragment
from portal.web.wording import translated

COUNT_NAMES = {
    "impressions": _("In Ergebnislisten"),
    "views": _("Aufrufe"),
    "parkings": _("Gemerkt"),
    "emails": _("Nachrichten"),
    "calls": _("Anrufe"),
}
LABEL_SIGNS: Mapping[PriceLabel, tuple[str, str]] = {
    PriceLabel.VERY_GOOD: ("green", "circle-check"),
    PriceLabel.GOOD: ("green", "check"),
    PriceLabel.FAIR: ("blue", "info-circle"),
    PriceLabel.INCREASED: ("orange", "alert-triangle"),
    PriceLabel.HIGH: ("red", "alert-triangle"),
    PriceLabel.NONE: ("grey", "ban"),
}
"""Colour and icon of the badge."""
WORDS: Mapping[str, Any] = {"label_signs": LABEL_SIGNS, "label_names": PRICE_LABELS, "app_name": app_name}


@dataclass(frozen=True)
class PlatformFigures:
    """`better`: the next better label and the euros to it, at the price that was rated."""

    activation: Activation
    shown: ListingDays
    better: tuple[PriceLabel, Decimal] | None

    @classmethod
    def of(cls, activation: Activation, shown: ListingDays) -> PlatformFigures:
        better = better_price(shown.rating, shown.newest.price) if shown.rating else None
        return cls(activation, shown, better)


@dataclass(frozen=True)
class RatedBefore:
    """A price that was rated before it was published; `rating` None: nobody has asked."""

    activation: Activation
    rating: PriceRating | None = None
    better: tuple[PriceLabel, Decimal] | None = None


@blueprint.get("/vehicles/<uuid:vehicle_id>/figures")
@dealer("view")
def figures(vehicle_id: UUID) -> str:
    return _page(load_head(vehicle_id))


@blueprint.post("/vehicles/<uuid:vehicle_id>/rating/<uuid:activation_id>")
@limiter.limit("20 per minute")
@dealer("edit_vehicles")
def rate_before(vehicle_id: UUID, activation_id: UUID) -> str:
    """The database connection is given back while the platform is asked."""
    head, activation = load_head(vehicle_id), load_activation(activation_id)
    if activation.id not in [place.activation.id for place in head.inputs] or not rates_prices(activation):
        abort(404)
    db.session.rollback()
    rating = rate_price(runtime(), activation_id, vehicle_id)
    head, activation = load_head(vehicle_id), load_activation(activation_id)
    rated = RatedBefore(activation, rating, better_price(rating, head.facts.prices.selling))
    if fragment():
        return render_template("vehicles/_rating.html", head=head, one=rated, **WORDS)
    return _page(head, rated)


def _page(head: VehicleHead, rated: RatedBefore | None = None) -> str:
    vehicle_id = head.vehicle.id
    before = [
        RatedBefore(place.activation)
        for place in head.inputs
        if rates_prices(place.activation) and not place.present
    ]
    telling = [place.activation for place in head.inputs if tells_figures(place.activation)]
    found = listing_days(db.session(), vehicle_id, [activation.id for activation in telling])
    pictures = sum(image.published for image in head.vehicle.images)
    return render_tab(
        "vehicles/figures.html",
        head,
        latest_change_of(head.vehicle),
        telling=telling,
        platforms=[PlatformFigures.of(one, found[one.id]) for one in telling if one.id in found],
        before=[rated if rated and rated.activation.id == one.activation.id else one for one in before],
        hints=quality_hints(head.facts, pictures),
        count_names=COUNT_NAMES,
        app_names=[translated(app.name) for app in APPS.values() if app.figures_at_once],
        days_shown=DAYS_SHOWN,
        **WORDS,
    )
