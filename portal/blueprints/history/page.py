"""The export history of an activation: the page where a dealer checks every transfer."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from portal.blueprints.file_runs import pages as file_pages
from portal.blueprints.history import blueprint, export
from portal.blueprints.history.around import load_around
from portal.blueprints.history.view import load_query, load_view
from portal.blueprints.my_apps.head import app_head
from portal.exports.history import RESENDABLE, load_row
from portal.exports.problems import find_failed
from portal.exports.resend import resend as send_again
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import ActivationState, AppKind
from portal.web import access, audit
from portal.web.answers import fragment, go
from portal.web.downloads import csv_download


@blueprint.get("/apps/<uuid:activation_id>")
@access.dealer("view")
def page(activation_id: UUID) -> ResponseReturnValue:
    activation = access.load_activation(activation_id, joinedload(Activation.location))
    if activation.kind == AppKind.FILE:
        return file_pages.history_page(activation)
    view = load_view(activation, request.args)
    if not fragment():
        return render_template("history/page.html", view=view, tab="history", **app_head(activation))
    response = make_response(render_template("history/_table.html", view=view))
    if "refresh" not in request.args:
        response.headers["HX-Push-Url"] = view.here()
    return response


@blueprint.get("/apps/<uuid:activation_id>/history.csv")
@access.dealer("view")
def csv(activation_id: UUID) -> Response:
    """Everything that the filter lets through, not only the page that is shown."""
    activation = access.load_activation(activation_id)
    query = load_query(load_around(activation), request.args)
    rows = export.lines(db.engine, query, export.words())
    return csv_download(f"exporthistorie-{activation.customer_number}.csv", export.header(), rows)


@blueprint.get("/apps/<uuid:activation_id>/history/<uuid:transfer_id>")
@access.dealer("view")
def transfer(activation_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    """A row, opened in place or closed again; as a page of its own without script."""
    activation = access.load_activation(activation_id)
    found = access.load_transfer(activation, transfer_id)
    row = load_row(db.session(), found.id)
    if fragment():
        closed = request.args.get("row") == "closed"
        return render_template("history/_row.html", rows=[row], opened={} if closed else {row.id: found})
    return render_template("history/transfer.html", activation=activation, row=row, transfer=found)


@blueprint.post("/apps/<uuid:activation_id>/history/<uuid:transfer_id>/resend")
@access.dealer("edit_vehicles")
def resend(activation_id: UUID, transfer_id: UUID) -> ResponseReturnValue:
    activation = access.load_activation(activation_id)
    found = access.load_transfer(activation, transfer_id)
    if found.state not in RESENDABLE:
        abort(409)
    number = found.vehicle.offer_number
    queued = send_again(db.session(), [(activation.id, found.vehicle_id)])
    if queued:
        audit.log_vehicle("vehicle.resent", found.vehicle, activation, app=activation.app)
    db.session.commit()
    if queued and activation.state == ActivationState.LOCKED:
        text = _("Fahrzeug %(number)s wird erneut gesendet, sobald die Sperre aufgehoben ist.", number=number)
        flash(text, "success")
    elif queued:
        flash(_("Fahrzeug %(number)s wird erneut gesendet.", number=number), "success")
    else:
        flash(
            _("Für Fahrzeug %(number)s ist hier nichts zu senden: Es ist nicht freigegeben.", number=number)
        )
    return go(url_for("history.page", activation_id=activation.id, result="all", search=number))


@blueprint.post("/apps/<uuid:activation_id>/history/resend-failed")
@access.dealer("edit_vehicles")
def resend_failed(activation_id: UUID) -> ResponseReturnValue:
    """Everything that could not be delivered to this account; what worked is not repeated."""
    activation = access.load_activation(activation_id)
    queued = send_again(db.session(), find_failed(db.session(), activation.id))
    if queued:
        audit.log_activation("vehicle.resent", activation, vehicles=queued)
    db.session.commit()
    if queued:
        flash(
            ngettext(
                "%(num)d Fahrzeug wird erneut gesendet.", "%(num)d Fahrzeuge werden erneut gesendet.", queued
            ),
            "success",
        )
    else:
        flash(_("Es gibt nichts erneut zu senden."))
    return go(url_for("history.page", activation_id=activation.id, result="all"))
