"""The tab with all that happened to a vehicle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import lazy_gettext as _

from portal.blueprints.audit.labels import detail_lines, readable, what_text
from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.figures import COUNT_NAMES, WORDS
from portal.blueprints.vehicles.head import load_head
from portal.blueprints.vehicles.tab import render_tab, told
from portal.exports.history.timeline import TimelinePart, load_timeline
from portal.extensions import db
from portal.models import Vehicle
from portal.web.access import current_realm, dealer, load_vehicle

PARTS = {
    "": _("alles"),
    TimelinePart.CHANGES: _("Änderungen"),
    TimelinePart.TRANSFERS: _("Übertragungen"),
    TimelinePart.LOCKS: _("Sperren"),
    TimelinePart.FIGURES: _("Resonanz"),
}


@blueprint.get("/vehicles/<uuid:vehicle_id>/history")
@dealer("view")
def history(vehicle_id: UUID) -> str:
    head, part = load_head(vehicle_id), _part()
    shown = _timeline(head.vehicle, part)
    return render_tab(
        "vehicles/history.html",
        head,
        told(shown["page"].latest),
        parts=[(text, _address(vehicle_id, key), key == (part or "")) for key, text in PARTS.items()],
        **shown,
    )


@blueprint.get("/vehicles/<uuid:vehicle_id>/timeline")
@dealer("view")
def timeline(vehicle_id: UUID) -> str:
    """What the tab shows, once more."""
    return render_template("vehicles/_timeline.html", **_timeline(load_vehicle(vehicle_id), _part()))


def _part() -> TimelinePart | None:
    asked = request.args.get("show", "")
    return TimelinePart(asked) if asked in set(TimelinePart) else None


def _timeline(vehicle: Vehicle, part: TimelinePart | None) -> dict[str, Any]:
    realm, before = current_realm(), request.args.get("before", type=UUID)
    page = load_timeline(db.session(), realm, vehicle, part, before)
    return {
        "vehicle": vehicle,
        "page": page,
        "show": part,
        "older": _address(vehicle.id, part or "", page.older) if page.older else "",
        "newest": _address(vehicle.id, part or "") if before else "",
        "names_apps": not realm.limited,
        "count_names": COUNT_NAMES,
        "what_text": what_text,
        "readable": readable,
        "detail_lines": detail_lines,
        **WORDS,
    }


def _address(vehicle_id: UUID, part: str, before: UUID | None = None) -> str:
    return url_for("vehicles.history", vehicle_id=vehicle_id, show=part or None, before=before)
