"""Facts of a vehicle that were just saved are put back as they were."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.head import load_for_change
from portal.extensions import db
from portal.models import Vehicle
from portal.vehicle_facts.data import VehicleData
from portal.vehicles.stock import save_vehicle
from portal.web import audit
from portal.web.access import dealer
from portal.web.responses import go
from portal.web.undo import before_of_request, flash_too_late, flash_undoable

MOST_CHARACTERS = 1_000
"""Of former values: the message travels in a cookie."""
NEVER_BACK = "offer_number"
"""Another vehicle may have taken the number meanwhile."""


def offer_facts(vehicle: Vehicle, stored: VehicleData) -> None:
    """Say that the facts are saved, and offer what was stored before, where that is short."""
    text = _("Die Änderungen sind gespeichert.")
    before, now = _as_data(stored), _as_data(vehicle.facts())
    changed = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    former = {key: before.get(key) for key in changed}
    if NEVER_BACK in former or len(json.dumps(former)) > MOST_CHARACTERS:
        flash(text, "success")
        return
    url = url_for("vehicles.restore_facts", vehicle_id=vehicle.id)
    flash_undoable(text, url, former=former, now=_fingerprint(now, changed))


@blueprint.post("/vehicles/<uuid:vehicle_id>/restore")
@dealer("edit_vehicles")
def restore_facts(vehicle_id: UUID) -> Response:
    """As they were before the change that offered this, while nobody has changed them since. What others
    changed beside them stays."""
    vehicle = load_for_change(vehicle_id)
    before, stored = before_of_request(), vehicle.facts()
    data = _as_data(stored)
    if before is None or not _untouched(data, before):
        flash_too_late()
        return go(url_for("vehicles.edit", vehicle_id=vehicle_id))
    restored = {**data, **before["former"]}
    facts = VehicleData.model_validate({key: value for key, value in restored.items() if value is not None})
    if save_vehicle(db.session(), vehicle, facts):
        audit.log_vehicle("vehicle.changed", vehicle, **audit.facts_changed(stored, facts))
    db.session.commit()
    flash(_("Die Änderungen sind zurückgenommen."), "success")
    return go(url_for("vehicles.edit", vehicle_id=vehicle_id))


def _as_data(facts: VehicleData) -> dict[str, Any]:
    return facts.model_dump(mode="json", exclude_defaults=True)


def _untouched(data: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """As the change has left them, or put back already: twice is once."""
    former: dict[str, Any] = before["former"]
    put_back = former == {key: data.get(key) for key in former}
    return put_back or _fingerprint(data, former) == before["now"]


def _fingerprint(data: Mapping[str, Any], keys: Collection[str]) -> str:
    """Of what stands there now."""
    values = json.dumps({key: data.get(key) for key in keys}, sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()
