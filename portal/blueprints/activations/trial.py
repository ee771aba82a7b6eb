"""Testübertragung: one chosen vehicle only, where buyers do not see it, or as the first real listing."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.blueprints.activations import blueprint
from portal.exports import trial_transfer
from portal.exports.full_transfer.control import REFUSAL_OF_STATE, trigger_of
from portal.extensions import db
from portal.mandate import demand_consent
from portal.messages import Wording
from portal.models import Activation, Vehicle
from portal.models.exports import ActivationState, AppKind
from portal.outbox import note_forced
from portal.people.plan_limits import against_exporting
from portal.platforms import get_app
from portal.vehicles import export_limit
from portal.vehicles.publication import NO_CHOICE, choices_of, publish
from portal.web import audit
from portal.web.access import current_dealer, dealer, load_activation, who
from portal.web.responses import fragment, go
from portal.web.states import TRIAL_RESULTS
from portal.web.wording import translated

SUGGESTED = 50
"""Vehicles that the field offers, the newest first."""


@blueprint.get("/apps/<uuid:activation_id>/trial")
@dealer("edit_vehicles")
def trial(activation_id: UUID) -> str:
    activation = _load(activation_id)
    if not fragment():
        return _page(activation, request.args.get("number", ""))
    facts = _facts(activation)
    if facts["last"] is None:
        abort(404)
    return render_template("activations/_trial.html", **facts)


@blueprint.post("/apps/<uuid:activation_id>/trial")
@dealer("edit_vehicles")
def start_trial(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    number = request.form.get("number", "").replace("\x00", "").strip()
    named = func.lower(Vehicle.offer_number) == number.lower()
    vehicle = db.session.scalars(_stock(activation).where(named).limit(1)).first()
    if refusal := _refusal(activation):
        return make_response(_page(activation, number, translated(refusal)), 422)
    if vehicle is None:
        error = _("Dieses Fahrzeug steht nicht im Bestand von %(place)s.", place=activation.location.name)
        return make_response(_page(activation, number, error), 422)
    if trial_transfer.keeps_trials_apart(activation):
        if trial_transfer.request_trial(db.session(), activation, vehicle, who()) is None:
            flash(_("Eine Testübertragung läuft schon. Hier ist ihr Ergebnis."))
        else:
            audit.log_vehicle("run.trial_requested", vehicle, activation, app=activation.app)
        db.session.commit()
        return go(url_for("activations.trial", activation_id=activation.id))
    return _transfer(activation, vehicle, number)


def _load(activation_id: UUID) -> Activation:
    """Files are tried by looking at them: the preview shows one."""
    activation = load_activation(activation_id, joinedload(Activation.location))
    if activation.kind == AppKind.FILE:
        abort(404)
    return activation


def _stock(activation: Activation) -> Select[Vehicle]:
    here = (Vehicle.dealer_id == activation.dealer_id, Vehicle.location_id == activation.location_id)
    return select(Vehicle).where(*here, Vehicle.withdrawn_at.is_(None)).order_by(Vehicle.id.desc())


def _refusal(activation: Activation) -> Wording:
    if trial_transfer.can_try(activation) or activation.state == ActivationState.ACTIVE:
        return ""
    return REFUSAL_OF_STATE[ActivationState(activation.state)]


def _transfer(activation: Activation, vehicle: Vehicle, number: str) -> Response:
    """The real thing, for this vehicle alone."""
    session = db.session()
    demand_consent(session)
    if current_dealer().max_exported_vehicles is not None:
        export_limit.hold(session, vehicle.dealer_id)
    db.session.refresh(vehicle, ["online", "withdrawn_at"], with_for_update=True)
    if not export_limit.is_exported(session, vehicle) and (
        reason := against_exporting(session, current_dealer(), 1)
    ):
        return make_response(_page(activation, number, translated(reason)), 422)
    choice = choices_of(session, vehicle).get(activation.id, NO_CHOICE)
    if publish(session, vehicle, True, {activation.id: replace(choice, released=True)}):
        audit.log_vehicle("vehicle.published", vehicle, activation, app=activation.app, online=True)
    note_forced(session, activation.id, trigger_of(who()), [vehicle.id])
    session.commit()
    flash(_("Fahrzeug %(number)s wird übertragen.", number=vehicle.offer_number), "success")
    return go(url_for("vehicles.edit", vehicle_id=vehicle.id))


def _page(activation: Activation, number: str, error: str = "") -> str:
    refusal = _refusal(activation)
    suggested = () if refusal else db.session.scalars(_stock(activation).limit(SUGGESTED)).all()
    return render_template(
        "activations/trial.html",
        number=number,
        error=error,
        refusal=refusal,
        apart=trial_transfer.keeps_trials_apart(activation),
        suggested=[(one.offer_number, one.facts().title) for one in suggested],
        **_facts(activation),
    )


def _facts(activation: Activation) -> dict[str, object]:
    last = trial_transfer.last_trial(db.session(), activation.id)
    facts: dict[str, object] = {"activation": activation, "app": get_app(activation.app), "last": last}
    if last is not None:
        run, entry, vehicle = last
        facts |= {"run": run, "vehicle": vehicle, "entry": entry, "result": TRIAL_RESULTS[entry.result]}
    return facts
