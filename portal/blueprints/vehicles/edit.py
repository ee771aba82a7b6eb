"""The tab with a vehicle's data, and the form for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint, undoing
from portal.blueprints.vehicles.form import Typed, blank, parse, read, typed_from
from portal.blueprints.vehicles.form_cards import CARDS, CHOICE_TITLES
from portal.blueprints.vehicles.form_merging import (
    Conflict,
    Merged,
    all_apart,
    base_in,
    base_text,
    merged_form,
)
from portal.blueprints.vehicles.form_notes import FieldNotes, field_notes
from portal.blueprints.vehicles.head import VehicleHead, head_of, load_for_change, load_head
from portal.blueprints.vehicles.tab import latest_change_of, render_tab
from portal.calendar import today
from portal.extensions import db
from portal.models import Vehicle
from portal.models.realm import Realm
from portal.vehicle_facts.data import VehicleData
from portal.vehicle_facts.equipment import BY_CODE, grouped
from portal.vehicles.images import MOST_BYTES, MOST_IMAGES
from portal.vehicles.similar import similar_prices
from portal.vehicles.stock import create_vehicle, save_vehicle
from portal.web import audit
from portal.web.access import current_dealer, current_locations, dealer, load_location
from portal.web.apps import app_name
from portal.web.responses import CONFLICT, UNPROCESSABLE, go

NOWHERE = UUID(int=0)
"""No location has this key."""
Answer = Response | str | tuple[str, int]
MOST_NAMES = 8
"""Fields that a message lists; an import may have changed all of them."""


@blueprint.get("/vehicles/<uuid:vehicle_id>")
@dealer("view")
def edit(vehicle_id: UUID) -> str:
    head = load_head(vehicle_id)
    return _data_page(head=head, typed=typed_from(head.facts), base=base_text(head.facts))


@blueprint.post("/vehicles/<uuid:vehicle_id>")
@dealer("edit_vehicles")
def save(vehicle_id: UUID) -> Answer:
    vehicle = load_for_change(vehicle_id)
    base, stored = base_in(request.form), vehicle.facts()
    if base is None:
        return _unknown_base(vehicle, stored), CONFLICT
    form = merged_form(request.form, base, stored)
    facts = form.reading.facts
    errors = form.reading.errors or _taken(facts, vehicle.location_id, vehicle.id)
    if form.conflicts or errors or facts is None:
        return _ask_again(vehicle, stored, form, errors)
    try:
        changed = save_vehicle(db.session(), vehicle, facts)
        if changed:
            audit.log_vehicle("vehicle.changed", vehicle, **audit.facts_changed(stored, facts))
        db.session.commit()
    except IntegrityError:
        # Somebody gave the number to another vehicle between the look and the update.
        db.session.rollback()
        return _ask_again(load_for_change(vehicle_id), stored, form, {"offer_number": _number_taken()})
    if changed:
        undoing.offer_facts(vehicle, stored)
    else:
        flash(_("Es war nichts zu ändern. Es wird nichts übertragen."), "info")
    _say_kept(form)
    return go(url_for("vehicles.edit", vehicle_id=vehicle_id))


def _ask_again(vehicle: Vehicle, stored: VehicleData, form: Merged, errors: dict[str, str]) -> Answer:
    """The form with what was typed, what is wrong with it, and what others changed meanwhile."""
    _say_kept(form)
    values = {"typed": form.reading.typed, "conflict": form.conflicts, "errors": errors}
    return _data_page(head=head_of(vehicle), base=base_text(stored), **values), UNPROCESSABLE


def _unknown_base(vehicle: Vehicle, stored: VehicleData) -> str:
    """What somebody changed cannot be told from what they only saw: ask about all that differs."""
    reading = read(request.form, stored)
    return _data_page(
        head=head_of(vehicle),
        typed=reading.typed,
        base=base_text(stored),
        conflict=all_apart(stored, reading.typed),
    )


def _say_kept(form: Merged) -> None:
    if not form.kept:
        return
    names = ", ".join(form.kept[:MOST_NAMES]) + (" …" if len(form.kept) > MOST_NAMES else "")
    text = _("Was inzwischen an anderer Stelle geändert wurde, bleibt erhalten: %(fields)s", fields=names)
    flash(text, "info")


@blueprint.get("/vehicles/<uuid:vehicle_id>/standing")
@dealer("view")
def standing(vehicle_id: UUID) -> str:
    """Where it stands at each platform; polls itself while something is on its way."""
    head = load_head(vehicle_id)
    return render_template("vehicles/_standing.html", head=head, app_name=app_name)


@blueprint.get("/vehicles/<uuid:vehicle_id>/facts")
@dealer("view")
def facts(vehicle_id: UUID) -> str:
    """The head of its page, for one that hears of a change."""
    head = load_head(vehicle_id)
    return render_template("vehicles/_facts.html", head=head, latest=latest_change_of(head.vehicle))


@blueprint.get("/vehicles/new")
@dealer("edit_vehicles")
def new() -> str:
    return _new_page(typed=blank(), location=request.args.get("location", ""))


@blueprint.post("/vehicles/new")
@dealer("edit_vehicles")
def create() -> Answer:
    location = load_location(request.form.get("location", NOWHERE, type=UUID))
    reading = read(request.form, None)
    errors = reading.errors or _taken(reading.facts, location.id, None)
    if errors or reading.facts is None:
        return _new_page(typed=reading.typed, location=str(location.id), errors=errors), UNPROCESSABLE
    try:
        vehicle = create_vehicle(db.session(), current_dealer(), location, reading.facts)
        audit.log_vehicle("vehicle.created", vehicle)
        db.session.commit()
    except IntegrityError:
        # Somebody took the number between the look and the insert, for example by a double click.
        db.session.rollback()
        errors = {"offer_number": _number_taken()}
        return _new_page(typed=reading.typed, location=str(location.id), errors=errors), UNPROCESSABLE
    flash(_("Das Fahrzeug ist angelegt."), "success")
    return go(url_for("vehicles.edit", vehicle_id=vehicle.id))


def _taken(facts: VehicleData | None, location_id: UUID, own: UUID | None) -> dict[str, str]:
    if facts is None or number_is_free(facts.offer_number, location_id, own):
        return {}
    return {"offer_number": _number_taken()}


def _number_taken() -> str:
    return _("Diese Fahrzeugnummer hat an diesem Standort schon ein anderes Fahrzeug.")


def number_is_free(offer_number: str, location_id: UUID, own: UUID | None) -> bool:
    statement = select(Vehicle.id).where(
        Vehicle.location_id == location_id,
        Vehicle.offer_number == offer_number,
        Vehicle.withdrawn_at.is_(None),
        Realm(current_dealer().id).owns(Vehicle),
    )
    return all(found == own for found in db.session.scalars(statement))


def _data_page(head: VehicleHead, **values: Any) -> str:
    latest = latest_change_of(head.vehicle)
    return render_tab("vehicles/data.html", latest=latest, **_form_values({"head": head, **values}))


def _new_page(**values: Any) -> str:
    return render_template("vehicles/new.html", locations=current_locations(), **_form_values(values))


def _form_values(values: dict[str, Any]) -> dict[str, Any]:
    typed: Typed = values["typed"]
    errors: dict[str, str] = values.get("errors") or {}
    conflict: list[Conflict] | None = values.get("conflict")
    marked = {*errors, *(row.field.name for row in conflict or ())}
    speaking = {name for name, value in typed.items() if value} | marked
    image_hint = _(
        "JPEG, PNG, WebP, HEIC oder AVIF, höchstens %(size)d MB je Bild, höchstens %(count)d Bilder je "
        "Fahrzeug.",
        size=MOST_BYTES // 2**20,
        count=MOST_IMAGES,
    )
    return {
        **values,
        "conflict": conflict,
        "errors": errors,
        "notes": _notes(values),
        "cards": CARDS,
        "open_cards": {card.key for card in CARDS if any(field.name in speaking for field in card.fields)},
        "criteria": grouped(),
        "choice_titles": CHOICE_TITLES,
        "image_hint": image_hint,
        "unknown_features": sorted(typed["equipment.features"] - BY_CODE.keys()),
        "app_name": app_name,
    }


def _notes(values: Mapping[str, Any]) -> Mapping[str, FieldNotes]:
    """Of what was typed where that can be read, else of what is stored."""
    head = values.get("head")
    stored = head.facts if head else None
    facts = parse(values["typed"], stored).shown or stored
    if facts is None:
        return {}
    others = similar_prices(db.session(), head.vehicle, facts) if head else ()
    return field_notes(facts, values["typed"], today(), others)
