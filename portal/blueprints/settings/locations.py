"""Locations, and where customers' inquiries (LMS) go."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError

from portal.blueprints.settings import blueprint
from portal.blueprints.settings.forms import LONGEST, InquiriesForm, LocationForm
from portal.blueprints.settings.stale_forms import outdated, version
from portal.extensions import db
from portal.models import Dealer, Location, Vehicle
from portal.people.inquiries import forward_inquiries
from portal.vehicles.release import changed_values, lock_dealer
from portal.web.access import current_dealer, dealer, load_location
from portal.web.audit import log_settings
from portal.web.responses import go
from portal.web.setting_labels import LOCATION

NOTHING = dict.fromkeys(LOCATION, "")


@blueprint.get("/settings/locations")
@dealer("settings")
def locations() -> str:
    owner = current_dealer()
    in_stock = (Vehicle.dealer_id == owner.id, Vehicle.withdrawn_at.is_(None))
    here = select(func.count()).select_from(Vehicle).where(*in_stock, Vehicle.location_id == Location.id)
    mine = select(Location, here.scalar_subquery()).where(Location.dealer_id == owner.id)
    return render_template(
        "settings/locations.html", rows=db.session.execute(mine.order_by(Location.code)).all()
    )


@blueprint.get("/settings/locations/new")
@dealer("settings")
def location_new() -> Response:
    return _page(None, LocationForm())


@blueprint.post("/settings/locations/new")
@dealer("settings")
def location_add() -> Response:
    form = LocationForm()
    if not form.validate():
        return _page(None, form)
    added = Location(dealer_id=current_dealer().id, **form.data)
    db.session.add(added)
    return _finish(added, NOTHING, form)


@blueprint.get("/settings/locations/<uuid:location_id>")
@dealer("settings")
def location(location_id: UUID) -> Response:
    found = load_location(location_id)
    return _page(found, LocationForm(obj=found))


@blueprint.post("/settings/locations/<uuid:location_id>")
@dealer("settings")
def location_save(location_id: UUID) -> Response:
    found = load_location(location_id)
    db.session.refresh(found, with_for_update={"key_share": True})
    before, form = _stored(found), LocationForm()
    if _has_vehicles(found):
        form.code.data = found.code
    if not form.validate() or outdated(before):
        return _page(found, form, meanwhile=before if outdated(before) else None)
    form.populate_obj(found)
    return _finish(found, before, form)


def _finish(found: Location, before: dict[str, Any], form: LocationForm) -> Response:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        taken = _("Das Kürzel %(code)s hat schon ein anderer Standort.", code=form.code.data)
        form.refuse("code", taken)
        return _page(None if before is NOTHING else found, form)
    changes = changed_values(before, form.data)
    log_settings(changes, f"{found.name} ({found.code})", found.id)
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.locations"))


def _stored(found: Location) -> dict[str, Any]:
    return {name: getattr(found, name) for name in LOCATION}


def _has_vehicles(found: Location) -> bool:
    there = (Vehicle.dealer_id == found.dealer_id, Vehicle.location_id == found.id)
    return bool(db.session.scalar(select(exists().where(*there))))


def _page(found: Location | None, form: LocationForm, meanwhile: dict[str, Any] | None = None) -> Response:
    page = render_template(
        "settings/location.html",
        location=found,
        form=form,
        labels=LOCATION,
        longest=LONGEST,
        errors=form.messages,
        code_fixed=found is not None and _has_vehicles(found),
        version=version(_stored(found)) if found else "",
        meanwhile=changed_values(form.data, meanwhile) if meanwhile else {},
        outdated=meanwhile is not None,
    )
    return make_response(page, 422 if form.messages or meanwhile is not None else 200)


# LMS Grundeinstellungen: the dealer's address for inquiries, and where they are forwarded.


@blueprint.get("/settings/lms")
@dealer("settings")
def lms() -> Response:
    return _lms_page(InquiriesForm(current_dealer()))


@blueprint.post("/settings/lms")
@dealer("settings")
def save_lms() -> Response:
    owner = current_dealer()
    lock_dealer(db.session(), owner)
    form, before = InquiriesForm(owner), _stored_lms(owner)
    if not form.validate() or outdated(before):
        return _lms_page(form, meanwhile=outdated(before))
    changes = changed_values(before, form.data)
    forward_inquiries(db.session(), owner, form.lms_forward_to.data)
    log_settings(changes, "LMS Grundeinstellungen")
    db.session.commit()
    flash(_("Gespeichert.") if changes else _("Es gab nichts zu ändern."), "success")
    return go(url_for("settings.lms"))


def _stored_lms(owner: Dealer) -> dict[str, Any]:
    return {"lms_forward_to": owner.lms_forward_to}


def _lms_page(form: InquiriesForm, meanwhile: bool = False) -> Response:
    owner = current_dealer()
    page = render_template(
        "settings/lms.html",
        address=owner.lms_address,
        stored=owner.lms_forward_to,
        forward_to=form.lms_forward_to.data[:254],
        error=form.messages.get("lms_forward_to", ""),
        meanwhile=meanwhile,
        version=version(_stored_lms(owner)),
    )
    return make_response(page, 422 if form.messages or meanwhile else 200)
