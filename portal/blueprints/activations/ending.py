"""Resume what was stopped, and end an app: deactivate, delete its listings, discard a draft."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _

from portal.blueprints.activations import blueprint
from portal.blueprints.activations.listings import count_listed
from portal.blueprints.store.live_checks import check_customer, try_stored
from portal.delivery import StepState
from portal.exports.lifecycle import activation as life
from portal.exports.lifecycle.customer_numbers import NotBound
from portal.exports.trouble.stopping import stopped_by_hand
from portal.extensions import db
from portal.messages import Wording, listed
from portal.models import Activation
from portal.models.exports import LIVE, ActivationState
from portal.platforms import get_app
from portal.platforms.contract import Account
from portal.web import audit
from portal.web.access import dealer, load_activation
from portal.web.responses import go
from portal.web.wording import translated

ENDING = ("stop", "delete")


@blueprint.post("/apps/<uuid:activation_id>/resume")
@dealer("activate_apps")
def resume(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    account = _account(activation)
    if not isinstance(account, Account):
        flash(_("Noch nicht behoben: %(text)s", text=translated(account)), "error")
        return _back(activation)
    try:
        life.resume(db.session(), activation, account)
    except life.WrongState:
        db.session.rollback()
        flash(_("Die App ist nicht mehr angehalten."))
        return _back(activation)
    except NotBound:  # released since the check
        db.session.rollback()
        flash(_("Diese Nummer ist noch nicht für Sie freigeschaltet."), "error")
        return _back(activation)
    audit.log_activation("activation.resumed", activation)
    db.session.commit()
    flash(_("Die Übertragung läuft wieder."), "success")
    return _back(activation)


def _account(activation: Activation) -> Account | Wording:
    """As the platform tells it now, or why it still cannot go on. Nothing was wrong where somebody stopped it
    by hand: nobody is asked."""
    if stopped_by_hand(activation):
        return Account.from_json(activation.account)
    app = get_app(activation.app)
    if app.kind == "file":
        steps = try_stored(app, activation).steps
        failed = next((step for step in steps if step.state == StepState.FAILED), None)
        if failed:
            return listed((failed.step.label, failed.text), ": ")
    check = check_customer(app, activation.customer_number)
    return check.account if check.status == "ok" and check.account else check.text


@blueprint.post("/apps/<uuid:activation_id>/discard")
@dealer("activate_apps")
def discard(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    try:
        life.discard_draft(db.session(), activation)
    except life.WrongState:
        db.session.rollback()
        flash(_("Dieser Entwurf wurde inzwischen aktiviert."))
        return _back(activation)
    audit.log_activation("activation.discarded", activation)
    db.session.commit()
    flash(_("Der Entwurf wurde verworfen."), "success")
    return go(url_for("activations.page"))


@blueprint.get("/apps/<uuid:activation_id>/deactivate")
@dealer("activate_apps")
def deactivate(activation_id: UUID) -> str | Response:
    activation = load_activation(activation_id)
    if activation.state not in LIVE:
        return _back(activation)
    return _ask(activation, "")


@blueprint.post("/apps/<uuid:activation_id>/deactivate")
@dealer("activate_apps")
def end(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    choice = request.form.get("listings", "")
    if choice not in ENDING:
        return make_response(_ask(activation, _("Bitte wählen Sie, was mit den Inseraten geschieht.")), 422)
    try:
        if choice == "delete":
            life.close(db.session(), activation)
        else:
            life.deactivate(db.session(), activation)
    except life.WrongState:
        db.session.rollback()
        if activation.state not in LIVE:
            return _back(activation)
        error = _("Zurzeit lassen sich keine Inserate löschen: Es wird nichts übertragen.")
        return make_response(_ask(activation, error), 422)
    what = "activation.closed" if choice == "delete" else "activation.deactivated"
    audit.log_activation(what, activation)
    db.session.commit()
    app = translated(get_app(activation.app).name)
    flash(
        _("Die Inserate bei %(app)s werden gelöscht, danach ist die App deaktiviert.", app=app)
        if activation.state == ActivationState.CLOSING
        else _("%(app)s ist deaktiviert. Die Inserate bleiben, wie sie sind.", app=app),
        "success",
    )
    return _back(activation)


def _ask(activation: Activation, error: str) -> str:
    return render_template(
        "activations/deactivate.html",
        activation=activation,
        app=get_app(activation.app),
        listed=count_listed(db.session(), activation.id),
        may_delete=life.may_delete_listings(activation.state),
        error=error,
    )


def _back(activation: Activation) -> Response:
    if activation.state == ActivationState.DRAFT:
        return go(url_for("activations.settings", activation_id=activation.id))
    return go(url_for("history.page", activation_id=activation.id))
