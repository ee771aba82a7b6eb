"""The first page: is everything online, and if not, what matters today."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import render_template

from portal.blueprints.overview import blueprint, cards, sentences
from portal.extensions import db
from portal.web import attention
from portal.web.access import chosen_realm, dealer


@blueprint.get("/")
@dealer("view")
def page() -> str:
    now = datetime.now(UTC)
    realm = chosen_realm()
    found = cards.load(db.session(), realm, now)
    return render_template(
        "overview/page.html",
        cards=found,
        sentences=sentences.for_today(found, attention.current(realm)),
        has_vehicles=cards.has_vehicles(db.session(), realm),
    )
