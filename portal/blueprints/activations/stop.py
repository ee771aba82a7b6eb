"""Stop an app by hand: at once, until somebody lets it go on or a moment has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from portal.blueprints.activations import blueprint
from portal.calendar import BERLIN
from portal.exports.lifecycle import activation as life
from portal.extensions import db
from portal.models.exports import AppKind
from portal.web import audit
from portal.web.access import dealer, load_activation
from portal.web.responses import go
from portal.web.templating import moment

MORNING = time(7)


class Until(StrEnum):
    BY_HAND = ""
    HOUR = "hour"
    TOMORROW = "tomorrow"
    MONDAY = "monday"


CHOICES: Mapping[Until, LazyString] = {
    Until.BY_HAND: _("nur von Hand fortsetzen"),
    Until.HOUR: _("in 1 Stunde fortsetzen"),
    Until.TOMORROW: _("morgen um 7 Uhr fortsetzen"),
    Until.MONDAY: _("Montag um 7 Uhr fortsetzen"),
}


def goes_on_at(until: Until, now: datetime) -> datetime | None:
    """None: not by itself."""
    day = now.astimezone(BERLIN).date()
    match until:
        case Until.HOUR:
            return now + timedelta(hours=1)
        case Until.TOMORROW:
            return datetime.combine(day + timedelta(days=1), MORNING, BERLIN)
        case Until.MONDAY:
            return datetime.combine(day + timedelta(days=7 - day.weekday()), MORNING, BERLIN)
    return None


@blueprint.post("/apps/<uuid:activation_id>/stop")
@dealer("activate_apps")
def stop(activation_id: UUID) -> Response:
    """Also changes the moment of one that is stopped by hand already."""
    activation = load_activation(activation_id)
    if activation.kind != AppKind.API:
        abort(404)  # the schedule of a file can be paused
    asked = request.form.get("until", "")
    at = goes_on_at(Until(asked), datetime.now(UTC)) if asked in set(Until) else abort(400)
    back = go(url_for("history.page", activation_id=activation.id))
    try:
        life.stop_by_hand(db.session(), activation, at)
    except life.WrongState:
        db.session.rollback()
        flash(gettext("Hier wird schon nichts übertragen."))
        return back
    detail = {"until": at.isoformat()} if at else {}
    audit.log_activation("activation.stopped_by_hand", activation, **detail)
    db.session.commit()
    flash(
        gettext("Pausiert. Weiter geht es am %(moment)s von selbst.", moment=moment(at))
        if at
        else gettext("Pausiert. Weiter geht es, sobald Sie fortsetzen."),
        "success",
    )
    return back


@blueprint.app_template_global()
def stop_choices() -> Mapping[Until, LazyString]:
    return CHOICES
