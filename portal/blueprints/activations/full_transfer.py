"""Komplettübertragung: confirm it with numbers and a reason, follow it, call it off."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from portal.blueprints.activations import blueprint
from portal.blueprints.activations.latest_runs import NO_RUNS, load_latest_runs
from portal.blueprints.store.live_checks import runtime
from portal.exports.full_transfer import control as life
from portal.exports.full_transfer.control import (
    REASON_TEXTS,
    FullTransferReason,
    FullTransferRefusal,
    forecast,
)
from portal.exports.planning.cases import rules_of
from portal.extensions import db
from portal.models import Activation
from portal.platforms import get_app
from portal.platforms.contract import Account, Mapper, ReferenceUnavailable
from portal.web.access import current_dealer, dealer, load_activation, load_run, who
from portal.web.responses import go


@blueprint.get("/apps/<uuid:activation_id>/full-transfer")
@dealer("full_transfer")
def full_transfer(activation_id: UUID) -> str:
    activation = load_activation(activation_id, joinedload(Activation.location))
    return _ask(activation, life.find_refusal(db.session(), activation))


@blueprint.post("/apps/<uuid:activation_id>/full-transfer")
@dealer("full_transfer")
def start_full_transfer(activation_id: UUID) -> Response:
    activation = load_activation(activation_id, joinedload(Activation.location))
    reason = request.form.get("reason", "")
    if reason not in set(FullTransferReason):
        error = _("Bitte wählen Sie den Grund.")
        return make_response(_ask(activation, life.find_refusal(db.session(), activation), error), 422)
    try:
        run_id = life.start(db.session(), activation, FullTransferReason(reason), who())
    except life.FullTransferRefused as refused:
        db.session.rollback()
        return make_response(_ask(activation, refused.refusal), 422)
    db.session.commit()
    return go(url_for("history.run", activation_id=activation_id, run_id=run_id))


@blueprint.post("/apps/<uuid:activation_id>/runs/<uuid:run_id>/cancel")
@dealer("full_transfer")
def cancel_run(activation_id: UUID, run_id: UUID) -> Response:
    run = load_run(activation_id, run_id)
    if life.cancel(db.session(), run.activation, run, who()):
        flash(_("Abgebrochen. Was noch nicht gesendet war, wird wieder nur bei Änderungen gesendet."))
    else:
        flash(_("Der Durchgang war schon beendet."))
    return go(url_for("history.run", activation_id=activation_id, run_id=run_id))


def _ask(activation: Activation, refusal: FullTransferRefusal | None, error: str = "") -> str:
    latest, expected = NO_RUNS, None
    if refusal:
        latest = load_latest_runs(db.session(), [activation.id]).get(activation.id, NO_RUNS)
    else:
        expected = forecast(db.session(), activation, _mapper(activation), rules_of(current_dealer()))
    return render_template(
        "activations/full_transfer.html",
        activation=activation,
        app=get_app(activation.app),
        refusal=refusal,
        open_run=latest.full.id if latest.full else None,
        forecast=expected,
        reasons=REASON_TEXTS,
        chosen=request.form.get("reason", ""),
        error=error,
    )


def _mapper(activation: Activation) -> Mapper | None:
    """None while the platform's reference data cannot be read."""
    engine, account = runtime(), Account.from_json(activation.account)
    platform, stores = engine.platform(activation.app), engine.stores(activation.app)
    try:
        return platform.mapper(activation.settings, account, rules_of(current_dealer()), stores)
    except ReferenceUnavailable:
        return None
