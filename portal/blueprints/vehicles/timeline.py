"""The tab with all that happened to a vehicle, and the line above every tab that says what happened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.blueprints.audit.labels import detail_lines, readable, what_text
from portal.blueprints.vehicles import blueprint
from portal.blueprints.vehicles.figures import COUNT_NAMES, WORDS
from portal.blueprints.vehicles.head import STANDINGS, load_head
from portal.exports.history.timeline import TimelineEntry, TimelinePart, latest_change, load_timeline
from portal.extensions import db
from portal.models import AuditEvent, Vehicle
from portal.web.access import current_realm, dealer, load_vehicle
from portal.web.wording import translated

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
    return render_template(
        "vehicles/history.html",
        head=head,
        latest=_told(shown["page"].latest),
        parts=[(text, _address(vehicle_id, key), key == (part or "")) for key, text in PARTS.items()],
        standings=STANDINGS,
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


@dataclass(frozen=True)
class LatestChange:
    """`more`: how many further facts changed with it."""

    at: datetime
    text: str
    who: str = ""
    more: int = 0


@blueprint.app_template_global()
def latest_change_of(vehicle: Vehicle) -> LatestChange | None:
    return _told(latest_change(db.session(), current_realm(), vehicle))


def _told(entry: TimelineEntry | None) -> LatestChange | None:
    if entry is None:
        return None
    if not isinstance(entry.what, AuditEvent):
        return LatestChange(entry.at, gettext("Import"))
    event = entry.what
    hidden = current_realm().limited and event.what == "vehicle.published"
    lines = [] if hidden else list(detail_lines(event.detail))
    text = lines[0] if lines else what_text(event.what)
    return LatestChange(entry.at, text, readable(translated(event.actor)), max(len(lines) - 1, 0))
