"""What stands above every tab of a vehicle: its facts, and what happened to it last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel import gettext

from portal.blueprints.audit.labels import detail_lines, readable, what_text
from portal.blueprints.vehicles.head import VehicleHead
from portal.exports.history.timeline import TimelineEntry, latest_change
from portal.extensions import db
from portal.models import AuditEvent, Vehicle
from portal.web.access import current_realm
from portal.web.wording import translated


@dataclass(frozen=True)
class LatestChange:
    """`more`: how many further facts changed with it."""

    at: datetime
    text: str
    who: str = ""
    more: int = 0


def latest_change_of(vehicle: Vehicle) -> LatestChange | None:
    return told(latest_change(db.session(), current_realm(), vehicle))


def told(entry: TimelineEntry | None) -> LatestChange | None:
    if entry is None:
        return None
    if not isinstance(entry.what, AuditEvent):
        return LatestChange(entry.at, gettext("Import"))
    event = entry.what
    hidden = current_realm().limited and event.what == "vehicle.published"
    lines = [] if hidden else list(detail_lines(event.detail))
    text = lines[0] if lines else what_text(event.what)
    return LatestChange(entry.at, text, readable(translated(event.actor)), max(len(lines) - 1, 0))


def render_tab(template: str, head: VehicleHead, latest: LatestChange | None, **values: Any) -> str:
    return render_template(template, head=head, latest=latest, **values)
