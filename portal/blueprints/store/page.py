"""The app store: find an export, read what it does, activate it."""

from __future__ import annotations

from flask import abort, render_template, request

from portal.blueprints.store import blueprint, catalogue, requirements
from portal.extensions import db
from portal.platforms import APPS
from portal.platforms.contract import ExportApp
from portal.web.access import current_dealer, current_realm, dealer
from portal.web.answers import fragment


@blueprint.get("/appstore")
@dealer("view")
def page() -> str:
    wanted = catalogue.StoreFilter.from_args(request.args)
    found = catalogue.find(wanted, catalogue.mine(db.session(), current_realm()))
    template = "store/_apps.html" if fragment() else "store/page.html"
    return render_template(
        template, wanted=wanted, entries=found, countries=catalogue.countries(), kinds=catalogue.kinds()
    )


@blueprint.get("/appstore/<slug>")
@dealer("view")
def details(slug: str) -> str:
    app = find_app(slug)
    owner = current_dealer()
    return render_template(
        "store/details.html",
        app=app,
        dealer=owner,
        carrier=APPS.get(app.included_in),
        activations=catalogue.mine(db.session(), current_realm()).get(app.included_in or slug, ()),
        checklist=requirements.checklist(db.session(), current_realm()),
    )


def find_app(slug: str) -> ExportApp:
    return APPS.get(slug) or abort(404)
