"""The tab that says how a vehicle's listings do: figures by day, the rating of the price, our own hints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import render_template
from flask_babel import lazy_gettext as _

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.head import STANDINGS, app_name, load_head
from portal.extensions import db
from portal.models import Activation
from portal.platforms import APPS
from portal.platforms.contract import PRICE_LABELS, PriceLabel
from portal.vehicles.listing_days import DAYS_SHOWN, ListingDays, listing_days
from portal.vehicles.quality import quality_hints
from portal.web.access import dealer
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


@dataclass(frozen=True)
class PlatformFigures:
    """`better`: the next better label and the euros to it, at the price that was rated."""

    activation: Activation
    shown: ListingDays
    better: tuple[PriceLabel, Decimal] | None


@blueprint.get("/vehicles/<uuid:vehicle_id>/figures")
@dealer("view")
def figures(vehicle_id: UUID) -> str:
    head = load_head(vehicle_id)
    telling = [place.activation for place in head.inputs if _tells(place.activation)]
    found = listing_days(db.session(), vehicle_id, [activation.id for activation in telling])
    pictures = sum(image.published for image in head.vehicle.images)
    return render_template(
        "vehicles/figures.html",
        head=head,
        standings=STANDINGS,
        app_name=app_name,
        telling=telling,
        platforms=[_of(one, found[one.id]) for one in telling if one.id in found],
        hints=quality_hints(head.facts, pictures),
        count_names=COUNT_NAMES,
        label_signs=LABEL_SIGNS,
        app_names=[translated(app.name) for app in APPS.values() if app.figures_at_once],
        label_names=PRICE_LABELS,
        days_shown=DAYS_SHOWN,
    )


def _tells(activation: Activation) -> bool:
    return activation.app in APPS and APPS[activation.app].figures_at_once > 0


def _of(activation: Activation, shown: ListingDays) -> PlatformFigures:
    rating = shown.rating
    price = shown.newest.price if rating is None or rating.price is None else rating.price
    better = rating.next_better(price) if rating and price else None
    return PlatformFigures(activation, shown, better)
