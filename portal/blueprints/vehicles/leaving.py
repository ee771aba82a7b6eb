"""Leaving a place: another location, or out of the stock. Both name the listings that end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.edit import number_is_free
from portal.blueprints.vehicles.head import cost_notice, load_for_change, load_head
from portal.extensions import db
from portal.models import Activation, Location
from portal.vehicles import stock
from portal.web import audit
from portal.web.access import current_dealer, current_locations, dealer, load_location
from portal.web.apps import app_name
from portal.web.responses import UNPROCESSABLE, go


@dataclass(frozen=True)
class Arrival:
    """The apps at another location that would make a new listing of the vehicle."""

    location: Location
    activations: Sequence[Activation]
    cost_notice: str


@blueprint.get("/vehicles/<uuid:vehicle_id>/location")
@dealer("edit_vehicles")
def location(vehicle_id: UUID) -> str:
    return _location_page(vehicle_id)


@blueprint.post("/vehicles/<uuid:vehicle_id>/location")
@dealer("edit_vehicles")
def move(vehicle_id: UUID) -> Response | tuple[str, int]:
    vehicle = load_for_change(vehicle_id)
    try:
        there = load_location(UUID(request.form.get("location", "")))
    except ValueError:
        return _location_page(vehicle_id, error=_("Bitte einen Standort wählen.")), UNPROCESSABLE
    if not number_is_free(vehicle.offer_number, there.id, vehicle.id):
        error = _("Diese Fahrzeugnummer hat dort schon ein anderes Fahrzeug.")
        return _location_page(vehicle_id, error=error), UNPROCESSABLE
    changed = stock.save_vehicle(db.session(), vehicle, vehicle.facts(), location=there)
    if changed:
        audit.log_vehicle("vehicle.moved", vehicle, location=there.code)
    db.session.commit()
    if changed:
        flash(_("Das Fahrzeug steht jetzt am Standort %(name)s.", name=there.name), "success")
    else:
        flash(_("Das Fahrzeug steht schon an diesem Standort."), "info")
    return go(url_for("vehicles.edit", vehicle_id=vehicle_id))


def _location_page(vehicle_id: UUID, error: str = "") -> str:
    """With what would end here, and begin at each other location of the user."""
    head = load_head(vehicle_id)
    ending = [line for line in head.lines if line.listing]
    arrivals = []
    for place in current_locations():
        there = [one for one in head.activations if one.location_id == place.id and head.goes_out_to(one)]
        if place.id != head.vehicle.location_id:
            arrivals.append(Arrival(place, there, cost_notice(there)))
    return render_template(
        "vehicles/location.html",
        head=head,
        ending=ending,
        cost_notice=cost_notice(line.activation for line in ending),
        arrivals=arrivals,
        locations=current_locations(),
        app_name=app_name,
        error=error,
    )


@blueprint.get("/vehicles/<uuid:vehicle_id>/withdraw")
@dealer("edit_vehicles")
def leave(vehicle_id: UUID) -> str:
    head = load_head(vehicle_id)
    ending = [line for line in head.lines if line.listing]
    return render_template(
        "vehicles/withdraw.html",
        head=head,
        ending=ending,
        cost_notice=cost_notice(line.activation for line in ending),
        app_name=app_name,
    )


@blueprint.post("/vehicles/<uuid:vehicle_id>/withdraw")
@dealer("edit_vehicles")
def withdraw(vehicle_id: UUID) -> Response:
    vehicle = load_for_change(vehicle_id)
    number = vehicle.offer_number
    stock.withdraw(db.session(), current_dealer().id, [vehicle.id])
    audit.log_vehicle("vehicle.withdrawn", vehicle)
    db.session.commit()
    flash(_("Fahrzeug %(number)s ist aus dem Bestand genommen.", number=number), "success")
    return go(url_for("vehicles.page"))
