"""Models that a platform does not know by the dealer's spelling: suggested, assigned, remembered."""

from __future__ import annotations

from uuid import UUID

from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.blueprints.problems import blueprint
from portal.extensions import db
from portal.vehicles.known_models import (
    ModelSpelling,
    assign_models,
    find_known_models,
    find_open_models,
    forget_model,
    spelling_of,
    works_everywhere,
)
from portal.web import audit
from portal.web.access import (
    current_dealer,
    current_realm,
    dealer,
    load_known_model,
    load_vehicle,
    require_everywhere,
)
from portal.web.apps import app_name
from portal.web.responses import go

SHOWN = 100
"""Spellings on a page; further ones come when these are assigned."""


@blueprint.get("/problems/models")
@dealer("view")
def models() -> str:
    """What is remembered holds titles of every location: only who works at all of them sees it."""
    found = find_open_models(db.session(), current_realm())
    everywhere = works_everywhere(db.session(), current_realm())
    return render_template(
        "problems/models.html",
        open_models=found[:SHOWN],
        more=len(found) - SHOWN,
        known=find_known_models(db.session(), current_dealer().id) if everywhere else [],
        everywhere=everywhere,
    )


@blueprint.post("/problems/models")
@dealer("edit_vehicles")
def assign() -> Response:
    """Those that are ticked, or the one whose button was pressed, each with the model that was chosen."""
    require_everywhere()
    vehicle_id = _vehicle_of_form()
    found = find_open_models(db.session(), current_realm(), vehicle_id)
    only = request.form.get("only")
    picked = {only} if only else set(request.form.getlist("pick"))
    # Only what is open now, and what the platform offers for it.
    chosen: dict[ModelSpelling, tuple[str, str]] = {}
    for one in found:
        key = request.form.get(f"model-{one.spelling.digest}", "")
        label = one.label(key)
        if one.spelling.digest in picked and label is not None:
            chosen[one.spelling] = (key, label)
    concerned = assign_models(db.session(), current_dealer().id, chosen)
    for spelling, (_key, label) in chosen.items():
        meant = f"{spelling.text} → {label}"
        audit.log_action("vehicle.model_assigned", None, meant[:200], app=app_name(spelling.app))
    db.session.commit()
    _tell(len(chosen), len(concerned), len(picked))
    if vehicle_id is not None:
        return go(url_for("vehicles.publication", vehicle_id=vehicle_id))
    return go(url_for("problems.models"))


@blueprint.post("/problems/models/<uuid:known_model_id>/forget")
@dealer("edit_vehicles")
def forget(known_model_id: UUID) -> Response:
    known = load_known_model(known_model_id)
    require_everywhere()
    taken_back = f"{spelling_of(known).text} → {known.label}"
    concerned = forget_model(db.session(), known)
    audit.log_action("vehicle.model_forgotten", None, taken_back[:200], app=app_name(known.app))
    db.session.commit()
    text = ngettext(
        "Die Zuordnung ist zurückgenommen. %(num)d Fahrzeug wird neu geprüft.",
        "Die Zuordnung ist zurückgenommen. %(num)d Fahrzeuge werden neu geprüft.",
        len(concerned),
    )
    flash(text, "success")
    return go(url_for("problems.models"))


def _vehicle_of_form() -> UUID | None:
    given = request.form.get("vehicle_id", "")
    if not given:
        return None
    try:
        return load_vehicle(UUID(given)).id
    except ValueError:
        abort(404)


def _tell(assigned: int, vehicles: int, picked: int) -> None:
    if not assigned:
        flash(_("Bitte wählen Sie zuerst ein Modell."), "error")
        return
    text = ngettext(
        "Das Modell ist zugeordnet und für künftige Fahrzeuge gemerkt.",
        "%(num)d Modelle sind zugeordnet und für künftige Fahrzeuge gemerkt.",
        assigned,
    )
    sent = ngettext(
        "%(num)d Fahrzeug wird neu geprüft und übertragen.",
        "%(num)d Fahrzeuge werden neu geprüft und übertragen.",
        vehicles,
    )
    flash(f"{text} {sent}", "success")
    if left := picked - assigned:
        flash(
            ngettext(
                "Bei %(num)d Zeile war kein Modell gewählt.",
                "Bei %(num)d Zeilen war kein Modell gewählt.",
                left,
            )
        )
