"""Locations, and where customers' inquiries (LMS) go."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError

from portal.blueprints.settings import blueprint
from portal.blueprints.settings.stale_forms import outdated, version
from portal.extensions import db
from portal.models import Dealer, Location, Vehicle
from portal.people.inquiries import forwarding_complaint
from portal.vehicles.release import changed_values, lock_dealer
from portal.web.access import current_dealer, dealer, load_location
from portal.web.audit import log_settings
from portal.web.responses import go
from portal.web.setting_labels import LOCATION
from portal.web.wording import translated

LONGEST = {"code": 10, "name": 200, "street": 200, "postal_code": 10, "city": 100, "phone": 60}
CODE = re.compile(r"[A-Za-zÄÖÜäöü0-9-]{1,10}")
NOTHING = dict.fromkeys(LOCATION, "")


@blueprint.get("/settings/locations")
@dealer("settings")
def locations() -> str:
    return render_template("settings/locations.html", rows=db.session.execute(_with_vehicles()).all())


@blueprint.get("/settings/locations/new")
@dealer("settings")
def location_new() -> Response:
    return _page(None, NOTHING, {})


@blueprint.post("/settings/locations/new")
@dealer("settings")
def location_add() -> Response:
    wanted = _wanted()
    errors = _errors(wanted)
    if errors:
        return _page(None, wanted, errors)
    added = Location(dealer_id=current_dealer().id, **wanted)
    db.session.add(added)
    return _finish(added, NOTHING, wanted)


@blueprint.get("/settings/locations/<uuid:location_id>")
@dealer("settings")
def location(location_id: UUID) -> Response:
    found = load_location(location_id)
    return _page(found, _stored(found), {})


@blueprint.post("/settings/locations/<uuid:location_id>")
@dealer("settings")
def location_save(location_id: UUID) -> Response:
    found = load_location(location_id)
    db.session.refresh(found, with_for_update={"key_share": True})
    before, wanted = _stored(found), _wanted()
    if _has_vehicles(found):
        wanted["code"] = found.code
    errors = _errors(wanted)
    if errors or outdated(before):
        return _page(found, wanted, errors, meanwhile=before if outdated(before) else None)
    for name, value in wanted.items():
        setattr(found, name, value)
    return _finish(found, before, wanted)


def _finish(found: Location, before: dict[str, Any], wanted: dict[str, Any]) -> Response:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        return _page(None if before is NOTHING else found, wanted, {"code": _taken(wanted["code"])})
    changes = changed_values(before, wanted)
    log_settings(changes, f"{found.name} ({found.code})", found.id)
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.locations"))


def _taken(code: str) -> str:
    return _("Das Kürzel %(code)s hat schon ein anderer Standort.", code=code)


def _stored(found: Location) -> dict[str, Any]:
    return {name: getattr(found, name) for name in LOCATION}


def _wanted() -> dict[str, Any]:
    return {
        name: " ".join(request.form.get(name, "").replace("\x00", "").split())[: LONGEST[name]]
        for name in LOCATION
    }


def _errors(wanted: dict[str, Any]) -> dict[str, str]:
    errors = {}
    if not CODE.fullmatch(wanted["code"]):
        errors["code"] = _("Das Kürzel besteht aus bis zu zehn Buchstaben, Ziffern oder Bindestrichen.")
    if not wanted["name"]:
        errors["name"] = _("Bitte geben Sie den Namen des Standorts an.")
    return errors


def _has_vehicles(found: Location) -> bool:
    return bool(db.session.scalar(select(exists().where(Vehicle.location_id == found.id))))


def _with_vehicles() -> Any:
    in_stock = (Vehicle.location_id == Location.id, Vehicle.withdrawn_at.is_(None))
    count = select(func.count()).select_from(Vehicle).where(*in_stock).scalar_subquery()
    mine = select(Location, count).where(Location.dealer_id == current_dealer().id)
    return mine.order_by(Location.code)


def _page(
    found: Location | None,
    values: dict[str, Any],
    errors: dict[str, str],
    meanwhile: dict[str, Any] | None = None,
) -> Response:
    page = render_template(
        "settings/location.html",
        location=found,
        values=values,
        labels=LOCATION,
        longest=LONGEST,
        errors=errors,
        code_fixed=found is not None and _has_vehicles(found),
        version=version(_stored(found)) if found else "",
        meanwhile=changed_values(values, meanwhile) if meanwhile else {},
        outdated=meanwhile is not None,
    )
    return make_response(page, 422 if errors or meanwhile is not None else 200)


# LMS Grundeinstellungen: the dealer's address for inquiries, and where they are forwarded.


@blueprint.get("/settings/lms")
@dealer("settings")
def lms() -> Response:
    return _lms_page(current_dealer().lms_forward_to)


@blueprint.post("/settings/lms")
@dealer("settings")
def save_lms() -> Response:
    owner = current_dealer()
    lock_dealer(db.session(), owner)
    wanted = request.form.get("lms_forward_to", "").strip()
    error = translated(forwarding_complaint(db.session(), owner, wanted))
    if error or outdated(_stored_lms(owner)):
        return _lms_page(wanted[:254], error, meanwhile=outdated(_stored_lms(owner)))
    changes = changed_values(_stored_lms(owner), {"lms_forward_to": wanted})
    owner.lms_forward_to = wanted
    log_settings(changes, "LMS Grundeinstellungen")
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.lms"))


def _stored_lms(owner: Dealer) -> dict[str, Any]:
    return {"lms_forward_to": owner.lms_forward_to}


def _lms_page(forward_to: str, error: str = "", meanwhile: bool = False) -> Response:
    owner = current_dealer()
    page = render_template(
        "settings/lms.html",
        address=owner.lms_address,
        stored=owner.lms_forward_to,
        forward_to=forward_to,
        error=error,
        meanwhile=meanwhile,
        version=version(_stored_lms(owner)),
    )
    return make_response(page, 422 if error or meanwhile else 200)
