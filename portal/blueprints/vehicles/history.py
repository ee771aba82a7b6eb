"""The tab with the transfers of a vehicle."""

from __future__ import annotations

from uuid import UUID

from flask import render_template

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.context import STANDINGS, app_name, load_head
from portal.exports.history import vehicle_history
from portal.extensions import db
from portal.web.access import current_realm, dealer

SHOWN = 50


@blueprint.get("/vehicles/<uuid:vehicle_id>/history")
@dealer("view")
def history(vehicle_id: UUID) -> str:
    head = load_head(vehicle_id)
    return render_template(
        "vehicles/history.html",
        head=head,
        histories=vehicle_history(db.session(), current_realm(), head.vehicle.id, SHOWN),
        standings=STANDINGS,
        app_name=app_name,
    )
