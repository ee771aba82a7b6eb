"""Bestand prüfen: ask for a check, and decide what is done about what it found."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.blueprints.my_apps import blueprint
from portal.exports.drift import control
from portal.exports.full_transfer.control import trigger_of
from portal.extensions import db
from portal.models import Activation
from portal.web import audit
from portal.web.access import dealer, load_activation, load_vehicle, who
from portal.web.answers import go, page_before
from portal.web.templating import number


@blueprint.post("/apps/<uuid:activation_id>/check")
@dealer("edit_vehicles")
def check(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    if not control.can_check(activation):
        flash(_("Zurzeit lässt sich der Bestand nicht prüfen: Die App ist nicht aktiv."), "error")
        return _back(activation)
    run_id = control.request_check(db.session(), activation, who().user_id, trigger_of(who()))
    audit.log_activation("run.check_requested", activation)
    db.session.commit()
    return go(url_for("history.run", activation_id=activation_id, run_id=run_id))


@blueprint.post("/apps/<uuid:activation_id>/listings/resend")
@dealer("edit_vehicles")
def resend_drifted(activation_id: UUID) -> Response:
    activation = load_activation(activation_id)
    drifted = control.drifted_ids(db.session(), activation.id)
    sent = control.send_again(db.session(), activation, drifted, trigger_of(who()))
    if sent:
        audit.log_activation("vehicle.resent", activation, vehicles=sent)
    db.session.commit()
    said = ngettext(
        "1 Fahrzeug wird erneut gesendet.",
        "%(n)s Fahrzeuge werden erneut gesendet.",
        sent,
        n=number(sent),
    )
    flash(said, "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/listings/<uuid:vehicle_id>/resend")
@dealer("edit_vehicles")
def resend_listing(activation_id: UUID, vehicle_id: UUID) -> Response:
    activation, vehicle = load_activation(activation_id), load_vehicle(vehicle_id)
    sent = control.send_again(db.session(), activation, [vehicle.id], trigger_of(who()))
    if sent:
        audit.log_vehicle("vehicle.resent", vehicle, activation, app=activation.app)
    db.session.commit()
    if sent:
        flash(_("Fahrzeug %(number)s wird erneut gesendet.", number=vehicle.offer_number), "success")
    else:
        flash(_("Für Fahrzeug %(number)s ist hier nichts zu senden.", number=vehicle.offer_number))
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/listings/<uuid:vehicle_id>/publish")
@dealer("edit_vehicles")
def publish_anew(activation_id: UUID, vehicle_id: UUID) -> Response:
    activation, vehicle = load_activation(activation_id), load_vehicle(vehicle_id)
    if control.publish_anew(db.session(), activation, [vehicle.id], trigger_of(who())):
        audit.log_vehicle("vehicle.published_anew", vehicle, activation, app=activation.app)
        flash(_("Fahrzeug %(number)s wird neu eingestellt.", number=vehicle.offer_number), "success")
    else:
        flash(_("Für Fahrzeug %(number)s ist hier nichts zu senden.", number=vehicle.offer_number))
    db.session.commit()
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/listings/<uuid:vehicle_id>/withdraw")
@dealer("edit_vehicles")
def withdraw_listing(activation_id: UUID, vehicle_id: UUID) -> Response:
    activation, vehicle = load_activation(activation_id), load_vehicle(vehicle_id)
    control.withdraw(db.session(), activation, vehicle)
    audit.log_vehicle("vehicle.taken_back", vehicle, activation, app=activation.app)
    db.session.commit()
    flash(
        _("Fahrzeug %(number)s wird hier nicht mehr veröffentlicht.", number=vehicle.offer_number), "success"
    )
    return _back(activation)


def _back(activation: Activation) -> Response:
    """To where the button was."""
    return go(page_before() or url_for("activations.listings", activation_id=activation.id))
