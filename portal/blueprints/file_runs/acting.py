"""What can be done: run now, pause the schedule, take a new address for a feed."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from flask import Response, current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from portal import audit
from portal.blueprints.file_runs.view import RUNNABLE, schedule_of
from portal.blueprints.history import blueprint
from portal.blueprints.my_apps.head import app_head
from portal.exports.stock_files import control, feeds
from portal.exports.stock_files.build import file_side
from portal.extensions import db
from portal.models import Activation
from portal.models.exports import AppKind, Trigger
from portal.platforms.contract.files import Transport
from portal.web.access import dealer, load_activation, who
from portal.web.answers import go


@blueprint.post("/apps/<uuid:activation_id>/run-now")
@dealer("edit_vehicles")
def run_now(activation_id: UUID) -> Response:
    activation = _load(activation_id)
    if not _runs(activation):
        flash(_("Zurzeit wird nichts übertragen: Die App ist nicht aktiv."), "error")
        return _back(activation)
    control.request_run(db.session(), activation.id, Trigger.BY_HAND, current_user.id)
    _note(activation, "run.requested")
    db.session.commit()
    flash(_("Die Datei wird jetzt erstellt und übertragen."), "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/schedule")
@dealer("activate_apps")
def schedule(activation_id: UUID) -> Response:
    """`do`: pause or resume."""
    activation = _load(activation_id)
    if not _runs(activation):
        return _back(activation)
    if request.form.get("do") == "pause":
        control.pause_schedule(activation)
        _note(activation, "schedule.paused")
        said = _("Der Zeitplan ruht. Die zuletzt veröffentlichte Datei bleibt, wie sie ist.")
    else:
        control.resume_schedule(activation)
        _note(activation, "schedule.resumed")
        said = _("Der Zeitplan läuft wieder.")
    db.session.commit()
    flash(said, "success")
    return _back(activation)


@blueprint.post("/apps/<uuid:activation_id>/feed-address")
@dealer("activate_apps")
def feed_address(activation_id: UUID) -> Response:
    """The address of a feed, made anew and shown this once: only its digest is kept."""
    activation = _load(activation_id)
    if activation.kind != AppKind.FILE or Transport.PULL not in file_side(activation).transports:
        return _back(activation)
    token = feeds.renew_address(activation)
    _note(activation, "feed.renewed")
    db.session.commit()
    name = request.form.get("name") or f"{activation.customer_number}.csv"
    path = url_for("feeds.feed", token=token, file_name=_plain(name))
    page = render_template(
        "file_runs/address.html",
        address=f"{current_app.extensions['settings'].portal_url}{path}",
        schedule=schedule_of(activation),
        tab="history",
        **app_head(activation),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(name: str) -> str:
    """What stands at the end of the address is for the receiver only."""
    kept = "".join(char for char in name if char.isascii() and (char.isalnum() or char in "._-"))
    return kept.strip(".") or "stock"


def _load(activation_id: UUID) -> Activation:
    return load_activation(activation_id, joinedload(Activation.location))


def _runs(activation: Activation) -> bool:
    return activation.kind == AppKind.FILE and activation.state in RUNNABLE


def _note(
    activation: Activation,
    what: Literal["run.requested", "schedule.paused", "schedule.resumed", "feed.renewed"],
) -> None:
    audit.log(
        db.session(),
        who(),
        what,
        dealer_id=activation.dealer_id,
        object_id=activation.id,
        activation_id=activation.id,
        label=f"{activation.app} {activation.customer_number}",
    )


def _back(activation: Activation) -> Response:
    return go(url_for("history.page", activation_id=activation.id))
