"""LMS Grundeinstellungen: the dealer's address for inquiries, and where they are forwarded."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from portal.blueprints.settings import blueprint
from portal.blueprints.settings.recording import record
from portal.blueprints.settings.versions import outdated, version
from portal.extensions import db
from portal.models import Dealer
from portal.people.inquiries import forwarding_complaint
from portal.vehicles.release import changed_values, lock_dealer
from portal.web.access import current_dealer, dealer
from portal.web.answers import go
from portal.web.wording import translated


@blueprint.get("/settings/lms")
@dealer("settings")
def lms() -> Response:
    return _page(current_dealer().lms_forward_to)


@blueprint.post("/settings/lms")
@dealer("settings")
def save_lms() -> Response:
    owner = current_dealer()
    lock_dealer(db.session(), owner)
    wanted = request.form.get("lms_forward_to", "").strip()
    error = translated(forwarding_complaint(db.session(), owner, wanted))
    if error or outdated(_stored(owner)):
        return _page(wanted[:254], error, meanwhile=outdated(_stored(owner)))
    changes = changed_values(_stored(owner), {"lms_forward_to": wanted})
    owner.lms_forward_to = wanted
    record(changes, "LMS Grundeinstellungen")
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.lms"))


def _stored(owner: Dealer) -> dict[str, Any]:
    return {"lms_forward_to": owner.lms_forward_to}


def _page(forward_to: str, error: str = "", meanwhile: bool = False) -> Response:
    owner = current_dealer()
    page = render_template(
        "settings/lms.html",
        address=owner.lms_address,
        stored=owner.lms_forward_to,
        forward_to=forward_to,
        error=error,
        meanwhile=meanwhile,
        version=version(_stored(owner)),
    )
    return make_response(page, 422 if error or meanwhile else 200)
