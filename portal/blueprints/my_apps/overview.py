"""What a dealer's apps are doing: all at a glance, one while it works, its listings."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from sqlalchemy.orm import joinedload

from portal.blueprints.my_apps import cards, health, listing_rows
from portal.blueprints.my_apps.base import blueprint
from portal.blueprints.my_apps.head import app_head
from portal.extensions import db
from portal.models import Activation
from portal.platforms import get_app
from portal.web.access import chosen_realm, current_dealer, current_realm, dealer, load_activation
from portal.web.answers import fragment


@blueprint.get("/apps")
@dealer("view")
def page() -> str:
    groups = cards.load(db.session(), current_dealer(), chosen_realm())
    return render_template("my_apps/page.html", groups=groups)


@blueprint.get("/apps/<uuid:activation_id>/progress")
@dealer("view")
def progress_fragment(activation_id: UUID) -> str:
    activation = load_activation(activation_id, joinedload(Activation.location))
    found = health.load(db.session(), current_dealer(), current_realm().at(activation.location_id))
    return render_template(
        "my_apps/_progress.html",
        **app_head(activation),
        health=found.get(activation.id, health.Health()),
    )


@blueprint.get("/apps/<uuid:activation_id>/listings")
@dealer("view")
def listings(activation_id: UUID) -> str:
    activation = load_activation(activation_id, joinedload(Activation.location))
    wanted = listing_rows.ListingFilter.from_args(request.args)
    facts = {
        "found": listing_rows.load(db.session(), activation.id, wanted),
        "wanted": wanted,
        "checks": listing_rows.count_checks(db.session(), activation.id),
        "app": get_app(activation.app),
    }
    if fragment():
        return render_template("my_apps/_listings.html", activation=activation, **facts)
    return render_template("my_apps/listings.html", **(app_head(activation) | facts))
