"""What a dealer's apps are doing: all at a glance, one while it works, its listings."""

from __future__ import annotations

from flask import render_template

from portal.blueprints.my_apps import blueprint, cards
from portal.extensions import db
from portal.web.access import chosen_realm, current_dealer, dealer


@blueprint.get("/apps")
@dealer("view")
def page() -> str:
    groups = cards.load(db.session(), current_dealer(), chosen_realm())
    return render_template("my_apps/page.html", groups=groups)
