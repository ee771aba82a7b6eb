"""The tab with a vehicle's data, and the form for a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.access import current_dealer, dealer, load_location
from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.context import STANDINGS, app_name, head_of, load_for_change, load_head
from portal.blueprints.vehicles.form import Typed, blank, differences, read, typed_from, version_of
from portal.blueprints.vehicles.form_cards import CARDS, CHOICE_TITLES
from portal.extensions import db
from portal.models import Location, Vehicle
from portal.vehicles.data import VehicleData
from portal.vehicles.equipment import BY_CODE, grouped
from portal.vehicles.images import MOST_BYTES, MOST_IMAGES
from portal.vehicles.stock import create_vehicle, save_vehicle
from portal.web import go

UNPROCESSABLE, CONFLICT = 422, 409
Answer = Response | str | tuple[str, int]


@blueprint.get("/vehicles/<uuid:vehicle_id>")
@dealer("view")
def edit(vehicle_id: UUID) -> str:
    head = load_head(vehicle_id)
    return _data_page(head=head, typed=typed_from(head.facts), version=version_of(head.vehicle))


@blueprint.post("/vehicles/<uuid:vehicle_id>")
@dealer("edit_vehicles")
def save(vehicle_id: UUID) -> Answer:
    vehicle = load_for_change(vehicle_id)
    before, version = vehicle.facts(), version_of(vehicle)
    reading = read(request.form, before)
    if request.form.get("version") != version:
        typed = typed_from(reading.facts) if reading.facts else reading.typed
        apart = differences(typed, before)
        return _data_page(
            head=head_of(vehicle), typed=reading.typed, version=version, conflict=apart
        ), CONFLICT
    errors = reading.errors or _taken(reading.facts, vehicle.location_id, vehicle.id)
    if errors or reading.facts is None:
        page = _data_page(head=head_of(vehicle), typed=reading.typed, version=version, errors=errors)
        return page, UNPROCESSABLE
    changed = save_vehicle(db.session(), vehicle, reading.facts)
    db.session.commit()
    if changed:
        flash(_("Die Änderungen sind gespeichert."), "success")
    else:
        flash(_("Es war nichts zu ändern. Es wird nichts übertragen."), "info")
    return go(url_for("vehicles.edit", vehicle_id=vehicle_id))


@blueprint.get("/vehicles/<uuid:vehicle_id>/standing")
@dealer("view")
def standing(vehicle_id: UUID) -> str:
    """Where it stands at each platform; polls itself while something is on its way."""
    head = load_head(vehicle_id)
    return render_template("vehicles/_standing.html", head=head, standings=STANDINGS, app_name=app_name)


@blueprint.get("/vehicles/new")
@dealer("edit_vehicles")
def new() -> str:
    return _new_page(typed=blank(), location=request.args.get("location", ""))


@blueprint.post("/vehicles/new")
@dealer("edit_vehicles")
def create() -> Answer:
    location = load_location(_uuid_or_nil(request.form.get("location", "")))
    reading = read(request.form, None)
    errors = reading.errors or _taken(reading.facts, location.id, None)
    if errors or reading.facts is None:
        return _new_page(typed=reading.typed, location=str(location.id), errors=errors), UNPROCESSABLE
    try:
        vehicle = create_vehicle(db.session(), current_dealer(), location, reading.facts)
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
        Vehicle.dealer_id == current_dealer().id,
        Vehicle.location_id == location_id,
        Vehicle.offer_number == offer_number,
        Vehicle.withdrawn_at.is_(None),
    )
    return all(found == own for found in db.session.scalars(statement))


def locations_of_dealer() -> Sequence[Location]:
    statement = select(Location).where(Location.dealer_id == current_dealer().id).order_by(Location.code)
    return db.session.scalars(statement).all()


def _data_page(**values: Any) -> str:
    return render_template("vehicles/data.html", **_form_values(values))


def _new_page(**values: Any) -> str:
    return render_template("vehicles/new.html", locations=locations_of_dealer(), **_form_values(values))


def _form_values(values: dict[str, Any]) -> dict[str, Any]:
    typed: Typed = values["typed"]
    errors: dict[str, str] = values.get("errors") or {}
    return {
        "conflict": None,
        **values,
        "errors": errors,
        "cards": CARDS,
        "open_cards": {card.key for card in CARDS if _speaks(card.fields, typed, errors)},
        "criteria": grouped(),
        "choice_titles": CHOICE_TITLES,
        "image_hint": _image_hint(),
        "unknown_features": sorted(typed["equipment.features"] - BY_CODE.keys()),
        "standings": STANDINGS,
        "app_name": app_name,
    }


def _image_hint() -> str:
    return _(
        "JPEG, PNG oder WebP, höchstens %(size)d MB je Bild, höchstens %(count)d Bilder je Fahrzeug.",
        size=MOST_BYTES // 2**20,
        count=MOST_IMAGES,
    )


def _speaks(fields: Sequence[Any], typed: Typed, errors: dict[str, str]) -> bool:
    return any(typed[field.name] or field.name in errors for field in fields)


def _uuid_or_nil(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        return UUID(int=0)
